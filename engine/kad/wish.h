#pragma once

#include "base/strong_id.h"
#include "kad/message.h"
#include "kad/query.h"
#include "kad/routing_table.h"
#include "kad/validator.h"

#include <optional>
#include <variant>
#include <vector>

namespace wherry::kad {

using LookupId = StrongId<struct LookupTag>;

/// Where a peer is. Addresses in answers are claims; the look-up ends early once the peer has proved its key over one.
struct FindPeer {
    crypto::PeerId peer;
};
/// The k servers closest to a key.
struct FindClosest {
    Bytes key;
};
/// On ours the key has 32 bytes.
struct GetValue {
    Bytes key;
    size_t quorum = kQuorum;
    crypto::PeerId by{}; ///< on ours: what this one has put under its own key (PutValue::own); empty: whoever was last
};
/// On ours `value` is the content: it is signed by this node with a version above those that are there, worked for, and
/// put anew while the node runs. Elsewhere it is the record's value as it is.
struct PutValue {
    Bytes key;
    Bytes value;
    Duration ttl = kDefaultTtl;
    bool own = false; ///< on ours: under a key that is this node's alone (ownKey), where nobody else has a say
};
/// Ends once `count` are known.
struct FindProviders {
    Bytes key;
    size_t count = kReplication;
};
/// Says that this node provides the key, now and again while it runs.
struct Provide {
    Bytes key;
};
using Wish = std::variant<FindPeer, FindClosest, GetValue, PutValue, FindProviders, Provide>;

/// What became of a wish; exactly one each.
struct Outcome {
    LookupId id;
    /// Unreachable: no server of this network is known, or none has answered. NotFound: they know nothing. Cancelled,
    /// LimitReached. InvalidArgument, and what the validator says: the wish itself. PermissionDenied: nobody took it.
    std::optional<Error> error;
    std::vector<Contact> closest;        ///< servers that have answered, the closest first
    std::vector<codec::Multiaddr> found; ///< FindPeer: where it is said to be
    bool proved = false;                 ///< FindPeer: it is connected
    std::optional<ValidRecord> record;   ///< GetValue: the best
    Bytes content;                       ///< GetValue: its value; on ours what was signed
    std::vector<PeerEntry> providers;    ///< FindProviders
    size_t stored = 0;                   ///< PutValue, Provide: servers that have taken it
    uint64_t version = 0;                ///< PutValue, GetValue on ours
    QueryFigures figures;
    Duration firstWord{}; ///< FindPeer: until somebody named an address; zero: nobody did
    Duration took{};
};

} // namespace wherry::kad

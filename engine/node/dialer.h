#pragma once

#include "base/strong_id.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace wherry::node {

using ResolveId = StrongId<struct ResolveTag>;

/// Names to be looked up: every address holds a /dns, /dns4 or /dns6 component, or is /dnsaddr/HOST/p2p/ID.
struct ResolveNames {
    ResolveId id;
    std::vector<codec::Multiaddr> names;
    bool operator==(const ResolveNames&) const = default;
};
/// Addresses that are ready to be raced.
struct DialPeer {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
    bool operator==(const DialPeer&) const = default;
};
/// An attempt has failed before a packet left.
struct DialImpossible {
    crypto::PeerId peer;
    Error error;
    bool operator==(const DialImpossible&) const = default;
};
using DialAction = std::variant<ResolveNames, DialPeer, DialImpossible>;

/// Knows where peers may be found and turns "reach this peer" into one attempt at a time: names are resolved first, wants for a peer
/// that is being dialled join that attempt. It neither dials nor retries; that is for the swarm and for whoever wants the peer.
class Dialer {
  public:
    /// Adds addresses to try (duplicates are dropped; the newest stay when there are more than kMaxAddressesPerPeer). Beyond kMaxKnownPeers
    /// the peer that has not been told about for longest is forgotten.
    void learn(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses);
    /// What discovery knows about a peer now, instead of what it said before; nothing: it knows nothing any more. Kept apart from what
    /// was learned, so that a flood of claims does not push that out; how many peers there are is discovery's bound.
    void setDiscovered(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses);
    /// Starts an attempt unless one is under way.
    void attempt(const crypto::PeerId& peer);
    /// The attempt is over, whatever came of it.
    void finished(const crypto::PeerId& peer);
    /// Has a name looked up for somebody else, who keeps the id; nullopt: there is no name in this address.
    std::optional<ResolveId> lookUp(const crypto::PeerId& peer, const codec::Multiaddr& address);
    void onNamesResolved(ResolveId id, const Result<std::vector<codec::Multiaddr>>& addresses);

    std::optional<DialAction> poll();

  private:
    struct Attempt {
        std::vector<codec::Multiaddr> ready;
        ResolveId waitsFor;
    };
    void dial(const crypto::PeerId& peer, Attempt& attempt, const std::string& whyNone);

    struct Known {
        std::vector<codec::Multiaddr> addresses; ///< the newest first
        uint64_t learned = 0;                    ///< value of m_lessons when last told about; the smallest is forgotten first
    };
    void forgetOldest();

    std::map<crypto::PeerId, Known> m_known;
    std::map<crypto::PeerId, std::vector<codec::Multiaddr>> m_discovered;
    uint64_t m_lessons = 0;
    std::map<crypto::PeerId, Attempt> m_attempts;
    std::deque<DialAction> m_actions;
    IdSource<ResolveId> m_resolveIds;
};

} // namespace wherry::node

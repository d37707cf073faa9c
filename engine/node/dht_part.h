#pragma once

#include "base/store.h"
#include "crypto/identity.h"
#include "kad/dht.h"
#include "node/command.h"
#include "node/dht_config.h"
#include "node/job.h"
#include "swarm/swarm.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace wherry::node {

/// The distributed hash tables of a node: its networks, the connections that they share, whose requests they carry out,
/// and which peers are looked for on behalf of others. The wiring is in node_dht.cpp.
struct DhtPart {
    /// Of the servers of the run before; decisions count theirs from 1 on.
    static constexpr StoreRequestId kServersScan{static_cast<uint64_t>(StoreUser::Decisions) << 56};

    DhtPart(const DhtConfig& config, const crypto::Identity& identity, Random& random, const Log& log);

    kad::Dht* network(std::string_view protocolId);
    bool knowsServers() const;
    std::optional<DhtJob> pollWork();
    void onWorked(const DhtJobDone& done, Now now);
    Instant deadline() const;
    /// Reads what a network of this server has kept, from the row behind `after` on.
    void scanKept(size_t index, Bytes after);

    /// A look-up of a network, on behalf of a request or of whoever wants to reach a peer.
    struct Asked {
        std::optional<RequestId> request;
        DhtAction action = DhtAction::Peer;
        crypto::PeerId peer; ///< that is looked for
        bool own = false;    ///< Put: under the key of this node alone
    };
    /// Somebody wants to reach a peer; when a dial does not succeed soon it is looked up.
    struct Wanted {
        Instant searchAt;
        size_t searching = 0;  ///< networks that are still looking
        bool searched = false; ///< once at least
        bool still = true;     ///< somebody has said so since the last search
    };

    /// Whom to meet first, by the list of the settings.
    struct FirstServer {
        crypto::PeerId peer;
        codec::Multiaddr address;
    };
    bool isFirstServer(const crypto::PeerId& peer) const;

    kad::Links links;
    std::vector<std::unique_ptr<kad::Dht>> networks;
    std::map<std::pair<size_t, kad::LookupId>, Asked> asked; ///< by network
    /// Of a put under two keys, the one that has ended: whether it was the own one, and how.
    std::map<RequestId, std::pair<bool, kad::Outcome>> halves;
    std::map<swarm::ConnectId, crypto::PeerId> dials;
    std::map<crypto::PeerId, Wanted> wanted;
    std::vector<FirstServer> bootstrap;
    std::map<crypto::PeerId, Error> bootstrapErrors; ///< with what the last dial to each has failed
    Instant bootstrapAt = kNever;
    Duration bootstrapPause{};
    Instant bootstrapAnew = Instant::min(); ///< when the pauses may begin anew
    Instant rememberAt = kNever;
    Duration rememberPause = kad::kRefreshInterval;
    bool knewServers = false;
    std::deque<StoreOp> storeOps; ///< servers of before, those to remember, and what servers keep
    bool server = false;
    bool persist = true;
};

} // namespace wherry::node

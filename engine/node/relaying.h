#pragma once

#include "node/circuits.h"
#include "node/dialer.h"
#include "node/node_limits.h"
#include "node/recent_peers.h"
#include "node/relay_config.h"
#include "protocols/relay/relay_keeper.h"
#include "protocols/relay/relay_server.h"
#include "swarm/swarm.h"

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace wherry::node {

/// What a node has to do with relays (node_relay.cpp).
struct Relaying {
    /// That this node has with a relay.
    struct Reservation {
        std::vector<codec::Multiaddr> addresses; ///< through the relay, without /p2p of this node
        Instant until{};
        relay::Limit limit;
    };

    Relaying(std::unique_ptr<Circuits> links, const RelayConfig& config, Random& random)
        : circuits(std::move(links)),
          keeper(random),
          discover(config.discover) {}

    std::unique_ptr<Circuits> circuits;
    std::unique_ptr<relay::RelayServer> server; ///< nullptr: it is no relay
    relay::RelayKeeper keeper;
    bool discover;
    std::map<crypto::PeerId, std::vector<codec::Multiaddr>> configured; ///< the addresses that the person has given
    std::map<crypto::PeerId, Reservation> reservations;
    std::set<crypto::PeerId> troubled; ///< of those named, who do not take us at present, which has been told
    /// For circuits: dials of relays at addresses that anybody may have named, so that their end says nothing of what
    /// else is known of those peers; and names that are looked up first.
    std::map<swarm::ConnectId, crypto::PeerId> dials;
    std::map<ResolveId, crypto::PeerId> resolving;
    std::set<swarm::ConnectId> meetings; ///< dials of relays that are connected, but only through another one
    std::map<crypto::PeerId, crypto::PeerId> through; ///< peers that we have reached through a relay: which one
    /// Relays whose circuit to a peer has ended by itself: another one is tried first.
    RecentPeers<std::set<crypto::PeerId>> failed{kMaxFailedCircuits};
    std::map<crypto::PeerId, std::vector<codec::Multiaddr>> last; ///< of the dial under way: what is left for the end
    bool down = false; ///< the circuits have been closed, for good
};

} // namespace wherry::node

#pragma once

#include "base/rate_limit.h"
#include "node/node_limits.h"
#include "node/recent_peers.h"
#include "node/seen_addresses.h"
#include "protocols/dcutr/dcutr.h"
#include "swarm/swarm.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wherry::node {

/// Hole punching and what it has under way; wired in node_punch.cpp.
struct Punching {
    Punching(dcutr::MayTry mayTry, const Log& log) : protocol(std::move(mayTry), log) {}

    dcutr::DcutrProtocol protocol;
    SeenAddresses seen;
    uint64_t toldSeen = 0; ///< version of what the protocol has heard
    struct Dial {
        swarm::ConnectId id;
        size_t addresses = 0;
        bool agreed = false; ///< with the peer, at this moment
    };
    std::map<crypto::PeerId, Dial> dials;
    std::set<swarm::ConnectId> ended; ///< dials that were given up; their outcome is still to come
    std::map<crypto::PeerId, std::vector<codec::SocketAddress>> sending;
    std::map<crypto::PeerId, link::LinkId> begunOver; ///< the relayed link, so that none is tried twice
    std::set<crypto::PeerId> punched; ///< those whose direct link is there because both sides sent at once
    RecentPeers<std::string> failures{kMaxPunchFailures}; ///< why there is no direct link
    RateLimit strangers{kStrangersPunchedPerSecond, kStrangersPunchedBurst};
    Instant tryOthersAt = kNever; ///< some have been passed over because of that rate
    std::optional<crypto::PeerId> moving; ///< whose new path is about to be told
};

/// With the addresses of peers judged as those that a stranger may have us dial.
Punching makePunching(const Log& log);

} // namespace wherry::node

#pragma once

#include "node/node_limits.h"
#include "node/seen_addresses.h"
#include "protocols/dcutr/dcutr.h"
#include "swarm/swarm.h"

#include <map>
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
    std::map<crypto::PeerId, swarm::ConnectId> dials;
    std::set<swarm::ConnectId> ended; ///< dials that were given up; their outcome is still to come
    std::map<crypto::PeerId, std::vector<codec::SocketAddress>> sending;
    std::map<crypto::PeerId, link::LinkId> begunOver; ///< the relayed link, so that none is tried twice
    std::set<crypto::PeerId> punched; ///< those whose direct link is there because both sides sent at once
    std::map<crypto::PeerId, std::string> failures; ///< why there is no direct link, at most kMaxPunchFailures
};

/// With the addresses of peers judged as those that a stranger may have us dial.
Punching makePunching(const Log& log);

} // namespace wherry::node

#pragma once

#include "base/rate_limit.h"
#include "crypto/identity.h"
#include "node/command.h"
#include "node/message_numbers.h"
#include "node/node.h"
#include "node/node_limits.h"
#include "node/told_messages.h"
#include "protocols/gossipsub/gossipsub.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace wherry::node {

/// The topics of a node: who here wants which, and what waits to be said. The wiring is in node_pubsub.cpp.
struct PubsubPart {
    PubsubPart(gossipsub::GossipsubConfig config, const crypto::Identity& identity, Random& random, const Log& log,
               Now now)
        : protocol(std::move(config), identity.clone(), random, log, now) {}

    Instant deadline() const;

    /// A message that somebody here wants to be said.
    struct Outgoing {
        std::string topic;
        Bytes data;
        Instant giveUp;
        Instant notBefore{}; ///< when it is looked at next
        std::optional<gossipsub::Router::Own> made{};
        uint64_t peers = 0; ///< that it has been on its way to
    };

    /// Makes it at first, and then sees to it that a copy is on its way.
    void offer(Outgoing& message, std::optional<std::set<gossipsub::MessageId>>& carried, Now now);

    gossipsub::GossipsubProtocol protocol;
    std::map<std::string, std::set<RequestId>> wanted; ///< by topic
    std::map<RequestId, Outgoing> outgoing;
    ToldMessages told;
    MessageNumbers numbers;
    RateLimit dials{kGossipDialInterval, kGossipDialBurst}; ///< to whom this node knows
    RateLimit named{kGossipDialInterval, kGossipDialBurst}; ///< to whom others have named
};

} // namespace wherry::node

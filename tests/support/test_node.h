#pragma once

#include "crypto/identity.h"
#include "support/pair_carrier.h"
#include "swarm/swarm.h"

#include <memory>
#include <vector>

namespace wherry::test {

/// The identity of test node `number`; peer ids do not sort like the numbers.
inline crypto::Identity identityOf(uint8_t number) {
    std::array<uint8_t, 32> seed{};
    seed.fill(number);
    return crypto::Identity::fromSeed(seed);
}
inline codec::Multiaddr addressOf(uint8_t number) {
    return codec::Multiaddr::parse("/ip4/10.0.0." + std::to_string(number) + "/udp/4001/quic-v1").value();
}
/// Leads to a node through a relay of its own, so that the address is this node's alone.
inline codec::Multiaddr circuitOf(uint8_t number) {
    const codec::Multiaddr relay = addressOf(static_cast<uint8_t>(100 + number));
    const std::string peer = identityOf(static_cast<uint8_t>(100 + number)).peerId().text();
    return codec::Multiaddr::parse(relay.text() + "/p2p/" + peer + "/p2p-circuit").value();
}
inline Now at(Duration sinceStart) {
    return {Instant(std::chrono::hours(1)) + sinceStart, UnixTime::fromSeconds(1'800'000'000)};
}

/// A swarm on a PairCarrier. Protocols are added before the first input.
struct TestNode {
    TestNode(PairNetwork& network, uint8_t number, std::vector<codec::Multiaddr> listen = {},
             swarm::SwarmConfig base = {})
        : identity(identityOf(number)),
          address(listen.empty() ? addressOf(number) : listen.front()),
          carrier(network, identity.peerId(), listen.empty() ? std::vector{address} : std::move(listen)),
          swarm(withSelf(std::move(base), identity.peerId()), log) {
        swarm.addCarrier(carrier);
    }
    static swarm::SwarmConfig withSelf(swarm::SwarmConfig config, const crypto::PeerId& self) {
        config.self = self;
        return config;
    }
    const crypto::PeerId& id() const { return identity.peerId(); }
    swarm::ConnectId connectTo(const TestNode& other, Now now) {
        return swarm.connect(other.id(), {other.address}, now);
    }
    /// Settles, keeps the events, and says whether anything happened.
    bool settle(Now now) {
        swarm.settle(now);
        const size_t before = events.size();
        while (auto event = swarm.poll()) events.push_back(std::move(*event));
        return events.size() != before;
    }
    template <typename Event> std::vector<Event> all() const {
        std::vector<Event> found;
        for (const auto& event : events)
            if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
        return found;
    }

    crypto::Identity identity;
    codec::Multiaddr address;
    Log log;
    PairCarrier carrier;
    swarm::Swarm swarm;
    std::vector<swarm::SwarmEvent> events;
};

/// Delivers and settles until nothing moves any more.
inline void run(PairNetwork& network, const std::vector<TestNode*>& nodes, Now now) {
    for (;;) {
        for (TestNode* node : nodes) node->settle(now);
        if (!network.deliverOne()) {
            bool moved = false;
            for (TestNode* node : nodes) moved = node->settle(now) || moved;
            if (!moved && network.waiting() == 0) return;
        }
    }
}

/// Lets time pass from `from` to `to`, with every deadline on the way.
inline void runUntil(PairNetwork& network, const std::vector<TestNode*>& nodes, Now from, Now to) {
    Now now = from;
    run(network, nodes, now);
    for (;;) {
        Instant next = kNever;
        for (TestNode* node : nodes) next = std::min(next, node->swarm.deadline());
        if (next > to.mono) break;
        now.mono = std::max(now.mono, next);
        for (TestNode* node : nodes) node->swarm.onDeadline(now);
        run(network, nodes, now);
    }
    for (TestNode* node : nodes) node->swarm.onDeadline(to);
    run(network, nodes, to);
}

} // namespace wherry::test

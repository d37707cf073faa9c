#pragma once

#include "kad/dht.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <functional>
#include <memory>

namespace wherry::test {

/// A node with one Dht on a swarm of pairs, and the wiring that a real node gives it. Identify is played by hand: every
/// connection tells at once what the other end serves.
struct DhtNode {
    DhtNode(PairNetwork& network, uint8_t number, kad::DhtConfig config = {}, kad::LinkCaps caps = {})
        : random(number),
          node(network, number),
          links(caps),
          dht(std::move(config), node.identity.clone(), links, random, node.log) {
        node.swarm.addProtocol(dht.protocol());
        dht.setOwnAddresses({node.address});
    }

    const crypto::PeerId& id() const { return node.id(); }
    bool serves() const { return dht.config().mode == kad::Mode::Server; }

    SeededRandom random;
    TestNode node;
    kad::Links links;
    kad::Dht dht;
    std::vector<kad::Outcome> outcomes;
    std::map<crypto::PeerId, swarm::ConnectId> connects;
    Duration ahead{};  ///< its clock
    bool works = true; ///< it has a worker for proofs of work
    size_t slices = 0; ///< that were hashed
    size_t closed = 0; ///< connections that links wanted closed
};

/// Several of them, and virtual time.
class DhtWorld {
  public:
    explicit DhtWorld(kad::DhtConfig base = {}) : m_base(std::move(base)) {}

    DhtNode& add(kad::Mode mode = kad::Mode::Server, kad::LinkCaps caps = {}) {
        kad::DhtConfig config = m_base;
        config.mode = mode;
        config.leastWorkBits = leastWorkBits;
        nodes.push_back(std::make_unique<DhtNode>(network, static_cast<uint8_t>(nodes.size() + 1), config, caps));
        return *nodes.back();
    }
    /// Servers that all know the first.
    void addServers(size_t count) {
        for (size_t i = 0; i < count; ++i) join(add());
    }
    void join(DhtNode& newcomer) {
        if (&newcomer != nodes.front().get()) newcomer.node.connectTo(nodes.front()->node, now);
        settle();
    }
    void settle() {
        while (step()) {
        }
    }
    /// One message further; whether there may be more.
    bool step() {
        bool more = network.deliverOne();
        for (auto& node : nodes) more = settle(*node) || more;
        return more;
    }
    /// Lets time pass, with every deadline on the way.
    void run(Duration span) {
        const Instant end = now.mono + span;
        settle();
        for (;;) {
            Instant next = kNever;
            for (auto& node : nodes)
                next = std::min({next, node->node.swarm.deadline(), node->dht.deadline(), node->links.deadline()});
            if (next > end) break;
            pass(std::max(next, now.mono) - now.mono);
            for (auto& node : nodes) onDeadline(*node);
            settle();
        }
        pass(end - now.mono);
    }
    /// What becomes of a wish, with time passing as it needs.
    kad::Outcome carryOut(DhtNode& node, kad::Wish wish, Duration wait = Duration(0)) {
        const kad::LookupId id = node.dht.start(std::move(wish), wait, nowOf(node));
        settle();
        for (int i = 0; i < 2000; ++i) {
            for (const kad::Outcome& outcome : node.outcomes)
                if (outcome.id == id) return outcome;
            run(std::chrono::milliseconds(100));
        }
        return {};
    }

    PairNetwork network;
    unsigned leastWorkBits = kad::kMinWorkBits; ///< of those that come from now on
    std::vector<std::unique_ptr<DhtNode>> nodes;
    Now now = at(Duration(0));

  private:
    Now nowOf(const DhtNode& node) const { return {now.mono, UnixTime{now.wall.nanoseconds + node.ahead.count()}}; }
    void pass(Duration span) {
        now.mono += span;
        now.wall.nanoseconds += span.count();
    }
    void onDeadline(DhtNode& node) {
        if (now.mono >= node.node.swarm.deadline()) node.node.swarm.onDeadline(now);
        if (now.mono >= node.dht.deadline()) node.dht.onDeadline(now);
        if (now.mono >= node.links.deadline()) node.links.onDeadline(now);
    }
    DhtNode* find(const crypto::PeerId& peer) {
        for (auto& node : nodes)
            if (node->id() == peer) return node.get();
        return nullptr;
    }
    bool settle(DhtNode& node) {
        bool more = node.node.settle(nowOf(node));
        for (swarm::SwarmEvent& event : node.node.events) on(node, event);
        node.node.events.clear();
        while (auto outcome = node.dht.poll(nowOf(node))) {
            node.outcomes.push_back(std::move(*outcome));
            more = true;
        }
        while (auto job = node.works ? node.dht.pollWork() : std::nullopt) {
            ++node.slices;
            node.dht.onWorked(kad::runJob(*job), nowOf(node));
            more = true;
        }
        while (auto action = node.links.poll()) {
            perform(node, *action);
            more = true;
        }
        return node.node.settle(nowOf(node)) || more || network.waiting() > 0;
    }
    void on(DhtNode& node, const swarm::SwarmEvent& event) {
        if (const auto* connected = std::get_if<swarm::PeerConnected>(&event)) {
            node.links.onConnected(connected->peer.peer, now);
            node.dht.onPeerConnected(connected->peer, now);
            const DhtNode* other = find(connected->peer.peer);
            std::vector<std::string> protocols;
            if (other && other->serves()) protocols.push_back(other->dht.config().protocolId);
            if (other) node.dht.onIdentified(other->id(), protocols, {other->node.address}, now);
        } else if (const auto* failed = std::get_if<swarm::ConnectFailed>(&event)) {
            node.links.onFailed(failed->peer, now);
            node.dht.onPeerUnreachable(failed->peer, failed->error, now);
        } else if (const auto* gone = std::get_if<swarm::PeerGone>(&event)) {
            node.links.onGone(gone->peer);
            node.dht.onPeerGone(gone->peer, gone->error, now);
        }
    }
    void perform(DhtNode& node, kad::LinkAction& action) {
        if (auto* dial = std::get_if<kad::Dial>(&action)) {
            node.connects[dial->peer] = node.node.swarm.connect(dial->peer, std::move(dial->addresses), now);
        } else if (auto* giveUp = std::get_if<kad::GiveUpDial>(&action)) {
            node.node.swarm.cancelConnect(node.connects[giveUp->peer], now);
        } else if (auto* close = std::get_if<kad::CloseLink>(&action)) {
            ++node.closed;
            node.node.swarm.disconnect(close->peer, link::kNoError, "no longer needed", now);
        }
    }

    kad::DhtConfig m_base;
};

} // namespace wherry::test

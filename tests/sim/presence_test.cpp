#include "protocols/presence/presence.h"
#include "sim/three_nodes.h"

#include <QTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

/// Who is here, through whole nodes: alice and carol know each other's keys and are connected with bob alone.
namespace {
struct Friends : ThreeNodes {
    enum class Know { Both, OneSide };
    explicit Friends(Simulation& simulation, Know know = Know::Both) : ThreeNodes(simulation) {
        for (SimNode* each : {&alice, &bob, &carol}) each->start();
        world.runFor(100ms);
        if (know == Know::Both) alice.submit(node::TrustPeer{node::Target{carol.peerId(), {}}});
        carol.submit(node::TrustPeer{node::Target{alice.peerId(), {}}});
        for (SimNode* each : {&alice, &carol}) {
            each->submit(node::TrustPeer{node::Target{bob.peerId(), {}}}); // nobody lets go of a friend
            each->submit(node::Ping{bob.target(), 1, 30s});
        }
        world.runFor(1s);
    }
    void tell(std::initializer_list<SimNode*> nodes, bool on = true) {
        for (SimNode* each : nodes) each->submit(node::SetPresence{on});
    }
    /// What `who` has heard of `whom`; nullopt: nothing.
    std::optional<node::HeardPresence> heard(SimNode& who, const SimNode& whom) {
        who.submit(node::ListPeers{});
        world.runFor(1ms);
        for (const node::PeerView& view : who.last<node::PeersListed>()->peers)
            if (view.known.peer == whom.peerId()) return view.presence;
        return std::nullopt;
    }
    bool isHere(SimNode& who, const SimNode& whom) {
        const auto known = heard(who, whom);
        return known && known->here;
    }
};

/// Devices that are here, and know one server, which is here too.
struct Crowd {
    Crowd(Simulation& simulation, size_t count) : world(simulation), core(simulation.network().router("core")) {
        while (nodes.size() < count) add().start();
        world.runFor(100ms);
        for (const auto& each : nodes) tell(*each);
        world.runFor(1min); // until the meshes have settled
    }
    SimNode& add() {
        const std::string number = std::to_string(nodes.size() + 1);
        Host& host = world.network().host("host" + number, {"44.1.0." + number});
        world.network().connect(host, core, {.delay = 10ms, .bitsPerSecond = 20'000'000});
        core.addRoute(ip("44.1.0." + number), 32, nodes.size());
        SimNodeConfig config;
        config.node.dht.server = nodes.empty();
        if (!nodes.empty()) {
            const auto first = nodes.front()->target();
            config.node.dht.bootstrap = {first.addresses.at(0).withPeer(first.peer.multihash())};
        }
        nodes.push_back(std::make_unique<SimNode>(world, host, "node" + number, disk, config));
        return *nodes.back();
    }
    void tell(SimNode& node) {
        for (const auto& each : nodes)
            if (each.get() != &node) node.submit(node::TrustPeer{node::Target{each->peerId(), {}}});
        node.submit(node::SetPresence{true});
    }
    size_t seenBy(SimNode& node) {
        node.submit(node::ListPeers{});
        world.runFor(1ms);
        const auto isHere = [](const node::PeerView& view) { return view.presence && view.presence->here; };
        return static_cast<size_t>(std::ranges::count_if(node.last<node::PeersListed>()->peers, isHere));
    }
    uint64_t received() {
        uint64_t all = 0;
        for (const auto& each : nodes)
            if (each->running()) all += each->status().gossip.received;
        return all;
    }

    Simulation& world;
    Router& core;
    testing::MemoryStorage disk;
    std::vector<std::unique_ptr<SimNode>> nodes;
};
#define HOLDS(...) simulation.require((__VA_ARGS__), #__VA_ARGS__)
} // namespace

class PresenceTest : public QObject {
    Q_OBJECT
  private slots:
    void whoComesIsSeenByThoseWhoKnowItOverAnother() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            friends.tell({&friends.alice, &friends.bob});
            simulation.runFor(1min);
            friends.tell({&friends.carol});
            simulation.runFor(10s);
            HOLDS(friends.isHere(friends.alice, friends.carol));
            HOLDS(friends.isHere(friends.carol, friends.alice)); // who was here first has answered
            HOLDS(friends.alice.last<node::PeerChanged>());
            simulation.runFor(1h);
            HOLDS(friends.isHere(friends.alice, friends.carol));
            HOLDS(friends.isHere(friends.carol, friends.alice));
            HOLDS(friends.bob.status().gossip.delivered <= 2 * 25); // every four minutes, two of them
        });
    }

    void whoGoesSaysSoAndWhoVanishesIsMissedLater() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            friends.tell({&friends.alice, &friends.bob, &friends.carol});
            simulation.runFor(10s);
            HOLDS(friends.isHere(friends.alice, friends.carol));
            friends.carol.shutdown();
            simulation.runFor(1s);
            HOLDS(friends.heard(friends.alice, friends.carol) && !friends.isHere(friends.alice, friends.carol));
            friends.carol.start();
            simulation.runFor(100ms);
            friends.carol.submit(node::Ping{friends.bob.target(), 1, 30s});
            friends.tell({&friends.carol});
            simulation.runFor(10s);
            HOLDS(friends.isHere(friends.alice, friends.carol));
            friends.carol.kill();
            simulation.runFor(10s);
            HOLDS(friends.isHere(friends.alice, friends.carol)); // nobody can know yet
            simulation.runFor(presence::kPromise + presence::kGrace);
            HOLDS(!friends.isHere(friends.alice, friends.carol));
        });
    }

    void nobodyIsToldWithoutBeingAskedAndQuietModeIsSilent() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            simulation.runFor(10min);
            HOLDS(friends.bob.status().gossip.received == 0);
            friends.tell({&friends.bob, &friends.carol});
            simulation.runFor(10s);
            HOLDS(!friends.heard(friends.alice, friends.carol)); // who tells nothing hears nothing
            friends.tell({&friends.alice});
            simulation.runFor(10s);
            HOLDS(friends.isHere(friends.carol, friends.alice));
            friends.alice.submit(node::SetQuiet{true});
            simulation.runFor(1s);
            HOLDS(!friends.isHere(friends.carol, friends.alice));
            const uint64_t before = friends.carol.status().gossip.delivered;
            simulation.runFor(20min);
            HOLDS(!friends.isHere(friends.carol, friends.alice) && !friends.heard(friends.alice, friends.carol));
            HOLDS(friends.carol.status().gossip.delivered - before <= 8); // bob's
            friends.alice.submit(node::SetQuiet{false});
            simulation.runFor(1min);
            HOLDS(friends.isHere(friends.carol, friends.alice) && friends.isHere(friends.alice, friends.carol));
        });
    }

    void whatMakesNoSenseGoesNoFurtherAndStrangersAreNotRemembered() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            friends.tell({&friends.bob, &friends.carol});
            simulation.runFor(10s);
            const std::string topic(presence::kTopic);
            friends.alice.submit(node::PublishMessage{topic, Bytes(65, 0xff), 30s});
            friends.alice.submit(node::PublishMessage{topic, Bytes{}, 30s}); // of 1970
            simulation.runFor(10s);
            HOLDS(friends.bob.status().gossip.rejected == 1);
            HOLDS(friends.carol.status().gossip.rejected == 0);
            HOLDS(!friends.heard(friends.carol, friends.alice));
            friends.carol.submit(node::ListPeers{});
            simulation.runFor(1ms);
            HOLDS(friends.carol.last<node::PeersListed>()->peers.size() == 2);
        });
    }

    void whoIsKnownToOneSideOnlyIsSeenWithinSeconds() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation, Friends::Know::OneSide);
            friends.tell({&friends.alice, &friends.bob});
            simulation.runFor(1min);
            friends.tell({&friends.carol});
            simulation.runFor(8s);
            HOLDS(friends.isHere(friends.carol, friends.alice)); // who does not know who has come
            HOLDS(!friends.heard(friends.alice, friends.carol));
            friends.alice.submit(node::TrustPeer{node::Target{friends.carol.peerId(), {}}});
            simulation.runFor(1s);
            HOLDS(friends.isHere(friends.alice, friends.carol)); // it has said so before
        });
    }

    void whoComesAgainAndAgainIsAnsweredEachTime() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            friends.tell({&friends.alice, &friends.bob});
            simulation.runFor(1min);
            for (int i = 0; i < 6; ++i) {
                friends.carol.kill();
                simulation.runFor(1s);
                friends.carol.start();
                simulation.runFor(100ms);
                friends.carol.submit(node::Ping{friends.bob.target(), 1, 30s});
                friends.tell({&friends.carol});
                simulation.runFor(i < 3 ? 8s : Duration(presence::kExtraInterval + 8s));
                HOLDS(friends.isHere(friends.carol, friends.alice));
            }
        });
    }

    void whereNobodyInBetweenListensTheyMeetByThemselves() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            friends.tell({&friends.alice}); // not bob
            friends.carol.submit(node::Ping{friends.alice.target(), 1, 30s});
            simulation.runFor(1min); // they have met before
            friends.carol.kill();
            simulation.runFor(2min);
            HOLDS(friends.alice.status().connectionsTotal == 1);
            friends.carol.start();
            simulation.runFor(100ms);
            friends.carol.submit(node::Ping{friends.bob.target(), 1, 30s});
            friends.tell({&friends.carol});
            simulation.runFor(10s);
            HOLDS(friends.isHere(friends.alice, friends.carol));
            HOLDS(friends.isHere(friends.carol, friends.alice));
        });
    }

    /// They know one server. The last knows all others, and nobody knows it.
    void theLastOfThirtySeesTheOthersWithinSeconds() {
        RUN([](Simulation& simulation) {
            Crowd crowd(simulation, 30);
            const uint64_t before = crowd.received();
            SimNode& last = crowd.add();
            last.start();
            simulation.runFor(100ms);
            crowd.tell(last);
            simulation.runFor(12s);
            const size_t seen = crowd.seenBy(last);
            const uint64_t messages = crowd.received() - before;
            qInfo("seen after 12 s: %zu; messages received by all: %llu", seen,
                  static_cast<unsigned long long>(messages));
            HOLDS(seen >= 24);
            HOLDS(messages < 2 * 30 * 31 * 12); // an answer of each, or two; a mesh has at most so many copies
            simulation.runFor(presence::kAnswerInterval);
            HOLDS(crowd.seenBy(last) == 30); // also those who have answered many shortly before
        });
    }

    /// What gossip's peers remember of the numbers of a device is higher than its clock is now.
    void aClockThatWasSetBackOverARestartMutesNobody() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            const auto said = [&](const char* what) {
                friends.alice.submit(node::PublishMessage{"t", toBytes(asBytes(what)), 10s});
                return simulation.runUntil(
                    [&] {
                        const auto* heard = friends.carol.last<node::GossipMessage>();
                        return heard && heard->data == toBytes(asBytes(what));
                    },
                    10s);
            };
            for (SimNode* each : {&friends.bob, &friends.carol}) each->submit(node::JoinTopic{"t"});
            simulation.runFor(3s);
            HOLDS(said("one"));
            simulation.runFor(5min); // what has been seen is forgotten, the number is not
            for (const bool orderly : {true, false}) {
                if (orderly)
                    friends.alice.shutdown();
                else
                    friends.alice.kill();
                simulation.runFor(1s);
                friends.alice.setClockAhead(orderly ? Duration(-24h) : Duration(-48h));
                friends.alice.start();
                simulation.runFor(100ms);
                friends.alice.submit(node::Ping{friends.bob.target(), 1, 30s});
                simulation.runFor(3s);
                HOLDS(said(orderly ? "two" : "three"));
                simulation.runFor(5min);
            }
        });
    }

    void shellsMayListenToo() {
        RUN([](Simulation& simulation) {
            Friends friends(simulation);
            const auto request = friends.bob.submit(node::JoinTopic{std::string(presence::kTopic)});
            friends.tell({&friends.alice, &friends.bob, &friends.carol});
            simulation.runFor(10s);
            HOLDS(friends.bob.count<node::GossipMessage>() >= 2);
            friends.bob.submit(node::CancelRequest{request});
            friends.tell({&friends.carol}, false);
            simulation.runFor(1s);
            HOLDS(!friends.isHere(friends.alice, friends.carol) && friends.isHere(friends.bob, friends.alice));
            HOLDS(friends.heard(friends.bob, friends.carol).has_value()); // bob is in the topic still
        });
    }
};

QTEST_APPLESS_MAIN(PresenceTest)
#include "presence_test.moc"

#include "protocols/presence/presence.h"
#include "sim/three_nodes.h"

#include <QTest>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

/// Who is here, through whole nodes: alice and carol know each other's keys and are connected with bob alone.
namespace {
struct Friends : ThreeNodes {
    explicit Friends(Simulation& simulation) : ThreeNodes(simulation) {
        for (SimNode* each : {&alice, &bob, &carol}) each->start();
        world.runFor(100ms);
        alice.submit(node::TrustPeer{node::Target{carol.peerId(), {}}});
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

#include "support/recording_protocol.h"
#include "support/test_node.h"
#include "swarm/swarm_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using swarm::Connected;
using swarm::ConnectFailed;
using swarm::DialPace;
using swarm::PathReason;
using swarm::PeerConnected;
using swarm::PeerGone;
using swarm::PeerMoved;

namespace {

struct Relayable final : RecordingProtocol {
    using RecordingProtocol::RecordingProtocol;
    bool runsOverRelay() const override { return true; }
};

/// A node that is also reached through a relay, with a protocol that runs over it and one that does not.
struct Node : TestNode {
    Node(PairNetwork& network, uint8_t number)
        : TestNode(network, number),
          circuit(circuitOf(number)),
          circuits(network, identity.peerId(), {circuit}) {
        circuits.beRelayed();
        swarm.addCarrier(circuits);
        swarm.addProtocol(light);
        swarm.addProtocol(heavy);
    }
    size_t links() const { return carrier.links().size() + circuits.links().size(); }
    swarm::PeerInfo peerInfo(const Node& other) const { return swarm.peer(other.id()).value(); }

    codec::Multiaddr circuit;
    PairCarrier circuits;
    Relayable light{{"/light/1"}};
    RecordingProtocol heavy{{"/heavy/1"}};
};

/// Two nodes that are connected through a relay.
struct Scene {
    Scene() : Scene(1, 2) {}
    Scene(uint8_t first, uint8_t second) : a(network, first), b(network, second) {
        a.swarm.connect(b.id(), {b.circuit}, at(0s));
        turn();
    }
    void turn(Duration when = 0s) { run(network, {&a, &b}, at(when)); }
    void until(Duration from, Duration to) { runUntil(network, {&a, &b}, at(from), at(to)); }
    swarm::ConnectId direct(Node& from, Node& to, Duration when) {
        return from.swarm.connectDirectly(to.id(), {to.address}, DialPace::Staggered, at(when));
    }
    PairNetwork network;
    Node a, b;
};

} // namespace

class RelayedTest : public QObject {
    Q_OBJECT
  private slots:
    void onlyWhatMayRunsOverARelay();
    void aDirectLinkTakesThePlaceOfARelayedOne();
    void whatGoesOnOverTheRelayEndsThere();
    void bothMayOpenADirectLinkAtOnce();
    void aRelayedLinkBesideADirectOneLoses();
    void theRelayStandsInForADirectLinkThatEnds();
    void whereOneGoesOnIsToldBeforeStreamsEnd();
    void thePeerGoesBackToTheRelayAndWeFollow();
    void connectingDirectlyNeedsADirectAddress();
    void connectingDirectlyFailsWithoutHarm();
    void connectingDirectlyTwiceDialsTwice();
    void allAtOnceWaitsForNoStagger();
    void aRelayThatIsQuickerDoesNotEndTheDirectDials();
    void aSecondRelayedLinkDoesNotReplaceADirectOne();
};

void RelayedTest::onlyWhatMayRunsOverARelay() {
    Scene s;
    QVERIFY(s.a.peerInfo(s.b).relayed());
    QVERIFY(s.b.peerInfo(s.a).relayed());
    s.a.light.open(s.b.id(), {"/light/1"}, 1);
    s.a.heavy.open(s.b.id(), {"/heavy/1"}, 2);
    s.turn();
    QCOMPARE(s.b.light.inbound().size(), size_t(1));
    QCOMPARE(s.a.heavy.failed.at(2).code, Errc::Unsupported);
    QVERIFY(s.b.heavy.inbound().empty());
    // A peer that knows no such rule is answered `na`.
    s.a.light.open(s.b.id(), {"/heavy/1"}, 3);
    s.turn();
    QCOMPARE(s.a.light.failed.at(3).code, Errc::Unsupported);
    QVERIFY(s.b.heavy.inbound().empty());
}

void RelayedTest::aDirectLinkTakesThePlaceOfARelayedOne() {
    // Whoever dialled first and whoever dials then, and whichever id is smaller.
    for (const bool swapped : {false, true})
        for (const bool back : {false, true})
            for (const Duration after : {Duration(1s), Duration(60s)}) {
                Scene s(swapped ? 2 : 1, swapped ? 1 : 2);
                const auto id = back ? s.direct(s.b, s.a, after) : s.direct(s.a, s.b, after);
                s.turn(after);
                QCOMPARE((back ? s.b : s.a).all<Connected>().back().id, id);
                for (const auto& [one, other] : {std::pair(&s.a, &s.b), std::pair(&s.b, &s.a)}) {
                    QVERIFY(!one->peerInfo(*other).relayed());
                    QCOMPARE(one->peerInfo(*other).reason, PathReason::DirectOverRelay);
                    QCOMPARE(one->light.trace, (std::vector<std::string>{"connected", "moved"}));
                }
                s.a.heavy.open(s.b.id(), {"/heavy/1"}, 2);
                s.turn(after);
                QCOMPARE(s.b.heavy.inbound().size(), size_t(1));
                s.until(after, after + swarm::kRelayedLinkGrace + 1s);
                QCOMPARE(s.a.links(), size_t(1));
                QCOMPARE(s.b.links(), size_t(1));
                QVERIFY(s.a.all<PeerGone>().empty() && s.b.all<PeerGone>().empty());
            }
}

void RelayedTest::whatGoesOnOverTheRelayEndsThere() {
    Scene s;
    s.a.light.greeting = "hello";
    s.a.light.open(s.b.id(), {"/light/1"}, 1);
    s.turn();
    s.direct(s.a, s.b, 1s);
    s.until(1s, 200s);
    QCOMPARE(s.a.circuits.links().size(), size_t(1)); // still in use
    s.a.swarm.streams().write(s.a.light.keyOf(1), Slice::copyOf(asBytes(" again")), link::Fin::Yes);
    s.until(200s, 300s);
    QCOMPARE(asText(s.b.light.streams.begin()->second.received), std::string_view("hello again"));
    QCOMPARE(s.a.links(), size_t(1));
}

void RelayedTest::bothMayOpenADirectLinkAtOnce() {
    for (const bool swapped : {false, true}) {
        Scene s(swapped ? 2 : 1, swapped ? 1 : 2);
        s.direct(s.a, s.b, 5s);
        s.direct(s.b, s.a, 5s);
        s.a.settle(at(5s));
        s.b.settle(at(5s));
        s.turn(5s);
        QVERIFY(!s.a.peerInfo(s.b).relayed());
        QVERIFY(s.a.peerInfo(s.b).side != s.b.peerInfo(s.a).side);
        s.until(5s, 6s + swarm::kRelayedLinkGrace);
        QCOMPARE(s.a.links(), size_t(1));
        QCOMPARE(s.b.links(), size_t(1));
        QVERIFY(s.a.all<PeerGone>().empty() && s.b.all<PeerGone>().empty());
    }
}

void RelayedTest::aRelayedLinkBesideADirectOneLoses() {
    // The peer heard of none and dialled through a relay, while we had dialled directly.
    PairNetwork network;
    Node a(network, 1), b(network, 2);
    network.hold(a.circuit);
    a.swarm.connect(b.id(), {b.address}, at(0s));
    b.swarm.connect(a.id(), {a.circuit}, at(0s));
    a.settle(at(0s));
    b.settle(at(0s));
    run(network, {&a, &b}, at(0s));
    network.release(a.circuit);
    run(network, {&a, &b}, at(1s));
    QVERIFY(!a.peerInfo(b).relayed());
    QVERIFY(!b.peerInfo(a).relayed());
    runUntil(network, {&a, &b}, at(1s), at(2s + swarm::kRelayedLinkGrace));
    QCOMPARE(a.links(), size_t(1));
    QVERIFY(a.all<PeerMoved>().empty() && b.all<PeerMoved>().empty());
}

void RelayedTest::theRelayStandsInForADirectLinkThatEnds() {
    Scene s;
    s.direct(s.a, s.b, 1s);
    s.turn(1s);
    s.a.carrier.breakLink(s.a.carrier.links().front(), makeError(Errc::Timeout, "silence"));
    s.b.carrier.breakLink(s.b.carrier.links().front(), makeError(Errc::Timeout, "silence"));
    s.turn(11s);
    for (const Node* node : {&s.a, &s.b}) {
        QCOMPARE(node->light.trace, (std::vector<std::string>{"connected", "moved", "moved"}));
        QCOMPARE(node->light.moved.back().reason, PathReason::RelayStandsIn);
        QVERIFY(node->light.moved.back().relayed());
    }
    s.until(11s, 120s);
    QVERIFY(s.a.peerInfo(s.b).relayed()); // in use again, so nobody closes it
    // And once more.
    s.direct(s.b, s.a, 120s);
    s.until(120s, 121s + swarm::kRelayedLinkGrace);
    QVERIFY(!s.a.peerInfo(s.b).relayed());
    QCOMPARE(s.a.links(), size_t(1));
}

void RelayedTest::whereOneGoesOnIsToldBeforeStreamsEnd() {
    Scene s;
    s.direct(s.a, s.b, 1s);
    s.turn(1s);
    for (const swarm::RequestTag tag : {1, 2}) s.a.light.open(s.b.id(), {"/light/1"}, tag);
    s.turn(1s);
    for (Node* node : {&s.a, &s.b}) {
        node->carrier.breakLink(node->carrier.links().front(), makeError(Errc::Timeout, "silence"));
        node->settle(at(11s));
        QCOMPARE(node->light.trace, (std::vector<std::string>{"connected", "moved", "moved", "closed", "closed"}));
        QVERIFY(node->light.moved.back().relayed());
    }
}

void RelayedTest::thePeerGoesBackToTheRelayAndWeFollow() {
    Scene s;
    s.direct(s.a, s.b, 1s);
    s.turn(1s);
    // Only the peer knows that the direct link is dead.
    s.b.carrier.breakLink(s.b.carrier.links().front(), makeError(Errc::Timeout, "silence"));
    s.turn(11s);
    QVERIFY(s.b.peerInfo(s.a).relayed());
    QVERIFY(!s.a.peerInfo(s.b).relayed());
    s.b.light.open(s.a.id(), {"/light/1"}, 1);
    s.turn(11s);
    QVERIFY(s.a.peerInfo(s.b).relayed());
    QCOMPARE(s.a.peerInfo(s.b).reason, PathReason::RelayStandsIn);
    QVERIFY(s.a.all<PeerGone>().empty());
    QCOMPARE(s.a.light.inbound().size(), size_t(1));
}

void RelayedTest::connectingDirectlyNeedsADirectAddress() {
    Scene s;
    s.a.swarm.connectDirectly(s.b.id(), {s.b.circuit}, DialPace::Staggered, at(1s));
    s.turn(1s);
    QCOMPARE(s.a.all<ConnectFailed>().size(), size_t(1));
    QCOMPARE(s.a.all<ConnectFailed>().front().error.code, Errc::Unreachable);
    QVERIFY(s.a.peerInfo(s.b).relayed());
    // And where a direct link is there, it is the answer.
    s.direct(s.a, s.b, 2s);
    s.turn(2s);
    s.a.swarm.connectDirectly(s.b.id(), {}, DialPace::Staggered, at(3s));
    s.turn(3s);
    QCOMPARE(s.a.all<Connected>().size(), size_t(3));
}

void RelayedTest::connectingDirectlyFailsWithoutHarm() {
    Scene s;
    s.network.blackhole(s.b.address);
    const auto id = s.direct(s.a, s.b, 1s);
    s.until(1s, 40s);
    QCOMPARE(s.a.all<ConnectFailed>().size(), size_t(1));
    QCOMPARE(s.a.all<ConnectFailed>().front().id, id);
    QCOMPARE(s.a.swarm.figures().pendingDials, size_t(0));
    QCOMPARE(s.a.light.trace, std::vector<std::string>{"connected"});
    QVERIFY(s.a.peerInfo(s.b).relayed());
}

void RelayedTest::connectingDirectlyTwiceDialsTwice() {
    Scene s;
    const codec::Multiaddr nobody = addressOf(77);
    for (const Duration when : {1s, 2s}) {
        s.a.swarm.connectDirectly(s.b.id(), {nobody}, DialPace::AllAtOnce, at(when));
        s.turn(when);
    }
    const auto failed = s.a.all<ConnectFailed>();
    QCOMPARE(failed.size(), size_t(2));
    for (const auto& one : failed) QVERIFY(one.error.context.find("10.0.0.77") != std::string::npos);
}

void RelayedTest::allAtOnceWaitsForNoStagger() {
    Scene s;
    std::vector<codec::Multiaddr> addresses;
    for (uint8_t i = 80; i < 84; ++i) addresses.push_back(addressOf(i));
    addresses.push_back(codec::Multiaddr::parse("/ip4/10.0.0.90/tcp/4001").value());
    for (const auto& address : addresses) s.network.blackhole(address);
    s.a.swarm.connectDirectly(s.b.id(), addresses, DialPace::AllAtOnce, at(1s));
    s.a.settle(at(1s));
    QCOMPARE(s.a.swarm.figures().pendingDials, addresses.size());
}

void RelayedTest::aRelayThatIsQuickerDoesNotEndTheDirectDials() {
    PairNetwork network;
    Node a(network, 1), b(network, 2);
    network.hold(b.address);
    a.swarm.connect(b.id(), {b.address, b.circuit}, at(0s));
    runUntil(network, {&a, &b}, at(0s), at(2s));
    QVERIFY(a.peerInfo(b).relayed());
    QCOMPARE(a.all<Connected>().size(), size_t(1));
    network.release(b.address);
    runUntil(network, {&a, &b}, at(2s), at(3s));
    QVERIFY(!a.peerInfo(b).relayed());
    QVERIFY(!b.peerInfo(a).relayed());
    QCOMPARE(a.all<Connected>().size(), size_t(1));
    // Where nothing answers, they end.
    Node c(network, 3);
    network.blackhole(c.address);
    a.swarm.connect(c.id(), {c.address, c.circuit}, at(10s));
    runUntil(network, {&a, &c}, at(10s), at(10s + swarm::kDirectHeadStart + swarm::kDirectDialsBesideRelay + 1s));
    QVERIFY(a.peerInfo(c).relayed());
    QCOMPARE(a.swarm.figures().pendingDials, size_t(0));
}

void RelayedTest::aSecondRelayedLinkDoesNotReplaceADirectOne() {
    // The peer lost a race of two relayed links, and a direct one came before it was closed.
    Scene s;
    const auto second = s.a.circuits.dial(s.b.circuit, s.b.id(), at(1s)).value();
    s.turn(1s); // the swarm of a knows nothing of it; b waits whether it is used
    QCOMPARE(s.b.links(), size_t(2));
    s.direct(s.a, s.b, 2s);
    s.until(2s, 3s + swarm::kRelayedLinkGrace);
    QVERIFY(!s.b.peerInfo(s.a).relayed());
    QVERIFY(s.b.all<PeerGone>().empty());
    s.a.circuits.close(second, 0, "", at(4s + swarm::kRelayedLinkGrace));
    s.until(4s + swarm::kRelayedLinkGrace, 5s + swarm::kRelayedLinkGrace);
    QCOMPARE(s.b.links(), size_t(1));
}

QTEST_APPLESS_MAIN(RelayedTest)
#include "relayed_test.moc"

#include "support/recording_protocol.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using swarm::Connected;
using swarm::ConnectFailed;
using swarm::PeerConnected;
using swarm::PeerGone;
using swarm::PeerMoved;

namespace {
codec::Multiaddr addr(const char* text) {
    return codec::Multiaddr::parse(text).value();
}
/// Two nodes whose first has the smaller peer id.
std::pair<uint8_t, uint8_t> ordered(uint8_t a, uint8_t b) {
    return identityOf(a).peerId() < identityOf(b).peerId() ? std::pair(a, b) : std::pair(b, a);
}
} // namespace

class ConnectTest : public QObject {
    Q_OBJECT
  private slots:
    void aDialConnectsBothEnds();
    void aConnectedPeerAnswersAtOnce();
    void anotherKeyIsAnIdentityMismatchAndNobodyIsConnected();
    void whoHasNotGivenTheAddressIsNotToldOfTheMismatch();
    void anAddressOfAnotherPeerIsRefusedBeforeDialling();
    void nobodyThereIsUnreachableAndNamesTheAddress();
    void noAddressIsUnreachable();
    void theNodeItselfIsRefused();
    void ipv6GoesFirstAndFamiliesAlternate();
    void theSecondAddressStartsAfterTheStagger();
    void aFailureStartsTheNextAddressAtOnce();
    void theFirstToAnswerWinsAndTheOthersAreCancelled();
    void bothRaceWinnersAtOnceLeaveOneLinkOnBothSides();
    void aSilentPeerTimesOut();
    void cancelGivesExactlyOneOutcome();
    void twoConnectsShareOneRace();
    void disconnectTellsBothEnds();
    void simultaneousDialsKeepTheSameLinkInEveryOrder();
    void streamsOnTheLosingLinkOfASimultaneousDialFinish();
    void aRestartedPeerReplacesItsDeadLink();
    void aRestartedPeerThatWeHadDialledReplacesOurLink();
    void anUnusedSecondLinkWinsAfterItsGrace();
    void theDeadlineIsNeverInThePastOnceSettled();
};

void ConnectTest::aDialConnectsBothEnds() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    RecordingProtocol pa, pb;
    a.swarm.addProtocol(pa);
    b.swarm.addProtocol(pb);
    const auto id = a.connectTo(b, at(0s));
    run(network, {&a, &b}, at(0s));
    QCOMPARE(a.all<Connected>().size(), size_t(1));
    QCOMPARE(a.all<Connected>().front().id, id);
    QCOMPARE(a.all<Connected>().front().peer.side, link::Side::Dialer);
    QVERIFY(a.swarm.peer(b.id()).has_value());
    QVERIFY(b.swarm.peer(a.id()).has_value());
    QCOMPARE(b.all<PeerConnected>().front().peer.side, link::Side::Listener);
    QCOMPARE(pa.connected.size(), size_t(1));
    QCOMPARE(pb.connected.size(), size_t(1));
    QCOMPARE(a.swarm.figures().links, size_t(1));
    QCOMPARE(a.swarm.figures().pendingDials, size_t(0));
    QCOMPARE(a.swarm.figures().waitingConnects, size_t(0));
    QVERIFY(a.swarm.stats(b.id()).has_value());
}

void ConnectTest::aConnectedPeerAnswersAtOnce() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    a.connectTo(b, at(0s));
    run(network, {&a, &b}, at(0s));
    a.swarm.connect(b.id(), {}, at(1s));
    a.settle(at(1s));
    QCOMPARE(a.all<Connected>().size(), size_t(2));
    QCOMPARE(a.carrier.links().size(), size_t(1));
}

void ConnectTest::anotherKeyIsAnIdentityMismatchAndNobodyIsConnected() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    a.swarm.connect(identityOf(9).peerId(), {b.address}, at(0s));
    run(network, {&a, &b}, at(0s));
    QCOMPARE(a.all<ConnectFailed>().size(), size_t(1));
    QCOMPARE(a.all<ConnectFailed>().front().error.code, Errc::IdentityMismatch);
    QVERIFY(a.swarm.peers().empty());
    QVERIFY(b.events.empty());
}

void ConnectTest::whoHasNotGivenTheAddressIsNotToldOfTheMismatch() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    const auto own = a.swarm.connect(identityOf(9).peerId(), {addressOf(77)}, at(0s));
    const auto said = a.swarm.connectDirectly(identityOf(9).peerId(), {b.address}, swarm::DialPace::Staggered, at(0s));
    run(network, {&a, &b}, at(0s));
    for (const ConnectFailed& failed : a.all<ConnectFailed>()) {
        QVERIFY(failed.id == own || failed.id == said);
        QCOMPARE(failed.error.code, failed.id == own ? Errc::Unreachable : Errc::IdentityMismatch);
    }
    QCOMPARE(a.all<ConnectFailed>().size(), size_t(2));
}

void ConnectTest::anAddressOfAnotherPeerIsRefusedBeforeDialling() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    a.swarm.connect(b.id(), {b.address.withPeer(identityOf(9).peerId().multihash())}, at(0s));
    a.settle(at(0s));
    QCOMPARE(a.all<ConnectFailed>().front().error.code, Errc::InvalidArgument);
    QCOMPARE(network.waiting(), size_t(0));
    a.swarm.connect(b.id(), {b.address.withPeer(b.id().multihash())}, at(0s));
    run(network, {&a, &b}, at(0s));
    QCOMPARE(a.all<Connected>().size(), size_t(1));
}

void ConnectTest::nobodyThereIsUnreachableAndNamesTheAddress() {
    PairNetwork network;
    TestNode a(network, 1);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(77)}, at(0s));
    run(network, {&a}, at(0s));
    const auto failed = a.all<ConnectFailed>();
    QCOMPARE(failed.size(), size_t(1));
    QCOMPARE(failed.front().error.code, Errc::Unreachable);
    QVERIFY(failed.front().error.context.find("10.0.0.77") != std::string::npos);
    QCOMPARE(a.swarm.figures().waitingConnects, size_t(0));
}

void ConnectTest::noAddressIsUnreachable() {
    PairNetwork network;
    TestNode a(network, 1);
    a.swarm.connect(identityOf(2).peerId(), {}, at(0s));
    a.settle(at(0s));
    QCOMPARE(a.all<ConnectFailed>().front().error.code, Errc::Unreachable);
}

void ConnectTest::theNodeItselfIsRefused() {
    PairNetwork network;
    TestNode a(network, 1);
    a.swarm.connect(a.id(), {a.address}, at(0s));
    a.settle(at(0s));
    QCOMPARE(a.all<ConnectFailed>().front().error.code, Errc::InvalidArgument);
}

void ConnectTest::ipv6GoesFirstAndFamiliesAlternate() {
    PairNetwork network;
    const auto v4a = addr("/ip4/10.0.0.5/udp/1/quic-v1"), v4b = addr("/ip4/10.0.0.6/udp/1/quic-v1");
    const auto v6a = addr("/ip6/2001:db8::1/udp/1/quic-v1"), v6b = addr("/ip6/2001:db8::2/udp/1/quic-v1");
    TestNode a(network, 1), b(network, 2, {v4b});
    for (const auto& dead : {v6a, v4a, v6b}) network.hold(dead);
    a.swarm.connect(b.id(), {v4a, v4b, v6a, v6b}, at(0s));
    // The order is v6a, v4a, v6b, v4b: b answers on the last, 750 ms later.
    runUntil(network, {&a, &b}, at(0s), at(749ms));
    QCOMPARE(a.swarm.figures().pendingDials, size_t(3));
    QVERIFY(a.events.empty());
    runUntil(network, {&a, &b}, at(749ms), at(751ms));
    QCOMPARE(a.all<Connected>().size(), size_t(1));
    QCOMPARE(a.all<Connected>().front().peer.remote, v4b);
    QCOMPARE(a.swarm.figures().pendingDials, size_t(0));
}

void ConnectTest::theSecondAddressStartsAfterTheStagger() {
    PairNetwork network;
    const auto dead = addr("/ip6/2001:db8::1/udp/1/quic-v1");
    TestNode a(network, 1), b(network, 2);
    network.blackhole(dead);
    a.swarm.connect(b.id(), {dead, b.address}, at(0s));
    a.settle(at(0s));
    QCOMPARE(a.swarm.figures().pendingDials, size_t(1));
    QCOMPARE(a.swarm.deadline(), at(swarm::kDialStagger).mono);
    a.swarm.onDeadline(at(swarm::kDialStagger - 1ns));
    a.settle(at(swarm::kDialStagger - 1ns));
    QCOMPARE(a.swarm.figures().pendingDials, size_t(1));
    runUntil(network, {&a, &b}, at(swarm::kDialStagger), at(swarm::kDialStagger));
    QVERIFY(a.swarm.peer(b.id()).has_value());
}

void ConnectTest::aFailureStartsTheNextAddressAtOnce() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    a.swarm.connect(b.id(), {addr("/ip6/2001:db8::1/udp/1/quic-v1"), b.address}, at(0s));
    run(network, {&a, &b}, at(0s));
    QVERIFY(a.swarm.peer(b.id()).has_value());
}

void ConnectTest::theFirstToAnswerWinsAndTheOthersAreCancelled() {
    PairNetwork network;
    const auto other = addr("/ip4/10.1.0.2/udp/4001/quic-v1");
    TestNode a(network, 1), b(network, 2, {addressOf(2), other});
    network.hold(addressOf(2));
    a.swarm.connect(b.id(), {addressOf(2), other}, at(0s));
    runUntil(network, {&a, &b}, at(0s), at(250ms));
    QCOMPARE(a.swarm.peer(b.id())->remote, other);
    network.release(addressOf(2));
    runUntil(network, {&a, &b}, at(250ms), at(60s));
    QCOMPARE(a.carrier.links().size(), size_t(1));
    QCOMPARE(b.carrier.links().size(), size_t(1));
    QCOMPARE(a.all<PeerConnected>().size(), size_t(1));
    QCOMPARE(b.all<PeerConnected>().size(), size_t(1));
    QVERIFY(a.all<PeerGone>().empty() && b.all<PeerGone>().empty());
}

void ConnectTest::bothRaceWinnersAtOnceLeaveOneLinkOnBothSides() {
    // Both dials complete at b before a hears of either, in both orders at a.
    for (const bool swap : {false, true}) {
        PairNetwork network;
        const auto other = addr("/ip4/10.1.0.2/udp/4001/quic-v1");
        TestNode a(network, 1), b(network, 2, {addressOf(2), other});
        network.hold(addressOf(2));
        network.hold(other);
        a.swarm.connect(b.id(), {addressOf(2), other}, at(0s));
        a.settle(at(0s));
        a.swarm.onDeadline(at(250ms));
        a.settle(at(250ms));
        QCOMPARE(a.swarm.figures().pendingDials, size_t(2));
        network.release(swap ? other : addressOf(2));
        network.release(swap ? addressOf(2) : other);
        network.deliverAll(); // nobody settles in between
        runUntil(network, {&a, &b}, at(250ms), at(20s));
        QCOMPARE(a.carrier.links().size(), size_t(1));
        QCOMPARE(b.carrier.links().size(), size_t(1));
        QVERIFY(a.swarm.peer(b.id()) && b.swarm.peer(a.id()));
    }
}

void ConnectTest::aSilentPeerTimesOut() {
    PairNetwork network;
    TestNode a(network, 1);
    network.blackhole(addressOf(2));
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    runUntil(network, {&a}, at(0s), at(30s - 1ns));
    QVERIFY(a.events.empty());
    runUntil(network, {&a}, at(30s - 1ns), at(30s));
    QCOMPARE(a.all<ConnectFailed>().front().error.code, Errc::Unreachable);
    QVERIFY(a.all<ConnectFailed>().front().error.context.find("10.0.0.2") != std::string::npos);
    QCOMPARE(a.swarm.figures().pendingDials, size_t(0));
    QCOMPARE(a.swarm.deadline(), kNever);
}

void ConnectTest::cancelGivesExactlyOneOutcome() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    network.hold(b.address);
    const auto id = a.connectTo(b, at(0s));
    a.settle(at(0s));
    a.swarm.cancelConnect(id, at(1s));
    a.swarm.cancelConnect(id, at(1s));
    network.release(b.address);
    runUntil(network, {&a, &b}, at(1s), at(40s));
    QCOMPARE(a.all<ConnectFailed>().size(), size_t(1));
    QCOMPARE(a.all<ConnectFailed>().front().error.code, Errc::Cancelled);
    QVERIFY(a.all<Connected>().empty());
    QVERIFY(a.carrier.links().empty());
}

void ConnectTest::twoConnectsShareOneRace() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    network.blackhole(addressOf(33));
    const auto first = a.swarm.connect(b.id(), {addressOf(33)}, at(0s));
    a.settle(at(0s));
    const auto second = a.swarm.connect(b.id(), {addressOf(33), b.address}, at(1s));
    run(network, {&a, &b}, at(1s));
    QCOMPARE(a.all<Connected>().size(), size_t(2));
    QCOMPARE(a.all<Connected>()[0].id, first);
    QCOMPARE(a.all<Connected>()[1].id, second);
}

void ConnectTest::disconnectTellsBothEnds() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    RecordingProtocol pa, pb;
    a.swarm.addProtocol(pa);
    b.swarm.addProtocol(pb);
    a.connectTo(b, at(0s));
    run(network, {&a, &b}, at(0s));
    a.swarm.disconnect(b.id(), 7, "bye", at(1s));
    run(network, {&a, &b}, at(1s));
    QCOMPARE(a.all<PeerGone>().front().error.code, Errc::Cancelled);
    QCOMPARE(b.all<PeerGone>().front().error.code, Errc::ConnectionLost);
    QVERIFY(a.swarm.peers().empty() && b.swarm.peers().empty());
    QCOMPARE(pa.gone.size(), size_t(1));
    QCOMPARE(pb.gone.size(), size_t(1));
}

void ConnectTest::simultaneousDialsKeepTheSameLinkInEveryOrder() {
    // The two handshakes have four messages each; every interleaving of settling and delivering, as a bit pattern.
    const auto [small, large] = ordered(1, 2);
    for (unsigned pattern = 0; pattern < 1u << 10; ++pattern) {
        PairNetwork network;
        TestNode a(network, small), b(network, large);
        RecordingProtocol pa, pb;
        a.swarm.addProtocol(pa);
        b.swarm.addProtocol(pb);
        if (pattern & 1) {
            a.connectTo(b, at(0s));
            a.settle(at(0s));
            b.connectTo(a, at(0s));
            b.settle(at(0s));
        } else {
            b.connectTo(a, at(0s));
            b.settle(at(0s));
            if (pattern & 2) network.deliverOne();
            a.connectTo(b, at(0s));
            a.settle(at(0s));
        }
        for (int step = 0; step < 8; ++step) {
            network.deliverOne();
            if (pattern >> (step + 2) & 1) (step % 2 ? a : b).settle(at(10ms));
        }
        run(network, {&a, &b}, at(20ms));
        QCOMPARE(a.all<Connected>().size(), size_t(1));
        QCOMPARE(b.all<Connected>().size(), size_t(1));
        QVERIFY(a.swarm.peer(b.id()) && b.swarm.peer(a.id()));
        if (a.carrier.links().size() == 2) {
            QCOMPARE(a.swarm.peer(b.id())->side, link::Side::Dialer);
            QCOMPARE(b.swarm.peer(a.id())->side, link::Side::Listener);
        }
        runUntil(network, {&a, &b}, at(20ms), at(30s));
        QCOMPARE(a.carrier.links().size(), size_t(1));
        QCOMPARE(b.carrier.links().size(), size_t(1));
        QVERIFY(a.swarm.peer(b.id())->side != b.swarm.peer(a.id())->side);
        QVERIFY(a.all<PeerGone>().empty());
        QVERIFY(b.all<PeerGone>().empty());
        QCOMPARE(pa.connected.size(), size_t(1));
        QCOMPARE(pb.connected.size(), size_t(1));
    }
}

void ConnectTest::streamsOnTheLosingLinkOfASimultaneousDialFinish() {
    const auto [small, large] = ordered(1, 2);
    PairNetwork network;
    TestNode a(network, small), b(network, large);
    RecordingProtocol pa, pb;
    a.swarm.addProtocol(pa);
    b.swarm.addProtocol(pb);
    pb.greeting = "hello";
    network.hold(b.address);
    a.connectTo(b, at(0s));
    a.settle(at(0s));
    b.connectTo(a, at(0s));
    run(network, {&a, &b}, at(0s));
    QCOMPARE(b.swarm.peer(a.id())->side, link::Side::Dialer);
    pb.open(a.id(), {"/test/1"}, 1);
    b.settle(at(1ms));
    network.release(b.address); // the better link comes while the stream is being negotiated
    run(network, {&a, &b}, at(1ms));
    QCOMPARE(b.swarm.peer(a.id())->side, link::Side::Listener);
    QCOMPARE(a.swarm.peer(b.id())->side, link::Side::Dialer);
    QCOMPARE(pa.inbound().size(), size_t(1));
    QCOMPARE(asText(pa.streams.begin()->second.received), std::string_view("hello"));
    runUntil(network, {&a, &b}, at(1ms), at(30s));
    QCOMPARE(a.carrier.links().size(), size_t(2)); // still in use
    b.swarm.streams().write(pb.keyOf(1), {}, link::Fin::Yes);
    runUntil(network, {&a, &b}, at(30s), at(60s));
    QVERIFY(pb.streams.begin()->second.closed);
    QVERIFY(pa.streams.begin()->second.closed);
    QCOMPARE(a.carrier.links().size(), size_t(1));
    QVERIFY(pa.gone.empty() && pb.gone.empty());
}

void ConnectTest::aRestartedPeerReplacesItsDeadLink() {
    PairNetwork network;
    TestNode b(network, 2);
    RecordingProtocol pb;
    b.swarm.addProtocol(pb);
    auto first = std::make_unique<TestNode>(network, uint8_t(1));
    RecordingProtocol p1;
    p1.greeting = "one";
    first->swarm.addProtocol(p1);
    first->connectTo(b, at(0s));
    run(network, {first.get(), &b}, at(0s));
    p1.open(b.id(), {"/test/1"}, 1);
    run(network, {first.get(), &b}, at(0s));
    QCOMPARE(pb.inbound().size(), size_t(1));
    first.reset(); // killed
    TestNode second(network, 1);
    RecordingProtocol p2;
    p2.greeting = "two";
    second.swarm.addProtocol(p2);
    second.connectTo(b, at(100ms));
    run(network, {&second, &b}, at(100ms));
    p2.open(b.id(), {"/test/1"}, 1);
    run(network, {&second, &b}, at(100ms));
    const std::vector<std::string> expected{"connected", "closed", "gone", "connected"};
    QCOMPARE(pb.trace, expected);
    QCOMPARE(pb.inbound().size(), size_t(2));
    QCOMPARE(asText(pb.streams.rbegin()->second.received), std::string_view("two"));
    QCOMPARE(b.carrier.links().size(), size_t(1));
}

void ConnectTest::aRestartedPeerThatWeHadDialledReplacesOurLink() {
    for (const auto& [self, other] : {ordered(1, 2), std::pair(ordered(1, 2).second, ordered(1, 2).first)}) {
        for (const Duration restart : {Duration(1s), Duration(10s)}) {
            PairNetwork network;
            TestNode a(network, self);
            RecordingProtocol pa, p2;
            a.swarm.addProtocol(pa);
            auto first = std::make_unique<TestNode>(network, other);
            a.connectTo(*first, at(0s));
            run(network, {&a, first.get()}, at(0s));
            first.reset();
            TestNode second(network, other);
            second.swarm.addProtocol(p2);
            p2.greeting = "again";
            second.connectTo(a, at(restart));
            run(network, {&a, &second}, at(restart));
            // The peer uses its link, at once and again after the losing dials of a simultaneous dial would be over.
            for (int i = 0; i < 2; ++i) {
                p2.open(a.id(), {"/test/1"}, static_cast<swarm::RequestTag>(i));
                runUntil(network, {&a, &second}, at(restart + i * 4s), at(restart + (i + 1) * 4s - 1ms));
            }
            QCOMPARE(a.swarm.peer(second.id())->side, link::Side::Listener);
            QCOMPARE(pa.inbound().size(), size_t(2));
            runUntil(network, {&a, &second}, at(restart + 8s), at(restart + 30s));
            QCOMPARE(a.carrier.links().size(), size_t(1));
        }
    }
}

void ConnectTest::anUnusedSecondLinkWinsAfterItsGrace() {
    PairNetwork network;
    TestNode b(network, 2);
    auto first = std::make_unique<TestNode>(network, uint8_t(1));
    first->connectTo(b, at(0s));
    run(network, {first.get(), &b}, at(0s));
    first.reset();
    TestNode second(network, 1);
    second.connectTo(b, at(1s));
    run(network, {&second, &b}, at(1s));
    QCOMPARE(b.carrier.links().size(), size_t(2));
    runUntil(network, {&second, &b}, at(1s), at(1s + swarm::kUnusedLinkGrace - 1ns));
    QCOMPARE(b.carrier.links().size(), size_t(2));
    runUntil(network, {&second, &b}, at(1s), at(1s + swarm::kUnusedLinkGrace));
    QCOMPARE(b.carrier.links().size(), size_t(1));
    QCOMPARE(b.all<PeerConnected>().size(), size_t(2));
    QCOMPARE(b.all<PeerGone>().size(), size_t(1));
}

void ConnectTest::theDeadlineIsNeverInThePastOnceSettled() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    network.blackhole(addressOf(40));
    a.swarm.connect(b.id(), {addressOf(40), addressOf(41), addressOf(42), b.address}, at(0s));
    for (auto now = 0ms; now < 1000ms; now += 10ms) {
        a.swarm.onDeadline(at(now));
        b.swarm.onDeadline(at(now));
        run(network, {&a, &b}, at(now));
        QVERIFY(a.swarm.deadline() > at(now).mono);
    }
    QVERIFY(a.swarm.peer(b.id()).has_value());
}

QTEST_APPLESS_MAIN(ConnectTest)
#include "connect_test.moc"

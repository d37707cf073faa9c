#include "protocols/ping/ping.h"
#include "protocols/ping/ping_limits.h"
#include "support/hand_node.h"
#include "support/seeded_random.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using ping::PingFailed;
using ping::PingReply;

namespace {
const char* const kId = "/ipfs/ping/1.0.0";

struct Pinger {
    Pinger(PairNetwork& network, uint8_t number) : random(number), node(network, number), protocol(random, node.log) {
        node.swarm.addProtocol(protocol);
    }
    template <typename Event> std::vector<Event> all() { return pollAll<Event>(protocol, events); }
    SeededRandom random;
    TestNode node;
    ping::PingProtocol protocol;
    std::vector<ping::PingEvent> events;
};
/// A peer whose ping protocol the test plays by hand.
struct Hand : HandNode {
    Hand(PairNetwork& network, uint8_t number, std::vector<std::string> serves = {kId})
        : HandNode(network, number, std::move(serves)) {}
};
} // namespace

class PingTest : public QObject {
    Q_OBJECT
  private slots:
    void fivePingsGetFiveReplies();
    void theRoundTripIsMeasuredFromSendingToEcho();
    void theIntervalIsKept();
    void requestsToOnePeerRunOneAfterAnother();
    void aPeerThatIsNotConnectedIsUnreachable();
    void aPeerWithoutPingIsUnsupported();
    void aSilentPeerTimesOut();
    void aWrongEchoIsAProtocolViolation();
    void anUnaskedEchoIsAProtocolViolation();
    void cancelEndsTheRequestAndItsStream();
    void aLostConnectionFailsTheRequest();
    void theCountIsBounded();
    void theNumberOfRequestsIsBounded();
    void aThirdInboundStreamIsRefused();
    void aPeerThatDoesNotReadItsEchoesStopsBeingRead();
    void sixtyFourEchoesMayBeUnderWayAndNotOneMore();
    void cutPingsAreEchoedWhole();
    void aPartialPingWithFinLeavesNoStream();
};

void PingTest::fivePingsGetFiveReplies() {
    PairNetwork network;
    Pinger a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 5, 0s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const auto replies = a.all<PingReply>();
    QCOMPARE(replies.size(), size_t(5));
    for (uint32_t i = 0; i < 5; ++i) {
        QCOMPARE(replies[i].index, i);
        QCOMPARE(replies[i].last, i == 4);
    }
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
    QCOMPARE(a.protocol.deadline(), kNever);
}

void PingTest::theRoundTripIsMeasuredFromSendingToEcho() {
    PairNetwork network;
    Pinger a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 1, 0s, at(0s));
    a.node.settle(at(1s));
    run(network, {&a.node, &b.node}, at(1s + 37ms));
    QCOMPARE(a.all<PingReply>().size(), size_t(1));
    QCOMPARE(a.all<PingReply>().front().roundTrip, Duration(37ms));
}

void PingTest::theIntervalIsKept() {
    PairNetwork network;
    Pinger a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 3, 1s, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(1s - 1ns));
    QCOMPARE(a.all<PingReply>().size(), size_t(1));
    runUntil(network, {&a.node, &b.node}, at(1s - 1ns), at(2s - 1ns));
    QCOMPARE(a.all<PingReply>().size(), size_t(2));
    runUntil(network, {&a.node, &b.node}, at(2s - 1ns), at(2s));
    QCOMPARE(a.all<PingReply>().size(), size_t(3));
}

void PingTest::requestsToOnePeerRunOneAfterAnother() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const auto first = a.protocol.ping(b.node.id(), 1, 0s, at(0s));
    a.protocol.ping(b.node.id(), 1, 0s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.protocol.inbound().size(), size_t(1));
    a.protocol.cancel(first, a.node.swarm.streams(), at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.protocol.inbound().size(), size_t(2));
}

void PingTest::aPeerThatIsNotConnectedIsUnreachable() {
    PairNetwork network;
    Pinger a(network, 1);
    a.protocol.ping(identityOf(2).peerId(), 1, 0s, at(0s));
    a.node.settle(at(0s));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::Unreachable);
}

void PingTest::aPeerWithoutPingIsUnsupported() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2, {"/other/1"});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 3, 0s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PingFailed>().size(), size_t(1));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::Unsupported);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

void PingTest::aSilentPeerTimesOut() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 3, 0s, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(ping::kPingTimeout - 1ns));
    QVERIFY(a.all<PingFailed>().empty());
    runUntil(network, {&a.node, &b.node}, at(ping::kPingTimeout - 1ns), at(ping::kPingTimeout));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::Timeout);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void PingTest::aWrongEchoIsAProtocolViolation() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 3, 0s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.node.swarm.streams().write(b.protocol.inbound().front(), Slice::copyOf(Bytes(32, 7)), link::Fin::No);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::ProtocolViolation);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void PingTest::anUnaskedEchoIsAProtocolViolation() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 3, 5s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const auto key = b.protocol.inbound().front();
    Bytes echo = b.protocol.streams.at(key).received;
    echo.push_back(1);
    b.node.swarm.streams().write(key, Slice::copyOf(echo), link::Fin::No);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PingReply>().size(), size_t(1));
    QCOMPARE(a.all<PingFailed>().size(), size_t(1));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::ProtocolViolation);
}

void PingTest::cancelEndsTheRequestAndItsStream() {
    PairNetwork network;
    Pinger a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const auto id = a.protocol.ping(b.node.id(), 100, 1s, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(5s));
    a.protocol.cancel(id, a.node.swarm.streams(), at(5s));
    a.protocol.cancel(id, a.node.swarm.streams(), at(5s));
    runUntil(network, {&a.node, &b.node}, at(5s), at(30s));
    QCOMPARE(a.all<PingReply>().size(), size_t(6));
    QCOMPARE(a.all<PingFailed>().size(), size_t(1));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

void PingTest::aLostConnectionFailsTheRequest() {
    PairNetwork network;
    Pinger a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 100, 1s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.node.carrier.breakLink(a.node.carrier.links().front(), makeError(Errc::Timeout, "idle"));
    run(network, {&a.node, &b.node}, at(1ms));
    QCOMPARE(a.all<PingFailed>().size(), size_t(1));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::ConnectionLost);
    QCOMPARE(a.protocol.deadline(), kNever);
}

void PingTest::theCountIsBounded() {
    PairNetwork network;
    Pinger a(network, 1);
    a.protocol.ping(identityOf(2).peerId(), 0, 0s, at(0s));
    a.protocol.ping(identityOf(2).peerId(), ping::kMaxCount + 1, 0s, at(0s));
    QCOMPARE(a.all<PingFailed>().size(), size_t(2));
    QCOMPARE(a.all<PingFailed>()[0].error.code, Errc::InvalidArgument);
    QCOMPARE(a.all<PingFailed>()[1].error.code, Errc::InvalidArgument);
    a.protocol.ping(identityOf(2).peerId(), ping::kMaxCount, 0s, at(0s));
    QCOMPARE(a.all<PingFailed>().size(), size_t(2));
}

void PingTest::theNumberOfRequestsIsBounded() {
    PairNetwork network;
    Pinger a(network, 1);
    for (size_t i = 0; i < ping::kMaxRequests; ++i) a.protocol.ping(identityOf(2).peerId(), 1, 0s, at(0s));
    QVERIFY(a.all<PingFailed>().empty());
    a.protocol.ping(identityOf(2).peerId(), 1, 0s, at(0s));
    QCOMPARE(a.all<PingFailed>().size(), size_t(1));
    QCOMPARE(a.all<PingFailed>().front().error.code, Errc::LimitReached);
}

void PingTest::aThirdInboundStreamIsRefused() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2);
    b.protocol.greeting = std::string(32, 'x');
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    for (swarm::RequestTag tag = 1; tag <= 3; ++tag) {
        b.protocol.open(a.node.id(), {kId}, tag);
        run(network, {&a.node, &b.node}, at(0s));
    }
    QCOMPARE(b.protocol.streams.at(b.protocol.keyOf(1)).received.size(), size_t(32));
    QCOMPARE(b.protocol.streams.at(b.protocol.keyOf(2)).received.size(), size_t(32));
    QVERIFY(b.protocol.streams.at(b.protocol.keyOf(3)).received.empty());
    QVERIFY(b.protocol.streams.at(b.protocol.keyOf(3)).reset.has_value());
    b.node.swarm.streams().write(b.protocol.keyOf(1), {}, link::Fin::Yes);
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.open(a.node.id(), {kId}, 4);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.protocol.streams.at(b.protocol.keyOf(4)).received.size(), size_t(32));
}

void PingTest::aPeerThatDoesNotReadItsEchoesStopsBeingRead() {
    PairNetwork network({.streamWindow = 1024, .linkWindow = 64 * 1024, .sendBuffer = 1024});
    Pinger a(network, 1);
    Hand b(network, 2);
    b.protocol.reading = false;
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &b.node}, at(0s));
    const auto key = b.protocol.keyOf(1);
    auto& io = b.node.swarm.streams();
    size_t sent = 0;
    for (int i = 0; i < 1000; ++i) {
        if (const size_t room = io.writable(key); room > 0) {
            io.write(key, Slice::copyOf(Bytes(room, 1)), link::Fin::No);
            sent += room;
        }
        run(network, {&a.node, &b.node}, at(0s));
    }
    // The echoes fill the window, our unread requests fill the other; nothing else is held.
    QVERIFY(sent <= 2 * 1024 + 1024);
    b.protocol.reading = true;
    size_t echoed = 0;
    for (int i = 0; i < 100; ++i) {
        if (io.available(key) > 0) {
            echoed += io.available(key);
            io.consume(key, io.available(key));
        }
        run(network, {&a.node, &b.node}, at(0s));
    }
    QVERIFY(echoed + b.protocol.streams.at(key).received.size() >= sent / 32 * 32);
}

void PingTest::sixtyFourEchoesMayBeUnderWayAndNotOneMore() {
    for (const size_t pings : {size_t(64), size_t(65)}) {
        PairNetwork network;
        Pinger a(network, 1);
        Hand b(network, 2);
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.protocol.open(a.node.id(), {kId}, 1);
        run(network, {&a.node, &b.node}, at(0s));
        const auto key = b.protocol.keyOf(1);
        b.node.swarm.streams().write(key, Slice::copyOf(Bytes(pings * 32, 1)), link::Fin::No);
        run(network, {&a.node, &b.node}, at(0s));
        const auto& stream = b.protocol.streams.at(key);
        QCOMPARE(stream.reset.has_value(), pings > 64);
        if (pings == 64) QCOMPARE(stream.received.size(), size_t(64 * 32));
    }
}

void PingTest::cutPingsAreEchoedWhole() {
    PairNetwork network({.maxPiece = 1});
    Pinger a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.ping(b.node.id(), 3, 0s, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PingReply>().size(), size_t(3));
}

void PingTest::aPartialPingWithFinLeavesNoStream() {
    PairNetwork network;
    Pinger a(network, 1);
    Hand b(network, 2);
    b.protocol.greeting = "short";
    b.protocol.endAtOnce = true;
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

QTEST_APPLESS_MAIN(PingTest)
#include "ping_test.moc"

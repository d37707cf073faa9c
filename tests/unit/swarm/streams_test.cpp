#include "link/multistream.h"
#include "support/recording_protocol.h"
#include "support/seeded_random.h"
#include "support/test_node.h"
#include "swarm/swarm_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using link::Fin;
using link::StreamKey;

namespace {
const char* const kId = "/test/1";

/// Two connected nodes with a recording protocol each.
struct Pair {
    explicit Pair(PairOptions options = {}, std::vector<std::string> served = {kId})
        : network(options),
          a(network, 1),
          b(network, 2),
          pb(std::move(served)) {
        a.swarm.addProtocol(pa);
        b.swarm.addProtocol(pb);
        a.connectTo(b, at(0s));
        run(network, {&a, &b}, at(0s));
    }
    void run_(Duration when = 0s) { run(network, {&a, &b}, at(when)); }
    RecordingProtocol::Stream& mine(swarm::RequestTag tag) { return pa.streams.at(pa.keyOf(tag)); }
    RecordingProtocol::Stream& theirs(size_t index = 0) { return pb.streams.at(pb.inbound().at(index)); }
    /// No stream of either end is left in swarm or carrier.
    bool clean() const {
        size_t open = a.swarm.figures().streams + b.swarm.figures().streams;
        for (const TestNode* node : {&a, &b})
            for (const auto link : node->carrier.links()) open += node->carrier.openStreams(link);
        return open == 0 && a.carrier.uncredited() == 0 && b.carrier.uncredited() == 0;
    }
    PairNetwork network;
    TestNode a, b;
    RecordingProtocol pa, pb;
};

/// A node whose swarm is the test itself: it sees raw bytes of streams.
struct Raw {
    Raw(PairNetwork& network, uint8_t number) : carrier(network, identityOf(number).peerId(), {addressOf(number)}) {}
    /// Delivers everything, settling `node` in between, and keeps events.
    void turn(PairNetwork& network, TestNode& node, Now now) {
        do {
            node.settle(now);
            while (auto event = carrier.poll()) events.push_back(*event);
        } while (network.deliverOne());
        node.settle(now);
        while (auto event = carrier.poll()) events.push_back(*event);
    }
    Bytes readAll(StreamKey key) {
        Bytes all;
        while (!carrier.front(key).empty()) {
            append(all, carrier.front(key));
            carrier.consume(key, carrier.front(key).size());
        }
        return all;
    }
    template <typename Event> size_t count() const {
        return size_t(std::count_if(events.begin(), events.end(),
                                    [](const auto& e) { return std::holds_alternative<Event>(e); }));
    }
    PairCarrier carrier;
    std::vector<link::LinkEvent> events;
};
Bytes messages(std::initializer_list<std::string_view> texts) {
    Bytes out;
    for (const auto text : texts) link::appendMultistream(out, text);
    return out;
}

/// Node `a` and a raw peer that has dialled it.
struct Scene {
    explicit Scene(PairOptions options = {}) : network(options), a(network, 1), raw(network, 2) {
        a.swarm.addProtocol(pa);
        link = raw.carrier.dial(a.address, a.id(), at(0s)).value();
        raw.turn(network, a, at(0s));
    }
    StreamKey open() { return raw.carrier.openStream(link).value(); }
    void write(StreamKey key, const Bytes& bytes, Fin fin = Fin::No) {
        raw.carrier.write(key, Slice::copyOf(bytes), fin);
    }
    void turn(Duration when = 0s) { raw.turn(network, a, at(when)); }
    void time(Duration when) {
        a.swarm.onDeadline(at(when));
        turn(when);
    }
    PairNetwork network;
    TestNode a;
    RecordingProtocol pa;
    Raw raw;
    link::LinkId link;
};
} // namespace

class StreamsTest : public QObject {
    Q_OBJECT
  private slots:
    void aLazyStreamCarriesItsRequestInTheFirstFlight();
    void finIsHeldUntilTheAnswerWasRead();
    void noByteOfThePeerIsShownBeforeItsAnswer();
    void severalProposalsWaitForTheAnswer();
    void severalProtocolsShareALink();
    void anUnservedProtocolFailsAndLeavesNoSlot();
    void aRefusalIsHeardWhenTheRequestWasLong();
    void anOpenToAPeerThatIsNotConnectedFails();
    void aSilentResponderTimesOut();
    void aLinkOverWhichNothingComesAtAllIsGivenUp();
    void aSilentInitiatorTimesOut();
    void anInitiatorThatGivesUpIsEndedPolitely();
    void aResponderThatResetsFailsTheRequest();
    void aResponderThatEndsBeforeAnsweringFailsTheRequest();
    void aWrongEchoFailsTheRequestAndShowsNothing();
    void resetAndStopBeforeTheAnswerCloseTheStream();
    void stopBeforeTheAnswerWaitsForIt();
    void aPeerThatOnlyWritesGetsAReader();
    void garbageOnAStreamEndsThatStreamOnly();
    void resetStopAndHalfCloseReachTheOtherProtocol();
    void theViewRefusesKeysThatAreNotOpen();
    void creditAfterTheEndOfAStreamStillCountsForItsLink();
    void everythingCutIntoSingleBytesWorks();
    void aTinyWindowStillNegotiates();
    void aLostLinkClosesStreamsBeforeThePeerIsGone();
    void negotiatingStreamsPerLinkAreBounded();
    void inboundStreamsPerProtocolAreBounded();
    void thousandsOfStreamsLeaveNoSlotBehind();
    void aPeerThatDoesNotReadDoesNotMakeUsQueue();
    void anyScheduleOfRandomStreamsEndsClean();
};

void StreamsTest::aLazyStreamCarriesItsRequestInTheFirstFlight() {
    Pair p;
    p.pa.greeting = "request";
    p.pa.open(p.b.id(), {kId}, 1);
    p.a.settle(at(0s));
    // Header with proposal, and the request: two writes, no answer needed.
    QCOMPARE(p.network.waiting(), size_t(2));
    p.run_();
    QCOMPARE(asText(p.theirs().received), std::string_view("request"));
    QCOMPARE(p.theirs().protocolId, std::string(kId));
    QVERIFY(p.theirs().peer == p.a.id());
    QVERIFY(p.mine(1).peer == p.b.id());
}

void StreamsTest::finIsHeldUntilTheAnswerWasRead() {
    Pair p;
    p.pa.greeting = "request";
    p.pa.endAtOnce = true;
    p.pa.open(p.b.id(), {kId}, 1);
    p.a.settle(at(0s));
    const StreamKey key = p.pa.keyOf(1);
    QCOMPARE(p.a.swarm.streams().writable(key), size_t(0));
    p.network.deliverOne();
    p.network.deliverOne();
    p.b.settle(at(0s));
    QCOMPARE(asText(p.theirs().received), std::string_view("request"));
    QVERIFY(!p.theirs().ended); // the FIN is not there yet
    p.run_();
    QVERIFY(p.theirs().ended);
    QVERIFY(p.mine(1).ended);
    QVERIFY(p.mine(1).closed && p.theirs().closed);
    QVERIFY(p.clean());
}

void StreamsTest::noByteOfThePeerIsShownBeforeItsAnswer() {
    PairNetwork network;
    TestNode a(network, 1);
    RecordingProtocol pa;
    a.swarm.addProtocol(pa);
    Raw raw(network, 2);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    raw.turn(network, a, at(0s));
    pa.open(identityOf(2).peerId(), {kId}, 1);
    raw.turn(network, a, at(0s));
    const StreamKey theirs{raw.carrier.links().front(), 0};
    QCOMPARE(raw.readAll(theirs), messages({"/multistream/1.0.0", kId}));
    Bytes answer = messages({"/multistream/1.0.0", kId});
    const size_t split = answer.size() - 1;
    append(answer, asBytes("payload"));
    raw.carrier.write(theirs, Slice::copyOf(ByteView(answer).first(split)), Fin::No);
    raw.turn(network, a, at(0s));
    const StreamKey mine = pa.keyOf(1);
    QCOMPARE(a.swarm.streams().available(mine), size_t(0));
    QVERIFY(a.swarm.streams().front(mine).empty());
    QVERIFY(pa.streams.at(mine).received.empty());
    raw.carrier.write(theirs, Slice::copyOf(ByteView(answer).subspan(split)), Fin::No);
    raw.turn(network, a, at(0s));
    QCOMPARE(asText(pa.streams.at(mine).received), std::string_view("payload"));
}

void StreamsTest::severalProposalsWaitForTheAnswer() {
    Pair p;
    p.pa.open(p.b.id(), {"/none/1", kId, "/none/2"}, 1);
    p.a.settle(at(0s));
    QVERIFY(p.pa.streams.empty());
    p.run_();
    QCOMPARE(p.mine(1).protocolId, std::string(kId));
    QCOMPARE(p.theirs().protocolId, std::string(kId));
}

void StreamsTest::severalProtocolsShareALink() {
    PairNetwork network;
    TestNode a(network, 1), b(network, 2);
    RecordingProtocol pa({"/one/1"}), qa({"/two/1", "/three/1"}), pb({"/one/1"}), qb({"/two/1", "/three/1"});
    a.swarm.addProtocol(pa);
    a.swarm.addProtocol(qa);
    b.swarm.addProtocol(pb);
    b.swarm.addProtocol(qb);
    QCOMPARE(a.swarm.servedProtocols(), (std::vector<std::string>{"/one/1", "/three/1", "/two/1"}));
    a.connectTo(b, at(0s));
    run(network, {&a, &b}, at(0s));
    pa.open(b.id(), {"/one/1"}, 1);
    qa.open(b.id(), {"/three/1"}, 1);
    qa.open(b.id(), {"/two/1"}, 2);
    run(network, {&a, &b}, at(0s));
    QCOMPARE(pb.inbound().size(), size_t(1));
    QCOMPARE(qb.inbound().size(), size_t(2));
    QCOMPARE(pa.streams.size(), size_t(1));
    QCOMPARE(qa.streams.size(), size_t(2));
}

void StreamsTest::anUnservedProtocolFailsAndLeavesNoSlot() {
    for (const bool lazy : {true, false}) {
        Pair p({.maxStreams = 4});
        p.pa.greeting = "request";
        for (int i = 0; i < 20; ++i) {
            p.pa.open(p.b.id(),
                      lazy ? std::vector<std::string>{"/none/1"} : std::vector<std::string>{"/none/1", "/none/2"}, 1);
            p.run_();
            QCOMPARE(p.pa.failed.at(1).code, Errc::Unsupported);
            QVERIFY(p.clean());
        }
        QVERIFY(p.pb.streams.empty());
    }
}

/// To the responder the request looks like bad proposals; its answer must arrive all the same, in any cut.
void StreamsTest::aRefusalIsHeardWhenTheRequestWasLong() {
    for (const size_t piece : {1, 7, 64 * 1024}) {
        Pair p({.maxPiece = piece});
        p.pa.greeting = std::string(5000, '\xff');
        p.pa.open(p.b.id(), {"/none/1"}, 1);
        p.run_();
        QCOMPARE(p.pa.failed.at(1).code, Errc::Unsupported);
        QVERIFY(!p.pa.streams.begin()->second.stopped);
        QVERIFY(p.clean());
        QCOMPARE(p.b.swarm.deadline(), kNever);
    }
}

void StreamsTest::anOpenToAPeerThatIsNotConnectedFails() {
    Pair p;
    p.pa.open(identityOf(9).peerId(), {kId}, 5);
    p.run_();
    QCOMPARE(p.pa.failed.at(5).code, Errc::Unreachable);
}

void StreamsTest::aSilentResponderTimesOut() {
    PairNetwork network;
    TestNode a(network, 1);
    RecordingProtocol pa;
    a.swarm.addProtocol(pa);
    Raw raw(network, 2);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    raw.turn(network, a, at(0s));
    pa.open(identityOf(2).peerId(), {kId}, 1);
    pa.open(identityOf(2).peerId(), {kId, "/other/1"}, 2);
    raw.turn(network, a, at(0s));
    QCOMPARE(a.swarm.deadline(), at(swarm::kNegotiationTimeout).mono);
    a.swarm.onDeadline(at(swarm::kNegotiationTimeout - 1ns));
    QVERIFY(pa.failed.empty());
    a.swarm.onDeadline(at(swarm::kNegotiationTimeout));
    QCOMPARE(pa.failed.at(1).code, Errc::Timeout);
    QCOMPARE(pa.failed.at(2).code, Errc::Timeout);
    QCOMPARE(a.swarm.deadline(), kNever);
    raw.turn(network, a, at(swarm::kNegotiationTimeout));
    QCOMPARE(raw.count<link::StreamReset>(), size_t(2));
    QCOMPARE(raw.count<link::StreamStopped>(), size_t(2));
}

void StreamsTest::aLinkOverWhichNothingComesAtAllIsGivenUp() {
    PairNetwork network;
    TestNode a(network, 1);
    RecordingProtocol pa;
    a.swarm.addProtocol(pa);
    Raw raw(network, 2);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    raw.turn(network, a, at(0s));
    network.isolate(raw.carrier);
    pa.open(identityOf(2).peerId(), {kId}, 1);
    raw.turn(network, a, at(0s));
    a.swarm.onDeadline(at(swarm::kNegotiationTimeout - 1ns));
    QCOMPARE(a.swarm.figures().links, size_t(1));
    a.swarm.onDeadline(at(swarm::kNegotiationTimeout));
    QCOMPARE(pa.failed.at(1).code, Errc::ConnectionLost);
    QCOMPARE(a.swarm.figures().links, size_t(0));
    QVERIFY(!a.swarm.peer(identityOf(2).peerId()).has_value());
}

void StreamsTest::aSilentInitiatorTimesOut() {
    Scene s;
    const StreamKey key = s.open();
    s.write(key, {0x13});
    s.turn();
    QCOMPARE(s.a.swarm.figures().streams, size_t(1));
    s.time(swarm::kNegotiationTimeout - 1ns);
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(0));
    s.time(swarm::kNegotiationTimeout);
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(1));
    QCOMPARE(s.raw.count<link::StreamStopped>(), size_t(1));
    QCOMPARE(s.a.swarm.figures().streams, size_t(0));
    QVERIFY(s.pa.streams.empty());
}

void StreamsTest::anInitiatorThatGivesUpIsEndedPolitely() {
    Scene s;
    const StreamKey key = s.open();
    s.write(key, messages({"/multistream/1.0.0", "/none/1"}), Fin::Yes);
    s.turn();
    QCOMPARE(s.raw.readAll(key), messages({"/multistream/1.0.0", "na"}));
    s.turn();
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(0));
    QCOMPARE(s.raw.count<link::StreamClosed>(), size_t(1));
    QCOMPARE(s.a.swarm.figures().streams, size_t(0));
    QCOMPARE(s.a.swarm.deadline(), kNever);
}

void StreamsTest::aResponderThatResetsFailsTheRequest() {
    PairNetwork network;
    TestNode a(network, 1);
    RecordingProtocol pa;
    a.swarm.addProtocol(pa);
    Raw raw(network, 2);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    raw.turn(network, a, at(0s));
    for (swarm::RequestTag tag = 1; tag <= 2; ++tag)
        pa.open(identityOf(2).peerId(),
                tag == 1 ? std::vector<std::string>{kId} : std::vector<std::string>{kId, "/x/1"}, tag);
    raw.turn(network, a, at(0s));
    for (const uint64_t stream : {0, 4}) {
        raw.carrier.reset({raw.carrier.links().front(), stream}, 0);
        raw.carrier.stop({raw.carrier.links().front(), stream}, 0);
    }
    raw.turn(network, a, at(0s));
    QCOMPARE(pa.failed.at(1).code, Errc::ConnectionLost);
    QCOMPARE(pa.failed.at(2).code, Errc::ConnectionLost);
    QCOMPARE(a.swarm.figures().streams, size_t(0));
    QCOMPARE(a.swarm.deadline(), kNever);
    QVERIFY(!pa.streams.at(pa.keyOf(1)).closed); // failed, and then nothing more
}

void StreamsTest::aResponderThatEndsBeforeAnsweringFailsTheRequest() {
    PairNetwork network;
    TestNode a(network, 1);
    RecordingProtocol pa;
    a.swarm.addProtocol(pa);
    Raw raw(network, 2);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    raw.turn(network, a, at(0s));
    pa.open(identityOf(2).peerId(), {kId}, 1);
    raw.turn(network, a, at(0s));
    raw.carrier.write({raw.carrier.links().front(), 0}, {}, Fin::Yes);
    raw.turn(network, a, at(0s));
    QCOMPARE(pa.failed.at(1).code, Errc::ConnectionLost);
    raw.readAll({raw.carrier.links().front(), 0});
    raw.turn(network, a, at(0s));
    QCOMPARE(a.swarm.figures().streams, size_t(0));
}

void StreamsTest::aWrongEchoFailsTheRequestAndShowsNothing() {
    PairNetwork network;
    TestNode a(network, 1);
    RecordingProtocol pa;
    a.swarm.addProtocol(pa);
    Raw raw(network, 2);
    a.swarm.connect(identityOf(2).peerId(), {addressOf(2)}, at(0s));
    raw.turn(network, a, at(0s));
    pa.open(identityOf(2).peerId(), {kId}, 1);
    raw.turn(network, a, at(0s));
    Bytes answer = messages({"/multistream/1.0.0", "/test/2"});
    append(answer, asBytes("payload"));
    raw.carrier.write({raw.carrier.links().front(), 0}, Slice::copyOf(answer), Fin::No);
    raw.turn(network, a, at(0s));
    QCOMPARE(pa.failed.at(1).code, Errc::ProtocolViolation);
    QVERIFY(pa.streams.at(pa.keyOf(1)).received.empty());
    QVERIFY(a.swarm.peer(identityOf(2).peerId()).has_value());
}

void StreamsTest::resetAndStopBeforeTheAnswerCloseTheStream() {
    Pair p;
    p.pa.open(p.b.id(), {kId}, 1);
    p.a.settle(at(0s));
    const StreamKey key = p.pa.keyOf(1);
    p.a.swarm.streams().stop(key, 0);
    p.a.swarm.streams().reset(key, 0);
    p.run_();
    QVERIFY(p.mine(1).closed);
    QVERIFY(p.pa.failed.empty());
    p.run_(11s);
    p.a.swarm.onDeadline(at(11s));
    p.run_(11s);
    QVERIFY(p.clean());
}

void StreamsTest::stopBeforeTheAnswerWaitsForIt() {
    Pair p;
    p.pa.greeting = "request";
    p.pb.closeWithPeer = true;
    p.pa.open(p.b.id(), {kId}, 1);
    p.a.settle(at(0s));
    const StreamKey key = p.pa.keyOf(1);
    p.a.swarm.streams().write(key, {}, Fin::Yes);
    p.a.swarm.streams().stop(key, 3);
    p.run_();
    QCOMPARE(asText(p.theirs().received), std::string_view("request"));
    QVERIFY(p.theirs().ended);
    QVERIFY(p.mine(1).closed);
    QVERIFY(p.clean());
}

void StreamsTest::aPeerThatOnlyWritesGetsAReader() {
    Scene s;
    const StreamKey key = s.open();
    Bytes bytes = messages({"/multistream/1.0.0", kId});
    append(bytes, asBytes("news"));
    s.raw.carrier.stop(key, 0);
    s.write(key, bytes, Fin::Yes);
    s.turn();
    QCOMPARE(s.pa.inbound().size(), size_t(1));
    QCOMPARE(asText(s.pa.streams.begin()->second.received), std::string_view("news"));
    QVERIFY(s.pa.streams.begin()->second.ended);
    QVERIFY(s.pa.streams.begin()->second.closed);
}

void StreamsTest::garbageOnAStreamEndsThatStreamOnly() {
    Scene s;
    SeededRandom random(3);
    for (int i = 0; i < 200; ++i) {
        const StreamKey key = s.open();
        s.write(key, random.bytes(1 + random.below(100)), random.below(2) ? Fin::Yes : Fin::No);
        s.turn();
        s.raw.readAll(key);
        if (random.below(2)) s.raw.carrier.reset(key, 9);
        s.raw.carrier.stop(key, 9);
        s.raw.carrier.reset(key, 9);
        s.turn();
    }
    QCOMPARE(s.a.swarm.figures().streams, size_t(0));
    QVERIFY(s.pa.streams.empty());
    QVERIFY(s.a.swarm.peer(identityOf(2).peerId()).has_value());
    const StreamKey key = s.open();
    s.write(key, messages({"/multistream/1.0.0", kId}));
    s.turn();
    QCOMPARE(s.pa.inbound().size(), size_t(1));
}

void StreamsTest::resetStopAndHalfCloseReachTheOtherProtocol() {
    Pair p;
    for (swarm::RequestTag tag = 1; tag <= 3; ++tag) p.pa.open(p.b.id(), {kId}, tag);
    p.run_();
    auto& io = p.a.swarm.streams();
    io.reset(p.pa.keyOf(1), 41);
    io.stop(p.pa.keyOf(2), 42);
    io.write(p.pa.keyOf(3), {}, Fin::Yes);
    p.pb.closeWithPeer = false;
    p.run_();
    QCOMPARE(p.theirs(0).reset.value(), uint64_t(41));
    QCOMPARE(p.theirs(1).stopped.value(), uint64_t(42));
    QVERIFY(p.theirs(2).ended);
    QVERIFY(!p.theirs(2).closed); // the other half is still open
    p.b.swarm.streams().write(p.pb.inbound()[2], Slice::copyOf(asBytes("late")), Fin::Yes);
    p.run_();
    QCOMPARE(asText(p.mine(3).received), std::string_view("late"));
    QVERIFY(p.mine(3).closed && p.theirs(2).closed);
}

void StreamsTest::theViewRefusesKeysThatAreNotOpen() {
    Pair p;
    auto& io = p.a.swarm.streams();
    for (const StreamKey key : {StreamKey{}, StreamKey{link::LinkId{1}, 400}, StreamKey{link::LinkId{77}, 0}}) {
        QCOMPARE(io.available(key), size_t(0));
        QCOMPARE(io.writable(key), size_t(0));
        QCOMPARE(io.unacknowledged(key), size_t(0));
        QVERIFY(io.front(key).empty());
        QVERIFY(io.take(key, 0).empty());
        QVERIFY(!io.atEnd(key));
        io.write(key, Slice::copyOf(asBytes("x")), Fin::Yes);
        io.consume(key, 5);
        io.reset(key, 0);
        io.stop(key, 0);
    }
    QCOMPARE(p.network.waiting(), size_t(0));
}

void StreamsTest::creditAfterTheEndOfAStreamStillCountsForItsLink() {
    Pair p({.streamWindow = 1000, .linkWindow = 1000, .sendBuffer = 1000});
    p.pb.reading = false;
    p.pa.open(p.b.id(), {kId}, 1);
    p.run_();
    const StreamKey mine = p.pa.keyOf(1), theirs = p.pb.inbound().front();
    p.a.swarm.streams().write(mine, Slice::copyOf(Bytes(500)), Fin::Yes);
    p.run_();
    QCOMPARE(totalLength(p.b.swarm.streams().take(theirs, 500)), size_t(500));
    p.b.swarm.streams().write(theirs, {}, Fin::Yes);
    p.run_();
    QVERIFY(p.theirs().closed);
    QCOMPARE(p.b.carrier.uncredited(), size_t(500));
    p.pa.open(p.b.id(), {kId}, 2);
    p.run_();
    QVERIFY(p.a.swarm.streams().writable(p.pa.keyOf(2)) <= 500);
    p.b.swarm.streams().credit(theirs, 500);
    p.run_();
    QCOMPARE(p.b.carrier.uncredited(), size_t(0));
    QVERIFY(p.a.swarm.streams().writable(p.pa.keyOf(2)) > 500);
}

void StreamsTest::everythingCutIntoSingleBytesWorks() {
    Pair p({.maxPiece = 1});
    p.pa.greeting = std::string(1000, 'q');
    p.pa.endAtOnce = true;
    p.pa.open(p.b.id(), {kId}, 1);
    p.pa.open(p.b.id(), {"/no/1", kId}, 2);
    p.run_();
    QCOMPARE(p.theirs(0).received.size(), size_t(1000));
    QCOMPARE(p.theirs(1).received.size(), size_t(1000));
    QVERIFY(p.clean());
}

void StreamsTest::aTinyWindowStillNegotiates() {
    Pair p({.streamWindow = 3, .linkWindow = 1000, .sendBuffer = 3});
    p.pa.open(p.b.id(), {"/none/1", kId}, 1);
    p.pa.open(p.b.id(), {kId}, 2);
    p.run_();
    QCOMPARE(p.pb.inbound().size(), size_t(2));
    for (swarm::RequestTag tag = 1; tag <= 2; ++tag) {
        QCOMPARE(p.a.swarm.streams().writable(p.pa.keyOf(tag)), size_t(3));
        p.a.swarm.streams().write(p.pa.keyOf(tag), Slice::copyOf(asBytes("abc")), Fin::Yes);
    }
    p.run_();
    QCOMPARE(asText(p.theirs(0).received), std::string_view("abc"));
    QVERIFY(p.clean());
}

void StreamsTest::aLostLinkClosesStreamsBeforeThePeerIsGone() {
    Pair p;
    p.pa.open(p.b.id(), {kId}, 1);
    p.run_();
    p.pa.open(p.b.id(), {kId}, 2); // not answered yet
    p.pa.open(p.b.id(), {kId, "/x/1"}, 3);
    p.a.settle(at(0s));
    p.pa.trace.clear();
    p.a.carrier.breakLink(p.a.carrier.links().front(), makeError(Errc::Timeout, "idle"));
    p.a.settle(at(0s));
    const std::vector<std::string> expected{"closed", "failed", "failed", "gone"};
    QCOMPARE(p.pa.trace, expected);
    QCOMPARE(p.pa.gone.front().code, Errc::Timeout);
    QCOMPARE(p.a.swarm.figures().streams, size_t(0));
    QCOMPARE(p.a.swarm.deadline(), kNever);
}

void StreamsTest::negotiatingStreamsPerLinkAreBounded() {
    Scene s;
    std::vector<StreamKey> keys;
    for (size_t i = 0; i < swarm::kMaxNegotiatingPerLink; ++i) {
        keys.push_back(s.open());
        s.write(keys.back(), {0x13});
    }
    s.turn();
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(0));
    const StreamKey last = s.open();
    s.write(last, {0x13});
    s.turn();
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(1));
    QCOMPARE(s.raw.count<link::StreamStopped>(), size_t(1));
    // One that agrees makes room for another.
    Bytes rest = messages({"/multistream/1.0.0", kId});
    rest.erase(rest.begin());
    s.write(keys.front(), rest);
    s.turn();
    QCOMPARE(s.pa.inbound().size(), size_t(1));
    const StreamKey next = s.open();
    s.write(next, messages({"/multistream/1.0.0", kId}));
    s.turn();
    QCOMPARE(s.pa.inbound().size(), size_t(2));
    s.time(swarm::kNegotiationTimeout);
    QCOMPARE(s.a.swarm.figures().streams, size_t(2));
}

void StreamsTest::inboundStreamsPerProtocolAreBounded() {
    Scene s;
    std::vector<StreamKey> keys;
    for (size_t i = 0; i < swarm::kMaxInboundStreamsPerProtocol + 1; ++i) {
        if (i == swarm::kMaxInboundStreamsPerProtocol) QCOMPARE(s.raw.count<link::StreamReset>(), size_t(0));
        keys.push_back(s.open());
        s.write(keys.back(), messages({"/multistream/1.0.0", kId}));
        s.turn();
    }
    QCOMPARE(s.pa.inbound().size(), swarm::kMaxInboundStreamsPerProtocol);
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(1));
    s.write(keys.front(), {}, Fin::Yes);
    s.turn();
    s.raw.readAll(keys.front());
    s.turn();
    s.write(s.open(), messages({"/multistream/1.0.0", kId}));
    s.turn();
    QCOMPARE(s.pa.inbound().size(), swarm::kMaxInboundStreamsPerProtocol + 1);
    QCOMPARE(s.raw.count<link::StreamReset>(), size_t(1));
}

void StreamsTest::thousandsOfStreamsLeaveNoSlotBehind() {
    Pair p({.maxStreams = 8});
    p.pa.greeting = "x";
    p.pa.endAtOnce = true;
    for (swarm::RequestTag tag = 1; tag <= 3000; ++tag) {
        p.pa.open(p.b.id(), {tag % 3 ? kId : "/none/1"}, tag);
        p.run_();
    }
    QVERIFY(p.clean());
    QCOMPARE(p.pb.inbound().size(), size_t(2000));
    QCOMPARE(p.pa.failed.size(), size_t(1000));
}

void StreamsTest::aPeerThatDoesNotReadDoesNotMakeUsQueue() {
    // D3: a raw peer opens streams, proposes again and again, and never reads the answers.
    Scene s({.streamWindow = 50, .linkWindow = 1000, .sendBuffer = 50});
    for (int i = 0; i < 100; ++i) {
        const auto opened = s.raw.carrier.openStream(s.link);
        if (!opened) break;
        for (int j = 0; j < 100; ++j) {
            const Bytes bytes = j == 0 ? messages({"/multistream/1.0.0"}) : messages({"ls"});
            if (s.raw.carrier.writable(*opened) >= bytes.size()) s.write(*opened, bytes);
            s.turn();
        }
    }
    QVERIFY(s.a.swarm.figures().streams <= swarm::kMaxNegotiatingPerLink);
    s.time(swarm::kNegotiationTimeout);
    QCOMPARE(s.a.swarm.figures().streams, size_t(0));
    QCOMPARE(s.a.carrier.unread(), size_t(0));
}

void StreamsTest::anyScheduleOfRandomStreamsEndsClean() {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random(seed);
        Pair p({.streamWindow = 64,
                .linkWindow = 512,
                .sendBuffer = 64,
                .maxStreams = 16,
                .maxPiece = 1 + random.below(40)});
        swarm::RequestTag tag = 0;
        for (int step = 0; step < 400; ++step) {
            switch (random.below(8)) {
            case 0:
                p.pa.open(p.b.id(), {kId}, ++tag);
                break;
            case 1:
                p.pb.open(p.a.id(), {"/none/1", kId}, ++tag);
                break;
            case 2:
                p.pa.open(p.b.id(), {"/none/1"}, ++tag);
                break;
            case 3:
                p.a.settle(at(0s));
                break;
            case 4:
                p.b.settle(at(0s));
                break;
            case 5: {
                const bool first = random.below(2) == 0;
                auto& io = (first ? p.a : p.b).swarm.streams();
                for (auto& [key, stream] : (first ? p.pa : p.pb).streams) {
                    if (stream.closed || random.below(3)) continue;
                    const size_t room = io.writable(key);
                    if (random.below(10) == 0)
                        io.reset(key, 1);
                    else if (random.below(10) == 0)
                        io.stop(key, 1);
                    else if (room > 0)
                        io.write(key, Slice::copyOf(Bytes(1 + random.below(room))), Fin::No);
                }
                break;
            }
            default:
                for (uint64_t i = random.below(20); i > 0; --i) p.network.deliverOne();
            }
        }
        p.run_();
        // End whatever is left, politely or not.
        for (auto [node, protocol] : {std::pair(&p.a, &p.pa), std::pair(&p.b, &p.pb)}) {
            for (auto& [key, stream] : protocol->streams) {
                if (stream.closed) continue;
                node->swarm.streams().reset(key, 1);
                node->swarm.streams().stop(key, 1);
            }
        }
        p.run_();
        for (TestNode* node : {&p.a, &p.b}) node->swarm.onDeadline(at(swarm::kNegotiationTimeout));
        p.run_(swarm::kNegotiationTimeout);
        QVERIFY2(p.clean(), qPrintable(QString("seed %1").arg(seed)));
    }
}

QTEST_APPLESS_MAIN(StreamsTest)
#include "streams_test.moc"

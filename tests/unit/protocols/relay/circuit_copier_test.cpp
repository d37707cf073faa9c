#include "crypto/identity.h"
#include "protocols/relay/circuit_copier.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::relay;
using namespace wherry::test;
using namespace std::chrono_literals;
using link::StreamKey;

namespace {

/// Streams whose other ends are the test.
class HandStreams final : public link::StreamIo {
  public:
    struct Stream {
        Bytes in;
        size_t room = SIZE_MAX; ///< that write() takes
        size_t unacknowledged = 0;
        size_t written = 0;
        size_t pieces = 0;
        bool abandoned = false;
    };
    Stream& at(StreamKey key) { return m_streams[key]; }

    size_t available(StreamKey key) const override { return of(key).in.size(); }
    ByteView front(StreamKey key) const override { return of(key).in; }
    void consume(StreamKey key, size_t count) override {
        Bytes& in = at(key).in;
        in.erase(in.begin(), in.begin() + static_cast<ptrdiff_t>(count));
    }
    Slices take(StreamKey, size_t) override { return {}; }
    void credit(StreamKey, size_t) override {}
    bool atEnd(StreamKey) const override { return false; }
    size_t writable(StreamKey key) const override { return of(key).room; }
    size_t unacknowledged(StreamKey key) const override { return of(key).unacknowledged; }
    void write(StreamKey key, Slice bytes, link::Fin) override {
        Stream& stream = at(key);
        stream.written += bytes.length;
        if (stream.room != SIZE_MAX) stream.room -= bytes.length;
        ++stream.pieces;
    }
    void reset(StreamKey key, uint64_t) override { at(key).abandoned = true; }
    void stop(StreamKey, uint64_t) override {}

  private:
    const Stream& of(StreamKey key) const {
        static const Stream kNone;
        const auto found = m_streams.find(key);
        return found == m_streams.end() ? kNone : found->second;
    }
    std::map<StreamKey, Stream> m_streams;
};

StreamKey streamOf(uint64_t number) {
    return {link::LinkId{number}, number};
}

/// Circuit `number` is between the streams 2 * number, of the peer who asked, and the one behind it.
struct Scene {
    void add(uint64_t number, uint8_t peer, Limit limit = {}) {
        const Parties parties{identityOf(peer).peerId(), identityOf(99).peerId(), std::nullopt};
        copier.add({streamOf(2 * number), streamOf(2 * number + 1), parties}, limit, streams, at(0s));
    }
    HandStreams::Stream& from(uint64_t number) { return streams.at(streamOf(2 * number)); }
    HandStreams::Stream& to(uint64_t number) { return streams.at(streamOf(2 * number + 1)); }
    void arrives(uint64_t number, size_t bytes, Duration when = 0s) {
        from(number).in.resize(from(number).in.size() + bytes);
        copier.onReadable(streamOf(2 * number), streams, at(when));
    }
    void answers(uint64_t number, Duration when = 0s) {
        to(number).in.push_back(1);
        copier.onReadable(streamOf(2 * number + 1), streams, at(when));
    }
    /// How often the copier woke up by itself.
    size_t wakes(Duration begin, Duration end) {
        size_t count = 0;
        for (; copier.deadline() <= at(end).mono; ++count)
            copier.onDeadline(streams, Now{std::max(copier.deadline(), at(begin).mono), {}});
        return count;
    }

    HandStreams streams;
    CircuitCopier copier;
};

} // namespace

class CircuitCopierTest : public QObject {
    Q_OBJECT
  private slots:
    void peersHaveEqualTurnsHoweverManyCircuitsTheyHave();
    void smallPiecesWaitWhileTheOtherEndTakesNothing();
    void aCircuitWithoutAByteIsOver();
    void thePartiesOfACircuitAreToldAtItsEnd();
    void noPlaceTakesAllCircuits();
};

void CircuitCopierTest::peersHaveEqualTurnsHoweverManyCircuitsTheyHave() {
    Scene scene;
    for (uint64_t number = 1; number <= 4; ++number) scene.add(number, number < 4 ? 1 : 2);
    for (uint64_t number = 1; number <= 4; ++number) scene.arrives(number, 40 * kCircuitTurn);
    for (int turn = 0; turn < 12; ++turn) {
        // What comes meanwhile gives nobody more.
        for (uint64_t number = 1; number <= 4; ++number) scene.arrives(number, 1);
        QCOMPARE(scene.copier.deadline(), Instant::min());
        scene.copier.onDeadline(scene.streams, at(0s));
    }
    // One turn each when their bytes came, then one of each peer at a time.
    const size_t ofFirst = scene.to(1).written + scene.to(2).written + scene.to(3).written;
    QCOMPARE(ofFirst, size_t(3 + 12) * kCircuitTurn);
    QCOMPARE(scene.to(4).written, size_t(1 + 12) * kCircuitTurn);
    QCOMPARE(scene.to(1).written, scene.to(2).written);
    QCOMPARE(scene.to(1).written, scene.to(3).written);
    QCOMPARE(scene.copier.heldBytes(), 4 * (40 * kCircuitTurn + 12) - scene.copier.bytes());
}

void CircuitCopierTest::smallPiecesWaitWhileTheOtherEndTakesNothing() {
    Scene scene;
    scene.add(1, 1);
    scene.answers(1);
    auto& to = scene.to(1);
    to.unacknowledged = kManySmallPieces - 1;
    scene.arrives(1, 1);
    QCOMPARE(to.written, size_t(1));
    to.unacknowledged = kManySmallPieces;
    scene.arrives(1, kSmallPiece);
    QCOMPARE(to.written, 1 + kSmallPiece); // large enough
    scene.arrives(1, kSmallPiece - 1);
    scene.arrives(1, 0);
    QCOMPARE(to.written, 1 + kSmallPiece);
    // A reader that takes nothing is looked at less and less often: 5, 15, 35 ms ... and then each kMaxSmallPieceDelay.
    QCOMPARE(scene.wakes(0s, 5ms), size_t(1));
    QCOMPARE(scene.wakes(5ms, 1275ms), size_t(7));
    QCOMPARE(scene.wakes(1275ms, 1275ms + 10 * kMaxSmallPieceDelay), size_t(10));
    QCOMPARE(to.written, 1 + kSmallPiece);
    // It takes something: at once again, and all of it once there is room.
    to.unacknowledged = kManySmallPieces + 1;
    scene.wakes(10s, 10s);
    to.unacknowledged = kManySmallPieces;
    const Instant next = scene.copier.deadline();
    scene.copier.onDeadline(scene.streams, Now{next, {}});
    QCOMPARE(scene.copier.deadline() - next, Duration(kSmallPieceDelay));
    to.unacknowledged = 0;
    scene.copier.onDeadline(scene.streams, Now{scene.copier.deadline(), {}});
    QCOMPARE(to.written, 2 * kSmallPiece);
    // A window that opens by little makes pieces as small.
    to.room = 10;
    to.unacknowledged = kManySmallPieces;
    scene.arrives(1, 100 * kSmallPiece, 20s);
    QCOMPARE(to.written, 2 * kSmallPiece);
}

void CircuitCopierTest::aCircuitWithoutAByteIsOver() {
    Scene scene;
    scene.add(1, 1);
    scene.add(2, 2);
    scene.add(3, 3);
    scene.answers(1);
    scene.answers(2);
    scene.arrives(3, 1);
    for (uint64_t number = 1; number <= 2; ++number) scene.arrives(number, 1);
    scene.wakes(0s, kCircuitSilence - 1ms);
    QCOMPARE(scene.copier.circuits(), size_t(3));
    scene.wakes(0s, kCircuitSilence); // nobody has answered the third
    QVERIFY(!scene.copier.carries(streamOf(6)));
    scene.arrives(2, 1, kCircuitIdle - 1s);
    scene.wakes(0s, kCircuitIdle - 1ms);
    QCOMPARE(scene.copier.circuits(), size_t(2));
    scene.wakes(0s, kCircuitIdle);
    QVERIFY(!scene.copier.carries(streamOf(2)) && scene.copier.carries(streamOf(4)));
    QVERIFY(scene.from(1).abandoned && scene.to(1).abandoned);
    scene.wakes(kCircuitIdle, 2 * kCircuitIdle - 1001ms);
    QCOMPARE(scene.copier.circuits(), size_t(1));
    scene.wakes(kCircuitIdle, 2 * kCircuitIdle - 1s);
    QCOMPARE(scene.copier.circuits(), size_t(0));
    QCOMPARE(scene.copier.deadline(), kNever);
}

void CircuitCopierTest::thePartiesOfACircuitAreToldAtItsEnd() {
    Scene scene;
    scene.add(1, 1, {60, 0}); // the limit comes first
    scene.wakes(0s, 60s);
    const auto ended = scene.copier.poll();
    QVERIFY(ended && ended->from == identityOf(1).peerId() && ended->to == identityOf(99).peerId());
    QVERIFY(!scene.copier.poll());
}

void CircuitCopierTest::noPlaceTakesAllCircuits() {
    const auto place = [](const char* ip) { return codec::parseIp(ip).value().budgetPrefix(); };
    const auto between = [](uint8_t from, uint8_t to, std::optional<codec::IpAddress> where) {
        return Parties{identityOf(from).peerId(), identityOf(to).peerId(), where};
    };
    CircuitBook book(kCircuits, kCircuitsPerPeer);
    const auto here = place("2001:db8::1"), there = place("2001:db8:0:1::1");
    for (uint8_t i = 0; i < kCircuitsPerPeer / 2; ++i) book.begin(between(static_cast<uint8_t>(10 + i), 1, here));
    QVERIFY(!book.hasRoom(between(50, 1, here)));
    QVERIFY(!book.hasRoom(between(50, 1, place("2001:db8::2")))); // the same household
    QVERIFY(book.hasRoom(between(50, 1, there)));
    QVERIFY(book.hasRoom(between(50, 1, std::nullopt)));
    book.end(between(10, 1, here));
    QVERIFY(book.hasRoom(between(50, 1, here)));
    book.begin(between(10, 1, here));
    for (uint8_t i = 0; book.size() < kCircuitsPerPrefix; ++i)
        book.begin(between(static_cast<uint8_t>(60 + i), static_cast<uint8_t>(130 + i), here));
    QVERIFY(!book.hasRoom(between(50, 2, here)));
    QVERIFY(book.hasRoom(between(50, 2, there)));
}

QTEST_APPLESS_MAIN(CircuitCopierTest)
#include "circuit_copier_test.moc"

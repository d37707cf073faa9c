#include "support/seeded_random.h"
#include "unit/bytepipe/yamux_pair.h"

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;

namespace {
constexpr uint16_t kSyn = yamux_flag::kSyn, kAck = yamux_flag::kAck, kFin = yamux_flag::kFin, kRst = yamux_flag::kRst;

Bytes opening(uint32_t stream) {
    return frameOf(YamuxType::WindowUpdate, kSyn, stream, 0);
}
} // namespace

/// SECURITY.md D3, D4, D6, D8: what a peer may try, with an honest first stream beside it.
class YamuxHostileTest : public QObject {
    Q_OBJECT
  private slots:
    void framesThatMakeNoSenseEndTheSession_data();
    void framesThatMakeNoSenseEndTheSession();
    void framesForStreamsThatAreGoneAreDropped();
    void dataUpToTheWindowIsTakenAndOneByteMoreEndsTheSession();
    void aHugeLengthCostsNothingBeforeItsBytes();
    void dataAfterTheEndBreaksOnlyItsStream();
    void unreadBytesOfAllStreamsAreBounded();
    void pingsThatNobodyReadTheAnswersOfAreBounded();
    void streamsThatAreOpenedAndResetWithoutEndAreRefused();
    void refusalsThatNobodyReadsAreBounded();
    void aWindowAtItsBoundIsTakenAndOneAboveEndsTheSession();
    void aNumberUsedAgainIsAnotherStream();
    void anyBytesInAnyPiecesGiveTheSameOutcome();
};

void YamuxHostileTest::framesThatMakeNoSenseEndTheSession_data() {
    QTest::addColumn<QByteArray>("hex");
    const auto row = [](const char* name, const Bytes& frame) {
        QTest::newRow(name) << QByteArray::fromStdString(toHex(frame));
    };
    Bytes version = opening(3);
    version[0] = 1;
    row("another version", version);
    Bytes type = opening(3);
    type[1] = 4;
    row("another type", type);
    row("data for the session", dataOf(0, 0, asBytes("x")));
    row("a window for the session", frameOf(YamuxType::WindowUpdate, 0, 0, 1));
    row("a ping for a stream", frameOf(YamuxType::Ping, kSyn, 1, 1));
    row("a farewell for a stream", frameOf(YamuxType::GoAway, 0, 1, 0));
    row("a ping that neither asks nor answers", frameOf(YamuxType::Ping, 0, 0, 1));
    row("a ping that asks and answers", frameOf(YamuxType::Ping, kSyn | kAck, 0, 1));
    row("a number of ours", opening(2));
    row("a stream twice", opening(1));
    row("data with syn for an open stream", dataOf(kSyn, 1, asBytes("x")));
}

void YamuxHostileTest::framesThatMakeNoSenseEndTheSession() {
    QFETCH(QByteArray, hex);
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(opening(1), {}));
    const auto result = end.session.receive(fromHex(hex.toStdString()), {});
    QVERIFY(!result);
    QCOMPARE(result.error().code, Errc::ProtocolViolation);
}

void YamuxHostileTest::framesForStreamsThatAreGoneAreDropped() {
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(dataOf(0, 9, Bytes(1000, 1)), {}));
    QVERIFY(end.session.receive(frameOf(YamuxType::WindowUpdate, kFin, 9, 0xffffffff), {}));
    QVERIFY(end.session.receive(frameOf(YamuxType::WindowUpdate, kRst, 8, 0), {}));
    QVERIFY(end.session.receive(frameOf(YamuxType::Data, 0, 9, kYamuxMaxStrayFrame), {}));
    YamuxEnd other(link::Side::Listener);
    QVERIFY(!other.session.receive(frameOf(YamuxType::Data, 0, 9, kYamuxMaxStrayFrame + 1), {}));
    QVERIFY(end.pollAll().empty());
    QCOMPARE(end.session.uncredited(), size_t(0));
}

void YamuxHostileTest::dataUpToTheWindowIsTakenAndOneByteMoreEndsTheSession() {
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(dataOf(kSyn, 1, Bytes(kYamuxInitialWindow, 1)), {}));
    QCOMPARE(end.session.uncredited(), size_t(kYamuxInitialWindow));
    QVERIFY(!end.session.receive(dataOf(0, 1, asBytes("x")), {}));
}

void YamuxHostileTest::aHugeLengthCostsNothingBeforeItsBytes() {
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(frameOf(YamuxType::Data, kSyn, 1, kYamuxInitialWindow), {}));
    QCOMPARE(end.session.uncredited(), size_t(0));
    QCOMPARE(end.pool.outstanding(), size_t(0));
    // What is announced counts as under way: reading what has come gives no credit for it.
    end.pull();
    QVERIFY(end.session.receive(Bytes(kYamuxInitialWindow / 2 - 1, 1), {}));
    end.readAll(end.accept());
    QVERIFY(!end.session.hasOutput());
    YamuxEnd other(link::Side::Listener);
    QVERIFY(!other.session.receive(frameOf(YamuxType::Data, kSyn, 1, 0xffffffff), {}));
}

void YamuxHostileTest::dataAfterTheEndBreaksOnlyItsStream() {
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(dataOf(kSyn | kFin, 1, asBytes("x")), {}));
    QVERIFY(end.session.receive(dataOf(kSyn, 3, asBytes("good")), {}));
    QVERIFY(end.session.receive(dataOf(0, 1, asBytes("more")), {}));
    end.pull();
    const auto events = end.pollAll();
    QCOMPARE(end.count<link::StreamReset>(events), size_t(1));
    QCOMPARE(end.count<link::StreamClosed>(events), size_t(1));
    QCOMPARE(end.session.streams(), size_t(1));
    QCOMPARE(end.session.uncredited(), size_t(4));
}

void YamuxHostileTest::unreadBytesOfAllStreamsAreBounded() {
    YamuxEnd end(link::Side::Listener);
    const Bytes window(kYamuxInitialWindow, 1);
    const size_t fit = kYamuxMaxUncredited / kYamuxInitialWindow;
    QVERIFY(fit < kYamuxMaxStreams);
    for (uint32_t i = 0; i < fit; ++i) QVERIFY(end.session.receive(dataOf(kSyn, 2 * i + 1, window), {}));
    QCOMPARE(end.session.uncredited(), kYamuxMaxUncredited);
    QCOMPARE(end.count<link::StreamReset>(end.pollAll()), size_t(0));
    QVERIFY(end.session.receive(dataOf(kSyn, uint32_t(2 * fit + 1), asBytes("x")), {}));
    QCOMPARE(end.session.uncredited(), kYamuxMaxUncredited);
    end.pull();
    QCOMPARE(end.count<link::StreamReset>(end.pollAll()), size_t(1));
    QCOMPARE(end.session.streams(), fit);
}

void YamuxHostileTest::pingsThatNobodyReadTheAnswersOfAreBounded() {
    YamuxEnd end(link::Side::Listener);
    for (size_t i = 0; i < kYamuxMaxPongs; ++i)
        QVERIFY(end.session.receive(frameOf(YamuxType::Ping, kSyn, 0, uint32_t(i)), {}));
    QVERIFY(!end.session.receive(frameOf(YamuxType::Ping, kSyn, 0, 99), {}));
    YamuxEnd other(link::Side::Listener);
    for (size_t i = 0; i < 100 * kYamuxMaxPongs; ++i) {
        QVERIFY(other.session.receive(frameOf(YamuxType::Ping, kSyn, 0, uint32_t(i)), {}));
        QVERIFY(!other.pull().empty());
    }
}

void YamuxHostileTest::streamsThatAreOpenedAndResetWithoutEndAreRefused() {
    YamuxEnd end(link::Side::Listener);
    // Within one read nobody takes streams away: what is reset still counts, and the refusals are bounded too.
    bool refused = false;
    uint32_t id = 1;
    for (; id < 10000 && !refused; id += 2)
        refused = !end.session.receive(opening(id), {}) ||
                  !end.session.receive(frameOf(YamuxType::WindowUpdate, kRst, id, 0), {});
    QVERIFY(refused);
    QVERIFY(end.session.streams() <= kYamuxMaxStreams);
    QVERIFY(end.events.size() <= 5 * kYamuxMaxStreams);
}

void YamuxHostileTest::refusalsThatNobodyReadsAreBounded() {
    YamuxEnd end(link::Side::Listener);
    uint32_t id = 1;
    for (size_t i = 0; i < kYamuxMaxStreams + kYamuxMaxRefusals; ++i, id += 2)
        QVERIFY(end.session.receive(opening(id), {}));
    QCOMPARE(end.session.streams(), kYamuxMaxStreams);
    QVERIFY(!end.session.receive(opening(id), {}));
}

void YamuxHostileTest::aWindowAtItsBoundIsTakenAndOneAboveEndsTheSession() {
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(opening(1), {}));
    const auto most = uint32_t(kYamuxMaxSendWindow - kYamuxInitialWindow);
    QVERIFY(end.session.receive(frameOf(YamuxType::WindowUpdate, 0, 1, most), {}));
    QVERIFY(!end.session.receive(frameOf(YamuxType::WindowUpdate, 0, 1, 1), {}));
}

void YamuxHostileTest::aNumberUsedAgainIsAnotherStream() {
    YamuxEnd end(link::Side::Listener);
    QVERIFY(end.session.receive(dataOf(kSyn, 1, Bytes(100, 1)), {}));
    const uint64_t first = end.accept();
    end.session.take(first, 100);
    QVERIFY(end.session.receive(frameOf(YamuxType::WindowUpdate, kRst, 1, 0), {}));
    end.pollAll();
    QVERIFY(end.session.receive(dataOf(kSyn, 1, Bytes(kYamuxInitialWindow, 2)), {}));
    const uint64_t second = end.accept();
    QVERIFY(second != first);
    QCOMPARE(end.session.available(first), size_t(0));
    // Credit for the first does not widen the window of the second.
    end.session.credit(first, 100);
    QVERIFY(!end.session.receive(dataOf(0, 1, asBytes("x")), {}));
}

void YamuxHostileTest::anyBytesInAnyPiecesGiveTheSameOutcome() {
    wherry::test::SeededRandom random(5);
    for (int run = 0; run < 500; ++run) {
        Bytes in;
        for (uint64_t i = random.below(12); i > 0; --i) {
            const uint64_t type = random.below(10);
            const auto flags = static_cast<uint16_t>(random.below(4) == 0 ? random.below(16) : 0);
            const auto stream = static_cast<uint32_t>(random.below(6));
            if (type < 5)
                append(in, dataOf(flags, stream, Bytes(random.below(300), 1)));
            else if (type < 8)
                append(in, frameOf(YamuxType::WindowUpdate, flags | uint16_t(random.below(2)), 2 * stream + 1, 0));
            else
                append(in, frameOf(YamuxType(random.below(4)), flags, 0, uint32_t(random.below(5))));
        }
        if (!in.empty() && random.below(3) == 0) in[random.below(in.size())] = uint8_t(random.below(256));
        YamuxEnd whole(link::Side::Listener);
        const bool good = whole.session.receive(in, {}).has_value();
        const Bytes said = whole.pull();
        for (const size_t piece : {size_t(1), size_t(7), size_t(100)}) {
            YamuxEnd cut(link::Side::Listener);
            bool cutGood = true;
            for (size_t at = 0; at < in.size() && cutGood; at += piece)
                cutGood =
                    cut.session.receive(ByteView(in).subspan(at, std::min(piece, in.size() - at)), {}).has_value();
            QCOMPARE(cutGood, good);
            if (good) QCOMPARE(cut.pull(), said);
            if (good) QCOMPARE(cut.session.uncredited(), whole.session.uncredited());
        }
    }
}

QTEST_APPLESS_MAIN(YamuxHostileTest)
#include "yamux_hostile_test.moc"

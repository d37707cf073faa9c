#include "support/seeded_random.h"
#include "unit/bytepipe/yamux_pair.h"

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;
using link::Fin;

class YamuxSessionTest : public QObject {
    Q_OBJECT
  private slots:
    void theFirstFramesAreThoseOfTheSpecification();
    void bytesArriveHoweverThePipeCutsThem_data();
    void bytesArriveHoweverThePipeCutsThem();
    void eachHalfEndsByItself();
    void anEmptyStreamEndsInOrder();
    void theWindowStopsTheSenderAndCreditLetsItGoOn();
    void bytesTakenCountUntilTheyAreCredited();
    void anUnreadStreamHoldsUpNobodyElse();
    void streamsTakeTurns();
    void aWindowThatIsUsedUpFastGrowsToItsBound();
    void roomToWriteIsBoundedAndAnnounced();
    void aResetEndsBothHalvesAtBothEnds();
    void whatCameBeforeTheEndCanBeReadAfterAReset();
    void bytesOfAStoppedHalfAreDroppedAndCredited();
    void aStoppedHalfThatNeverEndsIsResetAfterAWhile();
    void streamsAreBoundedBothWays();
    void noStreamIsOpenedOnceThePeerGoesAway();
    void theEndEndsEveryStreamAndSaysGoodbye();
    void aQuietSessionIsPingedAndASilentOneEnds();
    void thePingMeasuresTheRoundTrip();
    void lateCreditOfAStreamThatIsGoneCounts();
    void randomWorkLosesAndInventsNoByte_data();
    void randomWorkLosesAndInventsNoByte();
};

void YamuxSessionTest::theFirstFramesAreThoseOfTheSpecification() {
    YamuxEnd dialer(link::Side::Dialer);
    const uint64_t stream = dialer.open();
    dialer.write(stream, asBytes("hi"), Fin::Yes);
    const Bytes ping = frameOf(YamuxType::Ping, yamux_flag::kSyn, 0, 1);
    const Bytes syn = frameOf(YamuxType::WindowUpdate, yamux_flag::kSyn, 1, 0);
    const Bytes fin = frameOf(YamuxType::WindowUpdate, yamux_flag::kFin, 1, 0);
    QCOMPARE(toHex(syn), std::string("000100010000000100000000"));
    QCOMPARE(toHex(dialer.pull()), toHex(ping) + toHex(syn) + "000000000000000100000002" + "6869" + toHex(fin));
    QCOMPARE(uint32_t(dialer.open()), uint32_t(3));
    YamuxEnd listener(link::Side::Listener);
    QCOMPARE(uint32_t(listener.open()), uint32_t(2));
    // The other's stream is accepted with the first frame that is about it.
    listener.pull();
    QVERIFY(listener.session.receive(syn, {}));
    QCOMPARE(toHex(listener.pull()), toHex(frameOf(YamuxType::WindowUpdate, yamux_flag::kAck, 1, 0)));
}

void YamuxSessionTest::bytesArriveHoweverThePipeCutsThem_data() {
    QTest::addColumn<int>("piece");
    for (const int piece : {1, 5, 11, 12, 13, 1000, 1 << 20}) QTest::addRow("pieces of %d", piece) << piece;
}

void YamuxSessionTest::bytesArriveHoweverThePipeCutsThem() {
    QFETCH(int, piece);
    YamuxPair pair;
    wherry::test::SeededRandom random(3);
    const Bytes there = random.bytes(100000), back = random.bytes(5000);
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, there, Fin::Yes);
    pair.talk(size_t(piece));
    const uint64_t accepted = pair.listener.accept();
    QVERIFY(pair.listener.readAll(accepted) == there);
    QVERIFY(pair.listener.session.atEnd(accepted));
    pair.listener.write(accepted, back, Fin::Yes);
    pair.talk(size_t(piece));
    QVERIFY(pair.dialer.readAll(stream) == back);
    QVERIFY(pair.dialer.session.atEnd(stream));
    QCOMPARE(pair.dialer.count<link::StreamClosed>(pair.dialer.pollAll()), size_t(1));
    QCOMPARE(pair.listener.count<link::StreamClosed>(pair.listener.pollAll()), size_t(1));
    QCOMPARE(pair.dialer.session.streams() + pair.listener.session.streams(), size_t(0));
}

void YamuxSessionTest::eachHalfEndsByItself() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("question"), Fin::Yes);
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.listener.readAll(accepted);
    QVERIFY(pair.listener.session.atEnd(accepted));
    QCOMPARE(pair.dialer.session.writable(stream), size_t(0));
    QVERIFY(!pair.dialer.session.atEnd(stream));
    QVERIFY(pair.listener.session.writable(accepted) > 0);
    pair.listener.write(accepted, asBytes("one"));
    pair.talk();
    QCOMPARE(asText(pair.dialer.readAll(stream)), std::string_view("one"));
    QVERIFY(!pair.dialer.session.atEnd(stream));
    pair.listener.write(accepted, {}, Fin::Yes);
    pair.talk();
    QVERIFY(pair.dialer.session.atEnd(stream));
}

void YamuxSessionTest::anEmptyStreamEndsInOrder() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, {}, Fin::Yes);
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    QVERIFY(accepted != 0 && pair.listener.session.atEnd(accepted));
    const auto events = pair.listener.pollAll();
    QCOMPARE(pair.listener.count<link::StreamReadable>(events), size_t(1));
}

void YamuxSessionTest::theWindowStopsTheSenderAndCreditLetsItGoOn() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    const Bytes bytes(kYamuxInitialWindow + 1000, 9);
    QVERIFY(pair.dialer.session.writable(stream) >= bytes.size());
    pair.dialer.write(stream, bytes, Fin::Yes);
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    QCOMPARE(pair.listener.session.available(accepted), size_t(kYamuxInitialWindow));
    QCOMPARE(pair.dialer.session.unacknowledged(stream), size_t(1000));
    pair.listener.session.consume(accepted, kYamuxInitialWindow / 2 - 1); // not yet worth a frame
    pair.talk();
    QCOMPARE(pair.dialer.session.unacknowledged(stream), size_t(1000));
    pair.listener.session.consume(accepted, 1);
    pair.talk();
    QCOMPARE(pair.dialer.session.unacknowledged(stream), size_t(0));
    QCOMPARE(pair.listener.session.available(accepted), size_t(kYamuxInitialWindow / 2 + 1000));
    pair.listener.readAll(accepted);
    QVERIFY(pair.listener.session.atEnd(accepted));
    QCOMPARE(pair.listener.session.uncredited(), size_t(0));
}

void YamuxSessionTest::bytesTakenCountUntilTheyAreCredited() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, Bytes(kYamuxInitialWindow + 1000, 9));
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    const Slices slices = pair.listener.session.take(accepted, kYamuxInitialWindow);
    QCOMPARE(totalLength(slices), size_t(kYamuxInitialWindow));
    pair.talk();
    QCOMPARE(pair.listener.session.available(accepted), size_t(0));
    QCOMPARE(pair.listener.session.uncredited(), size_t(kYamuxInitialWindow));
    pair.listener.session.credit(accepted, kYamuxInitialWindow);
    pair.talk();
    QCOMPARE(pair.listener.session.available(accepted), size_t(1000));
}

void YamuxSessionTest::anUnreadStreamHoldsUpNobodyElse() {
    YamuxPair pair;
    const uint64_t unread = pair.dialer.open(), other = pair.dialer.open();
    pair.dialer.write(unread, Bytes(400000, 1));
    pair.talk();
    const uint64_t unreadThere = pair.listener.accept();
    pair.dialer.write(other, asBytes("passes"));
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    QCOMPARE(asText(pair.listener.readAll(accepted)), std::string_view("passes"));
    QCOMPARE(pair.listener.session.available(unreadThere), size_t(kYamuxInitialWindow));
}

void YamuxSessionTest::streamsTakeTurns() {
    YamuxEnd dialer(link::Side::Dialer);
    const uint64_t first = dialer.open(), second = dialer.open();
    dialer.write(first, Bytes(3 * link::kStreamTurn, 1));
    dialer.write(second, Bytes(3 * link::kStreamTurn, 2));
    const Bytes out = dialer.pull(4 * link::kStreamTurn);
    QVERIFY(out.size() < 5 * link::kStreamTurn + 200); // one frame above what was wanted at most
    QCOMPARE(dialer.session.unacknowledged(first), link::kStreamTurn);
    QCOMPARE(dialer.session.unacknowledged(second), link::kStreamTurn);
}

void YamuxSessionTest::aWindowThatIsUsedUpFastGrowsToItsBound() {
    YamuxPair pair;
    pair.at = Instant(std::chrono::seconds(1));
    // The ping of the listener takes 100 ms.
    const Bytes ping = pair.listener.pull(1000, pair.at);
    QVERIFY(pair.dialer.session.receive(ping, Now{pair.at, {}}));
    pair.at += std::chrono::milliseconds(100);
    QVERIFY(pair.listener.session.receive(pair.dialer.pull(1000, pair.at), Now{pair.at, {}}));
    QCOMPARE(pair.listener.session.smoothedRtt(), Duration(std::chrono::milliseconds(100)));

    std::vector<std::pair<uint64_t, uint64_t>> streams;
    for (int i = 0; i < 4; ++i) {
        const uint64_t stream = pair.dialer.open();
        pair.dialer.write(stream, asBytes("x"));
        pair.talk();
        streams.emplace_back(stream, pair.listener.accept());
        pair.listener.readAll(streams.back().second);
    }
    size_t largest = 0, total = 0;
    for (const auto& [stream, accepted] : streams) {
        // Fill the window, see how large it was, read all of it within a round trip; many times.
        size_t window = 0;
        for (int round = 0; round < 20; ++round) {
            for (size_t before = 1; before != window;) {
                before = window;
                pair.dialer.write(stream, Bytes(pair.dialer.session.writable(stream), 1));
                pair.talk();
                window = pair.listener.session.available(accepted);
            }
            pair.at += std::chrono::milliseconds(100);
            pair.listener.readAll(accepted);
            window = 0;
            pair.talk();
            largest = std::max(largest, pair.listener.session.available(accepted));
        }
        pair.listener.readAll(accepted);
        pair.talk();
        for (size_t before = 1; before != window;) {
            before = window;
            pair.dialer.write(stream, Bytes(pair.dialer.session.writable(stream), 1));
            pair.talk();
            window = pair.listener.session.available(accepted);
        }
        QVERIFY(window <= kYamuxMaxWindow);
        total += window;
        largest = std::max(largest, window);
    }
    QVERIFY2(largest > kYamuxMaxWindow / 2, std::to_string(largest).c_str());
    QVERIFY2(total <= kYamuxMaxGrowth + 4 * kYamuxInitialWindow, std::to_string(total).c_str());
}

void YamuxSessionTest::roomToWriteIsBoundedAndAnnounced() {
    YamuxEnd dialer(link::Side::Dialer);
    const uint64_t stream = dialer.open();
    QCOMPARE(dialer.session.writable(stream), kYamuxStreamSendBuffer);
    dialer.write(stream, Bytes(kYamuxStreamSendBuffer, 1));
    QCOMPARE(dialer.session.writable(stream), size_t(0));
    dialer.pull(kYamuxWritableMark / 2);
    QCOMPARE(dialer.count<link::StreamWritable>(dialer.pollAll()), size_t(0));
    dialer.pull(kYamuxWritableMark);
    QCOMPARE(dialer.count<link::StreamWritable>(dialer.pollAll()), size_t(1));
    // All streams together use up the session's share; a small message always finds room.
    std::vector<uint64_t> others;
    for (size_t i = 0; i < kYamuxSessionSendBuffer / kYamuxStreamSendBuffer; ++i) {
        others.push_back(dialer.open());
        dialer.write(others.back(), Bytes(dialer.session.writable(others.back()), 1));
    }
    QCOMPARE(dialer.session.writable(dialer.open()), kYamuxReservedSendBuffer);
}

void YamuxSessionTest::aResetEndsBothHalvesAtBothEnds() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("x"));
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.dialer.session.reset(stream);
    pair.dialer.session.stop(stream);
    pair.talk();
    const auto events = pair.listener.pollAll();
    QCOMPARE(pair.listener.count<link::StreamReset>(events), size_t(1));
    QCOMPARE(pair.listener.count<link::StreamStopped>(events), size_t(1));
    QCOMPARE(pair.listener.count<link::StreamClosed>(events), size_t(1));
    QCOMPARE(pair.listener.session.available(accepted), size_t(0));
    const auto own = pair.dialer.pollAll();
    QCOMPARE(pair.dialer.count<link::StreamReset>(own), size_t(0)); // who has stopped it need not be told
    QCOMPARE(pair.dialer.count<link::StreamClosed>(own), size_t(1));
    QCOMPARE(pair.dialer.session.streams() + pair.listener.session.streams(), size_t(0));
    // Who resets without stopping is told that nothing more comes.
    const uint64_t second = pair.dialer.open();
    pair.dialer.write(second, asBytes("x"));
    pair.talk();
    pair.dialer.session.reset(second);
    pair.talk();
    QCOMPARE(pair.dialer.count<link::StreamReset>(pair.dialer.pollAll()), size_t(1));
    // A stream that was never seen by the peer goes without a word.
    pair.listener.pollAll();
    pair.dialer.session.reset(pair.dialer.open());
    QVERIFY(pair.dialer.pull().empty());
    pair.dialer.pollAll();
    QCOMPARE(pair.dialer.session.streams(), size_t(0));
}

void YamuxSessionTest::whatCameBeforeTheEndCanBeReadAfterAReset() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("last words"), Fin::Yes);
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.dialer.session.reset(stream); // the answer is not wanted any more
    pair.talk();
    const auto events = pair.listener.pollAll();
    QCOMPARE(pair.listener.count<link::StreamReset>(events), size_t(0));
    QCOMPARE(pair.listener.count<link::StreamStopped>(events), size_t(1));
    QCOMPARE(pair.listener.count<link::StreamClosed>(events), size_t(0));
    QCOMPARE(asText(pair.listener.readAll(accepted)), std::string_view("last words"));
    QVERIFY(pair.listener.session.atEnd(accepted));
    QCOMPARE(pair.listener.count<link::StreamClosed>(pair.listener.pollAll()), size_t(1));
}

void YamuxSessionTest::bytesOfAStoppedHalfAreDroppedAndCredited() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("x"));
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.listener.session.stop(accepted);
    for (int i = 0; i < 10; ++i) {
        pair.dialer.write(stream, Bytes(pair.dialer.session.writable(stream), 1));
        pair.talk();
        QCOMPARE(pair.dialer.session.unacknowledged(stream), size_t(0));
        QCOMPARE(pair.listener.session.uncredited(), size_t(0));
    }
    pair.dialer.write(stream, {}, Fin::Yes);
    pair.listener.write(accepted, asBytes("answer"), Fin::Yes);
    pair.talk();
    QCOMPARE(asText(pair.dialer.readAll(stream)), std::string_view("answer"));
    QCOMPARE(pair.listener.count<link::StreamClosed>(pair.listener.pollAll()), size_t(1));
}

void YamuxSessionTest::aStoppedHalfThatNeverEndsIsResetAfterAWhile() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("x"));
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.listener.session.stop(accepted);
    pair.listener.write(accepted, asBytes("answer"), Fin::Yes);
    pair.talk();
    QCOMPARE(pair.listener.session.deadline(), pair.at + kYamuxLinger);
    pair.at += kYamuxLinger - Duration(1);
    QVERIFY(pair.listener.session.onDeadline(Now{pair.at, {}}));
    QVERIFY(!pair.listener.session.hasOutput());
    pair.at += Duration(1);
    QVERIFY(pair.listener.session.onDeadline(Now{pair.at, {}}));
    pair.talk();
    QCOMPARE(asText(pair.dialer.readAll(stream)), std::string_view("answer"));
    QCOMPARE(pair.listener.count<link::StreamClosed>(pair.listener.pollAll()), size_t(1));
    QCOMPARE(pair.dialer.count<link::StreamStopped>(pair.dialer.pollAll()), size_t(1));
}

void YamuxSessionTest::streamsAreBoundedBothWays() {
    YamuxPair pair;
    std::vector<uint64_t> streams;
    for (size_t i = 0; i < kYamuxMaxStreams; ++i) {
        streams.push_back(pair.dialer.open());
        pair.dialer.write(streams.back(), asBytes("x"));
    }
    QCOMPARE(pair.dialer.session.openStream().error().code, Errc::LimitReached);
    pair.talk();
    QCOMPARE(pair.listener.session.streams(), kYamuxMaxStreams);
    // One more by hand is refused; when one has gone there is room again.
    const uint32_t beyond = 2 * kYamuxMaxStreams + 1;
    QVERIFY(pair.listener.session.receive(frameOf(YamuxType::WindowUpdate, yamux_flag::kSyn, beyond, 0), {}));
    QCOMPARE(pair.listener.pull(), frameOf(YamuxType::WindowUpdate, yamux_flag::kRst, beyond, 0));
    pair.dialer.session.reset(streams.front());
    pair.talk();
    pair.dialer.pollAll(), pair.listener.pollAll();
    QVERIFY(pair.dialer.session.openStream());
    QVERIFY(pair.listener.session.receive(frameOf(YamuxType::WindowUpdate, yamux_flag::kSyn, beyond, 0), {}));
    QCOMPARE(pair.listener.session.streams(), kYamuxMaxStreams);
}

void YamuxSessionTest::noStreamIsOpenedOnceThePeerGoesAway() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("x"));
    pair.talk();
    QVERIFY(pair.dialer.session.receive(frameOf(YamuxType::GoAway, 0, 0, 0), {}));
    QCOMPARE(pair.dialer.session.peerGoAway(), std::optional<uint32_t>(0));
    QCOMPARE(pair.dialer.session.openStream().error().code, Errc::NotFound);
    pair.dialer.write(stream, asBytes("y")); // those that are open go on
    pair.talk();
    QCOMPARE(asText(pair.listener.readAll(pair.listener.accept())), std::string_view("xy"));
}

void YamuxSessionTest::theEndEndsEveryStreamAndSaysGoodbye() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, asBytes("x"));
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.listener.write(accepted, Bytes(100000, 1));
    pair.listener.session.end(YamuxGoAway::Normal);
    QCOMPARE(pair.listener.pull(), frameOf(YamuxType::GoAway, 0, 0, 0));
    QVERIFY(!pair.listener.session.hasOutput());
    QCOMPARE(pair.listener.session.writable(accepted), size_t(0));
    QCOMPARE(asText(pair.listener.readAll(accepted)), std::string_view("x"));
    QVERIFY(pair.listener.session.receive(Bytes(100, 0xff), {})); // nobody listens
    QCOMPARE(pair.listener.count<link::StreamClosed>(pair.listener.pollAll()), size_t(0));
    QCOMPARE(pair.listener.session.deadline(), kNever);
}

void YamuxSessionTest::aQuietSessionIsPingedAndASilentOneEnds() {
    YamuxPair pair;
    pair.talk(); // the first pings
    QCOMPARE(pair.dialer.session.deadline(), pair.at + kYamuxPingAfter);
    pair.at += kYamuxPingAfter;
    QVERIFY(pair.dialer.session.onDeadline(Now{pair.at, {}}));
    QVERIFY(pair.dialer.session.hasOutput());
    QCOMPARE(pair.dialer.session.deadline(), Instant{} + kYamuxSilence);
    pair.talk();
    QCOMPARE(pair.dialer.session.deadline(), pair.at + kYamuxPingAfter); // answered
    pair.at += kYamuxPingAfter;
    QVERIFY(pair.dialer.session.onDeadline(Now{pair.at, {}}));
    pair.dialer.pull(); // into the void
    pair.at += kYamuxSilence - kYamuxPingAfter - Duration(1);
    QVERIFY(pair.dialer.session.onDeadline(Now{pair.at, {}}));
    pair.at += Duration(1);
    QCOMPARE(pair.dialer.session.onDeadline(Now{pair.at, {}}).error().code, Errc::Timeout);
}

void YamuxSessionTest::thePingMeasuresTheRoundTrip() {
    YamuxEnd dialer(link::Side::Dialer);
    Instant at(std::chrono::seconds(5));
    QCOMPARE(dialer.pull(1000, at), frameOf(YamuxType::Ping, yamux_flag::kSyn, 0, 1));
    at += std::chrono::milliseconds(30);
    QVERIFY(dialer.session.receive(frameOf(YamuxType::Ping, yamux_flag::kAck, 0, 77), Now{at, {}})); // not ours
    QCOMPARE(dialer.session.smoothedRtt(), Duration{});
    QVERIFY(dialer.session.receive(frameOf(YamuxType::Ping, yamux_flag::kAck, 0, 1), Now{at, {}}));
    QCOMPARE(dialer.session.smoothedRtt(), Duration(std::chrono::milliseconds(30)));
    QCOMPARE(dialer.session.minimumRtt(), Duration(std::chrono::milliseconds(30)));
    QVERIFY(dialer.session.receive(frameOf(YamuxType::Ping, yamux_flag::kSyn, 0, 0xfffffffe), Now{at, {}}));
    QCOMPARE(dialer.pull(), frameOf(YamuxType::Ping, yamux_flag::kAck, 0, 0xfffffffe));
}

void YamuxSessionTest::lateCreditOfAStreamThatIsGoneCounts() {
    YamuxPair pair;
    const uint64_t stream = pair.dialer.open();
    pair.dialer.write(stream, Bytes(1000, 1), Fin::Yes);
    pair.talk();
    const uint64_t accepted = pair.listener.accept();
    pair.listener.session.take(accepted, 1000);
    pair.listener.write(accepted, {}, Fin::Yes);
    pair.talk();
    pair.listener.pollAll();
    QCOMPARE(pair.listener.session.streams(), size_t(0));
    QCOMPARE(pair.listener.session.uncredited(), size_t(1000));
    pair.listener.session.credit(accepted, 1000);
    QCOMPARE(pair.listener.session.uncredited(), size_t(0));
    pair.listener.session.credit(accepted, 1000); // twice is harmless
    QCOMPARE(pair.listener.session.uncredited(), size_t(0));
}

void YamuxSessionTest::randomWorkLosesAndInventsNoByte_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 0; seed < 30; ++seed) QTest::addRow("seed %d", seed) << seed;
}

/// Both ends open, write, read, take and credit, end and reset at random; what is read is what was written, in order,
/// and in the end nothing is left anywhere.
void YamuxSessionTest::randomWorkLosesAndInventsNoByte() {
    QFETCH(int, seed);
    wherry::test::SeededRandom random(uint64_t(seed) + 100);
    YamuxPair pair;
    struct Own {
        Bytes written;
        bool ended = false, cut = false;
    };
    // By wire number, the same at both ends; what end e (0 dialer, 1 listener) has written and read.
    std::map<uint32_t, Own> written[2];
    std::map<uint32_t, Bytes> read[2];
    std::map<uint32_t, uint64_t> keys[2];
    std::set<uint32_t> cut;
    std::vector<std::pair<uint64_t, size_t>> owed[2];
    YamuxEnd* ends[2] = {&pair.dialer, &pair.listener};
    const auto drain = [&](int e) {
        while (auto event = ends[e]->poll()) {
            if (const auto* opened = std::get_if<link::StreamOpened>(&*event))
                keys[e][uint32_t(opened->key.stream)] = opened->key.stream;
            if (const auto* closed = std::get_if<link::StreamClosed>(&*event))
                keys[e].erase(uint32_t(closed->key.stream));
            if (const auto* reset = std::get_if<link::StreamReset>(&*event)) cut.insert(uint32_t(reset->key.stream));
        }
    };
    const auto readSome = [&](int e, uint64_t key, size_t most) {
        YamuxSession& session = ends[e]->session;
        const size_t count = std::min(most, session.available(key));
        const Slices slices = session.take(key, count);
        Bytes bytes(totalLength(slices));
        copyTo(slices, bytes);
        append(read[e][uint32_t(key)], bytes);
        if (!bytes.empty()) owed[e].emplace_back(key, bytes.size());
    };
    const auto payBack = [&](int e) {
        for (const auto& [key, count] : std::exchange(owed[e], {})) ends[e]->session.credit(key, count);
    };
    for (int step = 0; step < 3000; ++step) {
        const int e = int(random.below(2));
        YamuxSession& session = ends[e]->session;
        const uint64_t what = random.below(100);
        uint64_t key = 0;
        if (!keys[e].empty()) key = std::next(keys[e].begin(), ptrdiff_t(random.below(keys[e].size())))->second;
        Own& own = written[e][uint32_t(key)];
        if (what < 5 && keys[e].size() < 12) {
            const uint64_t opened = ends[e]->open();
            keys[e][uint32_t(opened)] = opened;
        } else if (what < 35 && key != 0 && !own.ended) {
            const Bytes bytes = random.bytes(std::min<size_t>(random.below(60000), session.writable(key)));
            own.ended = random.below(20) == 0;
            if (session.writable(key) > 0) append(own.written, bytes);
            ends[e]->write(key, bytes, own.ended ? Fin::Yes : Fin::No);
        } else if (what < 60 && key != 0) {
            readSome(e, key, random.below(100000));
        } else if (what < 70) {
            payBack(e);
        } else if (what < 71 && key != 0) {
            session.reset(key), session.stop(key);
            cut.insert(uint32_t(key));
        } else if (what < 90) {
            YamuxPair::move(*ends[e], *ends[1 - e], 1 + random.below(40000), pair.at);
        } else {
            drain(e);
        }
    }
    // Everybody ends what is open; then all is read.
    for (int round = 0; round < 200; ++round) {
        for (int e : {0, 1}) {
            drain(e);
            for (const auto& [id, key] : std::map(keys[e])) {
                if (!written[e][id].ended) ends[e]->write(key, {}, Fin::Yes);
                written[e][id].ended = true;
                readSome(e, key, 1 << 30);
            }
            payBack(e);
            drain(e);
        }
        pair.talk();
    }
    for (int e : {0, 1}) {
        QCOMPARE(ends[e]->session.streams(), size_t(0));
        QCOMPARE(ends[e]->session.uncredited(), size_t(0));
        for (const auto& [id, bytes] : read[e]) {
            const Bytes& sent = written[1 - e][id].written;
            QVERIFY(bytes.size() <= sent.size() && std::equal(bytes.begin(), bytes.end(), sent.begin()));
            if (cut.count(id) == 0) QCOMPARE(bytes.size(), sent.size());
        }
    }
}

QTEST_APPLESS_MAIN(YamuxSessionTest)
#include "yamux_session_test.moc"

#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

/// Opens `count` streams with `length` bytes each and runs until all came back.
bool echoAll(Pair& pair, size_t count, size_t length, Duration limit) {
    Endpoint& endpoint = *pair.client.endpoint;
    std::map<link::StreamKey, Sender> senders;
    pair.client.handler = [&](const link::LinkEvent& event) {
        if (const auto* readable = std::get_if<link::StreamReadable>(&event)) senders[readable->key].read(endpoint);
        if (const auto* writable = std::get_if<link::StreamWritable>(&event)) senders[writable->key].write(endpoint);
    };
    for (size_t i = 0; i < count; ++i) {
        const auto key = endpoint.openStream(pair.link);
        if (!key) return false;
        senders[*key] = Sender{*key, patternText(i + 1, length)};
        senders[*key].write(endpoint);
    }
    const bool done = pair.wire.run(limit, [&] {
        return std::all_of(senders.begin(), senders.end(), [](const auto& each) { return each.second.ended; });
    });
    pair.client.handler = nullptr;
    return done && std::all_of(senders.begin(), senders.end(),
                               [](const auto& each) { return each.second.received == each.second.text; });
}

} // namespace

class StreamsTest : public QObject {
    Q_OBJECT

  private slots:
    void oneHundredStreamsAreEchoedAtOnce() {
        Pair pair;
        Echo echo(pair.server);
        QVERIFY(pair.connect());
        QVERIFY(echoAll(pair, 100, 40'000, 30s));
        QVERIFY(pair.wire.run(5s, [&] { return pair.server.all<link::StreamClosed>().size() == 100; }));
        QCOMPARE(pair.client.all<link::StreamClosed>().size(), size_t(100));
    }

    void streamSlotsNeverLeak() {
        Pair pair;
        Echo echo(pair.server);
        QVERIFY(pair.connect());
        for (size_t round = 1; round <= 5; ++round) {
            QVERIFY(echoAll(pair, 200, 10, 10s));
            QVERIFY(pair.wire.run(5s, [&] { return pair.server.all<link::StreamClosed>().size() == 200 * round; }));
            pair.wire.run(1s);
        }
        QCOMPARE(pair.client.all<link::StreamClosed>().size(), size_t(1000));
    }

    void oneStreamBeyondTheLimitIsRefusedUntilAnotherIsDone() {
        Pair pair;
        std::vector<link::StreamKey> accepted;
        pair.server.handler = [&](const link::LinkEvent& event) {
            if (const auto* opened = std::get_if<link::StreamOpened>(&event)) accepted.push_back(opened->key);
        };
        QVERIFY(pair.connect());
        std::vector<link::StreamKey> keys;
        for (size_t i = 0; i < kMaxBidiStreams; ++i) {
            const auto key = pair.client.endpoint->openStream(pair.link);
            QVERIFY(key.has_value());
            keys.push_back(*key);
            pair.client.endpoint->write(*key, Slice::copyOf(asBytes("x")), link::Fin::Yes);
        }
        const auto refused = pair.client.endpoint->openStream(pair.link);
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().code == Errc::LimitReached);
        QVERIFY(pair.wire.run(5s, [&] { return accepted.size() == kMaxBidiStreams; }));
        QVERIFY(!pair.client.endpoint->openStream(pair.link).has_value());
        // The server ends its first stream: both halves are done, the slot returns.
        pair.server.endpoint->consume(accepted[0], 1);
        pair.server.endpoint->write(accepted[0], {}, link::Fin::Yes);
        QVERIFY(pair.wire.run(5s, [&] { return pair.client.endpoint->openStream(pair.link).has_value(); }));
    }

    void aLoneFinArrives() {
        Pair pair;
        QVERIFY(pair.connect());
        const auto key = pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(*key, Slice::copyOf(asBytes("data")), link::Fin::No);
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.has<link::StreamReadable>(); }));
        const link::StreamKey remote = pair.server.all<link::StreamOpened>()[0].key;
        pair.server.endpoint->consume(remote, 4);
        QVERIFY(!pair.server.endpoint->atEnd(remote));
        pair.client.endpoint->write(*key, {}, link::Fin::Yes);
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.endpoint->atEnd(remote); }));
        // And as the only thing ever sent.
        const auto empty = pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(*empty, {}, link::Fin::Yes);
        QVERIFY(pair.wire.run(2s, [&] {
            const auto opened = pair.server.all<link::StreamOpened>();
            return opened.size() == 2 && pair.server.endpoint->atEnd(opened[1].key);
        }));
    }

    void eachHalfClosesAlone() {
        Pair pair;
        QVERIFY(pair.connect());
        const auto key = pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(*key, Slice::copyOf(asBytes("question")), link::Fin::Yes);
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.has<link::StreamOpened>(); }));
        const link::StreamKey remote = pair.server.all<link::StreamOpened>()[0].key;
        pair.server.endpoint->consume(remote, 8);
        QVERIFY(pair.server.endpoint->atEnd(remote));
        pair.wire.run(2s);
        QVERIFY(!pair.server.has<link::StreamClosed>());
        pair.server.endpoint->write(remote, Slice::copyOf(asBytes("answer")), link::Fin::No);
        QVERIFY(pair.wire.run(2s, [&] { return pair.client.endpoint->available(*key) == 6; }));
        QVERIFY(!pair.client.endpoint->atEnd(*key));
        pair.server.endpoint->write(remote, {}, link::Fin::Yes);
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.has<link::StreamClosed>(); }));
        QVERIFY(!pair.client.has<link::StreamClosed>()); // six bytes are unread
        pair.client.endpoint->consume(*key, 6);
        QVERIFY(pair.wire.run(2s, [&] { return pair.client.has<link::StreamClosed>(); }));
    }

    void resetDropsUnreadBytesAndReturnsTheirCredit() {
        Pair pair;
        QVERIFY(pair.connect());
        for (int round = 0; round < 40; ++round) { // 40 x 100 kB is four times the connection's window
            const auto key = pair.client.endpoint->openStream(pair.link);
            pair.client.endpoint->write(*key, Slice::copyOf(asBytes(patternText(1, 100'000))), link::Fin::No);
            const size_t before = pair.server.all<link::StreamReset>().size();
            QVERIFY(pair.wire.run(10s, [&] { return pair.client.endpoint->unacknowledged(*key) == 0; }));
            pair.client.endpoint->reset(*key, 7);
            QVERIFY(pair.wire.run(2s, [&] { return pair.server.all<link::StreamReset>().size() == before + 1; }));
            QCOMPARE(pair.server.all<link::StreamReset>().back().code, uint64_t(7));
            const link::StreamKey remote = pair.server.all<link::StreamReset>().back().key;
            QCOMPARE(pair.server.endpoint->available(remote), size_t(0));
            pair.server.endpoint->reset(remote, 0);
            QVERIFY(
                pair.wire.run(2s, [&] { return pair.client.all<link::StreamClosed>().size() == size_t(round + 1); }));
        }
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.all<link::StreamClosed>().size() == 40; }));
    }

    void stopTellsTheSenderAndFreesTheWindow() {
        Pair pair;
        QVERIFY(pair.connect());
        for (int round = 0; round < 20; ++round) {
            const auto key = pair.client.endpoint->openStream(pair.link);
            while (pair.client.endpoint->writable(*key) >= 100'000)
                pair.client.endpoint->write(*key, Slice::copyOf(asBytes(patternText(1, 100'000))), link::Fin::No);
            const size_t opened = pair.server.all<link::StreamOpened>().size();
            QVERIFY(pair.wire.run(2s, [&] { return pair.server.all<link::StreamOpened>().size() > opened; }));
            pair.wire.run(1s); // until the window is used up
            const link::StreamKey remote = pair.server.all<link::StreamOpened>().back().key;
            pair.server.endpoint->stop(remote, 9);
            const size_t stopped = pair.client.all<link::StreamStopped>().size();
            QVERIFY(pair.wire.run(2s, [&] { return pair.client.all<link::StreamStopped>().size() > stopped; }));
            QCOMPARE(pair.client.endpoint->writable(*key), size_t(0));
            pair.server.endpoint->write(remote, {}, link::Fin::Yes);
            QVERIFY(
                pair.wire.run(2s, [&] { return pair.client.all<link::StreamClosed>().size() == size_t(round + 1); }));
        }
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.all<link::StreamClosed>().size() == 20; }));
    }

    void anIdleSenderLearnsThatItWasStopped() {
        Pair pair;
        Echo echo(pair.server);
        QVERIFY(pair.connect());
        const auto key = pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(*key, Slice::copyOf(asBytes("x")), link::Fin::No);
        QVERIFY(pair.wire.run(2s, [&] { return pair.client.endpoint->available(*key) == 1; }));
        pair.server.endpoint->stop(echo.open.begin()->first, 3);
        QVERIFY(pair.wire.run(2s, [&] { return pair.client.has<link::StreamStopped>(); }));
    }

    void withoutCreditTheSenderStopsAtTheWindow() {
        Pair pair;
        QVERIFY(pair.connect());
        const auto key = pair.client.endpoint->openStream(pair.link);
        Sender sender{*key, patternText(3, 20'000'000)};
        pair.client.handler = [&](const link::LinkEvent& event) {
            if (std::holds_alternative<link::StreamWritable>(event)) sender.write(*pair.client.endpoint);
        };
        sender.write(*pair.client.endpoint);
        pair.wire.run(20s);
        const link::StreamKey remote = pair.server.all<link::StreamOpened>()[0].key;
        QCOMPARE(pair.server.endpoint->available(remote), size_t(kInitialStreamWindow));
        QVERIFY(sender.written <= kInitialStreamWindow + kMaxStreamSendBuffer);
        // Bytes taken without credit do not open it either; credit does.
        Slices slices = pair.server.endpoint->take(remote, 300'000);
        QCOMPARE(totalLength(slices), size_t(300'000));
        pair.wire.run(5s);
        QCOMPARE(pair.server.endpoint->available(remote), size_t(kInitialStreamWindow - 300'000));
        pair.server.endpoint->credit(remote, 300'000);
        QVERIFY(pair.wire.run(5s, [&] { return pair.server.endpoint->available(remote) >= kInitialStreamWindow; }));
        pair.wire.run(5s);
        Bytes copy(300'000);
        copyTo(slices, copy);
        std::string all(asText(copy));
        const auto drain = [&](const link::LinkEvent&) {
            for (const Slice& slice : pair.server.endpoint->take(remote, 1 << 30)) {
                all.append(asText(slice.view()));
                pair.server.endpoint->credit(remote, slice.length);
            }
        };
        pair.server.handler = drain;
        drain({});
        QVERIFY(pair.wire.run(30s, [&] { return all.size() == sender.text.size(); }));
        QVERIFY(all == sender.text);
    }

    void unreadBytesOfAllStreamsStayWithinTheConnectionWindow() {
        Pair pair;
        QVERIFY(pair.connect());
        const std::string text = patternText(1, 100'000);
        for (int i = 0; i < 50; ++i) {
            const auto key = pair.client.endpoint->openStream(pair.link);
            pair.client.endpoint->write(*key, Slice::copyOf(asBytes(text)), link::Fin::Yes);
        }
        pair.wire.run(20s);
        size_t unread = 0;
        for (const auto& opened : pair.server.all<link::StreamOpened>())
            unread += pair.server.endpoint->available(opened.key);
        QCOMPARE(unread, size_t(kInitialConnectionWindow));
    }

    void controlMessagesPassWhileBulkIsWaiting() {
        Pair pair;
        pair.wire.conditions.bytesPerSecond = 5'000'000;
        Echo echo(pair.server);
        QVERIFY(pair.connect());
        Endpoint& endpoint = *pair.client.endpoint;
        std::map<link::StreamKey, Sender> bulk;
        link::StreamKey small{};
        std::optional<Instant> answered;
        pair.client.handler = [&](const link::LinkEvent& event) {
            if (const auto* writable = std::get_if<link::StreamWritable>(&event)) bulk[writable->key].write(endpoint);
            if (const auto* readable = std::get_if<link::StreamReadable>(&event)) {
                if (readable->key == small)
                    answered = pair.wire.now.mono;
                else
                    bulk[readable->key].read(endpoint);
            }
        };
        for (size_t i = 0; i < 8; ++i) {
            const auto key = endpoint.openStream(pair.link);
            bulk[*key] = Sender{*key, patternText(i, 10'000'000)};
            bulk[*key].write(endpoint);
        }
        pair.wire.run(2s);
        const auto key = endpoint.openStream(pair.link);
        small = *key;
        QVERIFY(endpoint.writable(small) >= 1000);
        const Instant asked = pair.wire.now.mono;
        endpoint.write(small, Slice::copyOf(asBytes(std::string(1000, 'x'))), link::Fin::Yes);
        QVERIFY(pair.wire.run(10s, [&] { return answered.has_value(); }));
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(*answered - asked).count();
        qInfo("answer to a small message during bulk: %lld ms", static_cast<long long>(took));
        QVERIFY(took < 1000);
    }

    void datagramsArriveAndTheirQueueIsBounded() {
        Pair pair;
        QVERIFY(pair.connect());
        QVERIFY(pair.client.endpoint->sendDatagram(pair.link, asBytes("ping")));
        QVERIFY(!pair.client.endpoint->sendDatagram(pair.link, asBytes(std::string(2000, 'x'))));
        pair.wire.run(1s);
        const auto received = pair.server.endpoint->pollDatagram();
        QVERIFY(received.has_value());
        QVERIFY(asText(received->bytes) == "ping");
        QVERIFY(!pair.server.endpoint->pollDatagram());
        size_t accepted = 0;
        for (size_t i = 0; i < kMaxQueuedDatagrams + 1; ++i)
            accepted += pair.client.endpoint->sendDatagram(pair.link, asBytes("x")) ? 1 : 0;
        QCOMPARE(accepted, kMaxQueuedDatagrams);
        pair.wire.run(1s);
        for (size_t i = 0; i < 100; ++i) pair.client.endpoint->sendDatagram(pair.link, asBytes("y"));
        pair.wire.run(1s);
        size_t waiting = 0;
        while (pair.server.endpoint->pollDatagram()) ++waiting;
        QCOMPARE(waiting, kMaxQueuedDatagrams);
        QVERIFY(!pair.client.endpoint->sendDatagram(link::LinkId{99}, asBytes("x")));
    }

    void callsWithOldKeysAreHarmless() {
        Pair pair;
        Echo echo(pair.server);
        QVERIFY(pair.connect());
        QVERIFY(echoAll(pair, 1, 10, 5s));
        QVERIFY(pair.wire.run(5s, [&] { return pair.client.has<link::StreamClosed>(); }));
        const link::StreamKey old = pair.client.all<link::StreamClosed>()[0].key;
        for (const link::StreamKey key : {old, link::StreamKey{pair.link, 4000}, link::StreamKey{{77}, 0}}) {
            Endpoint& endpoint = *pair.client.endpoint;
            QCOMPARE(endpoint.available(key), size_t(0));
            QVERIFY(endpoint.front(key).empty());
            endpoint.consume(key, 5);
            QVERIFY(endpoint.take(key, 5).empty());
            endpoint.credit(key, 5);
            QVERIFY(!endpoint.atEnd(key));
            QCOMPARE(endpoint.writable(key), size_t(0));
            QCOMPARE(endpoint.unacknowledged(key), size_t(0));
            endpoint.write(key, Slice::copyOf(asBytes("x")), link::Fin::Yes);
            endpoint.reset(key, 1);
            endpoint.stop(key, 1);
        }
        pair.client.endpoint->close(link::LinkId{77}, 0, "", pair.wire.now);
        QVERIFY(!pair.client.endpoint->stats(link::LinkId{77}).has_value());
        QVERIFY(echoAll(pair, 3, 1000, 5s));
    }

    void bytesStayReadableUntilTheEndOfTheLinkIsPolled() {
        Pair pair;
        QVERIFY(pair.connect());
        const auto key = pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(*key, Slice::copyOf(asBytes("last words")), link::Fin::Yes);
        std::string heard;
        pair.server.handler = [&](const link::LinkEvent& event) {
            if (const auto* readable = std::get_if<link::StreamReadable>(&event)) {
                heard = asText(pair.server.endpoint->front(readable->key));
                pair.server.endpoint->consume(readable->key, heard.size());
            }
        };
        // Data and close arrive in the same instant.
        std::vector<Flight> held;
        pair.wire.filter = [&](Flight& flight) {
            if (flight.to == pair.server.address) held.push_back(flight);
            return flight.to != pair.server.address;
        };
        pair.wire.run(5ms);
        pair.client.endpoint->close(pair.link, 5, "done", pair.wire.now);
        pair.wire.settle();
        for (const Flight& flight : held) pair.wire.inject(flight.from, flight.to, flight.bytes);
        QVERIFY(pair.wire.run(2s, [&] { return pair.server.has<link::LinkClosed>(); }));
        QCOMPARE(heard, std::string("last words"));
        const auto closed = pair.server.all<link::LinkClosed>()[0];
        QVERIFY(closed.byPeer);
        QCOMPARE(closed.applicationCode, uint64_t(5));
        QVERIFY(closed.error.code == Errc::ConnectionLost);
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::Cancelled);
        QCOMPARE(pair.server.all<link::StreamClosed>().size(), size_t(0)); // the link's own end says it
    }
};

QTEST_APPLESS_MAIN(StreamsTest)
#include "streams_test.moc"

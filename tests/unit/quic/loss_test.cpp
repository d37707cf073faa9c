#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

struct Outcome {
    bool intact = false;
    double seconds = 0;
};

/// Sends `length` bytes on `streams` streams from one node to the other, or both ways at once.
Outcome transfer(Pair& pair, size_t length, size_t streams, bool bothWays, Duration limit) {
    const std::string text = patternText(5, length / streams);
    struct End {
        Node* node;
        std::map<link::StreamKey, Sender> out;
        std::map<link::StreamKey, std::string> in;
        size_t complete = 0;
    };
    End ends[2] = {{&pair.client, {}, {}, 0}, {&pair.server, {}, {}, 0}};
    for (End& end : ends) {
        end.node->handler = [&end](const link::LinkEvent& event) {
            Endpoint& endpoint = *end.node->endpoint;
            if (const auto* writable = std::get_if<link::StreamWritable>(&event)) {
                const auto found = end.out.find(writable->key);
                if (found != end.out.end()) found->second.write(endpoint);
            }
            const auto* readable = std::get_if<link::StreamReadable>(&event);
            if (!readable) return;
            std::string& in = end.in[readable->key];
            for (const Slice& slice : endpoint.take(readable->key, SIZE_MAX)) {
                in.append(asText(slice.view()));
                endpoint.credit(readable->key, slice.length);
            }
            if (!endpoint.atEnd(readable->key) || end.out.contains(readable->key)) return;
            ++end.complete;
            endpoint.write(readable->key, {}, link::Fin::Yes);
        };
    }
    const Instant start = pair.wire.now.mono;
    for (End& end : ends) {
        if (&end == &ends[1] && !bothWays) break;
        const link::LinkId link = end.node->lastLink();
        for (size_t i = 0; i < streams; ++i) {
            const auto key = end.node->endpoint->openStream(link);
            if (!key) return {};
            end.out[*key] = Sender{*key, text};
            end.out[*key].write(*end.node->endpoint);
        }
    }
    const auto done = [&] { return ends[1].complete >= streams && (!bothWays || ends[0].complete >= streams); };
    Outcome outcome;
    outcome.intact = pair.wire.run(limit, done);
    outcome.seconds = std::chrono::duration<double>(pair.wire.now.mono - start).count();
    for (const End& end : ends)
        for (const auto& [key, bytes] : end.in)
            if (!end.out.contains(key) && bytes != text) outcome.intact = false;
    for (End& end : ends) end.node->handler = nullptr;
    return outcome;
}

} // namespace

class LossTest : public QObject {
    Q_OBJECT

  private slots:
    void tenMegabytesBothWaysSurviveLossAndDelay_data() {
        QTest::addColumn<int>("percent");
        QTest::addColumn<int>("roundTrip");
        for (const int percent : {0, 1, 5, 10})
            for (const int roundTrip : {10, 100, 300})
                QTest::addRow("%d%% loss, %d ms", percent, roundTrip) << percent << roundTrip;
    }
    void tenMegabytesBothWaysSurviveLossAndDelay() {
        QFETCH(int, percent);
        QFETCH(int, roundTrip);
        Pair pair(static_cast<uint64_t>(100 * percent + roundTrip));
        pair.wire.conditions.delay = std::chrono::milliseconds(roundTrip / 2);
        pair.wire.conditions.loss = percent / 100.0;
        pair.wire.conditions.bytesPerSecond = 25'000'000;
        QVERIFY(pair.connect(30s));
        const Outcome outcome = transfer(pair, 10'000'000, 4, true, 3600s);
        qInfo("%d %% loss, %d ms: 10 MB each way in %.2f s", percent, roundTrip, outcome.seconds);
        QVERIFY(outcome.intact);
    }

    void aLongLossyPathIsFilled_data() {
        QTest::addColumn<int>("streams");
        QTest::addRow("one stream") << 1;
        QTest::addRow("four streams") << 4;
    }
    void aLongLossyPathIsFilled() {
        QFETCH(int, streams);
        Pair pair(7);
        pair.wire.conditions.delay = 100ms;
        pair.wire.conditions.loss = 0.01;
        pair.wire.conditions.bytesPerSecond = 25'000'000; // 200 Mbit/s
        pair.wire.conditions.queueBytes = 5'000'000;
        QVERIFY(pair.connect(30s));
        const Outcome outcome = transfer(pair, 200'000'000, static_cast<size_t>(streams), false, 120s);
        const double rate = 200 * 8 / outcome.seconds;
        qInfo("200 ms, 1 %% loss, 200 Mbit/s, %d streams: 200 MB in %.1f s = %.0f Mbit/s", streams, outcome.seconds,
              rate);
        QVERIFY(outcome.intact);
        QVERIFY(rate > (streams == 1 ? 80 : 100));
    }

    void cubicIsASetting() {
        EndpointConfig config;
        config.congestion = CongestionControl::Cubic;
        Pair pair(3, config, config);
        pair.wire.conditions.bytesPerSecond = 25'000'000;
        QVERIFY(pair.connect());
        QVERIFY(transfer(pair, 10'000'000, 2, false, 60s).intact);
    }

    void reorderedAndDuplicatedDatagramsAreHarmless() {
        Pair pair(11);
        SeededRandom dice(5);
        pair.wire.conditions.bytesPerSecond = 25'000'000;
        pair.wire.filter = [&](Flight& flight) {
            const double chance = dice.unit();
            if (chance < 0.1) pair.wire.inject(flight.from, flight.to, flight.bytes); // twice
            if (chance > 0.95) {                                                      // later
                pair.wire.conditions.delay += 5ms;
                pair.wire.inject(flight.from, flight.to, flight.bytes);
                pair.wire.conditions.delay -= 5ms;
                return false;
            }
            return true;
        };
        QVERIFY(pair.connect());
        QVERIFY(transfer(pair, 10'000'000, 4, true, 60s).intact);
    }

    void thePathMtuGrowsToWhatThePathTakes_data() {
        QTest::addColumn<int>("linkMtu");
        QTest::addColumn<int>("pathMtu");
        QTest::addColumn<int>("found");
        QTest::addRow("ethernet") << 1500 << 1472 << 1472;
        QTest::addRow("ethernet behind a tunnel") << 1500 << 1400 << 1350;
        QTest::addRow("jumbo frames") << 9000 << 8972 << 8972;
        QTest::addRow("jumbo here, ethernet on the way") << 9000 << 1472 << 1452;
        QTest::addRow("loopback") << 65536 << 65507 << 65507;
    }
    void thePathMtuGrowsToWhatThePathTakes() {
        QFETCH(int, linkMtu);
        QFETCH(int, pathMtu);
        QFETCH(int, found);
        EndpointConfig config;
        config.linkMtu = static_cast<size_t>(linkMtu);
        Pair pair(1, config, config);
        pair.wire.conditions.maxPayload = static_cast<size_t>(pathMtu);
        pair.wire.conditions.bytesPerSecond = 100'000'000;
        QVERIFY(pair.connect());
        QVERIFY(transfer(pair, 10'000'000, 4, true, 60s).intact);
        pair.wire.run(5s);
        QCOMPARE(pair.client.endpoint->stats(pair.link)->pathMtu, static_cast<size_t>(found));
        QCOMPARE(pair.server.endpoint->stats(pair.server.lastLink())->pathMtu, static_cast<size_t>(found));
    }
};

QTEST_APPLESS_MAIN(LossTest)
#include "loss_test.moc"

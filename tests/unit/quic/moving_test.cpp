#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

/// An upload from client to server that counts what arrives.
struct Upload {
    Pair& pair;
    Sender sender;
    std::string arrived;
    bool complete = false;

    Upload(Pair& owner, size_t length) : pair(owner) {
        sender.key = *pair.client.endpoint->openStream(pair.link);
        sender.text = patternText(9, length);
        pair.client.handler = [this](const link::LinkEvent& event) {
            if (std::holds_alternative<link::StreamWritable>(event)) sender.write(*pair.client.endpoint);
        };
        pair.server.handler = [this](const link::LinkEvent& event) {
            const auto* readable = std::get_if<link::StreamReadable>(&event);
            if (!readable) return;
            Endpoint& endpoint = *pair.server.endpoint;
            for (const Slice& slice : endpoint.take(readable->key, SIZE_MAX)) {
                arrived.append(asText(slice.view()));
                endpoint.credit(readable->key, slice.length);
            }
            complete = endpoint.atEnd(readable->key);
        };
        sender.write(*pair.client.endpoint);
    }
    bool finish(Duration limit) {
        return pair.wire.run(limit, [this] { return complete; }) && arrived == sender.text;
    }
};

} // namespace

class MovingTest : public QObject {
    Q_OBJECT

  private slots:
    void aNatRebindingInTheMiddleIsFollowed() {
        Pair pair;
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        const codec::SocketAddress before = v4(100, 50000);
        const codec::SocketAddress after = v4(100, 50999);
        pair.wire.nat[pair.client.address] = before;
        QVERIFY(pair.connect());
        QVERIFY(pair.server.all<link::LinkOpened>()[0].remote == codec::Multiaddr::quic(before));
        Upload upload(pair, 10'000'000);
        pair.wire.run(300ms);
        QVERIFY(!upload.complete);
        pair.wire.nat[pair.client.address] = after;
        QVERIFY(upload.finish(20s));
        const auto moved = pair.server.all<link::LinkMoved>();
        QVERIFY(!moved.empty());
        QVERIFY(moved.back().remote == codec::Multiaddr::quic(after));
        QVERIFY(!pair.client.has<link::LinkMoved>());
    }

    void aMoveSoonAfterARebindingKeepsTheLink_data() {
        QTest::addColumn<int>("pause"); // ms between the rebinding and the move
        QTest::addColumn<bool>("quiet");
        for (const int pause : {0, 15, 50, 200, 1000, 2500, 5000})
            for (const bool quiet : {false, true})
                QTest::addRow("%d ms later%s", pause, quiet ? ", nothing to send" : "") << pause << quiet;
    }
    void aMoveSoonAfterARebindingKeepsTheLink() {
        QFETCH(int, pause);
        QFETCH(bool, quiet);
        Pair pair;
        pair.wire.conditions.bytesPerSecond = 1'000'000;
        pair.wire.nat[pair.client.address] = v4(100, 50000);
        QVERIFY(pair.connect());
        Upload upload(pair, quiet ? 10'000 : 10'000'000);
        pair.wire.run(300ms);
        pair.wire.nat[pair.client.address] = v4(100, 50999);
        pair.wire.run(std::chrono::milliseconds(pause));
        const codec::SocketAddress next = v4(50);
        pair.client.address = next;
        pair.wire.nat[next] = v4(101, 40000);
        pair.client.endpoint->setLocalAddresses({{next, 1500}}, pair.wire.now);
        pair.wire.run(10s);
        for (const Node* node : {&pair.client, &pair.server})
            for (const auto& closed : node->all<link::LinkClosed>()) QFAIL(closed.error.text().c_str());
        Sender again;
        again.key = *pair.client.endpoint->openStream(pair.link);
        again.text = "still here";
        again.write(*pair.client.endpoint);
        QVERIFY(pair.wire.run(20s, [&] { return upload.complete; }));
    }

    void aPathThatComesToCarryLessKeepsTheLink_data() {
        QTest::addColumn<int>("payload");
        for (const int payload : {1452, 1350, 1252, 1200}) QTest::addRow("%d bytes", payload) << payload;
    }
    void aPathThatComesToCarryLessKeepsTheLink() {
        QFETCH(int, payload);
        EndpointConfig config;
        config.linkMtu = 9000;
        Pair pair(1, config, config);
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        QVERIFY(pair.connect());
        Upload upload(pair, 20'000'000);
        pair.wire.run(1s);
        QVERIFY(!upload.complete);
        QVERIFY(pair.client.largestSent > 8000);
        pair.wire.conditions.maxPayload = static_cast<size_t>(payload);
        QVERIFY(upload.finish(30s));
        QVERIFY(!pair.client.has<link::LinkClosed>() && !pair.server.has<link::LinkClosed>());
        QCOMPARE(pair.client.endpoint->stats(pair.link)->pathMtu, kMinInitialDatagram);
    }

    void afterAnInterruptionLargePacketsComeBack() {
        EndpointConfig config;
        config.linkMtu = 9000;
        Pair pair(1, config, config);
        pair.wire.conditions.bytesPerSecond = 1'000'000;
        QVERIFY(pair.connect());
        Upload upload(pair, 200'000'000);
        pair.wire.run(2s);
        const size_t before = pair.client.endpoint->stats(pair.link)->pathMtu;
        QVERIFY(before > 8000);
        pair.wire.filter = [](Flight&) { return false; };
        pair.wire.run(5s);
        pair.wire.filter = {};
        pair.wire.run(kSmallPacketsFor + 5s);
        QCOMPARE(pair.client.endpoint->stats(pair.link)->pathMtu, before);
        QVERIFY(!pair.client.has<link::LinkClosed>());
    }

    void theClientMovesToAnotherAddress() {
        Pair pair;
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        QVERIFY(pair.connect());
        Upload upload(pair, 10'000'000);
        pair.wire.run(300ms);
        const codec::SocketAddress next = v4(50);
        pair.client.address = next;
        pair.client.endpoint->setLocalAddresses({{next, 1500}}, pair.wire.now);
        QVERIFY(upload.finish(20s));
        QVERIFY(pair.client.has<link::LinkMoved>());
        QVERIFY(pair.client.all<link::LinkMoved>().back().local == codec::Multiaddr::quic(next));
        QVERIFY(pair.server.all<link::LinkMoved>().back().remote == codec::Multiaddr::quic(next));
    }

    void movingManyTimesWorksAsLongAsIdsLast() {
        Pair pair;
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        QVERIFY(pair.connect());
        Upload upload(pair, 20'000'000);
        for (uint8_t i = 0; i < 12; ++i) {
            pair.wire.run(200ms);
            const codec::SocketAddress next = v4(static_cast<uint8_t>(50 + i));
            pair.client.address = next;
            const auto moved = pair.client.endpoint->migrate(pair.link, next, pair.wire.now);
            QVERIFY2(moved.has_value(), moved.has_value() ? "" : moved.error().text().c_str());
        }
        QVERIFY(upload.finish(60s));
        // Ids are given back as they are retired: no more than the two ends' limit stay.
        QVERIFY(pair.server.endpoint->load().connectionIds <= 2 * kActiveConnectionIds);
    }

    void anAddressThatStaysKeepsTheLinkWhereItIs() {
        Pair pair;
        QVERIFY(pair.connect());
        pair.client.endpoint->setLocalAddresses({{v4(60), 1500}, {pair.client.address, 1500}}, pair.wire.now);
        pair.wire.run(5s);
        QVERIFY(!pair.client.has<link::LinkMoved>());
    }

    void onlyOpenDialledLinksCanMove() {
        Pair pair;
        QVERIFY(!pair.client.endpoint->migrate(link::LinkId{5}, v4(9), pair.wire.now).has_value());
        QVERIFY(pair.connect());
        const auto refused = pair.server.endpoint->migrate(pair.server.lastLink(), v4(9), pair.wire.now);
        QVERIFY(refused.error().code == Errc::InvalidArgument);
    }

    void aStolenDatagramFromElsewhereDoesNotMoveTheLinkForGood() {
        Pair pair;
        QVERIFY(pair.connect());
        Upload upload(pair, 3'000'000);
        // An attacker who sees the client's datagrams sends copies from his own address, and answers nothing.
        size_t reflected = 0;
        size_t stolen = 0;
        pair.wire.filter = [&](Flight& flight) {
            if (flight.to == v4(66)) reflected += flight.bytes.size();
            if (flight.from == pair.client.address && stolen < 20) {
                ++stolen;
                const Duration delay = pair.wire.conditions.delay;
                pair.wire.conditions.delay = 1ms;
                pair.wire.inject(v4(66), flight.to, flight.bytes);
                pair.wire.conditions.delay = delay;
            }
            return true;
        };
        QVERIFY(upload.finish(60s));
        pair.wire.run(5s);
        QVERIFY(pair.server.all<link::LinkMoved>().empty() ||
                pair.server.all<link::LinkMoved>().back().remote == codec::Multiaddr::quic(pair.client.address));
        qInfo("%zu datagrams replayed from elsewhere, %zu bytes sent there", stolen, reflected);
        QVERIFY(reflected <= 3 * 20 * 1500);
    }
};

QTEST_APPLESS_MAIN(MovingTest)
#include "moving_test.moc"

#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

/// 1 MB from client to server, echoed, while `filter` plays tricks on the wire.
bool echoSurvives(Pair& pair, Duration limit = 60s) {
    Echo echo(pair.server);
    if (!pair.client.has<link::LinkOpened>() && !pair.connect(30s)) return false;
    const auto key = pair.client.endpoint->openStream(pair.link);
    if (!key) return false;
    Sender sender{*key, patternText(4, 1'000'000)};
    pair.client.handler = [&](const link::LinkEvent& event) {
        if (std::holds_alternative<link::StreamWritable>(event)) sender.write(*pair.client.endpoint);
        if (std::holds_alternative<link::StreamReadable>(event)) sender.read(*pair.client.endpoint);
    };
    sender.write(*pair.client.endpoint);
    const bool done = pair.wire.run(limit, [&] { return sender.ended; });
    pair.client.handler = nullptr;
    pair.server.handler = nullptr;
    return done && sender.received == sender.text;
}

} // namespace

class HostileTest : public QObject {
    Q_OBJECT

  private slots:
    void randomDatagramsAreHarmless() {
        Pair pair;
        SeededRandom dice(1);
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        pair.wire.filter = [&](Flight& flight) {
            Bytes noise = dice.bytes(1 + dice.below(1500));
            if (dice.below(2) == 0) noise[0] |= 0xc0;
            if (dice.below(3) == 0 && noise.size() > 5) std::copy_n("\0\0\0\1", 4, noise.begin() + 1);
            pair.wire.inject(v4(99), flight.to, noise);      // from a stranger
            pair.wire.inject(flight.from, flight.to, noise); // and with the right addresses
            return true;
        };
        QVERIFY(echoSurvives(pair));
    }

    void damagedCopiesOfRealDatagramsAreHarmless_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 10; ++seed) QTest::addRow("seed %d", seed) << seed;
    }
    void damagedCopiesOfRealDatagramsAreHarmless() {
        QFETCH(int, seed);
        Pair pair(static_cast<uint64_t>(seed));
        SeededRandom dice(static_cast<uint64_t>(seed));
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        pair.wire.filter = [&](Flight& flight) {
            Bytes copy = flight.bytes;
            switch (dice.below(5)) {
            case 0:
                copy[dice.below(copy.size())] ^= static_cast<uint8_t>(1 + dice.below(255));
                break;
            case 1:
                copy.resize(1 + dice.below(copy.size()));
                break;
            case 2:
                append(copy, dice.bytes(1 + dice.below(100)));
                break; // coalesced garbage
            case 3:
                append(copy, flight.bytes);
                break; // coalesced with itself
            default:
                copy[0] ^= 0x80;
                break;
            }
            const Duration delay = pair.wire.conditions.delay;
            pair.wire.conditions.delay = Duration(static_cast<int64_t>(dice.below(20'000'000)));
            pair.wire.inject(flight.from, flight.to, copy);
            pair.wire.conditions.delay = delay;
            return true;
        };
        QVERIFY(echoSurvives(pair));
    }

    void everyDatagramOfOldTimesAgainIsHarmless() {
        Pair pair;
        std::vector<Flight> old;
        pair.wire.conditions.bytesPerSecond = 10'000'000;
        pair.wire.filter = [&](Flight& flight) {
            old.push_back(flight);
            return true;
        };
        QVERIFY(echoSurvives(pair));
        pair.wire.filter = nullptr;
        for (const Flight& flight : old) pair.wire.inject(flight.from, flight.to, flight.bytes);
        pair.wire.run(5s);
        QVERIFY(!pair.client.has<link::LinkClosed>());
        QVERIFY(!pair.server.has<link::LinkClosed>());
        QCOMPARE(pair.server.all<link::StreamOpened>().size(), size_t(1));
        QCOMPARE(pair.server.all<link::LinkOpened>().size(), size_t(1));
    }

    void otherVersionsGetVersionNegotiationAndNothingElseDoes() {
        Pair pair;
        std::vector<Bytes> answers;
        pair.wire.filter = [&](Flight& flight) {
            if (flight.to == v4(9)) answers.push_back(flight.bytes);
            return true;
        };
        Bytes packet(1200, 0);
        const auto header = [&](uint32_t version) {
            packet[0] = 0xc0;
            putBigEndian<uint32_t>(MutableBytes(packet).subspan(1, 4), version);
            packet[5] = 8;  // destination id, bytes 6 to 13
            packet[14] = 4; // source id, bytes 15 to 18
            packet[15] = 0xaa;
        };
        header(0x6b3343cf); // version 2
        pair.wire.inject(v4(9), pair.server.address, packet);
        header(0x1a2a3a4a); // reserved
        pair.wire.inject(v4(9), pair.server.address, packet);
        pair.wire.run(1s);
        QCOMPARE(answers.size(), size_t(2));
        for (const Bytes& answer : answers) {
            QVERIFY(getBigEndian<uint32_t>(ByteView(answer).subspan(1, 4)) == 0);
            QCOMPARE(answer[5], uint8_t(4)); // ids are swapped
            QCOMPARE(answer[6], uint8_t(0xaa));
            QVERIFY(getBigEndian<uint32_t>(ByteView(answer).last(4)) == 1);
            QVERIFY(answer.size() < 100);
        }
        // Too short to be an Initial; and version negotiation itself is never answered.
        answers.clear();
        packet.resize(1199);
        pair.wire.inject(v4(9), pair.server.address, packet);
        packet.resize(1200);
        header(0);
        pair.wire.inject(v4(9), pair.server.address, packet);
        pair.wire.run(1s);
        QVERIFY(answers.empty());
        // At most the rate a second.
        header(0x1a2a3a4a);
        for (int i = 0; i < 1000; ++i) pair.wire.inject(v4(9), pair.server.address, packet);
        pair.wire.run(20ms);
        QVERIFY(answers.size() <= kVersionNegotiationsPerSecond + 2);
    }

    void injectedVersionNegotiationDoesNotEndAConnection() {
        Pair pair;
        Bytes seen;
        pair.wire.filter = [&](Flight& flight) {
            if (flight.to == pair.client.address && (flight.bytes[0] & 0x80)) seen = flight.bytes;
            return true;
        };
        QVERIFY(pair.connect());
        QVERIFY(!seen.empty());
        Bytes forged{0xc0, 0, 0, 0, 0};
        append(forged, ByteView(seen).subspan(5, 1 + kConnectionIdLength + 1 + kConnectionIdLength));
        append(forged, Bytes{0x1a, 0x2a, 0x3a, 0x4a});
        pair.wire.filter = nullptr;
        pair.wire.inject(pair.server.address, pair.client.address, forged);
        QVERIFY(echoSurvives(pair));
    }

    void aServerThatHasForgottenTheConnectionResetsIt() {
        Pair pair;
        QVERIFY(pair.connect());
        pair.wire.run(2s);
        pair.wire.start(pair.server, {});
        const auto key = pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(*key, Slice::copyOf(asBytes(std::string(500, 'x'))), link::Fin::Yes);
        QVERIFY(pair.wire.run(1s, [&] { return pair.client.has<link::LinkClosed>(); }));
        const auto closed = pair.client.all<link::LinkClosed>()[0];
        QVERIFY(closed.error.code == Errc::ConnectionLost);
        QVERIFY(closed.byPeer);
        QCOMPARE(pair.client.endpoint->load().resetTokens, size_t(0));
        pair.client.events.clear();
        QVERIFY(pair.connect());
    }

    void aClientThatHasForgottenTheConnectionIsNoticedByTheIdleTimeout() {
        // A client's first connection id has no reset token (RFC 9000 18.2), so this cannot be faster.
        Pair pair;
        QVERIFY(pair.connect());
        pair.wire.run(2s);
        pair.wire.start(pair.client, {});
        const auto key = pair.server.endpoint->openStream(pair.server.lastLink());
        pair.server.endpoint->write(*key, Slice::copyOf(asBytes(std::string(500, 'x'))), link::Fin::Yes);
        QVERIFY(pair.wire.run(40s, [&] { return pair.server.has<link::LinkClosed>(); }));
        QVERIFY(pair.server.all<link::LinkClosed>()[0].error.code == Errc::Timeout);
    }

    void resetsAreShorterThanTheirCauseRateLimitedAndNeverALoop() {
        Pair pair;
        size_t resets = 0;
        size_t longest = 0;
        size_t cause = 60;
        pair.wire.filter = [&](Flight& flight) {
            ++resets;
            longest = std::max(longest, flight.bytes.size());
            return true;
        };
        SeededRandom dice(3);
        const auto unknown = [&](size_t length) {
            Bytes packet = dice.bytes(length);
            packet[0] = 0x40;
            return packet;
        };
        // Each believes that the other one sent it: the answers get shorter until they end.
        for (size_t length : {22u, 30u, 44u, 60u, 1200u}) {
            cause = length;
            resets = 0;
            longest = 0;
            pair.wire.inject(pair.client.address, pair.server.address, unknown(length));
            pair.wire.run(5s);
            QVERIFY(resets >= 1);
            QVERIFY(resets <= 43);
            QVERIFY(longest < cause);
        }
        resets = 0;
        pair.wire.inject(pair.client.address, pair.server.address, unknown(21));
        pair.wire.run(1s);
        QCOMPARE(resets, size_t(0));
        pair.client.connected = false;
        for (int i = 0; i < 5000; ++i) pair.wire.inject(pair.client.address, pair.server.address, unknown(60));
        pair.wire.run(20ms);
        QVERIFY(resets <= kResetsPerSecond + 2);
    }

    void aForgedResetWithoutTheTokenIsHarmless() {
        Pair pair;
        QVERIFY(pair.connect());
        SeededRandom dice(3);
        for (int i = 0; i < 1000; ++i) {
            Bytes packet = dice.bytes(40);
            packet[0] = 0x40;
            pair.wire.inject(pair.server.address, pair.client.address, packet);
        }
        QVERIFY(echoSurvives(pair));
    }

    void aPeerThatVanishesAtEveryStepLeavesNothingBehind() {
        for (size_t step = 0; step < 12; ++step) {
            Pair pair(step + 1);
            size_t count = 0;
            pair.wire.filter = [&](Flight&) { return count++ < step; };
            QVERIFY(pair.client.endpoint->dial(pair.server.dialAddress(), {}, pair.wire.now).has_value());
            pair.wire.run(120s);
            for (const Node* node : {&pair.client, &pair.server}) {
                const auto load = node->endpoint->load();
                QCOMPARE(load.connections, size_t(0));
                QCOMPARE(load.halfOpen, size_t(0));
                QCOMPARE(load.connectionIds, size_t(0));
                QCOMPARE(load.resetTokens, size_t(0));
                QVERIFY(node->endpoint->deadline() == kNever);
            }
        }
    }
};

QTEST_APPLESS_MAIN(HostileTest)
#include "hostile_test.moc"

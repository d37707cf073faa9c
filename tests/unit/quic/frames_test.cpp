#include "unit/quic/hostile_client.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

Bytes newConnectionId(uint64_t sequence, uint64_t retirePriorTo) {
    Bytes bytes = frame({0x18, sequence, retirePriorTo});
    bytes.push_back(16);
    for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<uint8_t>(sequence * 31 + static_cast<uint64_t>(i)));
    return bytes;
}

/// An honest client gets in and has its stream echoed.
bool stillServes(Wire& wire, Node& server) {
    Echo echo(server);
    Node& client = wire.add();
    if (!client.endpoint->dial(server.dialAddress(), server.identity.peerId(), wire.now)) return false;
    if (!wire.run(5s, [&] { return client.has<link::LinkOpened>(); })) return false;
    const auto key = client.endpoint->openStream(client.lastLink());
    client.endpoint->write(*key, Slice::copyOf(asBytes("alive?")), link::Fin::Yes);
    const bool done = wire.run(5s, [&] { return client.endpoint->available(*key) == 6; });
    server.handler = nullptr;
    return done;
}

} // namespace

class FramesTest : public QObject {
    Q_OBJECT

  private slots:
    void framesThatBreakTheRulesEndOnlyTheirConnection_data() {
        QTest::addColumn<QByteArray>("frames");
        const auto row = [](const char* name, const Bytes& bytes) {
            QTest::addRow("%s", name) << QByteArray(reinterpret_cast<const char*>(bytes.data()),
                                                    qsizetype(bytes.size()));
        };
        row("ACK of a packet never sent", frame({0x02, 1'000'000, 0, 0, 0}));
        row("ACK range below zero", frame({0x02, 1, 0, 0, 5}));
        row("ACK with a huge range count", frame({0x02, 10, 0, 1ULL << 40, 0}));
        row("STREAM beyond the stream limit", frame({0x0a, 4 * 300, 1}, asBytes("x")));
        row("STREAM beyond the window", frame({0x0e, 0, 1ULL << 40, 1}, asBytes("x")));
        row("STREAM past the largest offset", frame({0x0e, 0, (1ULL << 62) - 1, 1}, asBytes("x")));
        row("STREAM of ours that is not open", frame({0x0a, 1, 1}, asBytes("x")));
        row("STREAM on our sending-only stream", frame({0x0a, 3, 1}, asBytes("x")));
        row("RESET_STREAM beyond the window", frame({0x04, 0, 0, 1ULL << 40}));
        row("RESET_STREAM of ours that is not open", frame({0x04, 1, 0, 0}));
        row("STOP_SENDING of ours that is not open", frame({0x05, 1, 0}));
        row("MAX_STREAMS too large", frame({0x12, 1ULL << 61}));
        row("STREAMS_BLOCKED too large", frame({0x16, 1ULL << 61}));
        row("HANDSHAKE_DONE from a client", frame({0x1e}));
        row("NEW_TOKEN from a client", frame({0x07, 4}, asBytes("abcd")));
        row("NEW_CONNECTION_ID retiring the future", newConnectionId(5, 6));
        row("NEW_CONNECTION_ID with an id of no bytes", frame({0x18, 2, 0, 0}, Bytes(16, 1)));
        row("NEW_CONNECTION_ID with 21 bytes", frame({0x18, 2, 0, 21}, Bytes(37, 1)));
        row("RETIRE_CONNECTION_ID never issued", frame({0x19, 500}));
        row("CRYPTO far away", frame({0x06, 1 << 20, 1}, asBytes("x")));
        row("unknown frame", frame({0x3f}));
        row("MAX_STREAM_DATA of ours that is not open", frame({0x11, 1, 100}));
    }
    void framesThatBreakTheRulesEndOnlyTheirConnection() {
        QFETCH(QByteArray, frames);
        Wire wire;
        Node& server = wire.add();
        HostileClient client(wire, server, v4(66));
        QVERIFY(client.connect());
        QVERIFY(wire.run(1s, [&] { return server.has<link::LinkOpened>(); }));
        client.send({reinterpret_cast<const uint8_t*>(frames.data()), size_t(frames.size())});
        wire.run(1s);
        QCOMPARE(server.all<link::LinkClosed>().size(), size_t(1));
        QVERIFY(server.all<link::LinkClosed>()[0].error.code == Errc::ProtocolViolation);
        QVERIFY(stillServes(wire, server));
    }

    void floodsOfConnectionIdsAreBounded_data() {
        QTest::addColumn<bool>("retire");
        QTest::addRow("NEW_CONNECTION_ID, each retiring the one before") << false;
        QTest::addRow("RETIRE_CONNECTION_ID of every id that we issue") << true;
    }
    void floodsOfConnectionIdsAreBounded() {
        QFETCH(bool, retire);
        Wire wire;
        Node& server = wire.add();
        HostileClient client(wire, server, v4(66));
        QVERIFY(client.connect());
        size_t ids = 0;
        for (uint64_t sequence = 1; sequence < 3000; ++sequence) {
            client.send(retire ? frame({0x19, sequence}) : newConnectionId(sequence, sequence));
            wire.run(retire ? 25ms : 1ms); // the next one is issued before it is retired
            ids = std::max(ids, server.endpoint->load().connectionIds);
            if (server.has<link::LinkClosed>()) break;
        }
        wire.run(1s);
        qInfo("at most %zu connection ids, %zu reset tokens", ids, server.endpoint->load().resetTokens);
        QVERIFY(ids <= kConnectionIdBurst + 2 * kActiveConnectionIds);
        QCOMPARE(server.all<link::LinkClosed>().size(), size_t(1));
        QVERIFY(server.all<link::LinkClosed>()[0].error.code == Errc::ProtocolViolation);
        qInfo("%s", server.all<link::LinkClosed>()[0].error.text().c_str());
        QVERIFY(stillServes(wire, server));
    }

    void aStreamInThousandsOfPiecesEndsItsConnection() {
        Wire wire;
        Node& server = wire.add();
        HostileClient client(wire, server, v4(66));
        QVERIFY(client.connect());
        uint64_t offset = 1; // every second byte
        for (int packet = 0; packet < 200 && !server.has<link::LinkClosed>(); ++packet) {
            Bytes frames;
            for (int i = 0; i < 100; ++i, offset += 2) append(frames, frame({0x0e, 0, offset, 1}, asBytes("x")));
            client.send(frames);
            wire.run(3ms);
        }
        QVERIFY(wire.run(1s, [&] { return server.has<link::LinkClosed>(); }));
        QVERIFY(server.all<link::LinkClosed>()[0].error.code == Errc::ProtocolViolation);
        QVERIFY(offset < 30'000);
        QVERIFY(stillServes(wire, server));
    }

    void unidirectionalStreamsAreTakenStoppedAndTheirSlotsReturned() {
        Wire wire;
        Node& server = wire.add();
        HostileClient client(wire, server, v4(66));
        QVERIFY(client.connect());
        uint64_t stream = 2;                          // the client's first unidirectional one
        for (int packet = 0; packet < 80; ++packet) { // 1600 streams, more than are granted at first
            Bytes frames;
            for (int i = 0; i < 20; ++i, stream += 4) append(frames, frame({0x0b, stream, 1}, asBytes("x")));
            client.send(frames);
            wire.run(30ms);
        }
        wire.run(1s);
        QVERIFY(!server.has<link::LinkClosed>());
        QVERIFY(!server.has<link::StreamOpened>());
        // One beyond what is granted now.
        client.send(frame({0x0b, 2 + 4 * (1600 + kMaxUniStreams), 1}, asBytes("x")));
        QVERIFY(wire.run(1s, [&] { return server.has<link::LinkClosed>(); }));
    }

    void aFloodOfPathChallengesIsAnsweredBoundedly() {
        Wire wire;
        Node& server = wire.add();
        HostileClient client(wire, server, v4(66));
        QVERIFY(client.connect());
        wire.run(1s);
        Bytes challenges;
        for (uint8_t i = 0; i < 100; ++i) append(challenges, frame({0x1a}, Bytes(8, i)));
        const size_t before = server.bytesSent;
        const size_t received = server.bytesReceived;
        for (int i = 0; i < 200; ++i) {
            client.send(challenges);
            wire.run(1ms);
        }
        wire.run(1s);
        qInfo("20000 challenges: received %zu bytes, sent %zu", server.bytesReceived - received,
              server.bytesSent - before);
        // Four are answered at a time, each with a full datagram, to an address that is proven.
        QVERIFY(server.bytesSent - before <= 200 * 4 * 1500);
        QVERIFY(stillServes(wire, server));
    }

    void randomFramesNeverDoHarm() {
        Wire wire;
        Node& server = wire.add();
        SeededRandom dice(42);
        for (uint8_t round = 0; round < 60; ++round) {
            HostileClient client(wire, server, v4(static_cast<uint8_t>(70 + round)));
            QVERIFY(client.connect());
            for (int packet = 0; packet < 20; ++packet) {
                Bytes frames;
                for (uint64_t left = 1 + dice.below(8); left > 0; --left) {
                    putVarint(frames, dice.below(dice.below(8) == 0 ? 0x100 : 0x32));
                    for (uint64_t fields = dice.below(5); fields > 0; --fields)
                        putVarint(frames, dice.next64() >> (2 + dice.below(62)));
                    append(frames, dice.bytes(dice.below(20)));
                }
                client.send(frames);
                wire.run(2ms);
            }
        }
        wire.run(60s);
        QCOMPARE(server.endpoint->load().connections, size_t(0));
        QCOMPARE(server.endpoint->load().connectionIds, size_t(0));
        QCOMPARE(server.endpoint->load().resetTokens, size_t(0));
        QVERIFY(stillServes(wire, server));
    }
};

QTEST_APPLESS_MAIN(FramesTest)
#include "frames_test.moc"

#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

class HandshakeTest : public QObject {
    Q_OBJECT

  private slots:
    void bothSidesProveTheirKeys() {
        Pair pair;
        QVERIFY(pair.connect());
        const auto opened = pair.client.all<link::LinkOpened>();
        QCOMPARE(opened.size(), size_t(1));
        QCOMPARE(opened[0].link, pair.link);
        QVERIFY(opened[0].peer == pair.server.identity.peerId());
        QVERIFY(opened[0].side == link::Side::Dialer);
        QVERIFY(opened[0].remote == pair.server.dialAddress());
        QVERIFY(opened[0].local == codec::Multiaddr::quic(pair.client.address));
        const auto accepted = pair.server.all<link::LinkOpened>();
        QVERIFY(accepted[0].peer == pair.client.identity.peerId());
        QVERIFY(accepted[0].side == link::Side::Listener);
        QVERIFY(accepted[0].remote == codec::Multiaddr::quic(pair.client.address));
    }

    void ipv6Works() {
        Wire wire;
        const auto at = [](uint8_t last) {
            std::array<uint8_t, 16> octets{0xfd, 1};
            octets[15] = last;
            return codec::SocketAddress{codec::IpAddress::v6(octets), 4001, 0};
        };
        Node& client = wire.add({}, at(1));
        Node& server = wire.add({}, at(2));
        QVERIFY(client.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(5s, [&] { return client.has<link::LinkOpened>() && server.has<link::LinkOpened>(); }));
        QVERIFY(client.all<link::LinkOpened>()[0].peer == server.identity.peerId());
    }

    void anotherKeyThanThePinnedOneEndsTheDialBeforeAnyStream() {
        Pair pair;
        const auto link =
            pair.client.endpoint->dial(pair.server.dialAddress(), pair.client.identity.peerId(), pair.wire.now);
        QVERIFY(link.has_value());
        QVERIFY(!pair.client.endpoint->openStream(*link).has_value());
        QVERIFY(pair.wire.run(5s, [&] { return pair.client.has<link::LinkClosed>(); }));
        pair.wire.run(5s);
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::IdentityMismatch);
        QVERIFY(!pair.client.has<link::LinkOpened>());
        QVERIFY(!pair.server.has<link::LinkOpened>());
        QVERIFY(pair.server.events.empty());
        QCOMPARE(pair.server.endpoint->load().connections, size_t(0));
        QCOMPARE(pair.client.endpoint->load().connections, size_t(0));
    }

    void aCertificateOutOfItsTimeIsRefused() {
        Pair pair;
        // The client's clock is 300 years ahead of the certificates.
        pair.server.handler = nullptr;
        Now late = pair.wire.now;
        late.wall = UnixTime::fromSeconds(late.wall.seconds() + 200LL * 365 * 86400);
        pair.wire.now = late;
        QVERIFY(pair.client.endpoint->dial(pair.server.dialAddress(), pair.server.identity.peerId(), late).has_value());
        QVERIFY(pair.wire.run(5s, [&] { return pair.client.has<link::LinkClosed>(); }));
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::VerificationFailed);
    }

    void aDialWithoutAnswerTimesOut() {
        Pair pair;
        pair.server.connected = false;
        const Instant start = pair.wire.now.mono;
        QVERIFY(pair.client.endpoint->dial(pair.server.dialAddress(), {}, pair.wire.now).has_value());
        QVERIFY(pair.wire.run(60s, [&] { return pair.client.has<link::LinkClosed>(); }));
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::Timeout);
        QVERIFY(pair.wire.now.mono - start <= kDefaultHandshakeTimeout + 1s);
        QCOMPARE(pair.client.endpoint->load().connections, size_t(0));
    }

    void noRouteEndsADialAtOnceButNotAnOpenLink() {
        Pair pair;
        QVERIFY(pair.connect());
        const Path path{pair.client.address, pair.server.address};
        pair.client.endpoint->onSendFailed(path, SendFailure::Unreachable, pair.wire.now);
        QVERIFY(pair.client.endpoint->dial(codec::Multiaddr::quic(v4(9)), {}, pair.wire.now).has_value());
        const Path chosenBySystem{{codec::IpAddress::v4({0, 0, 0, 0}), 4001, 0}, v4(9)};
        pair.client.endpoint->onSendFailed(chosenBySystem, SendFailure::MessageTooBig, pair.wire.now);
        QVERIFY(!pair.client.endpoint->poll());
        pair.client.endpoint->onSendFailed(chosenBySystem, SendFailure::Unreachable, pair.wire.now);
        pair.wire.settle();
        QCOMPARE(pair.client.all<link::LinkClosed>().size(), size_t(1));
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::Unreachable);
        QVERIFY(pair.client.endpoint->stats(pair.link).has_value());
    }

    void onlyQuicAddressesCanBeDialled() {
        Pair pair;
        for (const char* text : {"/ip4/10.0.0.1/tcp/4001", "/ip4/10.0.0.1/udp/0/quic-v1", "/ip4/0.0.0.0/udp/1/quic-v1",
                                 "/ip4/224.0.0.1/udp/1/quic-v1", "/dns4/example.org/udp/1/quic-v1"}) {
            const auto address = codec::Multiaddr::parse(text);
            QVERIFY2(address.has_value(), text);
            QVERIFY2(!pair.client.endpoint->canDial(*address), text);
            QVERIFY(!pair.client.endpoint->dial(*address, {}, pair.wire.now).has_value());
        }
        EndpointConfig config;
        config.ipv6 = false;
        Node& only4 = pair.wire.add(config);
        QVERIFY(!only4.endpoint->canDial(*codec::Multiaddr::parse("/ip6/::1/udp/1/quic-v1")));
        QVERIFY(only4.endpoint->canDial(*codec::Multiaddr::parse("/ip4/127.0.0.1/udp/1/quic-v1")));
    }

    void theHandshakeSurvivesLoss_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 20; ++seed) QTest::addRow("seed %d", seed) << seed;
    }
    void theHandshakeSurvivesLoss() {
        QFETCH(int, seed);
        Pair pair(static_cast<uint64_t>(seed));
        pair.wire.conditions.loss = 0.2;
        QVERIFY(pair.connect(30s));
    }

    void closeCodesReachTheOtherSide() {
        Pair pair;
        QVERIFY(pair.connect());
        pair.client.endpoint->close(pair.link, 0x1234, "no reason", pair.wire.now);
        QVERIFY(pair.wire.run(5s, [&] { return pair.server.has<link::LinkClosed>(); }));
        const auto closed = pair.server.all<link::LinkClosed>()[0];
        QVERIFY(closed.byPeer);
        QCOMPARE(closed.applicationCode, uint64_t(0x1234));
        QVERIFY(closed.error.code == Errc::ConnectionLost);
        const auto own = pair.client.all<link::LinkClosed>()[0];
        QVERIFY(!own.byPeer);
        QVERIFY(own.error.code == Errc::Cancelled);
        pair.wire.run(60s);
        QCOMPARE(pair.client.all<link::LinkClosed>().size(), size_t(1));
        for (const Node* node : {&pair.client, &pair.server}) {
            const auto load = node->endpoint->load();
            QCOMPARE(load.connections, size_t(0));
            QCOMPARE(load.closing, size_t(0));
            QCOMPARE(load.connectionIds, size_t(0));
            QCOMPARE(load.resetTokens, size_t(0));
        }
    }

    void aDialCanBeCancelled() {
        Pair pair;
        const auto link = pair.client.endpoint->dial(pair.server.dialAddress(), {}, pair.wire.now);
        pair.client.endpoint->close(*link, 0, "", pair.wire.now);
        pair.wire.run(20s);
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::Cancelled);
        QVERIFY(!pair.server.has<link::LinkOpened>());
    }

    void aLostCloseIsRepeated() {
        Pair pair;
        QVERIFY(pair.connect());
        bool lose = true;
        pair.wire.filter = [&](Flight& flight) { return !(lose && flight.to == pair.server.address); };
        pair.client.endpoint->close(pair.link, 3, "", pair.wire.now);
        pair.wire.settle();
        lose = false;
        pair.server.endpoint->openStream(pair.server.lastLink()).value_or({});
        const auto key = pair.server.endpoint->openStream(pair.server.lastLink());
        pair.server.endpoint->write(*key, Slice::copyOf(asBytes("still there?")), link::Fin::Yes);
        QVERIFY(pair.wire.run(1s, [&] { return pair.server.has<link::LinkClosed>(); }));
        QCOMPARE(pair.server.all<link::LinkClosed>()[0].applicationCode, uint64_t(3));
    }

    void aPeerThatVanishesIsNoticedByTheIdleTimeout() {
        Pair pair;
        QVERIFY(pair.connect());
        pair.wire.run(1s);
        pair.client.connected = false;
        const Instant start = pair.wire.now.mono;
        QVERIFY(pair.wire.run(60s, [&] { return pair.server.has<link::LinkClosed>(); }));
        QVERIFY(pair.server.all<link::LinkClosed>()[0].error.code == Errc::Timeout);
        const Duration took = pair.wire.now.mono - start;
        QVERIFY(took > 28s && took < 31s);
    }

    void keepAliveHoldsAnIdleLinkAndComesAtHalfOfTheSmallerTimeoutAtLeast() {
        for (const auto& [serverIdles, interval] : {std::pair(60s, 15s), {30s, 15s}, {20s, 10s}, {10s, 5s}}) {
            EndpointConfig client;
            client.keepAlive = 15s;
            EndpointConfig server;
            server.idleTimeout = serverIdles;
            Pair pair(1, client, server);
            QVERIFY(pair.connect());
            Duration longest{};
            Instant last = pair.wire.now.mono;
            pair.wire.filter = [&](const Flight&) {
                longest = std::max(longest, pair.wire.now.mono - std::exchange(last, pair.wire.now.mono));
                return true;
            };
            pair.wire.run(120s);
            QVERIFY(!pair.client.has<link::LinkClosed>());
            QVERIFY(!pair.server.has<link::LinkClosed>());
            QVERIFY2(longest > interval - 1s && longest < interval + 1s,
                     qPrintable(QString::number(std::chrono::duration<double>(longest).count())));
        }
    }

    void aKeepAliveThatIsLostIsSentAgainInTime() {
        EndpointConfig config;
        config.keepAlive = 15s;
        Pair pair(1, config, config);
        QVERIFY(pair.connect());
        Instant last{};
        pair.wire.filter = [&](const Flight&) {
            last = pair.wire.now.mono;
            return true;
        };
        pair.wire.run(5s);
        // From before the first one is due nothing gets through for as long as the peer waits, but for some seconds.
        pair.wire.filter = [&](const Flight&) {
            const Duration since = pair.wire.now.mono - last;
            return since < 14s || since > 24s;
        };
        pair.wire.run(120s);
        QVERIFY(!pair.client.has<link::LinkClosed>());
        QVERIFY(!pair.server.has<link::LinkClosed>());
    }

    void idleLinksWithoutKeepAliveEnd() {
        Pair pair;
        QVERIFY(pair.connect());
        pair.wire.run(29s);
        QVERIFY(!pair.client.has<link::LinkClosed>());
        pair.wire.run(5s);
        QVERIFY(pair.client.all<link::LinkClosed>()[0].error.code == Errc::Timeout);
        QVERIFY(pair.server.all<link::LinkClosed>()[0].error.code == Errc::Timeout);
        QVERIFY(pair.client.endpoint->deadline() == kNever);
    }

    void shutdownTellsEveryPeerAndAcceptsNothingMore() {
        Wire wire;
        Node& server = wire.add();
        std::vector<Node*> clients;
        for (int i = 0; i < 5; ++i) {
            clients.push_back(&wire.add());
            QVERIFY(clients.back()->endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        }
        QVERIFY(wire.run(5s, [&] { return server.all<link::LinkOpened>().size() == 5; }));
        wire.run(1s);
        server.endpoint->shutdown(wire.now);
        QVERIFY(!server.endpoint->dial(clients[0]->dialAddress(), {}, wire.now).has_value());
        for (Node* client : clients) QVERIFY(wire.run(1s, [&] { return client->has<link::LinkClosed>(); }));
        QVERIFY(clients[0]->endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(30s, [&] { return clients[0]->all<link::LinkClosed>().size() == 2; }));
        QCOMPARE(server.all<link::LinkOpened>().size(), size_t(5));
    }

    void bothDiallingEachOtherGiveTwoLinks() {
        Pair pair;
        QVERIFY(pair.client.endpoint->dial(pair.server.dialAddress(), {}, pair.wire.now).has_value());
        QVERIFY(pair.server.endpoint->dial(pair.client.dialAddress(), {}, pair.wire.now).has_value());
        QVERIFY(pair.wire.run(5s, [&] {
            return pair.client.all<link::LinkOpened>().size() == 2 && pair.server.all<link::LinkOpened>().size() == 2;
        }));
    }
};

QTEST_APPLESS_MAIN(HandshakeTest)
#include "handshake_test.moc"

#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

bool isRetry(const Bytes& datagram) {
    return (datagram[0] & 0xf0) == 0xf0 && datagram[4] == 1; // long header, version 1, type 3
}

/// An address of its own for each connection attempt, made from the Initial's connection id.
codec::SocketAddress spoofed(const Flight& flight) {
    return {codec::IpAddress::v4({44, flight.bytes[6], flight.bytes[7], flight.bytes[8]}), 4001, 0};
}

/// `count` handshakes that send one Initial and never hear an answer, each from an address of its own or all from one.
struct Attack {
    Wire& wire;
    Node& attacker;
    const Node& victim;
    size_t retries = 0;
    bool ownAddresses;

    Attack(Wire& on, const Node& against, bool addresses)
        : wire(on),
          attacker(on.add(config())),
          victim(against),
          ownAddresses(addresses) {
        wire.filter = [this](Flight& flight) {
            if (isRetry(flight.bytes)) ++retries;
            if (flight.from == attacker.address && ownAddresses) flight.from = spoofed(flight);
            return flight.to != attacker.address;
        };
    }
    static EndpointConfig config() {
        EndpointConfig config;
        config.maxConnections = 100'000;
        return config;
    }
    void start(size_t count) {
        for (size_t i = 0; i < count; ++i) {
            auto link = attacker.endpoint->dial(victim.dialAddress(), {}, wire.now);
            ASSERT(link.has_value());
            wire.settle();
            attacker.connected = false; // says nothing more
            attacker.endpoint->close(*link, 0, "", wire.now);
            wire.settle();
            attacker.connected = true;
            attacker.events.clear();
        }
        wire.run(50ms);
    }
};

/// Of what is sent to these, only Retry arrives: their handshakes stall once their addresses are proven.
void stall(Wire& wire, std::vector<const Node*> nodes) {
    wire.filter = [nodes](Flight& flight) {
        const auto to = [&flight](const Node* node) { return flight.to == node->address; };
        return isRetry(flight.bytes) || std::none_of(nodes.begin(), nodes.end(), to);
    };
}

void dial(Node& from, const Node& to, int count, Wire& wire) {
    for (int i = 0; i < count; ++i) {
        const auto link = from.endpoint->dial(to.dialAddress(), {}, wire.now);
        ASSERT(link.has_value());
    }
    wire.run(100ms);
}

size_t open(const Node& node) {
    return node.all<link::LinkOpened>().size() - node.all<link::LinkClosed>().size();
}

} // namespace

class LimitsTest : public QObject {
    Q_OBJECT

  private slots:
    void connectionsInAllEndAtTheBound() {
        Wire wire;
        EndpointConfig config;
        config.maxConnections = 3;
        Node& server = wire.add(config);
        std::vector<Node*> clients;
        for (int i = 0; i < 4; ++i) {
            clients.push_back(&wire.add());
            QVERIFY(clients.back()->endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
            wire.run(1s);
        }
        QCOMPARE(open(server), size_t(3));
        QVERIFY(clients[3]->all<link::LinkClosed>()[0].error.code == Errc::LimitReached);
        QVERIFY(server.endpoint->dial(clients[3]->dialAddress(), {}, wire.now).error().code == Errc::LimitReached);
        clients[0]->endpoint->shutdown(wire.now);
        wire.run(1s);
        QVERIFY(clients[3]->endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        wire.run(1s);
        QCOMPARE(open(server), size_t(3));
    }

    void connectionsOfOnePrefixEndAtTheBound() {
        Wire wire;
        EndpointConfig config;
        config.maxConnectionsPerPrefix = 2;
        Node& server = wire.add(config);
        Node& crowd = wire.add();
        Node& other = wire.add();
        for (int i = 0; i < 3; ++i) {
            QVERIFY(crowd.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
            wire.run(1s);
        }
        QCOMPARE(crowd.all<link::LinkOpened>().size(), size_t(2));
        QVERIFY(crowd.all<link::LinkClosed>()[0].error.code == Errc::LimitReached);
        QVERIFY(other.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(1s, [&] { return other.has<link::LinkOpened>(); }));
    }

    void ipv6IsCountedByItsSlash64() {
        Wire wire;
        EndpointConfig config;
        config.maxConnectionsPerPrefix = 1;
        const auto at = [](uint8_t network, uint8_t host) {
            std::array<uint8_t, 16> octets{0x20, 1, 0xd, 0xb8};
            octets[7] = network;
            octets[15] = host;
            return codec::SocketAddress{codec::IpAddress::v6(octets), 4001, 0};
        };
        Node& server = wire.add(config, at(1, 1));
        Node& first = wire.add({}, at(2, 1));
        Node& neighbour = wire.add({}, at(2, 2));
        Node& stranger = wire.add({}, at(3, 1));
        for (Node* node : {&first, &neighbour, &stranger}) {
            QVERIFY(node->endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
            wire.run(1s);
        }
        QVERIFY(first.has<link::LinkOpened>());
        QVERIFY(!neighbour.has<link::LinkOpened>());
        QVERIFY(stranger.has<link::LinkOpened>());
    }

    void belowTheThresholdNoRetryIsAskedForAndFromItOnEveryOneMustAnswer() {
        Wire wire;
        EndpointConfig config;
        config.retryThreshold = 5;
        Node& server = wire.add(config);
        Attack attack(wire, server, true);
        attack.start(5);
        QCOMPARE(attack.retries, size_t(0));
        QCOMPARE(server.endpoint->load().halfOpen, size_t(5));
        attack.start(1);
        QCOMPARE(attack.retries, size_t(1));
        QCOMPARE(server.endpoint->load().halfOpen, size_t(5));
        // An honest client answers the Retry and gets in.
        Node& client = wire.add();
        QVERIFY(client.endpoint->dial(server.dialAddress(), server.identity.peerId(), wire.now).has_value());
        QVERIFY(wire.run(2s, [&] { return client.has<link::LinkOpened>() && server.has<link::LinkOpened>(); }));
        QCOMPARE(attack.retries, size_t(2));
    }

    void onePrefixWithManyHandshakesIsAskedForRetriesAlone() {
        Wire wire;
        EndpointConfig config;
        config.retryThresholdPerPrefix = 4;
        Node& server = wire.add(config);
        Attack attack(wire, server, false);
        attack.start(4);
        QCOMPARE(attack.retries, size_t(0));
        attack.start(10);
        QCOMPARE(attack.retries, size_t(10));
        QCOMPARE(server.endpoint->load().halfOpen, size_t(4));
        Node& client = wire.add();
        QVERIFY(client.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(2s, [&] { return client.has<link::LinkOpened>(); }));
        QCOMPARE(attack.retries, size_t(10));
    }

    void handshakesWithTokensEndAtTheBoundOfTheirPrefix() {
        Wire wire;
        EndpointConfig config;
        config.retryThreshold = 0;
        config.maxHalfOpenPerPrefix = 3;
        Node& server = wire.add(config);
        EndpointConfig many;
        many.maxConnections = 1000;
        Node& slow = wire.add(many);
        // The Retry comes through and is answered; after that the server is not heard.
        size_t refusals = 0;
        wire.filter = [&](Flight& flight) {
            if (flight.to != slow.address) return true;
            if (!isRetry(flight.bytes) && flight.bytes.size() < 100) ++refusals;
            return isRetry(flight.bytes);
        };
        for (int i = 0; i < 5; ++i) QVERIFY(slow.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        wire.run(100ms);
        QCOMPARE(server.endpoint->load().halfOpen, size_t(3));
        QVERIFY(refusals >= 2);
        wire.run(30s);
        QCOMPARE(server.endpoint->load().halfOpen, size_t(0));
    }

    void whoHasMostHandshakesGivesWayToWhoHasFewer() {
        Wire wire;
        EndpointConfig config;
        config.retryThreshold = 0;
        config.maxHalfOpen = 6;
        config.maxHalfOpenPerPrefix = 6;
        Node& server = wire.add(config);
        Node& greedy = wire.add();
        Node& modest = wire.add();
        stall(wire, {&greedy, &modest});
        dial(greedy, server, 6, wire);
        QCOMPARE(server.endpoint->load().halfOpen, size_t(6));
        dial(modest, server, 6, wire);
        QCOMPARE(server.endpoint->load().halfOpen, size_t(6));
        Node& honest = wire.add();
        QVERIFY(honest.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(1s, [&] { return honest.has<link::LinkOpened>() && server.has<link::LinkOpened>(); }));
        QVERIFY(server.endpoint->load().halfOpen <= 6);
    }

    void amongEqualsTheOldestHandshakeGivesWay() {
        Wire wire;
        EndpointConfig config;
        config.retryThreshold = 0;
        config.maxHalfOpen = 3;
        Node& server = wire.add(config);
        const std::vector<Node*> mute = {&wire.add(), &wire.add(), &wire.add()};
        stall(wire, {mute.begin(), mute.end()});
        for (Node* node : mute) dial(*node, server, 1, wire);
        QCOMPARE(server.endpoint->load().halfOpen, size_t(3));
        Node& honest = wire.add();
        QVERIFY(honest.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(1s, [&] { return honest.has<link::LinkOpened>(); }));
        QVERIFY(server.endpoint->load().halfOpen <= 3);
    }

    void aTokenOfAnotherAddressOrAnOldOneIsRefused() {
        Wire wire;
        EndpointConfig config;
        config.retryThreshold = 0;
        Node& server = wire.add(config);
        Node& thief = wire.add();
        bool moved = false;
        wire.filter = [&](Flight& flight) {
            // The second Initial, with the token, comes from elsewhere.
            const bool initial = flight.from == thief.address && (flight.bytes[0] & 0xf0) == 0xc0;
            if (initial && moved) flight.from = v4(77);
            if (isRetry(flight.bytes)) moved = true;
            return true;
        };
        QVERIFY(thief.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        wire.run(1s);
        QVERIFY(moved);
        QCOMPARE(server.endpoint->load().connections, size_t(0));
        // Eleven seconds late.
        wire.filter = nullptr;
        Node& late = wire.add();
        std::vector<Flight> held;
        wire.filter = [&](Flight& flight) {
            if (flight.from != late.address || !moved) return true;
            held.push_back(flight);
            return held.size() == 1; // the first Initial passes, the one with the token waits
        };
        QVERIFY(late.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        wire.run(500ms);
        QVERIFY(held.size() >= 2);
        const Flight withToken = held[1];
        wire.filter = nullptr;
        late.connected = false;
        wire.run(30s);
        QCOMPARE(server.endpoint->load().connections, size_t(0));
        wire.inject(withToken.from, withToken.to, withToken.bytes);
        wire.run(100ms);
        QCOMPARE(server.endpoint->load().connections, size_t(0));
    }

    void aThousandStalledHandshakesAreBoundedAndForgotten() {
        Wire wire;
        Node& server = wire.add();
        Attack attack(wire, server, true);
        for (int wave = 0; wave < 10; ++wave) {
            attack.start(100);
            QVERIFY(server.endpoint->load().halfOpen <= kRetryThreshold);
        }
        const auto load = server.endpoint->load();
        QCOMPARE(load.halfOpen, kRetryThreshold);
        QVERIFY(load.connectionIds <= (kActiveConnectionIds + 2) * kRetryThreshold);
        QVERIFY(attack.retries >= 1000 - kRetryThreshold);
        Node& client = wire.add();
        QVERIFY(client.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(2s, [&] { return client.has<link::LinkOpened>() && server.has<link::LinkOpened>(); }));
        wire.run(20s);
        QCOMPARE(server.endpoint->load().halfOpen, size_t(0));
        QCOMPARE(server.endpoint->load().connections, size_t(1));
        const size_t retries = attack.retries;
        Node& next = wire.add();
        QVERIFY(next.endpoint->dial(server.dialAddress(), {}, wire.now).has_value());
        QVERIFY(wire.run(2s, [&] { return next.has<link::LinkOpened>(); }));
        QCOMPARE(attack.retries, retries);
        wire.run(60s);
        QCOMPARE(server.endpoint->load().closing, size_t(0));
    }

    void beforeTheAddressIsProvenAtMostThreeTimesAsMuchIsSent() {
        Wire wire;
        Node& server = wire.add();
        Attack attack(wire, server, false);
        size_t received = 0;
        size_t sent = 0;
        const auto block = wire.filter;
        wire.filter = [&](Flight& flight) {
            if (flight.to == attack.attacker.address) sent += flight.bytes.size();
            if (flight.from == attack.attacker.address) received += flight.bytes.size();
            return block(flight);
        };
        attack.start(1);
        wire.run(30s);
        qInfo("received %zu bytes, sent %zu", received, sent);
        QVERIFY(sent > 0);
        QVERIFY(sent <= 3 * received);
    }

    void closedConnectionsAreRememberedBoundedly() {
        Wire wire;
        EndpointConfig config;
        config.maxConnectionsPerPrefix = 100'000;
        config.maxConnections = 100'000;
        Node& server = wire.add(config);
        Node& client = wire.add(config);
        wire.conditions.delay = 1ms;
        size_t highest = 0;
        for (int i = 0; i < 1100; ++i) {
            const auto link = client.endpoint->dial(server.dialAddress(), {}, wire.now);
            client.endpoint->close(*link, 0, "", wire.now);
            wire.settle();
            const auto again = client.endpoint->dial(server.dialAddress(), {}, wire.now);
            wire.settle();
            client.endpoint->close(*again, 0, "", wire.now);
            wire.settle();
            highest = std::max(highest, client.endpoint->load().closing);
        }
        QVERIFY(highest <= kMaxClosing);
        wire.run(60s);
        QCOMPARE(client.endpoint->load().closing, size_t(0));
        QCOMPARE(client.endpoint->load().connectionIds, size_t(0));
        QCOMPARE(server.endpoint->load().connectionIds, size_t(0));
    }
};

QTEST_APPLESS_MAIN(LimitsTest)
#include "limits_test.moc"

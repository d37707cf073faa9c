#include "wire.h"

#include <QTest>
#include <map>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

codec::SocketAddress v6(const char* text) {
    return {codec::parseIp(text).value(), 4001, 0};
}

/// A client with several public addresses, of which the system takes the first, and a server.
struct World {
    explicit World(std::vector<const char*> addresses)
        : client(wire.add({}, v6(addresses.front()))),
          server(wire.add({}, v6("2a0a:9::1"))) {
        std::vector<LocalAddress> own;
        for (const char* address : addresses) own.push_back({v6(address)});
        client.endpoint->setLocalAddresses(own, wire.now);
        for (size_t i = 1; i < own.size(); ++i)
            wire.listeners[own[i].address] = [this](const Flight& flight) {
                client.endpoint->onDatagram({flight.to, flight.from}, flight.ecn, flight.bytes, wire.now);
            };
        wire.filter = [this](Flight& flight) {
            if (flight.to == server.address) ++from[flight.from];
            return flight.from.ip != blocked && flight.to.ip != blocked;
        };
    }
    bool connect() {
        const auto dialled = client.endpoint->dial(server.dialAddress(), server.identity.peerId(), wire.now);
        return dialled &&
               wire.run(10s, [&] { return client.has<link::LinkOpened>() || client.has<link::LinkClosed>(); }) &&
               client.has<link::LinkOpened>();
    }

    Wire wire;
    Node& client;
    Node& server;
    codec::IpAddress blocked{};
    std::map<codec::SocketAddress, size_t> from; ///< what was sent to the server
};

const char* const kFirst = "2a0a:1::1";
const char* const kSecond = "2a0a:2::1";
const char* const kThird = "2a0a:3::1";

} // namespace

/// A device with several public addresses: the one that the system takes may lead nowhere.
class SourcesTest : public QObject {
    Q_OBJECT

  private slots:
    void whatAnswersFromTheFirstStaysThere() {
        World world({kFirst, kSecond});
        QVERIFY(world.connect());
        QVERIFY(world.from[v6(kFirst)] > 0);
        QCOMPARE(world.from[v6(kSecond)], size_t(0));
    }

    void whereTheFirstLeadsNowhereAnotherDoes() {
        World world({kFirst, kSecond, kThird});
        world.blocked = v6(kFirst).ip;
        const Instant began = world.wire.now.mono;
        QVERIFY(world.connect());
        QVERIFY(world.wire.now.mono - began < 2s); // at the first repetition
        const auto opened = world.client.all<link::LinkOpened>().front();
        QVERIFY(opened.local != codec::Multiaddr::quic(v6(kFirst)));
        // And it stays where it was answered.
        const auto before = world.from;
        world.wire.run(60s);
        size_t grew = 0;
        for (const auto& [address, count] : world.from) grew += count > before.at(address);
        QCOMPARE(grew, size_t(1));
    }

    void aLostFirstDatagramSpoilsNothing() {
        World world({kFirst, kSecond});
        size_t lost = 0;
        world.wire.filter = [&](Flight& flight) { return flight.to != world.server.address || lost++ > 0; };
        QVERIFY(world.connect());
        world.wire.run(5s);
        QVERIFY(!world.client.has<link::LinkClosed>());
    }

    void oneAddressIsLeftToTheSystem() {
        World world({kFirst, "fe80::1", "fd00::1", "::1"});
        world.blocked = v6(kFirst).ip;
        QVERIFY(!world.connect());
        QCOMPARE(world.from.size(), size_t(1));
        QVERIFY(world.from[v6(kFirst)] <= 10);
    }

    void aSourceWithoutARouteEndsNoDial() {
        World world({kFirst, kSecond});
        world.blocked = v6(kFirst).ip;
        QVERIFY(
            world.client.endpoint->dial(world.server.dialAddress(), world.server.identity.peerId(), world.wire.now));
        world.wire.run(10ms);
        world.client.endpoint->onSendFailed({v6(kSecond), world.server.address}, SendFailure::Unreachable,
                                            world.wire.now);
        QVERIFY(world.wire.run(10s, [&] { return world.client.has<link::LinkOpened>(); }));
    }

    void holesAreOpenedForEverySource() {
        World world({kFirst, kSecond, kThird, "2a0a:4::1", "2a0a:5::1"});
        QVERIFY(world.client.endpoint->punch(world.server.address, world.wire.now.mono + 1h, world.wire.now));
        world.wire.run(60s);
        QCOMPARE(world.from.size(), kMaxSources);
        size_t sent = 0;
        for (const auto& [address, count] : world.from) sent += count;
        QCOMPARE(sent, kMaxPunchDatagrams); // no more than from one
    }

    void privatePeersAreLeftToTheSystem() {
        World world({kFirst, kSecond});
        const codec::SocketAddress near = v6("fd00::9");
        std::map<codec::SocketAddress, size_t> seen;
        world.wire.listeners[near] = [&](const Flight& flight) { ++seen[flight.from]; };
        QVERIFY(world.client.endpoint->punch(near, world.wire.now.mono + 1s, world.wire.now));
        world.wire.run(10s);
        QCOMPARE(seen.size(), size_t(1));
    }
};

QTEST_APPLESS_MAIN(SourcesTest)
#include "sources_test.moc"

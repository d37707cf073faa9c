#include "wire.h"

#include <QTest>
#include <set>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {
struct Puncher {
    Puncher() : node(wire.add()) {
        wire.listeners[target] = [this](const Flight& flight) { got.push_back(flight); };
    }
    Wire wire;
    Node& node;
    codec::SocketAddress target = v4(9, 5000);
    std::vector<Flight> got;
};
} // namespace

class PunchTest : public QObject {
    Q_OBJECT

  private slots:
    void smallRandomDatagramsLeaveFromTheListeningPort() {
        Puncher world;
        QVERIFY(world.node.endpoint->punch(world.target, world.wire.now.mono + 2s, world.wire.now));
        world.wire.run(60s);
        QVERIFY(world.got.size() >= 10 && world.got.size() <= kMaxPunchDatagrams);
        std::set<Bytes> different;
        for (const Flight& flight : world.got) {
            QCOMPARE(flight.bytes.size(), kPunchBytes);
            QVERIFY(flight.from == world.node.address);
            different.insert(flight.bytes);
        }
        QCOMPARE(different.size(), world.got.size());
        QCOMPARE(world.node.endpoint->load().punches, size_t(0));
        QVERIFY(world.node.endpoint->deadline() == kNever);
    }

    void howeverLongItMayThereAreNoMoreThanTheBound() {
        Puncher world;
        for (int i = 0; i < 5; ++i) // and asking again makes no second series
            QVERIFY(world.node.endpoint->punch(world.target, world.wire.now.mono + 1h, world.wire.now));
        world.wire.run(120s);
        QCOMPARE(world.got.size(), kMaxPunchDatagrams);
    }

    void theFirstDatagramFromThereEndsIt() {
        Puncher world;
        QVERIFY(world.node.endpoint->punch(world.target, world.wire.now.mono + 1h, world.wire.now));
        world.wire.inject(world.target, world.node.address, Bytes(64, 0x80));
        world.wire.run(60s);
        QVERIFY(world.got.size() <= 2);
        QCOMPARE(world.node.endpoint->load().punches, size_t(0));
    }

    void itCanBeEnded() {
        Puncher world;
        QVERIFY(world.node.endpoint->punch(world.target, world.wire.now.mono + 1h, world.wire.now));
        world.node.endpoint->stopPunching(world.target);
        world.wire.run(60s);
        QCOMPARE(world.got.size(), size_t(1));
    }

    void nobodyAnswersThem() {
        Wire wire;
        Node& one = wire.add();
        Node& other = wire.add();
        QVERIFY(one.endpoint->punch(other.address, wire.now.mono + 4s, wire.now));
        wire.run(60s);
        QVERIFY(other.datagramsReceived > 10);
        QCOMPARE(other.datagramsSent, size_t(0));
    }

    void addressesAreBounded() {
        Puncher world;
        for (uint16_t port = 2000; port < 2000 + kMaxPunches; ++port)
            QVERIFY(world.node.endpoint->punch(v4(9, port), world.wire.now.mono + 1s, world.wire.now));
        const auto more = world.node.endpoint->punch(v4(8), world.wire.now.mono + 1s, world.wire.now);
        QVERIFY(!more && more.error().code == Errc::LimitReached);
        const auto nowhere = world.node.endpoint->punch({codec::IpAddress::v4({224, 0, 0, 1}), 4001, 0},
                                                        world.wire.now.mono + 1s, world.wire.now);
        QVERIFY(!nowhere && nowhere.error().code == Errc::Unsupported);
        world.node.endpoint->shutdown(world.wire.now);
        QCOMPARE(world.node.endpoint->load().punches, size_t(0));
    }

    void bothSidesBehindFiltersMeet() {
        // Each lets in only whom it has sent to, as NATs and firewalls do.
        Wire wire;
        Node& a = wire.add();
        Node& b = wire.add();
        std::set<std::pair<codec::SocketAddress, codec::SocketAddress>> sent;
        wire.filter = [&](Flight& flight) {
            sent.insert({flight.from, flight.to});
            return sent.contains({flight.to, flight.from});
        };
        QVERIFY(a.endpoint->dial(b.dialAddress(), b.identity.peerId(), wire.now));
        QVERIFY(b.endpoint->punch(a.address, wire.now.mono + 4s, wire.now));
        QVERIFY(wire.run(3s, [&] { return a.has<link::LinkOpened>() && b.has<link::LinkOpened>(); }));
        QVERIFY(b.all<link::LinkOpened>()[0].side == link::Side::Listener);
    }
};

QTEST_APPLESS_MAIN(PunchTest)
#include "punch_test.moc"

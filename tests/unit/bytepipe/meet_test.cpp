#include "pipe_wire.h"

#include <QTest>

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;

namespace {
struct Two {
    Two() : a(wire.add()), b(wire.add()) {
        a.address = {codec::IpAddress::v4({44, 1, 0, 1}), 4001, 0};
        b.address = {codec::IpAddress::v4({44, 2, 0, 1}), 4002, 0};
        wire.filtered = true;
    }
    PipeWire wire;
    PipeNode& a;
    PipeNode& b;
};
} // namespace

/// Two who connect to each other at the same moment (libp2p/specs relay, DCUtR: TCP).
class MeetTest : public QObject {
    Q_OBJECT

  private slots:
    void bothConnectAndOneOfThemIsTheListener() {
        Two two;
        QVERIFY(two.b.endpoint.meet(two.a.address, two.a.self(), two.wire.now));
        two.wire.run();
        two.wire.dial(two.a, two.b, two.b.self());
        const auto dialled = two.a.all<link::LinkOpened>(), met = two.b.all<link::LinkOpened>();
        QCOMPARE(dialled.size(), size_t(1));
        QCOMPARE(met.size(), size_t(1));
        QVERIFY(dialled[0].side == link::Side::Dialer && dialled[0].peer == two.b.self());
        QVERIFY(met[0].side == link::Side::Listener && met[0].peer == two.a.self());
        QVERIFY(met[0].remote == codec::Multiaddr::tcp(two.a.address));
        // Both multiplexers know who opens the odd streams.
        const auto stream = two.a.endpoint.openStream(dialled[0].link);
        const auto back = two.b.endpoint.openStream(met[0].link);
        QVERIFY(stream && back && stream->stream % 2 == 1 && back->stream % 2 == 0);
    }

    void somebodyElseIsNotTaken() {
        Two two;
        QVERIFY(two.b.endpoint.meet(two.a.address, two.b.self(), two.wire.now)); // another key than a's
        two.wire.run();
        two.wire.dial(two.a, two.b, two.b.self());
        QVERIFY(two.b.all<link::LinkOpened>().empty());
        QVERIFY(two.b.events.empty()); // nobody waits for it
        QCOMPARE(two.b.endpoint.load().connections, size_t(0));
    }

    void askingAgainMakesNoSecondPipe() {
        Two two;
        for (int i = 0; i < 5; ++i) QVERIFY(two.b.endpoint.meet(two.a.address, two.a.self(), two.wire.now));
        QCOMPARE(two.b.endpoint.load().connections, size_t(1));
    }

    void whoDoesNotComeIsNotWaitedForLong() {
        Two two;
        QVERIFY(two.b.endpoint.meet(two.a.address, two.a.self(), two.wire.now));
        two.wire.run();
        two.wire.advance(kUpgradeTimeout);
        QCOMPARE(two.b.endpoint.load().connections, size_t(0));
        QCOMPARE(two.b.endpoint.load().halfOpen, size_t(0));
        QCOMPARE(two.b.closedPipes.size(), size_t(1));
        QVERIFY(two.b.events.empty());
    }

    void meetingsAreBounded() {
        Two two;
        size_t begun = 0;
        for (uint16_t port = 1; port < 1000; ++port)
            begun += two.b.endpoint.meet({two.a.address.ip, port, 0}, two.a.self(), two.wire.now).has_value();
        QCOMPARE(begun, link::kMaxHalfOpenPerPrefix);
    }

    void dialsToPublicAddressesLeaveFromWhereOneListens() {
        Two two;
        QVERIFY(two.a.endpoint.dial(codec::Multiaddr::tcp(two.b.address), {}, two.wire.now));
        QVERIFY(std::get<OpenPipe>(*two.a.endpoint.pollAction()).fromListener);
        QVERIFY(two.a.endpoint.dial(codec::Multiaddr::tcp(addressOf(2)), {}, two.wire.now));
        QVERIFY(!std::get<OpenPipe>(*two.a.endpoint.pollAction()).fromListener);
        QVERIFY(two.a.endpoint.dial(codec::Multiaddr::ws(two.b.address), {}, two.wire.now));
        QVERIFY(!std::get<OpenPipe>(*two.a.endpoint.pollAction()).fromListener);
    }
};

QTEST_APPLESS_MAIN(MeetTest)
#include "meet_test.moc"

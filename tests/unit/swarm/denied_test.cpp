#include "support/recording_protocol.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using swarm::Connected;
using swarm::ConnectFailed;
using swarm::PeerConnected;
using swarm::PeerGone;

namespace {
struct Two {
    Two() {
        a.swarm.addProtocol(pa);
        b.swarm.addProtocol(pb);
    }
    void run() { test::run(network, {&a, &b}, at(0s)); }
    PairNetwork network;
    TestNode a{network, 1};
    TestNode b{network, 2};
    RecordingProtocol pa, pb;
};
} // namespace

class DeniedTest : public QObject {
    Q_OBJECT
  private slots:
    void noProtocolHearsOfADeniedPeerThatConnects() {
        Two two;
        two.a.swarm.deny(two.b.id(), at(0s));
        two.pb.greeting = "hello";
        two.b.connectTo(two.a, at(0s));
        two.pb.open(two.a.id(), {"/test/1"}, 1);
        two.run();
        QVERIFY(two.pa.trace.empty());
        QVERIFY(two.pa.streams.empty());
        QVERIFY(two.a.all<PeerConnected>().empty());
        QVERIFY(!two.a.swarm.peer(two.b.id()));
        QVERIFY(!two.b.swarm.peer(two.a.id()));
        QCOMPARE(two.a.swarm.figures().links, size_t(0));
    }

    void aDeniedPeerIsNotDialled() {
        Two two;
        two.a.swarm.deny(two.b.id(), at(0s));
        two.a.connectTo(two.b, at(0s));
        two.run();
        QCOMPARE(two.a.all<ConnectFailed>().size(), size_t(1));
        QCOMPARE(two.a.all<ConnectFailed>()[0].error.code, Errc::PermissionDenied);
        QVERIFY(two.pb.connected.empty());
    }

    void denyingEndsLinksAndDialsUnderWay() {
        Two two;
        two.a.connectTo(two.b, at(0s));
        two.run();
        QCOMPARE(two.pa.connected.size(), size_t(1));
        two.a.swarm.deny(two.b.id(), at(0s));
        two.run();
        QCOMPARE(two.pa.gone.size(), size_t(1));
        QCOMPARE(two.pb.gone.size(), size_t(1));
        QCOMPARE(two.a.all<PeerGone>().size(), size_t(1));
        QCOMPARE(two.a.swarm.figures().links, size_t(0));

        two.a.swarm.allow(two.b.id());
        two.a.connectTo(two.b, at(0s));
        two.a.swarm.deny(two.b.id(), at(0s)); // before the answer
        two.run();
        QCOMPARE(two.a.all<ConnectFailed>().size(), size_t(1));
        QCOMPARE(two.a.swarm.figures().pendingDials, size_t(0));
        QCOMPARE(two.pa.connected.size(), size_t(1));
    }

    void anAllowedPeerConnectsAgain() {
        Two two;
        two.a.swarm.deny(two.b.id(), at(0s));
        two.a.swarm.allow(two.b.id());
        two.b.connectTo(two.a, at(0s));
        two.run();
        QVERIFY(two.a.swarm.peer(two.b.id()));
    }
};

QTEST_APPLESS_MAIN(DeniedTest)
#include "denied_test.moc"

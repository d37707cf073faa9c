#include "node/node_limits.h"
#include "node/quiet_peers.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using namespace std::chrono_literals;

namespace {

using Advice = QuietPeers::Advice;
const crypto::PeerId kPeer = test::identityOf(1).peerId();
const crypto::PeerId kOther = test::identityOf(2).peerId();

/// Looks every second, as the node does.
struct Watcher {
    std::vector<Advice> pass(Duration time, std::vector<QuietPeers::AtWork> peers) {
        std::vector<Advice> all;
        for (const Instant end = now + time; now < end;) {
            quiet.arm(now);
            now = quiet.deadline();
            for (const Advice& advice : quiet.look(peers, now)) all.push_back(advice);
        }
        return all;
    }
    QuietPeers quiet;
    Instant now{1h};
};

} // namespace

class QuietPeersTest : public QObject {
    Q_OBJECT

  private slots:
    void whoGoesOnSendingIsLeftAlone() {
        Watcher watcher;
        for (uint64_t received = 1; received <= 60; ++received)
            QVERIFY(watcher.pass(1s, {{kPeer, true, received}}).empty());
        QCOMPARE(watcher.quiet.silentSeconds(kPeer), 0.0);
    }

    void aSilentOneIsAskedOnceThenToldOfThenGivenUp() {
        Watcher watcher;
        QVERIFY(watcher.pass(kQuietProbe, {{kPeer, true, 7}}).empty()); // the first look only learns what there was
        QCOMPARE(watcher.pass(kQuietLook, {{kPeer, true, 7}}), (std::vector<Advice>{{kPeer, Advice::What::Probe}}));
        QCOMPARE(watcher.quiet.silentSeconds(kPeer), 0.0);
        QVERIFY(watcher.pass(kQuietTold - kQuietProbe, {{kPeer, true, 7}}).empty());
        QCOMPARE(watcher.quiet.silentSeconds(kPeer), 4.0);
        QVERIFY(watcher.pass(kQuietEnds - kQuietTold - kQuietLook, {{kPeer, true, 7}}).empty());
        QCOMPARE(watcher.pass(kQuietLook, {{kPeer, true, 7}}), (std::vector<Advice>{{kPeer, Advice::What::GiveUp}}));
    }

    void aSignOfLifeBeginsAnew() {
        Watcher watcher;
        watcher.pass(kQuietEnds, {{kPeer, true, 7}});
        QVERIFY(watcher.quiet.silentSeconds(kPeer) > 0);
        QVERIFY(watcher.pass(kQuietLook, {{kPeer, true, 8}}).empty());
        QCOMPARE(watcher.quiet.silentSeconds(kPeer), 0.0);
        QCOMPARE(watcher.pass(kQuietProbe, {{kPeer, true, 8}}), (std::vector<Advice>{{kPeer, Advice::What::Probe}}));
    }

    void theConnectionOfAnOfferThatWaitsIsNotGivenUp() {
        Watcher watcher;
        QCOMPARE(watcher.pass(60s, {{kPeer, false, 7}}), (std::vector<Advice>{{kPeer, Advice::What::Probe}}));
        QVERIFY(watcher.quiet.silentSeconds(kPeer) > 50);
    }

    void theSilenceOfASleepIsNobodys() {
        Watcher watcher;
        watcher.pass(kQuietEnds, {{kPeer, true, 7}});
        watcher.now += 10min; // the lid is closed
        QVERIFY(watcher.quiet.look({{kPeer, true, 7}}, watcher.now).empty());
        QCOMPARE(watcher.quiet.silentSeconds(kPeer), 0.0);
        QCOMPARE(watcher.pass(kQuietEnds, {{kPeer, true, 7}}).back(), (Advice{kPeer, Advice::What::GiveUp}));
    }

    void whoIsAtWorkNoLongerIsForgotten() {
        Watcher watcher;
        watcher.pass(kQuietEnds, {{kPeer, false, 7}, {kOther, false, 7}});
        watcher.pass(kQuietLook, {{kOther, false, 7}});
        QCOMPARE(watcher.quiet.silentSeconds(kPeer), 0.0);
        QVERIFY(watcher.quiet.silentSeconds(kOther) > 0);
        QVERIFY(watcher.quiet.deadline() == kNever);
    }
};

QTEST_APPLESS_MAIN(QuietPeersTest)
#include "quiet_peers_test.moc"

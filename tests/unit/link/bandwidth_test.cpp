#include "crypto/identity.h"
#include "link/bandwidth.h"
#include "link/link_limits.h"
#include "support/seeded_random.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::link;
using namespace std::chrono_literals;

namespace {

const Instant kStart{1h};

crypto::PeerId peerNumber(uint64_t number) {
    test::SeededRandom random(number);
    return crypto::Identity::generate(random).peerId();
}

/// Moves as much as the limits let through between `from` and `until`, waking only when a turn comes. Bytes moved.
uint64_t moveAll(BandwidthShare& share, Instant& now, Instant until, int* wakes = nullptr) {
    uint64_t moved = 0;
    while (now < until) {
        if (const uint64_t granted = share.grant(0, now)) {
            share.spend(granted);
            moved += granted;
            continue;
        }
        now = std::max(share.nextTurn(), now);
        if (wakes) ++*wakes;
    }
    return moved;
}

bool within(uint64_t value, double wanted, double part) {
    return std::abs(static_cast<double>(value) - wanted) <= wanted * part;
}

} // namespace

class BandwidthTest : public QObject {
    Q_OBJECT

  private slots:
    void aRateIsKeptOverTenSecondsWithFewWakes() {
        for (const uint64_t rate : {256'000ull, 1'000'000ull, 100'000'000ull, 10'000'000'000ull}) {
            Bandwidth all;
            all.setLimits({.upload = {rate}});
            BandwidthLink link(all, peerNumber(1));
            Instant now = kStart;
            int wakes = 0;
            const uint64_t moved = moveAll(link.up, now, kStart + 10s, &wakes);
            QVERIFY2(within(moved, static_cast<double>(rate) / 8 * 10, 0.02), qPrintable(QString::number(moved)));
            QVERIFY2(wakes <= 15'000, qPrintable(QString::number(wakes))); // largest turns are 1 MiB
            if (rate <= 1'000'000'000) QVERIFY(wakes <= 2'010);
        }
    }

    void withoutALimitEverythingFlowsAtOnce() {
        Bandwidth all;
        BandwidthLink link(all, peerNumber(1));
        QVERIFY(!all.rate(Direction::Up).limited() && !all.rate(Direction::Down).limited());
        for (int i = 0; i < 1000; ++i) {
            QVERIFY(link.up.grant(0, kStart) > 0);
            link.up.spend(link.up.grant(0, kStart));
        }
    }

    void idleTimeIsNotSavedUp() {
        Bandwidth all;
        all.setLimits({.upload = {8'000'000}});
        BandwidthLink link(all, peerNumber(1));
        Instant now = kStart + 1h;
        const uint64_t moved = moveAll(link.up, now, kStart + 1h + 100ms);
        QVERIFY2(moved <= 100'000 + 1'000 * 20 + 10'000, qPrintable(QString::number(moved)));
    }

    void aLateWakeIsMadeUpForWithinTheBurst() {
        Bandwidth all;
        all.setLimits({.upload = {8'000'000}});
        BandwidthLink link(all, peerNumber(1));
        uint64_t moved = 0;
        // Woken every 10 ms only, though turns are 5 ms.
        for (Instant now = kStart; now < kStart + 10s; now += 10ms)
            while (const uint64_t granted = link.up.grant(0, now)) {
                link.up.spend(granted);
                moved += granted;
            }
        QVERIFY2(within(moved, 10e6, 0.02), qPrintable(QString::number(moved)));
    }

    void twoPeersShareFairly() {
        Bandwidth all;
        all.setLimits({.download = {10'000'000}});
        BandwidthLink a(all, peerNumber(1));
        BandwidthLink b(all, peerNumber(2));
        uint64_t fromA = 0;
        uint64_t fromB = 0;
        for (Instant now = kStart; now < kStart + 10s; now += 1ms) {
            while (const uint64_t granted = a.down.grant(0, now)) {
                a.down.spend(granted);
                fromA += granted;
            }
            while (const uint64_t granted = b.down.grant(0, now)) {
                b.down.spend(granted);
                fromB += granted;
            }
        }
        QVERIFY(within(fromA + fromB, 12.5e6, 0.02));
        QVERIFY2(within(fromA, 6.25e6, 0.03), qPrintable(QString::number(fromA)));
    }

    void aPeersOwnLimitHoldsForAllItsLinks() {
        Bandwidth all;
        all.setLimits({.upload = {100'000'000}, .uploadPerPeer = {8'000'000}});
        BandwidthLink first(all, peerNumber(1));
        BandwidthLink second(all, peerNumber(1));
        QCOMPARE(first.up.rate().perSecond, uint64_t{8'000'000});
        uint64_t moved = 0;
        for (Instant now = kStart; now < kStart + 10s; now += 1ms)
            for (BandwidthLink* link : {&first, &second})
                while (const uint64_t granted = link->up.grant(0, now)) {
                    link->up.spend(granted);
                    moved += granted;
                }
        QVERIFY2(within(moved, 10e6, 0.02), qPrintable(QString::number(moved)));
    }

    void whatCouldNotWaitIsPaidWithTheNextTurn() {
        Bandwidth all;
        all.setLimits({.upload = {8'000'000}});
        BandwidthLink link(all, peerNumber(1));
        link.up.spend(100'000);
        QCOMPARE(link.up.owed(), uint64_t{100'000});
        QCOMPARE(link.up.grant(0, kStart), uint64_t{0});
        QVERIFY(link.up.nextTurn() >= kStart + 80ms && link.up.nextTurn() <= kStart + 100ms);
        link.up.spend(1'000'000);
        link.up.forgiveAbove(50'000);
        QCOMPARE(link.up.owed(), uint64_t{50'000});
    }

    void aChangeOfTheLimitsWorksAtOnce() {
        Bandwidth all;
        all.setLimits({.upload = {256'000}});
        BandwidthLink link(all, peerNumber(1));
        link.up.spend(1'000'000);
        QCOMPARE(link.up.grant(0, kStart), uint64_t{0});
        all.setLimits({.upload = {100'000'000}});
        QVERIFY(link.up.grant(0, kStart) > 0);
        all.setLimits({});
        QVERIFY(link.up.grant(0, kStart) > 0);
    }

    void aMeteredNetworkHasALimitOfItsOwnInBothDirections() {
        Bandwidth all;
        all.setLimits({.upload = {100'000'000}, .metered = {256'000}});
        BandwidthLink link(all, peerNumber(1));
        QCOMPARE(all.rate(Direction::Up), BitRate{100'000'000});
        QVERIFY(!all.rate(Direction::Down).limited());
        all.setMetered(Metered::Yes);
        QCOMPARE(all.rate(Direction::Up), BitRate{256'000});
        QCOMPARE(all.rate(Direction::Down), BitRate{256'000});
        QCOMPARE(link.up.rate(), BitRate{256'000});
        all.setLimits({.upload = {100'000}, .metered = {256'000}}); // the smaller one holds
        QCOMPARE(all.rate(Direction::Up), BitRate{100'000});
        all.setMetered(Metered::No);
        QVERIFY(!link.down.rate().limited());
        all.setLimits({});
        all.setMetered(Metered::Yes);
        QVERIFY(!link.up.rate().limited()); // nobody asked for a limit
    }

    void aLinkThatEndsGivesBackWhatItHasNotUsed() {
        Bandwidth all;
        all.setLimits({.upload = {1'000'000}});
        for (int i = 0; i < 1000; ++i) {
            BandwidthLink passing(all, peerNumber(2));
            (void)passing.up.grant(0, kStart);
        }
        BandwidthLink link(all, peerNumber(1));
        (void)link.up.grant(0, kStart);
        QVERIFY2(link.up.nextTurn() <= kStart + 100ms, "those who have gone hold up those who stay");
    }

    void atTheStartOfTheClockNothingUnderflows() {
        Bandwidth all;
        all.setLimits({.upload = {8'000'000}});
        BandwidthLink link(all, peerNumber(1));
        QVERIFY(link.up.grant(0, Instant{}) > 0);
    }
};

QTEST_APPLESS_MAIN(BandwidthTest)
#include "bandwidth_test.moc"

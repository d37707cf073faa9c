#include "protocols/relay/relay_keeper.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::relay;
using namespace wherry::test;
using namespace std::chrono_literals;
using crypto::PeerId;

namespace {
PeerId peer(uint8_t number) {
    return identityOf(number).peerId();
}
struct World {
    SeededRandom random{1};
    RelayKeeper keeper{random};

    std::vector<KeeperAction> all(Duration when) {
        std::vector<KeeperAction> actions;
        while (const auto action = keeper.poll(at(when))) actions.push_back(*action);
        return actions;
    }
    bool asks(uint8_t number, Duration when) { return all(when) == std::vector<KeeperAction>{AskRelay{peer(number)}}; }
    bool meets(uint8_t number, Duration when) {
        return all(when) == std::vector<KeeperAction>{MeetRelay{peer(number)}};
    }
};
} // namespace

class KeeperTest : public QObject {
    Q_OBJECT
  private slots:
    void twoOfThoseThatAreMetAreAskedWhileWanted();
    void whoIsNamedIsMetAndAskedAlways();
    void aReservationIsAskedForAnewBeforeItsEnd();
    void whoRefusesIsLeftInPeaceForLonger();
    void aLostRelayIsRegained();
    void whoServesAndHasGoneIsMetAgainForAWhile();
    void whoIsConnectedIsAskedBeforeWhoHasGone();
    void aNamedRelayThatComesAndGoesIsNotMetAllTheTime();
    void aNamedRelayIsMetForEver();
    void aReservationOfAConnectionThatHasEndedIsNone();
    void whoIsMetOnlyThroughAnotherRelayIsMetAgain();
    void anotherTakesThePlaceOfOneThatFails();
    void notWantedAnyMoreItRunsOut();
    void whatNobodyHasNamedIsGivenUpAtOnceWhenThatIsWanted();
    void whoServesNoMoreHoldsNothing();
    void thereIsABoundOnThoseThatAreKnown();
};

void KeeperTest::twoOfThoseThatAreMetAreAskedWhileWanted() {
    World world;
    for (uint8_t i = 1; i <= 5; ++i) world.keeper.onServes(peer(i), true, at(0s));
    QVERIFY(world.all(0s).empty());
    world.keeper.setWanted(true);
    QCOMPARE(world.all(0s).size(), kWantedRelays);
    QVERIFY(world.all(1h).empty()); // no more while they have not answered
}

void KeeperTest::whoIsNamedIsMetAndAskedAlways() {
    World world;
    world.keeper.setConfigured({peer(1), peer(2), peer(3)}, at(0s));
    QCOMPARE(world.all(0s).size(), size_t(3));
    world.keeper.onConnected(peer(2));
    QVERIFY(world.asks(2, 0s));
    world.keeper.onUnreachable(peer(1), at(0s));
    QVERIFY(world.all(kFirstPause - 1ns).empty());
    QVERIFY(world.meets(1, kFirstPause));
}

void KeeperTest::aReservationIsAskedForAnewBeforeItsEnd() {
    World world;
    world.keeper.setConfigured({peer(1)}, at(0s));
    QVERIFY(world.meets(1, 0s));
    world.keeper.onConnected(peer(1));
    QVERIFY(world.asks(1, 0s));
    world.keeper.onReserved(peer(1), at(1h).mono, at(0s));
    QVERIFY(world.keeper.isHeld(peer(1)));
    QCOMPARE(world.keeper.deadline(), at(45min).mono);
    QVERIFY(world.asks(1, 45min));
    world.keeper.onFailed(peer(1), at(45min));
    QVERIFY(world.keeper.isHeld(peer(1)));
    QVERIFY(world.asks(1, 45min + kFirstPause));
    world.keeper.onReserved(peer(1), at(2h).mono, at(46min));
    QVERIFY(world.all(1h).empty());
    // However short the relay's time is, it is not asked all the time; and when it is over, it is over.
    world.keeper.onReserved(peer(1), at(1h + 1s).mono, at(1h));
    QVERIFY(world.all(1h + 1s - 1ns).empty());
    (void)world.all(1h + 1s);
    QVERIFY(!world.keeper.isHeld(peer(1)));
}

void KeeperTest::whoRefusesIsLeftInPeaceForLonger() {
    World world;
    world.keeper.setWanted(true);
    world.keeper.onServes(peer(1), true, at(0s));
    Duration now = 0s, pause = kFirstPause;
    for (int i = 0; i < 12; ++i) {
        QVERIFY(world.asks(1, now));
        world.keeper.onFailed(peer(1), at(now));
        QVERIFY(world.all(now + pause - 1ns).empty());
        now += pause;
        pause = std::min<Duration>(2 * pause, kMaxPause);
    }
    QCOMPARE(pause, Duration(kMaxPause));
}

void KeeperTest::aLostRelayIsRegained() {
    World world;
    world.keeper.setWanted(true);
    world.keeper.onServes(peer(1), true, at(0s));
    QVERIFY(world.asks(1, 0s));
    world.keeper.onReserved(peer(1), at(1h).mono, at(0s));
    world.keeper.onGone(peer(1), at(10s));
    QVERIFY(!world.keeper.isHeld(peer(1)));
    QVERIFY(world.all(10s + kRegainPause - 1ns).empty());
    QVERIFY(world.meets(1, 10s + kRegainPause));
    world.keeper.onConnected(peer(1));
    QVERIFY(world.asks(1, 12s));
}

void KeeperTest::whoServesAndHasGoneIsMetAgainForAWhile() {
    World world;
    world.keeper.onServes(peer(1), true, at(0s)); // and is not asked, as nobody wants it
    world.keeper.onGone(peer(1), at(0s));
    QVERIFY(world.all(1h).empty());
    world.keeper.setWanted(true);
    Duration now = 1h;
    size_t met = 0;
    while (world.meets(1, now)) {
        ++met;
        QVERIFY(met < 20);
        world.keeper.onUnreachable(peer(1), at(now));
        now += kMaxPause;
    }
    QCOMPARE(met, size_t(9));          // 5 s, doubled until it is a quarter of an hour
    world.keeper.onConnected(peer(1)); // it has come by itself
    world.keeper.onServes(peer(1), true, at(now));
    QVERIFY(world.asks(1, now));
}

void KeeperTest::whoIsConnectedIsAskedBeforeWhoHasGone() {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        World world;
        (void)world.random.bytes(seed); // another choice each time
        for (uint8_t i = 1; i <= 6; ++i) world.keeper.onServes(peer(i), true, at(0s));
        for (uint8_t i = 1; i <= 4; ++i) world.keeper.onGone(peer(i), at(0s));
        world.keeper.setWanted(true);
        const auto actions = world.all(1h);
        QCOMPARE(actions.size(), kWantedRelays);
        for (const auto& action : actions) QVERIFY(std::holds_alternative<AskRelay>(action));
    }
}

void KeeperTest::aNamedRelayThatComesAndGoesIsNotMetAllTheTime() {
    World world;
    world.keeper.setConfigured({peer(1)}, at(0s));
    size_t met = 0;
    for (Duration now = 0s; now < 1min; now += 10ms) {
        if (world.all(now).empty()) continue;
        ++met;
        world.keeper.onConnected(peer(1));
        (void)world.all(now); // it is asked, and ends the connection
        world.keeper.onGone(peer(1), at(now));
        world.keeper.onFailed(peer(1), at(now));
    }
    QVERIFY2(met >= 2 && met <= 5, std::to_string(met).c_str());
}

void KeeperTest::aNamedRelayIsMetForEver() {
    World world;
    world.keeper.setConfigured({peer(1)}, at(0s));
    for (Duration now = 0s; now < 24h; now += kMaxPause) {
        QVERIFY(world.meets(1, now));
        world.keeper.onUnreachable(peer(1), at(now));
    }
}

void KeeperTest::aReservationOfAConnectionThatHasEndedIsNone() {
    World world;
    world.keeper.setConfigured({peer(1)}, at(0s));
    QVERIFY(world.meets(1, 0s));
    world.keeper.onConnected(peer(1));
    QVERIFY(world.asks(1, 0s));
    world.keeper.onGone(peer(1), at(1s));
    world.keeper.onReserved(peer(1), at(1h).mono, at(1s));
    QVERIFY(!world.keeper.isHeld(peer(1)));
}

void KeeperTest::whoIsMetOnlyThroughAnotherRelayIsMetAgain() {
    World world;
    world.keeper.setConfigured({peer(1)}, at(0s));
    QVERIFY(world.meets(1, 0s));
    world.keeper.onGone(peer(1), at(1s)); // "only through a relay"
    QVERIFY(world.all(1s + kFirstPause - 1ns).empty());
    QVERIFY(world.meets(1, 1s + kFirstPause));
    world.keeper.onGone(peer(1), at(7s));
    QVERIFY(world.meets(1, 7s + 2 * kFirstPause));
    world.keeper.onConnected(peer(1));
    QVERIFY(world.asks(1, 20s));
}

void KeeperTest::anotherTakesThePlaceOfOneThatFails() {
    World world;
    world.keeper.setWanted(true);
    for (uint8_t i = 1; i <= 3; ++i) world.keeper.onServes(peer(i), true, at(0s));
    const auto first = world.all(0s);
    QCOMPARE(first.size(), size_t(2));
    for (const auto& action : first) world.keeper.onFailed(std::get<AskRelay>(action).relay, at(0s));
    const auto second = world.all(1s);
    QCOMPARE(second.size(), size_t(1));
    QVERIFY(second[0] != first[0] && second[0] != first[1]);
    world.keeper.onReserved(std::get<AskRelay>(second[0]).relay, at(1h).mono, at(1s));
    QCOMPARE(world.all(kFirstPause).size(), size_t(1)); // and only as many as are still wanted
}

void KeeperTest::whatNobodyHasNamedIsGivenUpAtOnceWhenThatIsWanted() {
    World world;
    world.keeper.setWanted(true);
    world.keeper.setConfigured({peer(1)}, at(0s));
    world.keeper.onConnected(peer(1));
    QVERIFY(world.asks(1, 0s));
    world.keeper.onServes(peer(2), true, at(0s));
    QVERIFY(world.asks(2, 0s));
    for (const uint8_t asked : {1, 2}) world.keeper.onReserved(peer(asked), at(1h).mono, at(0s));
    QCOMPARE(world.keeper.held().size(), size_t(2));
    world.keeper.giveUpUnnamed(at(1min));
    QCOMPARE(world.keeper.held(), std::vector<PeerId>{peer(1)});
    QVERIFY(world.all(10min).empty());
    world.keeper.setWanted(true);
    QVERIFY(world.asks(2, 10min));
    world.keeper.giveUpUnnamed(at(10min));
    world.keeper.onReserved(peer(2), at(1h).mono, at(10min)); // an answer that was on its way
    QVERIFY(!world.keeper.isHeld(peer(2)));
}

void KeeperTest::notWantedAnyMoreItRunsOut() {
    World world;
    world.keeper.setWanted(true);
    world.keeper.onServes(peer(1), true, at(0s));
    QVERIFY(world.asks(1, 0s));
    world.keeper.onReserved(peer(1), at(1h).mono, at(0s));
    world.keeper.setWanted(false);
    QVERIFY(world.all(59min).empty());
    QVERIFY(world.keeper.isHeld(peer(1)));
    QVERIFY(world.all(1h).empty());
    QVERIFY(!world.keeper.isHeld(peer(1)));
}

void KeeperTest::whoServesNoMoreHoldsNothing() {
    World world;
    world.keeper.setWanted(true);
    world.keeper.onServes(peer(1), true, at(0s));
    QVERIFY(world.asks(1, 0s));
    world.keeper.onReserved(peer(1), at(1h).mono, at(0s));
    QVERIFY(world.keeper.isHeld(peer(1)));
    world.keeper.onServes(peer(1), false, at(1min));
    QVERIFY(!world.keeper.isHeld(peer(1)));
    world.keeper.onServes(peer(1), true, at(2min));
    QVERIFY(world.asks(1, 2min)); // not only when the first one would have been asked for anew
}

void KeeperTest::thereIsABoundOnThoseThatAreKnown() {
    World world;
    for (uint8_t i = 1; i <= kMaxCandidates + 10; ++i) world.keeper.onServes(peer(i), true, at(0s));
    QCOMPARE(world.keeper.size(), kMaxCandidates);
    world.keeper.onGone(peer(1), at(0s)); // who has gone gives way
    world.keeper.onServes(peer(200), true, at(0s));
    QCOMPARE(world.keeper.size(), kMaxCandidates);
}

QTEST_APPLESS_MAIN(KeeperTest)
#include "keeper_test.moc"

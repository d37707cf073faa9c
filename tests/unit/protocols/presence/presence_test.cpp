#include "protocols/presence/presence.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <QTest>
#include <set>

using namespace wherry;
using namespace wherry::presence;
using namespace wherry::test;
using namespace std::chrono_literals;
using crypto::PeerId;

namespace {

constexpr int64_t kBegin = 1'700'000'000; // seconds since 1970

Now clocks(Duration since, Duration ahead = {}) {
    return {Instant(1h) + since, UnixTime{UnixTime::fromSeconds(kBegin).nanoseconds + (since + ahead).count()}};
}
PeerId peer(uint8_t number) {
    return identityOf(number).peerId();
}
Bytes said(Duration when, bool here = true, bool arrived = false, Duration promise = kPromise) {
    return encodeStatement({clocks(when).wall, here, promise, arrived});
}

struct Device {
    /// What it says up to `to`, and when.
    std::vector<std::pair<Duration, Statement>> runTo(Duration to) {
        std::vector<std::pair<Duration, Statement>> all;
        for (;;) {
            while (auto message = it.poll(clocks(time))) all.emplace_back(time, decodeStatement(*message).value());
            if (it.deadline() > Instant(1h) + to) break;
            time = std::max(time, it.deadline() - Instant(1h));
            it.onDeadline(clocks(time));
            if (it.isOn()) it.setAudience(there, clocks(time));
        }
        time = to;
        return all;
    }
    std::vector<PeerId> changed() {
        std::vector<PeerId> all;
        while (auto one = it.pollChanged()) all.push_back(*one);
        return all;
    }
    bool isHere(uint8_t number) const {
        const auto heard = it.of(peer(number));
        return heard && heard->here;
    }
    void listens(std::set<PeerId> peers, Now now) {
        there = std::move(peers);
        it.setAudience(there, now);
    }
    void hear(uint8_t number, ByteView message, Author who = Author::Known) {
        QCOMPARE(it.judge(peer(number), message, clocks(time)), Verdict::Good);
        it.onHeard(peer(number), who, message, clocks(time));
    }

    SeededRandom random{1};
    std::set<PeerId> there; ///< who listens
    Presence it{random};
    Duration time{};
};

struct Listening : Device {
    Listening() {
        it.setOn(true);
        listens({peer(250)}, clocks(0s));
    }
};

} // namespace

class PresenceTest : public QObject {
    Q_OBJECT
  private slots:
    void nobodyIsToldAnythingUntilThePersonWantsIt();
    void itSaysThatItHasComeThenNowAndThenAndThatItGoes();
    void whoIsAloneSaysNothingUntilSomebodyListens();
    void whoeverIsKnownAndArrivesIsAnsweredWithinARate();
    void whatIsBeyondTheRateIsSaidLater();
    void strangersAreAnsweredByAllAndNotAtOnce();
    void whatAStrangerHasSaidCountsOnceItIsKnown();
    void whoeverIsNewSaysSoToThoseWhoComeLater();
    void whoIsHeardIsHereUntilItsPromiseIsOver();
    void whoGoesIsGoneAtOnce();
    void whatIsOvertakenOnItsWaySaysNothing();
    void whatIsOldOrOfTheFutureOrTooMuchIsNotPassedOn();
    void whatCannotBeReadIsHeldAgainstWhoPassedItOn();
    void whatADeviceSaysIsReadAsItWasMeant();
    void whoTurnsItOffForgetsTheOthers();
    void thereIsABoundOnThoseThatAreRemembered();
};

void PresenceTest::nobodyIsToldAnythingUntilThePersonWantsIt() {
    Device device;
    device.listens({peer(250)}, clocks(0s));
    QVERIFY(device.runTo(1h).empty());
    device.it.onHeard(peer(2), Author::Known, said(1h), clocks(1h));
    QVERIFY(!device.it.of(peer(2)));
}

void PresenceTest::itSaysThatItHasComeThenNowAndThenAndThatItGoes() {
    Listening device;
    const auto all = device.runTo(1h);
    QVERIFY(all.size() >= 12 && all.size() <= 20);
    QVERIFY(all[0].first >= kArriveAtLeast && all[0].first <= kArriveAtMost);
    QVERIFY(all[0].second.arrived && all[0].second.here);
    for (size_t i = 1; i < all.size(); ++i) {
        const Duration pause = all[i].first - all[i - 1].first;
        QVERIFY(pause >= kInterval - kJitter && pause <= all[i - 1].second.promise);
        QVERIFY(!all[i].second.arrived);
    }
    device.it.setOn(false);
    const auto last = device.runTo(2h);
    QCOMPARE(last.size(), size_t(1));
    QVERIFY(!last[0].second.here);
}

void PresenceTest::whoIsAloneSaysNothingUntilSomebodyListens() {
    Device device;
    device.it.setOn(true);
    QCOMPARE(device.it.deadline(), kNever);
    QVERIFY(device.runTo(1h).empty());
    device.listens({peer(250)}, clocks(1h));
    const auto all = device.runTo(1h + kArriveAtMost);
    QCOMPARE(all.size(), size_t(1));
    QVERIFY(all[0].second.arrived);
    device.listens({}, clocks(device.time));
    device.it.setOn(false); // nobody is there to be told
    QVERIFY(device.runTo(2h).empty());
}

void PresenceTest::whoeverIsKnownAndArrivesIsAnsweredWithinARate() {
    Listening device;
    device.runTo(2min);
    size_t answers = 0;
    for (uint8_t i = 2; i < 52; ++i) {
        device.hear(i, said(device.time, true, true));
        const auto more = device.runTo(device.time + kSoonAtMost);
        for (const auto& [when, what] : more) QVERIFY(!what.arrived); // or they would answer one another for ever
        answers += more.size();
    }
    QVERIFY2(answers >= 5 && answers <= 8, std::to_string(answers).c_str()); // 100 s
    device.runTo(device.time + kExtraInterval);
    device.hear(60, said(device.time)); // it has been here all the time
    QVERIFY(device.runTo(device.time + kSoonAtMost).empty());
}

void PresenceTest::whatIsBeyondTheRateIsSaidLater() {
    Listening device;
    device.runTo(1h);
    for (int i = 0; i < 20; ++i) {
        device.hear(2, said(device.time, true, true));
        const Duration asked = device.time;
        const auto all = device.runTo(asked + kExtraInterval);
        QVERIFY(!all.empty() && all.front().first - asked <= kSoonAtMost);
    }
    device.runTo(2h);
    const Duration begin = device.time;
    for (uint8_t i = 2; i < 12; ++i) device.hear(i, said(device.time, true, true)); // one answer to all of them
    QCOMPARE(device.runTo(begin + kSoonAtMost).size(), size_t(1));
    for (uint8_t i = 20; i < 24; ++i) { // at once, one after the other
        device.hear(i, said(device.time, true, true));
        device.runTo(device.time + kSoonAtMost);
    }
    device.hear(30, said(device.time, true, true));
    const Duration asked = device.time;
    const auto later = device.runTo(asked + kExtraInterval);
    QVERIFY(!later.empty() && later.front().first > asked + kSoonAtMost);
}

void PresenceTest::strangersAreAnsweredByAllAndNotAtOnce() {
    Listening device;
    device.runTo(10min);
    for (uint8_t i = 2; i < 102; ++i) device.hear(i, said(device.time), Author::Stranger);
    QVERIFY(device.changed().empty() && !device.it.of(peer(2)));
    Duration first = kSpreadAtMost, last{};
    for (int i = 0; i < 40; ++i) {
        device.runTo(device.time + kAnswerInterval); // what it has to say anyway
        const Duration begin = device.time;
        for (uint8_t k = 2; k < 102; ++k) device.it.onHeard(peer(k), Author::Stranger, said(begin), clocks(begin));
        device.hear(200, said(begin, true, true), Author::Stranger);
        const auto all = device.runTo(begin + 101 * kSpreadPerDevice);
        QCOMPARE(all.size(), size_t(1));
        first = std::min(first, all.front().first - begin);
        last = std::max(last, all.front().first - begin);
    }
    QVERIFY(first < kSoonAtMost && last > kSoonAtMost);
    // However many come in who may all be one.
    const Duration begin = device.time;
    size_t answers = 0;
    for (size_t i = 0; i < 600; ++i) {
        device.hear(static_cast<uint8_t>(i), said(device.time, true, true), Author::Stranger);
        answers += device.runTo(device.time + 1s).size();
    }
    QVERIFY(device.time == begin + 10min);
    QVERIFY2(answers <= kAnswerBurst + 10 + 4, std::to_string(answers).c_str());
}

void PresenceTest::whatAStrangerHasSaidCountsOnceItIsKnown() {
    Listening device;
    device.hear(2, said(0s, true, false, 100s), Author::Stranger);
    QVERIFY(!device.it.of(peer(2)));
    device.it.know(peer(2));
    QVERIFY(device.isHere(2));
    QCOMPARE(device.changed(), std::vector<PeerId>{peer(2)});
    device.hear(3, said(0s, true, false, 100s), Author::Stranger);
    device.runTo(100s + kGrace);
    device.it.know(peer(3));
    QVERIFY(!device.it.of(peer(3))); // too long ago
    QVERIFY(!device.isHere(2));
}

void PresenceTest::whoeverIsNewSaysSoToThoseWhoComeLater() {
    Listening device;
    const auto meets = [&](uint8_t number) {
        std::set<PeerId> more = device.there;
        more.insert(peer(number));
        device.listens(more, clocks(device.time));
        return device.runTo(device.time + kHeardWithin + kArriveAtMost);
    };
    device.runTo(5s);
    device.hear(250, said(5s));
    const auto again = meets(251);
    QCOMPARE(again.size(), size_t(1)); // from whom it does not hear
    QVERIFY(again[0].second.arrived);
    device.hear(251, said(device.time), Author::Stranger);
    device.hear(252, said(device.time));
    QVERIFY(meets(252).empty()); // whoever is heard hears it, too
    device.runTo(kSettling);
    QVERIFY(meets(253).empty()); // it is one of those who are here
}

void PresenceTest::whoIsHeardIsHereUntilItsPromiseIsOver() {
    Listening device;
    device.hear(2, said(0s, true, false, 100s));
    QCOMPARE(device.changed(), std::vector<PeerId>{peer(2)});
    QVERIFY(device.isHere(2));
    device.runTo(100s + kGrace - 1ms);
    QVERIFY(device.isHere(2) && device.changed().empty());
    device.runTo(100s + kGrace);
    QVERIFY(!device.isHere(2));
    QCOMPARE(device.changed(), std::vector<PeerId>{peer(2)});
    QCOMPARE(device.it.of(peer(2))->at, clocks(0s).wall);
    device.hear(2, said(device.time));
    QVERIFY(device.isHere(2));
    QCOMPARE(device.it.of(peer(2))->at, clocks(device.time).wall);
}

void PresenceTest::whoGoesIsGoneAtOnce() {
    Listening device;
    device.hear(2, said(0s));
    device.time = 1s;
    device.hear(2, said(1s, false));
    QVERIFY(!device.isHere(2));
    QCOMPARE(device.changed().size(), size_t(2));
}

void PresenceTest::whatIsOvertakenOnItsWaySaysNothing() {
    Listening device;
    device.time = 5s;
    device.hear(2, said(5s, false));
    device.changed();
    device.hear(2, said(4s));
    device.hear(2, said(5s)); // the same moment is not later
    QVERIFY(!device.isHere(2) && device.changed().empty());
}

void PresenceTest::whatIsOldOrOfTheFutureOrTooMuchIsNotPassedOn() {
    Listening device;
    const auto judged = [&](uint8_t number, Duration when) {
        return device.it.judge(peer(number), said(when), clocks(1h));
    };
    QCOMPARE(judged(2, 1h - kMaxAge - 1ms), Verdict::Ignored);
    QCOMPARE(judged(2, 1h + kMaxAge + 1ms), Verdict::Ignored);
    QCOMPARE(judged(2, 1h - kMaxAge), Verdict::Good);
    QCOMPARE(judged(2, 1h + kMaxAge), Verdict::Good);
    for (uint64_t i = 2; i < kHearBurst; ++i) QCOMPARE(judged(2, 1h), Verdict::Good);
    QCOMPARE(judged(2, 1h), Verdict::Ignored);
    QCOMPARE(judged(3, 1h), Verdict::Good);
    QCOMPARE(device.it.judge(peer(2), said(1h + kHearInterval), clocks(1h + kHearInterval)), Verdict::Good);
}

void PresenceTest::whatCannotBeReadIsHeldAgainstWhoPassedItOn() {
    Listening device;
    const auto judged = [&](const Bytes& message) { return device.it.judge(peer(2), message, clocks(1h)); };
    QCOMPARE(judged(Bytes(kMaxMessageBytes + 1, 0x08)), Verdict::Malformed);
    QCOMPARE(judged({0xff}), Verdict::Malformed);
    // sent_ms of 2^64 - 1, and the first that is no time in nanoseconds (SECURITY D6)
    QCOMPARE(judged({0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}), Verdict::Malformed);
    QCOMPARE(decodeStatement(Bytes{0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40}).has_value(), false);
    QCOMPARE(judged({}), Verdict::Ignored); // of 1970
}

void PresenceTest::whatADeviceSaysIsReadAsItWasMeant() {
    const Statement all{UnixTime{1'700'000'000'123'000'000}, false, 5min, true};
    QCOMPARE(decodeStatement(encodeStatement(all)).value(), all);
    Statement odd = all;
    odd.promise = 3s;
    QCOMPARE(decodeStatement(encodeStatement(odd)).value().promise, kLeastPromise);
    odd.promise = 100h;
    QCOMPARE(decodeStatement(encodeStatement(odd)).value().promise, kMostPromise);
    Bytes later = encodeStatement(all);
    later.insert(later.end(), {0x28, 0x07}); // a field of a later version
    QCOMPARE(decodeStatement(later).value(), all);
    QVERIFY(decodeStatement(Bytes{0x10, 0x09}).value().here); // so too a state
}

void PresenceTest::whoTurnsItOffForgetsTheOthers() {
    Listening device;
    device.hear(2, said(0s));
    device.changed();
    device.it.setOn(false);
    QVERIFY(!device.it.of(peer(2)));
    QCOMPARE(device.changed(), std::vector<PeerId>{peer(2)});
    QCOMPARE(device.it.deadline(), kNever);
}

void PresenceTest::thereIsABoundOnThoseThatAreRemembered() {
    Listening device;
    const auto numbered = [](size_t number) {
        Bytes hash(34, 0);
        hash[0] = 0x12;
        hash[1] = 32;
        hash[2] = static_cast<uint8_t>(number);
        hash[3] = static_cast<uint8_t>(number >> 8);
        return PeerId::fromMultihash(hash).value();
    };
    for (size_t i = 0; i < kMaxHeard + 1; ++i) {
        const Duration when = std::chrono::milliseconds(i);
        device.it.onHeard(numbered(i), Author::Known, said(when), clocks(when));
    }
    for (size_t i = 0; i < 3 * kMaxStrangers; ++i)
        device.it.onHeard(numbered(i + 10'000), Author::Stranger, said(1min), clocks(1min));
    QVERIFY(!device.it.of(numbered(0)));
    device.it.know(numbered(10'000));
    QVERIFY(!device.it.of(numbered(10'000)));
    QVERIFY(device.it.of(numbered(1)) && device.it.of(numbered(kMaxHeard)));
    device.runTo(1h);
    QVERIFY(!device.it.of(numbered(1))->here);
}

QTEST_APPLESS_MAIN(PresenceTest)
#include "presence_test.moc"

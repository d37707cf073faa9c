#include "protocols/presence/presence.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <QTest>

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
    void hear(uint8_t number, ByteView message) {
        QCOMPARE(it.judge(peer(number), message, clocks(time)), Verdict::Good);
        it.onHeard(peer(number), message, clocks(time));
    }

    SeededRandom random{1};
    Presence it{random};
    Duration time{};
};

struct Listening : Device {
    Listening() {
        it.setOn(true, clocks(0s));
        it.setAudience(true, clocks(0s));
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
    device.it.setAudience(true, clocks(0s));
    QVERIFY(device.runTo(1h).empty());
    device.it.onHeard(peer(2), said(1h), clocks(1h));
    QVERIFY(!device.it.of(peer(2)));
}

void PresenceTest::itSaysThatItHasComeThenNowAndThenAndThatItGoes() {
    Listening device;
    const auto all = device.runTo(1h);
    QVERIFY(all.size() >= 12 && all.size() <= 20);
    QVERIFY(all[0].first <= kSoonAtMost);
    QVERIFY(all[0].second.arrived && all[0].second.here);
    for (size_t i = 1; i < all.size(); ++i) {
        const Duration pause = all[i].first - all[i - 1].first;
        QVERIFY(pause >= kInterval - kJitter && pause <= all[i - 1].second.promise);
        QVERIFY(!all[i].second.arrived);
    }
    device.it.setOn(false, clocks(1h));
    const auto last = device.runTo(2h);
    QCOMPARE(last.size(), size_t(1));
    QVERIFY(!last[0].second.here);
}

void PresenceTest::whoIsAloneSaysNothingUntilSomebodyListens() {
    Device device;
    device.it.setOn(true, clocks(0s));
    QCOMPARE(device.it.deadline(), kNever);
    QVERIFY(device.runTo(1h).empty());
    device.it.setAudience(true, clocks(1h));
    const auto all = device.runTo(1h + kSoonAtMost);
    QCOMPARE(all.size(), size_t(1));
    QVERIFY(all[0].second.arrived);
    device.it.setAudience(false, clocks(device.time));
    device.it.setOn(false, clocks(device.time)); // nobody is there to be told
    QVERIFY(device.runTo(2h).empty());
}

void PresenceTest::whoeverIsKnownAndArrivesIsAnsweredWithinARate() {
    Listening device;
    device.runTo(1min);
    size_t answers = 0;
    for (uint8_t i = 2; i < 52; ++i) {
        device.hear(i, said(device.time, true, true));
        const auto more = device.runTo(device.time + kSoonAtMost);
        for (const auto& [when, what] : more) QVERIFY(!what.arrived); // or they would answer one another for ever
        answers += more.size();
    }
    QVERIFY2(answers >= 3 && answers <= 6, std::to_string(answers).c_str()); // 100 s
    device.hear(60, said(device.time));                                      // it has been here all the time
    QVERIFY(device.runTo(device.time + kSoonAtMost).empty());
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
    device.it.setOn(false, clocks(1s));
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
        device.it.onHeard(numbered(i), said(when), clocks(when));
    }
    QVERIFY(!device.it.of(numbered(0)));
    QVERIFY(device.it.of(numbered(1)) && device.it.of(numbered(kMaxHeard)));
    device.runTo(1h);
    QVERIFY(!device.it.of(numbered(1))->here);
}

QTEST_APPLESS_MAIN(PresenceTest)
#include "presence_test.moc"

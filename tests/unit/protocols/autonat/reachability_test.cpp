#include "crypto/identity.h"
#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/reachability.h"

#include <QTest>

using namespace wherry;
using namespace wherry::autonat;
using namespace std::chrono_literals;

namespace {
crypto::PeerId peer(uint8_t number) {
    std::array<uint8_t, 32> seed{};
    seed.fill(number);
    return crypto::Identity::fromSeed(seed).peerId();
}
codec::Multiaddr at(const char* ip, uint16_t port = 4001) {
    return codec::Multiaddr::quic({codec::parseIp(ip).value(), port, 0});
}
Now now(Duration since = {}) {
    return {Instant(1h) + since, UnixTime::fromSeconds(1'800'000'000)};
}
const codec::IpAddress kHere = codec::parseIp("45.0.0.1").value();
const codec::IpAddress kThere = codec::parseIp("46.0.0.1").value();

/// Answers every question in turn until nobody is asked any more; time passes as needed, up to `until`.
std::vector<Question> answerAll(Reachability& facts, ProbeOutcome outcome, Duration until) {
    std::vector<Question> asked;
    Now time = now();
    while (time.mono <= now(until).mono) {
        if (const auto question = facts.poll(time)) {
            asked.push_back(*question);
            facts.onDone({{}, question->peer, question->address, question->version, outcome, {}}, time);
            continue;
        }
        const Instant next = facts.deadline();
        if (next == kNever) break;
        time.mono = std::max(next, time.mono + 1ms);
    }
    return asked;
}
} // namespace

class ReachabilityTest : public QObject {
    Q_OBJECT
  private slots:
    void oneNonceMakesAnAddressReachable();
    void threePeersThatFailMakeItUnreachable();
    void versionOneTakesFourThatAgree();
    void privateAddressesAreNotAskedAbout();
    void whatOneNetworkSeesIsNotAskedAbout();
    void aReachableAddressIsTriedAgainLater();
    void oneServerIsNotAskedTooOften();
    void addressesThatHaveGoneAreForgotten();
    void aPeerHasOneVote();
    void whoHasMoreVotesTakesThePlaceOfOneWithFewer();
    void neighboursInOneNetworkCountOnce();
    void aSecureWebSocketIsACandidateToo();
    void tablesAreBounded();
};

void ReachabilityTest::oneNonceMakesAnAddressReachable() {
    Reachability facts;
    facts.setListening({at("44.1.0.1")}, now());
    QCOMPARE(facts.overall(), Verdict::Unknown);
    QVERIFY(!facts.poll(now())); // nobody to ask
    facts.onServer(peer(1), Version::V2, now());
    QCOMPARE(answerAll(facts, ProbeOutcome::Reachable, 1min).size(), size_t(1));
    QCOMPARE(facts.overall(), Verdict::Reachable);
    const auto all = facts.facts();
    QCOMPARE(all.size(), size_t(1));
    QCOMPARE(all[0].evidence.size(), size_t(1));
    QCOMPARE(all[0].evidence[0].peer, peer(1));
}

void ReachabilityTest::threePeersThatFailMakeItUnreachable() {
    Reachability facts;
    facts.setListening({at("44.1.0.1")}, now());
    for (const size_t servers : {size_t(2), size_t(3)}) {
        for (uint8_t i = 1; i <= servers; ++i) facts.onServer(peer(i), Version::V2, now());
        answerAll(facts, ProbeOutcome::Unreachable, 3min);
        QCOMPARE(facts.overall(), servers < kFailuresNeeded ? Verdict::Unknown : Verdict::Unreachable);
    }
    facts.onServer(peer(9), Version::V2, now());
    answerAll(facts, ProbeOutcome::Reachable, 10min);
    QCOMPARE(facts.overall(), Verdict::Reachable);
}

void ReachabilityTest::versionOneTakesFourThatAgree() {
    for (const size_t servers : {kOpinionsNeeded - 1, kOpinionsNeeded}) {
        Reachability facts;
        facts.setListening({at("44.1.0.1")}, now());
        for (uint8_t i = 1; i <= servers; ++i) facts.onServer(peer(i), Version::V1, now());
        answerAll(facts, ProbeOutcome::Reachable, 3min);
        QCOMPARE(facts.overall(), servers < kOpinionsNeeded ? Verdict::Unknown : Verdict::Reachable);
    }
}

void ReachabilityTest::privateAddressesAreNotAskedAbout() {
    Reachability facts;
    facts.onServer(peer(1), Version::V2, now());
    facts.setListening({at("192.168.1.2"), at("127.0.0.1"), at("fe80::1"), at("198.51.100.1")}, now());
    facts.onObserved(peer(2), kHere, at("10.0.0.1"), now());
    facts.onObserved(peer(3), kThere, at("10.0.0.1"), now());
    QVERIFY(facts.facts().empty());
    QVERIFY(!facts.poll(now()));
}

void ReachabilityTest::whatOneNetworkSeesIsNotAskedAbout() {
    Reachability facts;
    facts.onServer(peer(1), Version::V2, now());
    for (uint8_t i = 2; i < 8; ++i) facts.onObserved(peer(i), kHere, at("44.1.0.9"), now());
    QVERIFY(!facts.poll(now()));
    facts.onObserved(peer(9), kThere, at("44.1.0.9", 4002), now()); // another address
    QVERIFY(!facts.poll(now()));
    facts.onObserved(peer(9), kThere, at("44.1.0.9"), now());
    QCOMPARE(facts.poll(now())->address, at("44.1.0.9"));
}

void ReachabilityTest::aReachableAddressIsTriedAgainLater() {
    Reachability facts;
    facts.setListening({at("44.1.0.1")}, now());
    facts.onServer(peer(1), Version::V2, now());
    answerAll(facts, ProbeOutcome::Reachable, 1min);
    QVERIFY(!facts.poll(now(kAskReachable - 1s)));
    QVERIFY(facts.poll(now(kAskReachable)));
    QVERIFY(!facts.poll(now(kAskReachable))); // one at a time
}

void ReachabilityTest::oneServerIsNotAskedTooOften() {
    Reachability facts;
    std::vector<codec::Multiaddr> many;
    for (uint16_t i = 0; i < 12; ++i) many.push_back(at("44.1.0.1", uint16_t(4001 + i)));
    facts.setListening(many, now());
    facts.onServer(peer(1), Version::V2, now());
    const size_t asked = answerAll(facts, ProbeOutcome::Inconclusive, 1min).size();
    QVERIFY(asked >= 6 && asked <= 7);
}

void ReachabilityTest::addressesThatHaveGoneAreForgotten() {
    Reachability facts;
    facts.setListening({at("44.1.0.1")}, now());
    facts.onServer(peer(1), Version::V2, now());
    const auto question = facts.poll(now());
    const uint64_t before = facts.version();
    facts.setListening({at("44.1.0.2")}, now());
    QVERIFY(facts.version() > before);
    facts.onDone({{}, question->peer, question->address, question->version, ProbeOutcome::Reachable, {}}, now());
    QCOMPARE(facts.facts().size(), size_t(1));
    QCOMPARE(facts.overall(), Verdict::Unknown);
}

void ReachabilityTest::aPeerHasOneVote() {
    Reachability facts;
    for (uint16_t i = 0; i < 100; ++i) {
        facts.onObserved(peer(2), kHere, at("44.1.0.9", uint16_t(4001 + i)), now());
        facts.onObserved(peer(3), kThere, at("44.1.0.9", uint16_t(4001 + i)), now());
    }
    QCOMPARE(facts.facts().size(), size_t(1));
    QCOMPARE(facts.facts()[0].address, at("44.1.0.9", 4100));
    const uint64_t before = facts.version();
    facts.onObserved(peer(3), kThere, at("44.1.0.9", 5000), now());
    QVERIFY(facts.facts().empty()); // only one is left who sees us there
    QVERIFY(facts.version() > before);
}

void ReachabilityTest::whoHasMoreVotesTakesThePlaceOfOneWithFewer() {
    Reachability facts;
    std::vector<codec::Multiaddr> many;
    for (size_t i = 0; i + 1 < kMaxCandidates; ++i) many.push_back(at("44.1.0.1", uint16_t(4001 + i)));
    facts.setListening(many, now());
    const auto vote = [&](uint8_t first, size_t networks, const codec::Multiaddr& address) {
        for (size_t i = 0; i < networks; ++i)
            facts.onObserved(peer(uint8_t(first + i)), codec::IpAddress::v4({50, uint8_t(first + i), 0, 1}), address,
                             now());
    };
    vote(10, 2, at("44.7.0.1"));
    vote(20, 2, at("44.8.0.1")); // as many are not more
    const auto last = [&] { return facts.facts().back().address; };
    QCOMPARE(last(), at("44.7.0.1"));
    vote(30, 1, at("44.8.0.1"));
    QCOMPARE(last(), at("44.8.0.1"));
    QCOMPARE(facts.facts().size(), kMaxCandidates);
}

void ReachabilityTest::neighboursInOneNetworkCountOnce() {
    Reachability facts;
    for (uint8_t i = 1; i < 9; ++i)
        facts.onObserved(peer(i), codec::IpAddress::v4({45, 0, 0, i}), at("44.1.0.9"), now());
    QVERIFY(facts.facts().empty());
    facts.onObserved(peer(9), codec::IpAddress::v4({45, 0, 1, 1}), at("44.1.0.9"), now());
    QCOMPARE(facts.facts().size(), size_t(1));
}

void ReachabilityTest::aSecureWebSocketIsACandidateToo() {
    Reachability facts;
    const auto wss = codec::Multiaddr::parse("/ip4/44.1.0.1/tcp/4001/tls/ws").value();
    facts.setListening({wss}, now());
    QCOMPARE(facts.facts().size(), size_t(1));
    QCOMPARE(facts.facts()[0].address, wss);
}

void ReachabilityTest::tablesAreBounded() {
    Reachability facts;
    std::vector<codec::Multiaddr> many;
    for (uint16_t i = 0; i < 1000; ++i) many.push_back(at("44.1.0.1", uint16_t(4001 + i)));
    facts.setListening(many, now());
    QCOMPARE(facts.facts().size(), kMaxCandidates);
    // The word of one more than the bound ends that of whoever spoke longest ago.
    Reachability crowd;
    const auto voter = [](size_t number) {
        std::array<uint8_t, 32> seed{};
        seed[0] = uint8_t(number >> 8);
        seed[1] = uint8_t(number);
        return crypto::Identity::fromSeed(seed).peerId();
    };
    const auto speak = [&](size_t number, uint16_t port) {
        crowd.onObserved(voter(number), codec::IpAddress::v4({50, uint8_t(number >> 8), uint8_t(number), 1}),
                         at("44.2.0.1", port), now());
    };
    speak(0, 4001);
    speak(1, 4001);
    for (size_t i = 2; i < kMaxVotes; ++i) speak(i, uint16_t(4002 + i));
    QCOMPARE(crowd.facts().size(), size_t(1));
    speak(kMaxVotes, 4002);
    QVERIFY(crowd.facts().empty());
}

QTEST_APPLESS_MAIN(ReachabilityTest)
#include "reachability_test.moc"

#include "kad/query.h"
#include "unit/kad/virtual_network.h"

#include <QTest>
#include <cstdio>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
const crypto::PeerId kSelf = virtualPeer(0);
const Key kTarget = Key::ofPeer(virtualPeer(999'999'999));
const QueryConfig kPlain{kParallelism, kReplication, 1, kPathCaps};

Contact contactOf(uint64_t number) {
    const auto peer = virtualPeer(number);
    return {peer, Key::ofPeer(peer), {farAddress(static_cast<uint32_t>(number))}};
}
std::vector<Contact> seeds(uint64_t from, size_t count) {
    std::vector<Contact> out;
    for (size_t i = 0; i < count; ++i) out.push_back(contactOf(from + i));
    return out;
}
PeerEntry entryOf(uint64_t number) {
    const Contact contact = contactOf(number);
    return {contact.peer, contact.addresses, Connection::CanConnect};
}
/// Whom the query asks now.
std::vector<crypto::PeerId> drain(Query& query, Now now) {
    std::vector<crypto::PeerId> out;
    while (auto ask = query.poll(now)) out.push_back(ask->peer);
    return out;
}
template <typename Value> Value percentile(std::vector<Value> values, size_t percent) {
    std::ranges::sort(values);
    return values[(values.size() - 1) * percent / 100];
}
bool sameKeys(const std::vector<Contact>& a, const std::vector<Contact>& b) {
    return std::ranges::equal(a, b, {}, &Contact::key, &Contact::key);
}
} // namespace

class QueryTest : public QObject {
    Q_OBJECT
  private slots:
    void messagesAndHopsGrowWithTheLogarithm();
    void aQueryFindsTheClosestOfAll();
    void aThirdOfThePeersIsDeadAndTheClosestAreFound();
    void theSameSeedGivesTheSameRun();
    void withoutSeedsItHasFinished();
    void fiveAreAskedAtOnceAndNoMore();
    void whoIsSlowDoesNotHoldUpTheOthers();
    void besideASlowRequestOneMoreIsMade();
    void whenTheClosestHasAnsweredTheOthersAreAskedAtOnce();
    void theOnlyPeerMayBeSlow();
    void whoHasStalledIsWaitedForUntilOneHasAnswered();
    void whoTakesASecondIsHeard();
    void aRequestEndsAfterTenSecondsAndTheQueryAfterSixty();
    void answersOfStrangersAndSecondAnswersCountForNothing();
    void weAndPeersWithoutAddressAreNotAsked();
    void noPeerIsAskedTwiceHoweverOftenItIsNamed();
    void tooManyPeersInOneAnswerAreCutOff();
    void onePathDoesNotAskWhomAnotherHasAsked();
    void onlyThePathThatAskedHearsTheAnswer();
    void everCloserPeersEndWithTheBudgetOfTheirPath();
    void answersOutOfOneNetworkDoNotFillAPath();
    void unreachableCloserPeersDoNotHideTheRealOnes();
    void aQuarterOfLiarsWhoNameOnlyEachOtherIsSurvived();
};

void QueryTest::messagesAndHopsGrowWithTheLogarithm() {
    std::printf("nodes  paths  messages p50 p99   hops p50 p99   virtual ms p50 p99   closest 20 right\n");
    size_t messagesAtHundred = 0, messagesAtMost = 0;
    for (const size_t count : {size_t(100), size_t(1000), size_t(10'000)}) {
        VirtualNetwork network(count, 7);
        for (const size_t paths : {size_t(1), kDisjointPaths}) {
            std::vector<size_t> messages, hops;
            std::vector<int64_t> took;
            size_t right = 0, all = 0;
            for (size_t i = 0; i < 60; ++i) {
                const Key target = Key::ofPeer(virtualPeer(500'000'000 + i));
                auto config = kPlain;
                config.paths = paths;
                const size_t from = network.random().below(count);
                const auto outcome = network.lookUp(from, target, config);
                auto truth = network.truth(target, kReplication + 1);
                std::erase_if(truth, [&](const auto& one) { return one.peer == network.contact(from).peer; });
                truth.resize(kReplication);
                for (const auto& one : truth) right += std::ranges::count(outcome.closest, one.peer, &Contact::peer);
                all += kReplication;
                messages.push_back(outcome.figures.requests);
                hops.push_back(outcome.figures.hops);
                took.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(outcome.took).count());
            }
            std::printf("%5zu  %5zu  %8zu %7zu   %4zu %7zu   %10lld %7lld   %zu/%zu\n", count, paths,
                        percentile(messages, 50), percentile(messages, 99), percentile(hops, 50), percentile(hops, 99),
                        static_cast<long long>(percentile(took, 50)), static_cast<long long>(percentile(took, 99)),
                        right, all);
            if (paths == 1 && count == 100) messagesAtHundred = percentile(messages, 99);
            if (paths == 1) messagesAtMost = percentile(messages, 99);
            QVERIFY(right * 100 >= all * 98);
            QVERIFY(percentile(hops, 99) <= 6); // log2(10 000 / 20) is 9, and a bucket of 20 saves some of these
        }
    }
    QVERIFY(messagesAtMost < 3 * messagesAtHundred);
}

void QueryTest::aQueryFindsTheClosestOfAll() {
    VirtualNetwork network(300, 3);
    for (size_t i = 0; i < 20; ++i) {
        const Key target = Key::ofPeer(virtualPeer(500'000'000 + i));
        const auto outcome = network.run(kSelf, target, network.knownTo(i, target), kPlain);
        QVERIFY(sameKeys(outcome.closest, network.truth(target, kReplication)));
        QVERIFY(outcome.mostAtOnce <= kReplication + kMaxParallelism);
    }
}

void QueryTest::aThirdOfThePeersIsDeadAndTheClosestAreFound() {
    VirtualNetwork network(1000, 4);
    for (size_t i = 0; i < 1000; i += 3) network.kill(i);
    size_t right = 0, all = 0;
    for (size_t i = 0; i < 20; ++i) {
        const Key target = Key::ofPeer(virtualPeer(500'000'000 + i));
        const auto outcome = network.run(kSelf, target, network.knownTo(3 * i + 1, target), {});
        for (const auto& one : network.truth(target, kReplication))
            right += std::ranges::count(outcome.closest, one.peer, &Contact::peer);
        all += kReplication;
        QVERIFY(outcome.took < kQueryTimeout);
    }
    QVERIFY2(right * 100 >= all * 95, std::to_string(right).c_str());
}

void QueryTest::theSameSeedGivesTheSameRun() {
    const auto once = [] {
        VirtualNetwork network(200, 5);
        const auto outcome = network.lookUp(3, kTarget);
        return std::tuple(outcome.closest, outcome.figures.requests, outcome.took);
    };
    QVERIFY(once() == once());
}

void QueryTest::withoutSeedsItHasFinished() {
    Query query(kTarget, kSelf, {}, {}, at(0s));
    QVERIFY(query.finished());
    QVERIFY(!query.poll(at(0s)));
    QCOMPARE(query.deadline(), kNever);
}

void QueryTest::fiveAreAskedAtOnceAndNoMore() {
    Query query(kTarget, kSelf, seeds(1, 20), {}, at(0s));
    const auto asked = drain(query, at(0s));
    QCOMPARE(asked.size(), kParallelism);
    query.onFailure(asked[0], at(0s));
    QCOMPARE(drain(query, at(0s)).size(), size_t(1));
}

void QueryTest::whoIsSlowDoesNotHoldUpTheOthers() {
    Query query(kTarget, kSelf, seeds(1, 30), kPlain, at(0s));
    QCOMPARE(drain(query, at(0s)).size(), kParallelism);
    QCOMPARE(query.deadline(), at(kHedgeAfter).mono);
    query.onDeadline(at(kHedgeAfter));
    QCOMPARE(drain(query, at(kHedgeAfter)).size(), kParallelism);
    QCOMPARE(query.deadline(), at(2 * kHedgeAfter).mono);
    query.onDeadline(at(2 * kHedgeAfter));
    QVERIFY(drain(query, at(2 * kHedgeAfter)).empty()); // as many as there may be
    QCOMPARE(query.deadline(), at(kStallAfter).mono);
    query.onDeadline(at(kStallAfter - 1ns));
    QVERIFY(drain(query, at(kStallAfter - 1ns)).empty());
    query.onDeadline(at(kStallAfter));
    const auto more = drain(query, at(kStallAfter));
    QCOMPARE(more.size(), kParallelism);
    // The slow ones may still answer.
    QCOMPARE(query.outstanding().size(), kMaxParallelism + kParallelism);
}

void QueryTest::besideASlowRequestOneMoreIsMade() {
    Query query(kTarget, kSelf, seeds(1, 30), kPlain, at(0s));
    const auto asked = drain(query, at(0s));
    query.onFailure(asked[0], at(10ms));
    QCOMPARE(drain(query, at(10ms)).size(), size_t(1));
    query.onDeadline(at(kHedgeAfter - 1ns));
    QVERIFY(drain(query, at(kHedgeAfter - 1ns)).empty());
    query.onDeadline(at(kHedgeAfter));
    QCOMPARE(drain(query, at(kHedgeAfter)).size(), kParallelism - 1); // the fifth is not slow yet
}

void QueryTest::whenTheClosestHasAnsweredTheOthersAreAskedAtOnce() {
    auto all = seeds(1, 40);
    std::ranges::sort(all, CloserTo{kTarget}, &Contact::key);
    Query query(kTarget, kSelf, all, kPlain, at(0s));
    const auto asked = drain(query, at(0s));
    QCOMPARE(asked[0], all[0].peer);
    query.onReply(asked[1], {}, at(10ms));
    QCOMPARE(drain(query, at(10ms)).size(), size_t(1)); // somebody closer may still answer
    query.onReply(asked[0], {}, at(20ms));
    drain(query, at(20ms));
    QCOMPARE(query.outstanding().size(), kReplication - 2); // all of the k closest that have not answered, and no more
    // Somebody closer is told of: alpha again.
    const Contact closer = contactOf(999'999'999);
    query.onReply(asked[2], std::vector{PeerEntry{closer.peer, closer.addresses, Connection::CanConnect}}, at(30ms));
    QCOMPARE(drain(query, at(30ms)).size(), size_t(0));
}

void QueryTest::theOnlyPeerMayBeSlow() {
    Query query(kTarget, kSelf, seeds(1, 1), {}, at(0s));
    const auto asked = drain(query, at(0s));
    query.onDeadline(at(kStallAfter));
    QVERIFY(!query.finished());
    query.onReply(asked[0], std::vector{entryOf(2)}, at(9s));
    QCOMPARE(drain(query, at(9s)), std::vector{virtualPeer(2)});
}

void QueryTest::whoHasStalledIsWaitedForUntilOneHasAnswered() {
    Query query(kTarget, kSelf, seeds(1, 4), {}, at(0s));
    QCOMPARE(drain(query, at(0s)).size(), size_t(4));
    query.onFailure(virtualPeer(1), at(1s));
    query.onDeadline(at(kStallAfter));
    QVERIFY(!query.finished());
    query.onReply(virtualPeer(2), {}, at(kStallAfter + 1s));
    QVERIFY(query.finished());
    QCOMPARE(query.closest().size(), size_t(1));
}

void QueryTest::whoTakesASecondIsHeard() {
    VirtualNetwork network(5, 3);
    network.kill(1);
    network.setDelay([](Random&) { return Duration(1s); });
    const auto outcome = network.lookUp(0, kTarget);
    QCOMPARE(outcome.closest.size(), size_t(3));
    QVERIFY(outcome.took <= kStallAfter + 1s);
}

void QueryTest::aRequestEndsAfterTenSecondsAndTheQueryAfterSixty() {
    Query query(kTarget, kSelf, seeds(1, 1), {}, at(0s));
    drain(query, at(0s));
    query.onDeadline(at(kStallAfter));
    QCOMPARE(query.deadline(), at(kRequestTimeout).mono);
    query.onDeadline(at(kRequestTimeout));
    QVERIFY(query.finished());
    QCOMPARE(query.figures().failures, size_t(1));
    Query longer(kTarget, kSelf, seeds(1, 30), {}, at(0s));
    longer.onDeadline(at(kQueryTimeout - 1ns));
    QVERIFY(!longer.finished());
    longer.onDeadline(at(kQueryTimeout));
    QVERIFY(longer.finished());
}

void QueryTest::answersOfStrangersAndSecondAnswersCountForNothing() {
    Query query(kTarget, kSelf, seeds(1, 1), {}, at(0s));
    query.onReply(virtualPeer(1), std::vector{entryOf(5)}, at(0s)); // nobody has asked it yet
    drain(query, at(0s));
    query.onReply(virtualPeer(7), std::vector{entryOf(8)}, at(0s));
    QVERIFY(drain(query, at(0s)).empty());
    query.onReply(virtualPeer(1), std::vector{entryOf(2)}, at(0s));
    drain(query, at(0s));
    query.onReply(virtualPeer(1), std::vector{entryOf(9)}, at(0s));
    query.onFailure(virtualPeer(2), at(0s));
    QVERIFY(query.finished());
    QCOMPARE(query.closest().size(), size_t(1));
}

void QueryTest::weAndPeersWithoutAddressAreNotAsked() {
    Query query(kTarget, kSelf, seeds(1, 1), {}, at(0s));
    drain(query, at(0s));
    query.onReply(virtualPeer(1), std::vector{entryOf(0), PeerEntry{virtualPeer(3), {}, Connection::Connected}},
                  at(0s));
    QVERIFY(query.finished());
    QCOMPARE(query.figures().requests, size_t(1));
}

void QueryTest::noPeerIsAskedTwiceHoweverOftenItIsNamed() {
    Query query(kTarget, kSelf, seeds(1, 4), {}, at(0s));
    std::vector<crypto::PeerId> all;
    while (!query.finished())
        for (const auto& peer : drain(query, at(0s))) {
            QVERIFY(!std::ranges::count(all, peer));
            all.push_back(peer);
            if (all.size() % 2)
                query.onFailure(peer, at(0s));
            else
                query.onReply(peer, std::vector{entryOf(1), entryOf(2), entryOf(3), entryOf(4), entryOf(5)}, at(0s));
        }
    QCOMPARE(all.size(), size_t(5));
}

void QueryTest::tooManyPeersInOneAnswerAreCutOff() {
    Query query(kTarget, kSelf, seeds(1, 1), kPlain, at(0s));
    drain(query, at(0s));
    std::vector<PeerEntry> many;
    for (uint64_t i = 0; i < 10 * kMaxPeersPerList; ++i) many.push_back(entryOf(100 + i));
    query.onReply(virtualPeer(1), many, at(0s));
    size_t asked = 0;
    while (!query.finished())
        for (const auto& peer : drain(query, at(0s))) ++asked, query.onFailure(peer, at(0s));
    QCOMPARE(asked, kMaxPeersPerList);
}

void QueryTest::onePathDoesNotAskWhomAnotherHasAsked() {
    Query query(kTarget, kSelf, seeds(1, 2), {kParallelism, kReplication, 2, kPathCaps}, at(0s));
    drain(query, at(0s));
    const std::vector same = {entryOf(10), entryOf(11)};
    query.onReply(virtualPeer(1), same, at(0s));
    query.onReply(virtualPeer(2), same, at(0s));
    QCOMPARE(drain(query, at(0s)).size(), size_t(2));
    query.onReply(virtualPeer(10), {}, at(0s));
    query.onReply(virtualPeer(11), {}, at(0s));
    QVERIFY(query.finished());
    QCOMPARE(query.closest().size(), size_t(4));
}

void QueryTest::onlyThePathThatAskedHearsTheAnswer() {
    // One path at a time may ask one peer: what path 0 hears is not asked while path 1 is still busy with its own.
    Query query(kTarget, kSelf, seeds(1, 2), {2, kReplication, 2, kPathCaps}, at(0s));
    QCOMPARE(drain(query, at(0s)).size(), size_t(2));
    query.onReply(virtualPeer(1), std::vector{entryOf(10), entryOf(11)}, at(0s));
    QCOMPARE(drain(query, at(0s)).size(), size_t(1));
    // Path 1 ends without a single candidate of path 0; then path 0 has all the parallelism.
    query.onReply(virtualPeer(2), {}, at(0s));
    QCOMPARE(drain(query, at(0s)).size(), size_t(1));
}

void QueryTest::everCloserPeersEndWithTheBudgetOfTheirPath() {
    VirtualNetwork network(300, 6);
    // Every liar names ten new liars, closer than itself as far as it finds some.
    uint64_t next = 700'000'000;
    std::function<std::optional<std::vector<PeerEntry>>(const Key&)> lie = [&](const Key&) {
        std::vector<PeerEntry> out;
        for (int i = 0; i < 10; ++i) {
            const auto peer = virtualPeer(++next);
            out.push_back({peer, {quicAt("10.1.1.1")}, Connection::CanConnect});
            network.makeLiar(peer, lie);
        }
        return std::optional(out);
    };
    network.makeLiar(virtualPeer(600'000'000), lie);
    auto start = network.knownTo(1, kTarget);
    start.resize(2);
    start.push_back({virtualPeer(600'000'000), Key::ofPeer(virtualPeer(600'000'000)), {quicAt("10.1.1.1")}});
    const auto outcome = network.run(kSelf, kTarget, start, {});
    QVERIFY(outcome.figures.requests <= kMaxRequests);
    for (const auto& one : network.truth(kTarget, 3))
        QVERIFY(std::ranges::count(outcome.closest, one.peer, &Contact::peer) == 1);
}

void QueryTest::answersOutOfOneNetworkDoNotFillAPath() {
    Query query(kTarget, kSelf, seeds(1, 1), kPlain, at(0s));
    drain(query, at(0s));
    std::vector<PeerEntry> sybils;
    for (uint64_t i = 0; i < 20; ++i)
        sybils.push_back(
            {virtualPeer(100 + i), {quicAt("2001:db8:1:" + std::to_string(i) + "::1")}, Connection::CanConnect});
    query.onReply(virtualPeer(1), sybils, at(0s));
    size_t asked = 0;
    while (!query.finished())
        for (const auto& peer : drain(query, at(0s))) ++asked, query.onReply(peer, {}, at(0s));
    QCOMPARE(asked, kPathCaps.v6Slash48);
}

void QueryTest::unreachableCloserPeersDoNotHideTheRealOnes() {
    VirtualNetwork network(300, 8);
    const auto truth = network.truth(kTarget, kReplication);
    // The closest peer of all names twenty who do not exist; they cost time and nothing else.
    network.makeLiar(truth[0].peer, [](const Key&) {
        std::vector<PeerEntry> out;
        for (uint64_t i = 0; i < 20; ++i) out.push_back(entryOf(800'000'000 + i));
        return std::optional(out);
    });
    const auto outcome = network.run(kSelf, kTarget, network.knownTo(1, kTarget), {});
    QVERIFY(sameKeys(outcome.closest, truth));
    QVERIFY(outcome.took < kQueryTimeout);
}

void QueryTest::aQuarterOfLiarsWhoNameOnlyEachOtherIsSurvived() {
    size_t rightPlain = 0, rightDisjoint = 0;
    for (uint64_t run = 0; run < 25; ++run) {
        VirtualNetwork network(400, 100 + run);
        const Key target = Key::ofPeer(virtualPeer(900'000'000 + run));
        std::vector<Contact> liars;
        for (size_t i = 0; i < 400; i += 4) liars.push_back(network.contact(i));
        std::ranges::sort(liars, CloserTo{target}, &Contact::key);
        std::vector<PeerEntry> lie;
        for (size_t i = 0; i < kMaxPeersPerList; ++i)
            lie.push_back({liars[i].peer, liars[i].addresses, Connection::CanConnect});
        for (const Contact& liar : liars) network.makeLiar(liar.peer, [&](const Key&) { return std::optional(lie); });
        const auto truth = network.truth(target, kReplication);
        const auto found = [&](size_t paths) {
            auto config = kPlain;
            config.paths = paths;
            auto start = network.knownTo(1 + 4 * run % 300, target);
            start.resize(kDisjointPaths);
            return network.run(kSelf, target, start, config).closest[0].peer == truth[0].peer;
        };
        rightPlain += found(1);
        rightDisjoint += found(kDisjointPaths);
    }
    std::printf("the closest found from 3 seeds with 25 %% liars: %zu of 25 on one path, %zu of 25 on three\n",
                rightPlain, rightDisjoint);
    QVERIFY(rightDisjoint >= 20);
}

QTEST_APPLESS_MAIN(QueryTest)
#include "query_test.moc"

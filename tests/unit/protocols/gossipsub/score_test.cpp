#include "protocols/gossipsub/mesh.h"
#include "protocols/gossipsub/peer_score.h"
#include "unit/protocols/gossipsub/router_world.h"

#include <QTest>
#include <cmath>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::gossipsub::test;
using namespace std::chrono_literals;

namespace {
const crypto::PeerId kPeer = identityOf(1).peerId();
Instant when(Duration since) {
    return at(since).mono;
}
std::vector<Candidate> candidates(uint32_t from, uint32_t count, double score, bool outbound) {
    std::vector<Candidate> out;
    for (uint32_t i = 0; i < count; ++i) out.push_back({identityOf(from + i).peerId(), score, outbound});
    return out;
}
bool in(const std::vector<crypto::PeerId>& list, const crypto::PeerId& peer) {
    return std::ranges::find(list, peer) != list.end();
}
} // namespace

class ScoreTest : public QObject {
    Q_OBJECT
  private slots:
    void timeInTheMeshCountsUpToItsCap();
    void firstDeliveriesCountAndFade();
    void tooFewDeliveriesCountAgainstAMember();
    void duplicatesCountWithinTheirWindow();
    void invalidMessagesCountSquared();
    void theApplicationHasItsSay();
    void manyPeersOfOneAddressCountAgainstAll();
    void misbehaviourCountsSquaredBeyondItsThreshold();
    void topicsTogetherAreCapped();
    void aBadScoreIsFoundAgainAndAGoodOneForgotten();
    void scoresOfThoseWhoHaveGoneAreBounded();
    void countersAtTheEndOfNumbersStayNumbers();

    void aSmallMeshIsFilledUp();
    void aLargeMeshKeepsTheBestAndThoseWeDialled();
    void theUnfitGoWithoutOthersBeingTold();
    void aMeshOfOthersDialsGetsSomeOfOurs();
    void aMeshOfPoorPeersGetsBetterOnes();
};

void ScoreTest::timeInTheMeshCountsUpToItsCap() {
    ScoreParams params;
    params.topic = {.topicWeight = 2, .timeInMeshWeight = 0.5, .timeInMeshQuantum = 10s, .timeInMeshCap = 3};
    PeerScore score(params);
    QCOMPARE(score.score(kPeer, when(0s)), 0.0);
    score.onGraft(kPeer, "t", when(0s)); // nobody knows it
    score.onPeer(kPeer, std::nullopt, when(0s));
    score.onGraft(kPeer, "t", when(0s));
    QCOMPARE(score.score(kPeer, when(9s)), 0.0);
    QCOMPARE(score.score(kPeer, when(20s)), 2.0);
    QCOMPARE(score.score(kPeer, when(1000s)), 3.0);
    score.onPrune(kPeer, "t");
    QCOMPARE(score.score(kPeer, when(1000s)), 0.0);
}

void ScoreTest::firstDeliveriesCountAndFade() {
    ScoreParams params;
    params.topic = {
        .timeInMeshWeight = 0, .firstDeliveriesWeight = 1, .firstDeliveriesDecay = 0.5, .firstDeliveriesCap = 4};
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    for (int i = 0; i < 9; ++i) score.onFirstDelivery(kPeer, "t");
    QCOMPARE(score.score(kPeer, when(0s)), 4.0);
    score.refresh(when(1s));
    QCOMPARE(score.score(kPeer, when(1s)), 2.0);
    for (int i = 0; i < 5; ++i) score.refresh(when(2s));
    QCOMPARE(score.score(kPeer, when(1s)), 0.0);
}

void ScoreTest::tooFewDeliveriesCountAgainstAMember() {
    ScoreParams params;
    params.topic = {.timeInMeshWeight = 0,
                    .firstDeliveriesWeight = 0,
                    .meshDeliveriesWeight = -1,
                    .meshDeliveriesDecay = 1,
                    .meshDeliveriesThreshold = 4,
                    .meshDeliveriesActivation = 30s,
                    .meshFailureWeight = -2,
                    .meshFailureDecay = 0.5};
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    score.onGraft(kPeer, "t", when(0s));
    score.onFirstDelivery(kPeer, "t");
    QCOMPARE(score.score(kPeer, when(29s)), 0.0);
    QCOMPARE(score.score(kPeer, when(30s)), -9.0);
    score.refresh(when(30s));
    score.onPrune(kPeer, "t");
    QCOMPARE(score.score(kPeer, when(30s)), -18.0); // P3b
    score.refresh(when(31s));
    QCOMPARE(score.score(kPeer, when(30s)), -9.0);
}

void ScoreTest::duplicatesCountWithinTheirWindow() {
    ScoreParams params;
    params.topic = {.timeInMeshWeight = 0,
                    .meshDeliveriesWeight = -1,
                    .meshDeliveriesThreshold = 2,
                    .meshDeliveriesWindow = 10ms,
                    .meshDeliveriesActivation = 0s};
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    score.onGraft(kPeer, "t", when(0s));
    score.onDuplicate(kPeer, "t", 11ms);
    score.onDuplicate(kPeer, "u", 1ms);
    QCOMPARE(score.score(kPeer, when(1s)), -4.0);
    score.onDuplicate(kPeer, "t", 10ms);
    QCOMPARE(score.score(kPeer, when(1s)), -1.0);
}

void ScoreTest::invalidMessagesCountSquared() {
    ScoreParams params;
    params.topics["t"] = {.timeInMeshWeight = 0, .invalidWeight = -3, .invalidDecay = 0.5};
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    for (int i = 0; i < 4; ++i) score.onInvalid(kPeer, "t");
    QCOMPARE(score.score(kPeer, when(0s)), -48.0);
    score.refresh(when(1s));
    QCOMPARE(score.score(kPeer, when(0s)), -12.0);
}

void ScoreTest::theApplicationHasItsSay() {
    ScoreParams params;
    params.applicationWeight = 10;
    params.application = [](const crypto::PeerId& peer) { return peer == kPeer ? 2.5 : 0; };
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    QCOMPARE(score.score(kPeer, when(0s)), 25.0);
}

void ScoreTest::manyPeersOfOneAddressCountAgainstAll() {
    ScoreParams params;
    params.colocationThreshold = 3;
    params.colocationWeight = -5;
    PeerScore score(params);
    const auto here = codec::IpAddress::v4({44, 1, 0, 1});
    for (uint32_t i = 1; i <= 3; ++i) score.onPeer(identityOf(i).peerId(), here, when(0s));
    QCOMPARE(score.score(kPeer, when(0s)), 0.0);
    for (uint32_t i = 4; i <= 5; ++i) score.onPeer(identityOf(i).peerId(), here, when(0s));
    QCOMPARE(score.score(kPeer, when(0s)), -20.0);
    score.onPeer(identityOf(5).peerId(), codec::IpAddress::v4({44, 1, 0, 2}), when(0s));
    QCOMPARE(score.score(kPeer, when(0s)), -5.0);
    score.onPeerGone(identityOf(4).peerId(), when(0s));
    QCOMPARE(score.score(kPeer, when(0s)), 0.0);
}

void ScoreTest::misbehaviourCountsSquaredBeyondItsThreshold() {
    ScoreParams params;
    params.behaviourThreshold = 1;
    params.behaviourDecay = 0.5;
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    score.onMisbehaviour(kPeer, 1);
    QCOMPARE(score.score(kPeer, when(0s)), 0.0);
    score.onMisbehaviour(kPeer, 2);
    QCOMPARE(score.score(kPeer, when(0s)), -40.0);
    score.refresh(when(1s));
    QCOMPARE(score.score(kPeer, when(0s)), -2.5);
}

void ScoreTest::topicsTogetherAreCapped() {
    ScoreParams params;
    params.topicScoreCap = 5;
    params.topic.firstDeliveriesWeight = 1;
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    for (const char* topic : {"t", "u", "v"})
        for (int i = 0; i < 4; ++i) score.onFirstDelivery(kPeer, topic);
    QCOMPARE(score.score(kPeer, when(0s)), 5.0);
}

void ScoreTest::aBadScoreIsFoundAgainAndAGoodOneForgotten() {
    ScoreParams params;
    params.retain = 10s;
    PeerScore score(params);
    const auto good = identityOf(2).peerId();
    for (const auto& peer : {kPeer, good}) score.onPeer(peer, std::nullopt, when(0s));
    score.onInvalid(kPeer, "t");
    for (int i = 0; i < 30; ++i) score.onFirstDelivery(good, "t");
    for (const auto& peer : {kPeer, good}) score.onPeerGone(peer, when(0s));
    QCOMPARE(score.size(), size_t(1));
    for (int i = 0; i < 9; ++i) score.refresh(when(i * 1s));
    score.onPeer(kPeer, std::nullopt, when(9s));
    QCOMPARE(score.score(kPeer, when(9s)), -10.0); // nothing has faded meanwhile
    score.onPeerGone(kPeer, when(9s));
    score.refresh(when(19s));
    QCOMPARE(score.size(), size_t(0));
}

void ScoreTest::scoresOfThoseWhoHaveGoneAreBounded() {
    PeerScore* score = nullptr;
    ScoreParams params;
    PeerScore all(params);
    score = &all;
    for (uint32_t i = 0; i < kMaxRetainedScores + 1; ++i) {
        Bytes hash{0x12, 0x20};
        hash.resize(34);
        putBigEndian(MutableBytes(hash).subspan(2), i);
        const auto peer = crypto::PeerId::fromMultihash(hash).value();
        score->onPeer(peer, std::nullopt, when(0s));
        score->onMisbehaviour(peer, 1);
        score->onPeerGone(peer, when(0s));
    }
    QCOMPARE(score->size(), kMaxRetainedScores);
}

void ScoreTest::countersAtTheEndOfNumbersStayNumbers() {
    ScoreParams params;
    params.behaviourDecay = 1;
    PeerScore score(params);
    score.onPeer(kPeer, std::nullopt, when(0s));
    for (int i = 0; i < 3; ++i) score.onMisbehaviour(kPeer, static_cast<double>(UINT64_MAX));
    QVERIFY(std::isfinite(score.score(kPeer, when(0s))) && score.score(kPeer, when(0s)) < -1e18);
    score.onGraft(kPeer, "t", Instant{}); // as old as the clock is
    QVERIFY(std::isfinite(score.score(kPeer, when(0s))));
}

void ScoreTest::aSmallMeshIsFilledUp() {
    wherry::test::SeededRandom random(1);
    const GossipsubConfig config;
    const auto others = candidates(100, 20, 0, false);
    QCOMPARE(maintain(candidates(1, 3, 0, true), others, config, false, random).graft.size(), size_t(3));
    QCOMPARE(maintain(candidates(1, 4, 0, true), others, config, false, random), MeshChange());
    QCOMPARE(maintain({}, candidates(100, 2, 0, false), config, false, random).graft.size(), size_t(2));
    QCOMPARE(maintain({}, candidates(100, 9, -1, false), config, false, random), MeshChange());
}

void ScoreTest::aLargeMeshKeepsTheBestAndThoseWeDialled() {
    wherry::test::SeededRandom random(1);
    const GossipsubConfig config;
    for (int run = 0; run < 50; ++run) {
        auto mesh = candidates(1, 20, 1, false);
        for (size_t i = 0; i < 4; ++i) mesh[i].score = 10;
        mesh[18].outbound = mesh[19].outbound = true;
        const MeshChange change = maintain(mesh, {}, config, false, random);
        QCOMPARE(change.prune.size(), size_t(14));
        for (const size_t kept : {0, 1, 2, 3, 18, 19}) QVERIFY(!in(change.prune, mesh[kept].peer));
    }
    QCOMPARE(maintain(candidates(1, 12, 1, true), {}, config, false, random), MeshChange());
}

void ScoreTest::theUnfitGoWithoutOthersBeingTold() {
    wherry::test::SeededRandom random(1);
    auto mesh = candidates(1, 6, 0, true);
    mesh[2].score = -0.1;
    const MeshChange change = maintain(mesh, {}, {}, false, random);
    QCOMPARE(change.pruneUnfit, std::vector{mesh[2].peer});
    QVERIFY(change.prune.empty() && change.graft.empty());
}

void ScoreTest::aMeshOfOthersDialsGetsSomeOfOurs() {
    wherry::test::SeededRandom random(1);
    auto others = candidates(100, 10, 0, false);
    others[4].outbound = others[7].outbound = others[9].outbound = true;
    const MeshChange change = maintain(candidates(1, 6, 0, false), others, {}, false, random);
    QCOMPARE(change.graft.size(), size_t(2));
    for (const auto& peer : change.graft) QVERIFY(in({others[4].peer, others[7].peer, others[9].peer}, peer));
}

void ScoreTest::aMeshOfPoorPeersGetsBetterOnes() {
    wherry::test::SeededRandom random(1);
    auto others = candidates(100, 10, 1, false);
    others[3].score = others[6].score = others[8].score = 5;
    const auto mesh = candidates(1, 6, 2, true);
    QCOMPARE(maintain(mesh, others, {}, false, random), MeshChange());
    const MeshChange change = maintain(mesh, others, {}, true, random);
    QCOMPARE(change.graft.size(), size_t(2));
    for (const auto& peer : change.graft) QVERIFY(in({others[3].peer, others[6].peer, others[8].peer}, peer));
    QCOMPARE(maintain(candidates(1, 6, 20, true), candidates(100, 5, 30, false), {}, true, random), MeshChange());
}

QTEST_APPLESS_MAIN(ScoreTest)
#include "score_test.moc"

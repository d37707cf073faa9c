#include "unit/crypto/der_builder.h"
#include "unit/protocols/gossipsub/router_world.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::gossipsub::test;
using namespace std::chrono_literals;

/// Rows D6 and D7, and messages that are not what they say: one peer, which says what it likes.
namespace {
const crypto::PeerId kAttacker = identityOf(666).peerId();
const crypto::PeerId kNext = identityOf(2).peerId();

struct Victim {
    explicit Victim(GossipsubConfig config = {})
        : random(1),
          router(std::move(config), identityOf(1), random, log, at(0s)) {
        QVERIFY(router.subscribe("t", {}, at(0s)));
        router.onPeer({kAttacker}, at(0s));
        router.onPeer({kNext}, at(0s));
        Rpc hello;
        hello.subscriptions = {{"t", true}};
        hello.graft = {"t"};
        router.onRpc(kNext, hello, at(0s));
        drain(kNext, at(0s));
        drain(kAttacker, at(0s));
    }
    /// What waits for a peer, as one RPC.
    Rpc drain(const crypto::PeerId& peer, Now now) {
        Rpc all;
        while (const auto frame = router.takeFrame(peer, now)) {
            Bytes bytes(totalLength(frame->bytes));
            copyTo(frame->bytes, bytes);
            const Rpc one = decodeRpc(ByteView(bytes).subspan(codec::requireVarint(bytes)->length)).value();
            all.messages.insert(all.messages.end(), one.messages.begin(), one.messages.end());
            all.iwant.insert(all.iwant.end(), one.iwant.begin(), one.iwant.end());
            all.prune.insert(all.prune.end(), one.prune.begin(), one.prune.end());
        }
        return all;
    }
    void say(const Message& message, Now now) {
        Rpc rpc;
        rpc.messages = {message};
        router.onRpc(kAttacker, rpc, now);
    }
    size_t received() {
        size_t count = 0;
        while (const auto event = router.poll()) count += std::holds_alternative<Received>(*event);
        return count;
    }
    Log log;
    wherry::test::SeededRandom random;
    Router router;
};
Message signedBy(uint32_t author, uint64_t seqno, std::string text = "x") {
    Message message;
    message.topic = "t";
    message.data = toBytes(asBytes(text));
    signMessage(message, identityOf(author), seqno);
    return message;
}
std::vector<MessageId> manyIds(size_t count, size_t bytes = 20) {
    std::vector<MessageId> ids;
    for (size_t i = 0; i < count; ++i) {
        ids.emplace_back(bytes);
        putBigEndian(MutableBytes(ids.back()), static_cast<uint32_t>(i));
    }
    return ids;
}
} // namespace

class RouterHostileTest : public QObject {
    Q_OBJECT
  private slots:
    void unsignedWronglySignedAndForgedMessagesGoNowhere();
    void aForgedMessageDoesNotKeepTheRealOneOut();
    void aReplayIsIgnoredForEver();
    void ourOwnMessagesComeBackWithoutEffect();
    void numbersAtTheirEndAreNumbers();
    void aFloodOfBadMessagesEndsInTheGraylist();
    void signatureChecksOfOnePeerAreBounded();
    void aReplayCostsNoSignatureCheck();
    void aLongKeyCostsMoreOfTheChecks();
    void whatSomeSayTakesNoChecksFromOthers();
    void comingBackBringsNoNewChecks();
    void whatIsNotCheckedKeepsItsPromiseAllTheSame();
    void aFloodOfTopicsIsBounded();
    void aFloodOfIhavesIsBounded();
    void aPromiseRunsFromTheQuestionAndEndsWithItsTopic();
    void whoLeavesBeforeItsPromiseIsDueIsAskedAgain();
    void anIhaveForTopicsOfOthersIsNotAsked();
    void aFloodOfIwantsIsBounded();
    void aFloodOfIdontwantsIsBounded();
    void pruneWithTheLongestBackoffEndsSometime();
    void aFloodOfPrunesAndGraftsIsBounded();
    void whoReadsNothingCostsABoundedQueue();
    void aBadScoreSurvivesComingBack();
    void whoPassesOnWhatWasRejectedIsCountedToo();
};

void RouterHostileTest::unsignedWronglySignedAndForgedMessagesGoNowhere() {
    Victim victim;
    Message bare;
    bare.topic = "t";
    bare.data = Bytes{1};
    Message changed = signedBy(3, 1);
    changed.data->push_back('!');
    Message forged = signedBy(3, 1);
    forged.from = toBytes(identityOf(4).peerId().multihash());
    Message otherKey = signedBy(3, 1);
    otherKey.from = toBytes(identityOf(4).peerId().multihash());
    otherKey.key = crypto::PublicKey::ofEd25519(identityOf(3).publicKey()).encode();
    Message noFrom = signedBy(3, 1);
    noFrom.from.reset();
    uint64_t count = 0;
    for (const Message& message : {bare, changed, forged, otherKey, noFrom}) {
        Victim fresh;
        fresh.say(message, at(1s));
        QCOMPARE(fresh.router.figures().rejected, uint64_t(1));
        QCOMPARE(fresh.received(), size_t(0));
        QVERIFY(fresh.drain(kNext, at(1s)).messages.empty());
        QVERIFY(fresh.router.score(kAttacker, at(1s)) < 0);
        ++count;
    }
    QCOMPARE(count, uint64_t(5));
    victim.say(signedBy(3, 1), at(1s));
    QCOMPARE(victim.received(), size_t(1));
    QCOMPARE(victim.drain(kNext, at(1s)).messages.size(), size_t(1));
}

void RouterHostileTest::aForgedMessageDoesNotKeepTheRealOneOut() {
    Victim victim;
    Message forged = signedBy(3, 1);
    forged.data = Bytes{'f'};
    victim.say(forged, at(1s));
    victim.say(signedBy(3, 1), at(1s)); // the same id
    QCOMPARE(victim.received(), size_t(1));
}

void RouterHostileTest::aReplayIsIgnoredForEver() {
    Victim victim;
    const Message message = signedBy(3, 5);
    victim.say(message, at(1s));
    victim.say(message, at(2s));
    QCOMPARE(victim.received(), size_t(1));
    QCOMPARE(victim.router.figures().duplicates, uint64_t(1));
    victim.say(message, at(1000s)); // long after its id was forgotten
    victim.say(signedBy(3, 4), at(1000s));
    QCOMPARE(victim.received(), size_t(0));
    victim.say(signedBy(3, 6), at(1000s));
    QCOMPARE(victim.received(), size_t(1));
    GossipsubConfig config;
    config.numbersGrow = false;
    Victim lax(config);
    lax.say(message, at(1s));
    lax.say(message, at(1000s));
    QCOMPARE(lax.received(), size_t(2));
}

void RouterHostileTest::ourOwnMessagesComeBackWithoutEffect() {
    Victim victim;
    QVERIFY(victim.router.publish("t", {1}, at(1s)));
    const auto sent = victim.drain(kNext, at(1s)).messages;
    QCOMPARE(sent.size(), size_t(1));
    for (const Duration later : {1s, 1000s}) victim.say(sent[0], at(later));
    Message forged = signedBy(3, 1);
    forged.from = toBytes(identityOf(1).peerId().multihash());
    victim.say(forged, at(1s));
    QCOMPARE(victim.received(), size_t(0));
    QCOMPARE(victim.router.figures().ignored, uint64_t(3));
}

void RouterHostileTest::numbersAtTheirEndAreNumbers() {
    Victim victim;
    victim.say(signedBy(3, UINT64_MAX), at(1s));
    victim.say(signedBy(3, 0), at(1s));
    QCOMPARE(victim.received(), size_t(2));
    victim.router.onDeadline(at(200s));
    victim.say(signedBy(3, UINT64_MAX), at(1000s));
    QCOMPARE(victim.received(), size_t(0));
    victim.router.onDeadline({kNever - 1h, UnixTime{INT64_MAX}});
    wherry::test::SeededRandom random(1);
    Log log;
    Router old({}, identityOf(9), random, log, {at(0s).mono, UnixTime{INT64_MIN}}); // a clock before 1970
    QVERIFY(old.publish("t", {1}, at(0s)));
}

void RouterHostileTest::aFloodOfBadMessagesEndsInTheGraylist() {
    Victim victim;
    Rpc rpc;
    for (uint64_t i = 0; i < 1000; ++i) {
        rpc.messages.push_back(signedBy(3, 1));
        putBigEndian(MutableBytes(*rpc.messages.back().seqno), i + 2);
    }
    victim.router.onRpc(kAttacker, rpc, at(1s));
    QVERIFY(victim.router.figures().rejected < 10); // and the rest was not looked at
    victim.router.onRpc(kAttacker, rpc, at(1s));
    QCOMPARE(victim.router.figures().graylisted, uint64_t(1));
    victim.say(signedBy(3, 1), at(1s));
    QCOMPARE(victim.received(), size_t(0));
}

void RouterHostileTest::signatureChecksOfOnePeerAreBounded() {
    size_t checks = 0;
    GossipsubConfig config;
    config.verify = [&](const auto&, ByteView, ByteView) { return ++checks > 0; };
    Victim victim(config);
    Message message = signedBy(3, 1);
    for (uint64_t i = 0; i < kCheckBurst + 1; ++i) {
        putBigEndian(MutableBytes(*message.seqno), i + 10);
        victim.say(message, at(1s));
    }
    QCOMPARE(checks, size_t(kCheckBurst));
    QCOMPARE(victim.router.figures().unchecked, uint64_t(1));
    putBigEndian(MutableBytes(*message.seqno), uint64_t(5));
    victim.say(message, at(1s + 1s / kChecksPerSecond + 1ms));
    QCOMPARE(checks, size_t(kCheckBurst) + 1);
}

void RouterHostileTest::aReplayCostsNoSignatureCheck() {
    size_t checks = 0;
    GossipsubConfig config;
    config.verify = [&](const auto&, ByteView, ByteView) { return ++checks > 0; };
    Victim victim(config);
    const Message message = signedBy(3, 5);
    victim.say(message, at(1s));
    for (int i = 0; i < 100; ++i) victim.say(message, at(1000s));
    QCOMPARE(checks, size_t(1));
    QCOMPARE(victim.router.figures().ignored, uint64_t(100));
}

void RouterHostileTest::aLongKeyCostsMoreOfTheChecks() {
    size_t checks = 0;
    GossipsubConfig config;
    config.verify = [&](const auto&, ByteView, ByteView) { return ++checks > 0; };
    Victim victim(config);
    const Bytes spki = wherry::test::rsaSubjectPublicKeyInfo(8192);
    const auto key = crypto::PublicKey::decode(wherry::test::publicKeyMessage(0, spki)).value();
    Message message = signedBy(3, 1);
    message.key = key.encode();
    message.from = toBytes(key.peerId().multihash());
    for (uint64_t i = 0; i < kCheckBurst; ++i) {
        putBigEndian(MutableBytes(*message.seqno), i + 10);
        victim.say(message, at(1s));
    }
    QCOMPARE(checks, size_t(kCheckBurst) / 9);
    QVERIFY(checkCost(SIZE_MAX) <= 11);
}

/// Five peers with as much to say as may be checked of each.
void RouterHostileTest::whatSomeSayTakesNoChecksFromOthers() {
    GossipsubConfig config;
    config.verify = [](const auto&, ByteView, ByteView) { return true; };
    Victim victim(config);
    Rpc rpc;
    rpc.messages = {signedBy(3, 1)};
    const auto say = [&](const crypto::PeerId& from, uint64_t number) {
        putBigEndian(MutableBytes(*rpc.messages[0].seqno), number);
        victim.router.onRpc(from, rpc, at(1s));
    };
    uint64_t number = 0;
    for (uint32_t sybil = 100; sybil < 106; ++sybil) {
        const crypto::PeerId id = identityOf(sybil).peerId();
        victim.router.onPeer({id}, at(0s));
        for (uint64_t i = 0; i < kCheckBurst; ++i) say(id, ++number);
    }
    const auto before = victim.router.figures();
    QVERIFY(before.unchecked > 0);
    for (uint64_t i = 0; i < kCertainCheckBurst; ++i) say(kNext, ++number);
    QCOMPARE(victim.router.figures().unchecked, before.unchecked);
    QCOMPARE(victim.router.figures().delivered, before.delivered + kCertainCheckBurst);
}

void RouterHostileTest::comingBackBringsNoNewChecks() {
    CheckBudget budget;
    QVERIFY(budget.allow(kAttacker, kCheckBurst, at(0s).mono));
    QVERIFY(!budget.allow(kAttacker, 1, at(0s).mono));
    GossipsubConfig config;
    config.verify = [](const auto&, ByteView, ByteView) { return true; };
    Victim victim(config);
    Message message = signedBy(3, 1);
    for (uint64_t i = 0; i < kCheckBurst; ++i) {
        putBigEndian(MutableBytes(*message.seqno), i + 10);
        victim.say(message, at(1s));
    }
    victim.router.onPeerGone(kAttacker, at(1s));
    victim.router.onPeer({kAttacker}, at(1s));
    putBigEndian(MutableBytes(*message.seqno), uint64_t(5));
    victim.say(message, at(1s));
    QCOMPARE(victim.router.figures().unchecked, uint64_t(1));
    budget.expire(at(60s).mono);
    QCOMPARE(budget.size(), size_t(0));
}

void RouterHostileTest::whatIsNotCheckedKeepsItsPromiseAllTheSame() {
    GossipsubConfig config;
    config.verify = [](const auto&, ByteView, ByteView) { return true; };
    Victim victim(config);
    Message message = signedBy(3, 1);
    for (uint64_t i = 0; i < kCheckBurst; ++i) {
        putBigEndian(MutableBytes(*message.seqno), i + 10);
        victim.say(message, at(1s));
    }
    putBigEndian(MutableBytes(*message.seqno), uint64_t(5));
    Rpc had;
    had.ihave = {{"t", {idFromAuthor(message)}}};
    victim.router.onRpc(kAttacker, had, at(1s));
    QCOMPARE(victim.drain(kAttacker, at(1s)).iwant.size(), size_t(1));
    victim.say(message, at(1s));
    QCOMPARE(victim.router.figures().unchecked, uint64_t(1));
    victim.router.onDeadline(at(10s));
    QCOMPARE(victim.router.figures().brokenPromises, uint64_t(0));
}

void RouterHostileTest::aFloodOfTopicsIsBounded() {
    Victim victim;
    for (int round = 0; round < 10; ++round) {
        Rpc rpc;
        for (size_t i = 0; i < 1000; ++i)
            rpc.subscriptions.push_back({std::to_string(round) + "/" + std::to_string(i), true});
        victim.router.onRpc(kAttacker, rpc, at(1s));
    }
    QCOMPARE(victim.router.topicsOf(kAttacker).size(), kMaxTopicsPerPeer);
    QVERIFY(!victim.router.hasPeers("9/999"));
    victim.router.onPeerGone(kAttacker, at(1s));
    QVERIFY(!victim.router.hasPeers("0/0"));
}

void RouterHostileTest::aFloodOfIhavesIsBounded() {
    Victim victim;
    const auto ids = manyIds(kMaxIdsPerItem);
    size_t asked = 0;
    for (size_t i = 0; i < 100; ++i) {
        Rpc rpc;
        rpc.ihave = {{"t", ids}};
        for (MessageId& id : rpc.ihave[0].ids) id[10] = static_cast<uint8_t>(i);
        victim.router.onRpc(kAttacker, rpc, at(1s));
        asked += victim.drain(kAttacker, at(1s)).iwant.size();
    }
    QCOMPARE(asked, size_t(5000));
    Victim small;
    for (size_t i = 0; i < 100; ++i) {
        Rpc rpc;
        rpc.ihave = {{"t", {MessageId(20, static_cast<uint8_t>(i))}}};
        small.router.onRpc(kAttacker, rpc, at(1s));
    }
    QCOMPARE(small.drain(kAttacker, at(1s)).iwant.size(), size_t(10));
    small.router.onDeadline(at(2s)); // the next heartbeat
    Rpc rpc;
    rpc.ihave = {{"t", {MessageId(20, 200)}}};
    small.router.onRpc(kAttacker, rpc, at(2s));
    QCOMPARE(small.drain(kAttacker, at(2s)).iwant.size(), size_t(1));
}

void RouterHostileTest::aPromiseRunsFromTheQuestionAndEndsWithItsTopic() {
    Rpc rpc;
    rpc.ihave = {{"t", {MessageId(20, 1)}}};
    for (const bool leaves : {false, true}) {
        Victim victim;
        victim.router.onRpc(kAttacker, rpc, at(1s));
        victim.router.onDeadline(at(20s)); // its line is slow: the question waits
        QCOMPARE(victim.drain(kAttacker, at(20s)).iwant.size(), size_t(1));
        victim.router.onDeadline(at(22s));
        QCOMPARE(victim.router.figures().brokenPromises, uint64_t(0));
        if (leaves) victim.router.unsubscribe("t", at(22s));
        victim.router.onDeadline(at(24s));
        QCOMPARE(victim.router.figures().brokenPromises, uint64_t(leaves ? 0 : 1));
    }
}

void RouterHostileTest::whoLeavesBeforeItsPromiseIsDueIsAskedAgain() {
    Victim victim;
    Rpc rpc;
    rpc.ihave = {{"t", {MessageId(20, 1)}}};
    victim.router.onRpc(kAttacker, rpc, at(1s));
    QCOMPARE(victim.drain(kAttacker, at(1s)).iwant.size(), size_t(1));
    victim.router.onPeerGone(kAttacker, at(2s));
    victim.router.onDeadline(at(10s));
    victim.router.onPeer({kAttacker}, at(11s));
    QCOMPARE(victim.drain(kAttacker, at(11s)).iwant.size(), size_t(1));
    victim.router.onDeadline(at(12s));
    QCOMPARE(victim.router.figures().brokenPromises, uint64_t(0));
    victim.router.onDeadline(at(15s));
    QCOMPARE(victim.router.figures().brokenPromises, uint64_t(1));
    QVERIFY(victim.router.score(kAttacker, at(15s)) < 0);
}

void RouterHostileTest::anIhaveForTopicsOfOthersIsNotAsked() {
    Victim victim;
    Rpc rpc;
    rpc.ihave = {{"another", manyIds(10)}};
    victim.router.onRpc(kAttacker, rpc, at(1s));
    QVERIFY(victim.drain(kAttacker, at(1s)).iwant.empty());
}

void RouterHostileTest::aFloodOfIwantsIsBounded() {
    Victim victim;
    std::vector<MessageId> ids;
    for (uint8_t i = 0; i < 20; ++i) ids.push_back(victim.router.publish("t", Bytes(1000, i), at(1s))->id);
    victim.drain(kAttacker, at(1s));
    size_t sent = 0;
    for (int i = 0; i < 100; ++i) {
        Rpc rpc;
        rpc.iwant = ids;
        victim.router.onRpc(kAttacker, rpc, at(1s));
        sent += victim.drain(kAttacker, at(1s)).messages.size();
    }
    QCOMPARE(sent, size_t(60)); // three times each
    // Who reads nothing has no more waiting than a queue holds.
    Victim deaf;
    ids.clear();
    for (int i = 0; i < 300; ++i) ids.push_back(deaf.router.publish("t", Bytes{1}, at(1s))->id);
    deaf.drain(kAttacker, at(1s));
    for (int i = 0; i < 3; ++i) {
        Rpc rpc;
        rpc.iwant = ids;
        deaf.router.onRpc(kAttacker, rpc, at(1s));
    }
    QCOMPARE(deaf.drain(kAttacker, at(1s)).messages.size(), kMaxQueuedMessages);
    QVERIFY(deaf.router.figures().dropped > 0);
}

void RouterHostileTest::aFloodOfIdontwantsIsBounded() {
    Victim victim;
    Rpc hello;
    hello.subscriptions = {{"t", true}};
    victim.router.onRpc(kAttacker, hello, at(1s));
    // Ids of messages of another author, one beyond the bound.
    Rpc rpc;
    std::vector<Message> messages;
    for (uint64_t i = 0; i <= kMaxDontWant; ++i) {
        messages.push_back(signedBy(3, i + 1));
        rpc.dontWant.push_back(idFromAuthor(messages.back()));
    }
    rpc.graft = {"t"};
    victim.router.onRpc(kAttacker, rpc, at(1s));
    victim.drain(kAttacker, at(1s));
    const auto arrives = [&](const Message& message) {
        Rpc one;
        one.messages = {message};
        victim.router.onRpc(kNext, one, at(1s));
        return victim.drain(kAttacker, at(1s)).messages.size();
    };
    QCOMPARE(arrives(messages[0]), size_t(0));
    QCOMPARE(arrives(messages[kMaxDontWant - 1]), size_t(0));
    QCOMPARE(arrives(messages[kMaxDontWant]), size_t(1)); // beyond: not heeded
    for (int i = 1; i <= 4; ++i) victim.router.onDeadline(at(1s + i * 1s));
    QCOMPARE(arrives(messages[5]), size_t(1)); // forgotten after three heartbeats
}

void RouterHostileTest::pruneWithTheLongestBackoffEndsSometime() {
    Victim victim;
    Rpc rpc;
    rpc.prune = {{"t", {}, UINT64_MAX}};
    victim.router.onRpc(kNext, rpc, at(1s));
    QVERIFY(victim.router.mesh("t").empty());
    for (int i = 2; i < 60; ++i) victim.router.onDeadline(at(i * 1s));
    QVERIFY(victim.router.mesh("t").empty());
    victim.router.onDeadline(at(kMaxBackoff + 3s));
    QCOMPARE(victim.router.mesh("t"), std::vector{kNext});
}

void RouterHostileTest::aFloodOfPrunesAndGraftsIsBounded() {
    Victim victim;
    Rpc rpc;
    for (size_t i = 0; i < kMaxControlItems / 2; ++i) {
        rpc.graft.push_back(i % 2 ? "t" : "topic " + std::to_string(i));
        rpc.prune.push_back({i % 2 ? "t" : "topic " + std::to_string(i), {}, i});
    }
    for (int i = 0; i < 100; ++i) victim.router.onRpc(kAttacker, rpc, at(1s));
    const Rpc answer = victim.drain(kAttacker, at(1s));
    QVERIFY(answer.prune.size() <= 1 && answer.messages.empty());
    QVERIFY(victim.router.figures().graylisted > 90);
}

void RouterHostileTest::whoReadsNothingCostsABoundedQueue() {
    Victim victim;
    Rpc hello;
    hello.subscriptions = {{"t", true}};
    victim.router.onRpc(kAttacker, hello, at(1s));
    for (int i = 0; i < 3000; ++i) QVERIFY(victim.router.publish("t", Bytes(2000, 1), at(1s)));
    size_t bytes = 0, count = 0;
    for (const Message& each : victim.drain(kAttacker, at(1s)).messages) {
        bytes += encodeGossip(each).size();
        ++count;
    }
    QVERIFY(count <= kMaxQueuedMessages && bytes <= kMaxQueuedBytes && count > 100);
    for (int i = 0; i < 10; ++i) QVERIFY(victim.router.publish("t", Bytes{1}, at(2s)));
    QCOMPARE(victim.drain(kAttacker, at(2s)).messages.size(), size_t(10));
    for (int i = 0; i < 10; ++i) QVERIFY(victim.router.publish("t", Bytes{1}, at(3s)));
    QVERIFY(victim.drain(kAttacker, at(3s + kMaxQueueAge)).messages.empty());
}

void RouterHostileTest::aBadScoreSurvivesComingBack() {
    Victim victim;
    for (int i = 0; i < 5; ++i) victim.router.onMalformed(kAttacker, at(1s));
    const double bad = victim.router.score(kAttacker, at(1s));
    QVERIFY(bad < -80);
    victim.router.onPeerGone(kAttacker, at(2s));
    victim.router.onPeer({kAttacker}, at(3s));
    QCOMPARE(victim.router.score(kAttacker, at(3s)), bad);
}

void RouterHostileTest::whoPassesOnWhatWasRejectedIsCountedToo() {
    Victim victim;
    victim.router.unsubscribe("t", at(1s));
    QVERIFY(victim.router.subscribe(
        "t", [](const auto&, const auto&) { return Verdict::Reject; }, at(1s)));
    Rpc rpc;
    rpc.messages = {signedBy(3, 1)};
    victim.router.onRpc(kNext, rpc, at(1s));
    for (int i = 0; i < 9; ++i) victim.router.onRpc(kAttacker, rpc, at(1s)); // once, however often it comes
    QCOMPARE(victim.router.score(kAttacker, at(1s)), victim.router.score(kNext, at(1s)));
    QVERIFY(victim.router.score(kAttacker, at(1s)) < 0 && !victim.router.ignores(kAttacker, at(1s)));
}

QTEST_APPLESS_MAIN(RouterHostileTest)
#include "router_hostile_test.moc"

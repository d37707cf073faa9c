#include "protocols/gossipsub/backoff.h"
#include "protocols/gossipsub/message_cache.h"
#include "protocols/gossipsub/outbox.h"
#include "protocols/gossipsub/promises.h"
#include "protocols/gossipsub/seen_cache.h"
#include "unit/protocols/gossipsub/router_world.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::gossipsub::test;
using namespace std::chrono_literals;

namespace {
crypto::PeerId peer(uint32_t number) {
    return identityOf(number).peerId();
}
MessageId idOf(uint32_t number) {
    MessageId id(4);
    putBigEndian(MutableBytes(id), number);
    return id;
}
Slice bytes(size_t count) {
    return Slice::copyOf(Bytes(count));
}
Instant when(Duration since) {
    return at(since).mono;
}
Rpc rpcOf(const OutFrame& frame) {
    Bytes all(totalLength(frame.bytes));
    copyTo(frame.bytes, all);
    return decodeRpc(ByteView(all).subspan(codec::requireVarint(all)->length)).value();
}
} // namespace

class CachesTest : public QObject {
    Q_OBJECT
  private slots:
    void theSeenCacheForgetsByTimeAndNumber();
    void whatIsForgottenLeavesItsNumber();
    void authorsAreBounded();
    void aCrowdOfAuthorsPushesOutNobodyWhoIsKnown();
    void messagesAreKeptForSomeHeartbeats();
    void whatIsKeptOfOneTopicIsFoundAmongMany();
    void keptMessagesAreBoundedByNumberAndBytes();
    void aBackoffIsNeverShortened();
    void backoffsAreBounded();
    void aBackoffOfAnyLengthIsAskedFor();
    void aPromiseIsBrokenOnce();
    void onlyWhoWasAskedBreaksAPromise();
    void promisesOfAPeerAreBounded();
    void controlGoesBeforeMessages();
    void theLatestOfGraftAndPruneHolds();
    void controlIsCutIntoSmallRpcs();
    void waitingMessagesAreBoundedByNumberBytesAndAge();
    void ourMessagesPushOutOthers();
    void whoBringsMuchMakesRoomForOthers();
    void whoBringsMuchPushesNobodyElseOutOfTheCache();
    void whatThePeerHasIsNotSent();
};

void CachesTest::theSeenCacheForgetsByTimeAndNumber() {
    AuthorNumbers authors(10);
    SeenCache seen(120s, 3, authors);
    for (uint32_t i = 0; i < 3; ++i) seen.add(idOf(i), {when(i * 1s)});
    QVERIFY(seen.find(idOf(0), when(119s)) && !seen.find(idOf(0), when(120s)));
    QVERIFY(seen.find(idOf(1), when(120s)));
    for (uint32_t i = 3; i < 5; ++i) seen.add(idOf(i), {when(i * 1s)});
    QCOMPARE(seen.size(), size_t(3));
    QVERIFY(!seen.find(idOf(1), when(5s)) && seen.find(idOf(2), when(5s)));
}

void CachesTest::whatIsForgottenLeavesItsNumber() {
    AuthorNumbers authors(10);
    SeenCache seen(120s, 10, authors);
    seen.add(idOf(0), {when(0s), Verdict::Accept, {}, peer(1), 5});
    seen.add(idOf(1), {when(1s), Verdict::Accept, {}, peer(1), 4});
    QVERIFY(!authors.isOld(peer(1), 1));
    seen.expire(when(200s));
    QVERIFY(authors.isOld(peer(1), 5) && authors.isOld(peer(1), 4) && !authors.isOld(peer(1), 6));
    QVERIFY(!authors.isOld(peer(2), 0));
    authors.forgotten(peer(2), UINT64_MAX, when(0s));
    QVERIFY(authors.isOld(peer(2), UINT64_MAX));
}

void CachesTest::authorsAreBounded() {
    AuthorNumbers authors(2);
    authors.forgotten(peer(1), 1, when(1s));
    authors.forgotten(peer(2), 1, when(2s));
    authors.forgotten(peer(3), 1, when(3s));
    QCOMPARE(authors.size(), size_t(2));
    QVERIFY(!authors.isOld(peer(1), 1) && authors.isOld(peer(2), 1) && authors.isOld(peer(3), 1));
    authors.forgotten(peer(2), 5, when(4s));
    authors.forgotten(peer(3), 5, when(5s));
    authors.forgotten(peer(2), 4, when(6s));
    QVERIFY(authors.isOld(peer(2), 5) && authors.isOld(peer(3), 5));
}

void CachesTest::aCrowdOfAuthorsPushesOutNobodyWhoIsKnown() {
    AuthorNumbers authors(4, [](const crypto::PeerId& author) { return author == peer(1); });
    authors.forgotten(peer(1), 7, when(0s));
    for (int i = 0; i < 2; ++i) authors.forgotten(peer(2), 7, when(0s));
    for (uint32_t i = 100; i < 200; ++i) authors.forgotten(peer(i), 1, when(i * 1s)); // who say one thing each
    QVERIFY(authors.isOld(peer(1), 7) && authors.isOld(peer(2), 7));
    QVERIFY(authors.isOld(peer(199), 1) && !authors.isOld(peer(100), 1));
    for (uint32_t i = 100; i < 400; ++i) authors.forgotten(peer(i / 2), 1, when(i * 1s)); // or more
    QVERIFY(authors.isOld(peer(1), 7));
    QCOMPARE(authors.size(), size_t(4));
}

void CachesTest::messagesAreKeptForSomeHeartbeats() {
    MessageCache cache({5, 100, 1000});
    cache.put(idOf(1), "t", bytes(1));
    cache.put(idOf(1), "t", bytes(1));
    cache.put(idOf(2), "u", bytes(1));
    QCOMPARE(cache.size(), size_t(2));
    for (int i = 0; i < 2; ++i) cache.shift();
    cache.put(idOf(3), "t", bytes(1));
    QCOMPARE(cache.recent("t", 3), (std::vector<MessageId>{idOf(3), idOf(1)}));
    cache.shift();
    QCOMPARE(cache.recent("t", 3), (std::vector<MessageId>{idOf(3)}));
    QVERIFY(cache.find(idOf(1)));
    cache.noteSent(idOf(1), peer(1));
    QCOMPARE(cache.sent(idOf(1), peer(1)), size_t(1));
    QCOMPARE(cache.sent(idOf(1), peer(2)), size_t(0));
    for (int i = 0; i < 2; ++i) cache.shift();
    QVERIFY(!cache.find(idOf(1)) && cache.find(idOf(3)));
    for (int i = 0; i < 5; ++i) cache.shift();
    QCOMPARE(cache.size() + cache.bytes(), size_t(0));
}

void CachesTest::whatIsKeptOfOneTopicIsFoundAmongMany() {
    MessageCache cache({5, 50, 1000});
    for (uint32_t i = 0; i < 200; ++i) { // more than it keeps
        cache.put(idOf(i), std::to_string(i % 7), bytes(1));
        if (i % 20 == 19) cache.shift();
        std::vector<MessageId> expected; // of this heartbeat and the one before
        for (uint32_t one = i + 1; one-- > i / 20 * 20 - (i < 20 ? 0 : 20);)
            if (one % 7 == 3 && (i % 20 != 19 || one >= i / 20 * 20)) expected.push_back(idOf(one));
        QCOMPARE(cache.recent("3", 2), expected);
    }
    QVERIFY(cache.recent("another", 2).empty());
    for (int i = 0; i < 5; ++i) cache.shift();
    QVERIFY(cache.recent("3", 5).empty());
}

void CachesTest::keptMessagesAreBoundedByNumberAndBytes() {
    MessageCache cache({5, 3, 100});
    for (uint32_t i = 0; i < 10; ++i) {
        cache.put(idOf(i), "t", bytes(10));
        if (i % 2) cache.shift();
        QVERIFY(cache.size() <= 3);
    }
    QVERIFY(!cache.find(idOf(6)) && cache.find(idOf(7)) && cache.find(idOf(9)));
    cache.put(idOf(20), "t", bytes(100));
    QCOMPARE(cache.size(), size_t(1));
    cache.put(idOf(21), "t", bytes(101));
    QVERIFY(!cache.find(idOf(21)) && cache.find(idOf(20)));
    for (int i = 0; i < 6; ++i) cache.shift();
    QCOMPARE(cache.size() + cache.bytes(), size_t(0));
}

void CachesTest::aBackoffIsNeverShortened() {
    Backoff backoff(10);
    backoff.set("t", peer(1), 60s, when(0s));
    backoff.set("t", peer(1), 1s, when(1s));
    QVERIFY(backoff.holds("t", peer(1), when(59s)) && !backoff.holds("t", peer(1), when(60s)));
    QVERIFY(!backoff.holds("u", peer(1), when(1s)) && !backoff.holds("t", peer(2), when(1s)));
    QCOMPARE(backoff.begunAt("t", peer(1)), when(1s));
    backoff.expire(when(60s));
    QCOMPARE(backoff.size(), size_t(0));
}

void CachesTest::backoffsAreBounded() {
    Backoff backoff(3);
    for (uint32_t i = 0; i < 4; ++i) backoff.set("t", peer(i), (10 - i) * 1s, when(0s));
    QCOMPARE(backoff.size(), size_t(3));
    QVERIFY(!backoff.holds("t", peer(3), when(0s)) && backoff.holds("t", peer(0), when(0s)));
}

void CachesTest::aBackoffOfAnyLengthIsAskedFor() {
    QCOMPARE(Backoff::asked(0), Duration(0));
    QCOMPARE(Backoff::asked(60), Duration(60s));
    for (const uint64_t much : {uint64_t(3600), uint64_t(3601), UINT64_MAX, UINT64_MAX - 1, uint64_t(INT64_MAX)})
        QCOMPARE(Backoff::asked(much), Duration(kMaxBackoff));
}

void CachesTest::aPromiseIsBrokenOnce() {
    Promises promises;
    const auto ask = [&](uint32_t id, uint32_t whom, Duration due) {
        promises.add(idOf(id), peer(whom), "t", when(99s));
        promises.asked(idOf(id), peer(whom), when(due));
    };
    ask(1, 1, 3s);
    ask(1, 1, 9s);
    ask(1, 2, 3s);
    ask(2, 1, 3s);
    promises.asked(idOf(77), peer(1), when(0s));
    QCOMPARE(promises.size(), size_t(3));
    promises.kept(idOf(2));
    promises.kept(idOf(77));
    QVERIFY(promises.broken(when(2s)).empty());
    QCOMPARE(promises.broken(when(3s)), (std::map<crypto::PeerId, size_t>{{peer(1), 1}, {peer(2), 1}}));
    QVERIFY(promises.broken(when(99s)).empty());
    QCOMPARE(promises.size(), size_t(0));
}

void CachesTest::onlyWhoWasAskedBreaksAPromise() {
    Promises promises;
    promises.add(idOf(1), peer(1), "t", when(60s));
    promises.add(idOf(2), peer(1), "t", when(60s));
    promises.add(idOf(3), peer(1), "u", when(60s));
    promises.asked(idOf(2), peer(1), when(3s));
    promises.asked(idOf(3), peer(1), when(3s));
    promises.forgetTopic("u");
    QCOMPARE(promises.askAgain(peer(1), when(50s)), (std::vector{idOf(1), idOf(2)})); // the connection was lost
    QVERIFY(promises.askAgain(peer(2), when(50s)).empty());
    QVERIFY(promises.broken(when(40s)).empty());
    promises.asked(idOf(1), peer(1), when(43s));
    QCOMPARE(promises.broken(when(70s)), (std::map<crypto::PeerId, size_t>{{peer(1), 1}}));
    QCOMPARE(promises.size(), size_t(0)); // the other question was never put again
}

void CachesTest::promisesOfAPeerAreBounded() {
    Promises promises;
    for (uint32_t i = 0; i <= kMaxPromisesPerPeer; ++i) {
        promises.add(idOf(i), peer(1), "t", when(9s));
        promises.asked(idOf(i), peer(1), when(3s));
    }
    QCOMPARE(promises.size(), kMaxPromisesPerPeer);
    QCOMPARE(promises.broken(when(3s)).at(peer(1)), kMaxPromisesPerPeer);
}

void CachesTest::controlGoesBeforeMessages() {
    Outbox out;
    QVERIFY(out.empty() && !out.take(when(0s)));
    Message message;
    message.topic = "t";
    out.message(idOf(1), Slice::copyOf(encodeGossip(message)), Ownership::Ours, when(0s));
    out.graft("t");
    out.subscribe("t", true);
    out.iwant({idOf(2)});
    out.ihave("t", {idOf(3)});
    out.dontWant(idOf(4));
    const auto control = out.take(when(0s));
    const Rpc rpc = rpcOf(*control);
    QVERIFY(!control->ours && rpc.messages.empty());
    QCOMPARE(rpc.subscriptions.size() + rpc.graft.size() + rpc.iwant.size() + rpc.ihave.size() + rpc.dontWant.size(),
             size_t(5));
    const auto data = out.take(when(0s));
    QCOMPARE(data->ours, std::optional(idOf(1)));
    QCOMPARE(rpcOf(*data).messages, std::vector{message});
    QVERIFY(out.empty());
}

void CachesTest::theLatestOfGraftAndPruneHolds() {
    Outbox out;
    out.graft("t");
    out.prune({"t", {}, 60});
    out.prune({"u", {}, 60});
    out.graft("u");
    const Rpc rpc = rpcOf(*out.take(when(0s)));
    QCOMPARE(rpc.prune.size(), size_t(1));
    QCOMPARE(rpc.graft, std::vector<std::string>{"u"});
}

void CachesTest::controlIsCutIntoSmallRpcs() {
    Outbox out;
    for (size_t i = 0; i < kMaxOwnTopics; ++i) out.subscribe(std::to_string(i) + std::string(240, 't'), true);
    std::vector<MessageId> ids;
    for (uint32_t i = 0; i < kMaxIdsPerItem + 100; ++i) ids.push_back(MessageId(52, static_cast<uint8_t>(i)));
    out.ihave("t", ids);
    out.ihave("u", ids);
    out.iwant(ids);
    size_t topics = 0, had = 0, wanted = 0, frames = 0;
    while (const auto frame = out.take(when(0s))) {
        QVERIFY(totalLength(frame->bytes) <= 64 * 1024);
        const Rpc rpc = rpcOf(*frame);
        topics += rpc.subscriptions.size();
        wanted += rpc.iwant.size();
        for (const IHave& each : rpc.ihave) had += each.ids.size();
        ++frames;
    }
    QVERIFY(out.empty() && frames > 8);
    QCOMPARE(topics, kMaxOwnTopics);
    QCOMPARE(had, kMaxIdsPerItem);
    QCOMPARE(wanted, kMaxQueuedWantBytes / 52);
}

void CachesTest::waitingMessagesAreBoundedByNumberBytesAndAge() {
    Outbox out;
    for (uint32_t i = 0; i < kMaxQueuedMessages; ++i)
        QVERIFY(out.message(idOf(i), bytes(1), Ownership::Others, when(0s)));
    QVERIFY(!out.message(idOf(9999), bytes(1), Ownership::Others, when(0s)));
    out.expire(when(kMaxQueueAge) - 1ns);
    QCOMPARE(out.takeDropped(), size_t(0));
    out.expire(when(kMaxQueueAge));
    QCOMPARE(out.takeDropped(), kMaxQueuedMessages);
    QCOMPARE(out.takeDropped(), size_t(0));
    QVERIFY(out.empty() && out.bytes() == 0);
    QVERIFY(out.message(idOf(1), bytes(kMaxQueuedBytes), Ownership::Others, when(9s)));
    QVERIFY(!out.message(idOf(2), bytes(1), Ownership::Others, when(9s)));
}

void CachesTest::ourMessagesPushOutOthers() {
    Outbox out;
    for (uint32_t i = 0; i < kMaxQueuedMessages; ++i) out.message(idOf(i), bytes(1), Ownership::Others, when(0s));
    QVERIFY(out.message(idOf(9999), bytes(1), Ownership::Ours, when(0s)));
    QCOMPARE(out.messages(), kMaxQueuedMessages);
    QCOMPARE(out.takeDropped(), size_t(1));
    for (uint32_t i = 1; i < kMaxQueuedMessages; ++i) out.message(idOf(10000 + i), bytes(1), Ownership::Ours, when(0s));
    QVERIFY(!out.message(idOf(1), bytes(1), Ownership::Ours, when(0s)));
}

void CachesTest::whoBringsMuchMakesRoomForOthers() {
    Outbox out;
    for (uint32_t i = 0; i < kMaxQueuedMessages; ++i)
        QVERIFY(out.message(idOf(i), bytes(1), Ownership::Others, when(0s), peer(1)));
    uint32_t others = 0;
    while (out.message(idOf(1000 + others), bytes(1), Ownership::Others, when(0s), peer(2))) ++others;
    QCOMPARE(others, uint32_t(kMaxQueuedMessages / 2));
    QVERIFY(!out.message(idOf(9000), bytes(1), Ownership::Others, when(0s), peer(1)));
    QVERIFY(out.message(idOf(9001), bytes(1), Ownership::Others, when(0s), peer(3)));
    QCOMPARE(out.messages(), kMaxQueuedMessages);
    QCOMPARE(out.takeDropped(), size_t(others) + 1);
    out.cancel(idOf(0)); // what came first has stayed
    QCOMPARE(out.messages(), kMaxQueuedMessages - 1);
    out.expire(when(kMaxQueueAge));
    QCOMPARE(out.bytes(), size_t(0));
    QVERIFY(out.message(idOf(1), bytes(kMaxQueuedBytes), Ownership::Others, when(9s), peer(1)));
    QVERIFY(out.message(idOf(2), bytes(kMaxQueuedBytes / 4), Ownership::Others, when(9s), peer(2)) == false);
    QVERIFY(out.message(idOf(3), bytes(1), Ownership::Ours, when(9s)));
}

void CachesTest::whoBringsMuchPushesNobodyElseOutOfTheCache() {
    MessageCache cache({5, 10, 10'000});
    for (uint32_t i = 0; i < 3; ++i) cache.put(idOf(i), "t", bytes(1), peer(1));
    for (uint32_t i = 100; i < 200; ++i) cache.put(idOf(i), "t", bytes(i % 2 ? 1 : 3000), peer(2));
    for (uint32_t i = 0; i < 3; ++i) QVERIFY(cache.find(idOf(i)));
    QVERIFY(cache.find(idOf(199)) && !cache.find(idOf(100)));
    QVERIFY(cache.size() <= 10 && cache.bytes() <= 10'000);
    for (int i = 0; i < 5; ++i) cache.shift();
    QCOMPARE(cache.size() + cache.bytes(), size_t(0));
}

void CachesTest::whatThePeerHasIsNotSent() {
    Outbox out;
    out.message(idOf(1), bytes(5), Ownership::Others, when(0s));
    out.message(idOf(2), bytes(5), Ownership::Others, when(0s));
    out.message(idOf(3), bytes(5), Ownership::Ours, when(0s));
    out.cancel(idOf(1));
    out.cancel(idOf(3));
    QCOMPARE(out.messages(), size_t(2));
    QCOMPARE(out.bytes(), size_t(10));
}

QTEST_APPLESS_MAIN(CachesTest)
#include "caches_test.moc"

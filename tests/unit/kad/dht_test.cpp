#include "crypto/public_key.h"
#include "kad/signed_record.h"
#include "unit/kad/dht_world.h"
#include "unit/kad/virtual_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
DhtConfig ipfs() {
    DhtConfig config;
    config.protocolId = kIpfsProtocolId;
    return config;
}
Bytes key32(uint8_t byte) {
    return Bytes(32, byte);
}
Bytes text(std::string_view what) {
    return toBytes(asBytes(what));
}
Key keyOf32(const Bytes& bytes) {
    Key key;
    std::ranges::copy(bytes, key.bits.begin());
    return key;
}
/// Puts `text` into every server with the highest version that there can be.
void shout(DhtWorld& world, DhtNode& from, const Bytes& key, std::string_view what) {
    const SignedRecord record{keyOf32(key), text(what), highestVersion(world.now), world.now.wall.seconds(), 3600};
    const Bytes envelope = sealRecord(from.node.identity, record);
    Message put;
    put.type = MessageType::PutValue;
    put.key = key;
    put.record = Record{key, withWork(envelope, findWork(envelope, kMinWorkBits, 0, 1 << 20).value()), {}};
    for (const auto& node : world.nodes) {
        if (!node->serves() || node->id() == from.id()) continue;
        if (!from.node.swarm.peer(node->id())) from.node.connectTo(node->node, world.now);
        world.settle();
        static_cast<KadProtocol&>(from.dht.protocol()).request(node->id(), put);
        world.settle();
    }
}
} // namespace

class DhtTest : public QObject {
    Q_OBJECT
  private slots:
    void aClientFindsAServerThroughAnother();
    void aPeerBehindNobodyIsNotFound();
    void aClientIsFoundWithTheServersNextToIt();
    void closestNamesTheServersAndNoClient();
    void aValueIsPutAndGotBySomebodyElse();
    void aValueThatExpiresWhileItIsLookedUpIsNotFound();
    void aSecondPutTakesTheNextVersion();
    void theHighestVersionLocksNobodyOut();
    void underAnOwnKeyNobodyElseCounts();
    void whatIsPutAnewLeavesTheKeyToWhoWasNewer();
    void aValueThatNobodyHasIsNotFound();
    void whoseClockIsWrongIsAskedForIt();
    void aPublicKeyIsPutOnThePublicNetworkAndNothingElse();
    void whoProvidesIsFoundUntilItExpires();
    void withoutAServerAWishEndsAfterItsWait();
    void whatWaitsForAServerGoesOnWhenOneComes();
    void wrongWishesAreRefusedBeforeAnythingIsSent();
    void moreLookUpsThanTheBoundAreRefused();
    void requestsThatWaitAreBounded();
    void aCancelledLookUpHasOneOutcome();
    void ourValueIsPutAnewBeforeItExpires();
    void deadServersLeaveTheTable();
    void aClientClosesItsConnectionsWhenItIsIdle();
    void aClientNeverHoldsMoreConnectionsThanItsBound();
    void whoIsNamedWithAForeignAddressIsNotBelieved();
    void aContactIsTriedWhereItWasMetWhateverOthersTell();
    void whoIsCutOffForgetsNobody();
    void aPingThatFoundNoRoomIsSentLater();
    void thePortOfAPipeThatAPeerHasOpenedIsNoAddress();
    void aPeerThatHasMovedIsToldOfWhereItIsNow();
    void aPeerThatConnectsWhileItIsWaitedForIsFound();
    void aProviderTellsNoStrangerWhereItIsInItsOwnNetwork();
    void workIsDoneByWorkersAndOneSliceAtATime();
    void muchWorkIsDoneOnlyWhileNobodyKeepsTheValue();
    void whatIsPutAnewIsWorkedForWithinABound();
};

void DhtTest::aClientFindsAServerThroughAnother() {
    DhtWorld world;
    world.addServers(12);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    for (size_t i = 1; i < 12; ++i) {
        const auto outcome = world.carryOut(client, FindPeer{world.nodes[i]->id()});
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->text().c_str() : "");
        QVERIFY(outcome.proved);
        QCOMPARE(outcome.found.size(), size_t(1));
        QCOMPARE(outcome.found[0], world.nodes[i]->node.address);
    }
    for (const auto& node : world.nodes) QVERIFY(!node->dht.table().find(client.id()));
}

void DhtTest::aPeerBehindNobodyIsNotFound() {
    DhtWorld world;
    world.addServers(5);
    const auto outcome = world.carryOut(*world.nodes[1], FindPeer{identityOf(200).peerId()});
    QVERIFY(outcome.error);
    QCOMPARE(outcome.error->code, Errc::NotFound);
    QVERIFY(outcome.closest.size() >= 4);
}

void DhtTest::aClientIsFoundWithTheServersNextToIt() {
    DhtWorld world;
    world.addServers(10);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    world.run(1s); // it has looked itself up
    world.network.blackhole(client.node.address);
    DhtNode& other = world.add(Mode::Client);
    world.join(other);
    const auto outcome = world.carryOut(other, FindPeer{client.id()});
    QVERIFY(!outcome.error);
    QVERIFY(!outcome.proved);
    QVERIFY(std::ranges::count(outcome.found, client.node.address) == 1);
}

void DhtTest::closestNamesTheServersAndNoClient() {
    DhtWorld world;
    world.addServers(8);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    const auto outcome = world.carryOut(client, FindClosest{text("anything")});
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.closest.size(), size_t(8));
    const Key target = Key::of(text("anything"));
    QVERIFY(std::ranges::is_sorted(outcome.closest, CloserTo{target}, &Contact::key));
}

void DhtTest::aValueThatExpiresWhileItIsLookedUpIsNotFound() {
    DhtWorld world;
    world.addServers(10);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    QVERIFY(!world.carryOut(client, PutValue{key32(1), text("hello")}).error);
    constexpr Duration kLong = std::chrono::hours(24 * 400);
    size_t expired = 0;
    for (int steps = 0; steps < 24; ++steps) {
        const LookupId id = client.dht.start(GetValue{key32(1)}, Duration(0), world.now);
        for (int i = 0; i < steps; ++i) world.step();
        world.now.wall.nanoseconds += kLong.count();
        world.settle();
        world.now.wall.nanoseconds -= kLong.count();
        const auto outcome = std::ranges::find(client.outcomes, id, &Outcome::id);
        QVERIFY(outcome != client.outcomes.end() && outcome->error);
        QCOMPARE(outcome->error->code, Errc::NotFound);
        if (outcome->error->context.find("expired") != std::string::npos) ++expired;
    }
    QVERIFY(expired > 0);
}

void DhtTest::aValueIsPutAndGotBySomebodyElse() {
    DhtWorld world;
    world.addServers(10);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    const auto put = world.carryOut(client, PutValue{key32(1), text("hello")});
    QVERIFY2(!put.error, put.error ? put.error->text().c_str() : "");
    QCOMPARE(put.stored, size_t(10));
    QCOMPARE(put.version, uint64_t(1));
    DhtNode& other = world.add(Mode::Client);
    world.join(other);
    const auto got = world.carryOut(other, GetValue{key32(1)});
    QVERIFY(!got.error);
    QCOMPARE(got.content, text("hello"));
    QCOMPARE(got.record->publisher, client.id());
}

void DhtTest::aSecondPutTakesTheNextVersion() {
    DhtWorld world;
    world.addServers(6);
    QVERIFY(!world.carryOut(*world.nodes[1], PutValue{key32(1), text("one")}).error);
    const auto second = world.carryOut(*world.nodes[2], PutValue{key32(1), text("two")});
    QVERIFY(!second.error);
    QCOMPARE(second.version, uint64_t(2));
    QCOMPARE(world.carryOut(*world.nodes[3], GetValue{key32(1)}).content, text("two"));
}

void DhtTest::theHighestVersionLocksNobodyOut() {
    DhtWorld world;
    world.addServers(4);
    shout(world, *world.nodes[0], key32(1), "taken");
    QCOMPARE(world.carryOut(*world.nodes[3], GetValue{key32(1)}).content, text("taken"));
    const auto again = world.carryOut(*world.nodes[2], PutValue{key32(1), text("at once")});
    QVERIFY(!again.error || again.error->code == Errc::PermissionDenied); // as the ids have it
    world.run(1ms);
    const auto put = world.carryOut(*world.nodes[2], PutValue{key32(1), text("mine")});
    QVERIFY2(!put.error, put.error ? put.error->text().c_str() : "");
    QCOMPARE(world.carryOut(*world.nodes[3], GetValue{key32(1)}).content, text("mine"));
}

void DhtTest::underAnOwnKeyNobodyElseCounts() {
    DhtWorld world;
    world.addServers(7);
    DhtNode& owner = *world.nodes[1];
    const Bytes place = toBytes(ownKey(owner.id(), keyOf32(key32(1))).bits);
    const auto crowd = [&] {
        for (size_t i : {0, 2, 3, 4, 5}) shout(world, *world.nodes[i], place, "taken");
    };
    crowd();
    QCOMPARE(world.carryOut(*world.nodes[6], GetValue{key32(1), kQuorum, owner.id()}).error->code, Errc::NotFound);
    PutValue mine{key32(1), text("mine")};
    mine.own = true;
    const auto put = world.carryOut(owner, mine);
    QVERIFY2(!put.error, put.error ? put.error->text().c_str() : "");
    QCOMPARE(put.version, uint64_t(1));
    crowd();
    const auto got = world.carryOut(*world.nodes[6], GetValue{key32(1), kQuorum, owner.id()});
    QCOMPARE(got.content, text("mine"));
    QCOMPARE(got.record->publisher, owner.id());
    QCOMPARE(world.carryOut(*world.nodes[6], GetValue{key32(1)}).error->code, Errc::NotFound); // the open one
}

void DhtTest::whatIsPutAnewLeavesTheKeyToWhoWasNewer() {
    DhtWorld world;
    world.addServers(3);
    QVERIFY(!world.carryOut(*world.nodes[1], PutValue{key32(1), text("older"), 2h}).error);
    QVERIFY(!world.carryOut(*world.nodes[2], PutValue{key32(1), text("newer"), 10h}).error);
    world.run(90min); // the older one was due meanwhile
    QCOMPARE(world.carryOut(*world.nodes[0], GetValue{key32(1)}).content, text("newer"));
}

void DhtTest::aValueThatNobodyHasIsNotFound() {
    DhtWorld world;
    world.addServers(4);
    QCOMPARE(world.carryOut(*world.nodes[1], GetValue{key32(9)}).error->code, Errc::NotFound);
}

void DhtTest::whoseClockIsWrongIsAskedForIt() {
    DhtWorld world;
    world.addServers(4);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    QVERIFY(!world.carryOut(client, PutValue{key32(1), text("x")}).error);
    for (const Duration ahead : {Duration(3h), Duration(-3h)}) {
        client.ahead = ahead;
        const auto put = world.carryOut(client, PutValue{key32(2), text("y")});
        QCOMPARE(put.error->code, Errc::ConnectionLost);
        QVERIFY(put.error->context.find("clock of this device") != std::string::npos);
        const auto got = world.carryOut(client, GetValue{key32(1)});
        QCOMPARE(got.error->code, Errc::NotFound);
        QVERIFY(got.error->context.find("clock of this device") != std::string::npos);
    }
    client.ahead = 9min;
    QCOMPARE(world.carryOut(client, PutValue{key32(2), text("y")}).stored, size_t(4));
    QCOMPARE(world.carryOut(client, GetValue{key32(3)}).error->context,
             std::string("nobody keeps a value of this key"));
}

void DhtTest::aPublicKeyIsPutOnThePublicNetworkAndNothingElse() {
    DhtWorld world(ipfs());
    world.addServers(6);
    const auto identity = identityOf(77);
    Bytes key = text("/pk/");
    append(key, identity.peerId().multihash());
    const Bytes value = crypto::PublicKey::ofEd25519(identity.publicKey()).encode();
    const auto put = world.carryOut(*world.nodes[1], PutValue{key, value});
    QVERIFY2(!put.error, put.error ? put.error->text().c_str() : "");
    QCOMPARE(world.carryOut(*world.nodes[2], GetValue{key}).content, value);
    QCOMPARE(world.carryOut(*world.nodes[1], PutValue{text("/v/x"), value}).error->code, Errc::Unsupported);
    QCOMPARE(
        world
            .carryOut(*world.nodes[1], PutValue{key, crypto::PublicKey::ofEd25519(identityOf(78).publicKey()).encode()})
            .error->code,
        Errc::VerificationFailed);
}

void DhtTest::whoProvidesIsFoundUntilItExpires() {
    DhtWorld world;
    world.addServers(6);
    DhtNode& provider = *world.nodes[2];
    const auto told = world.carryOut(provider, Provide{text("file")});
    QVERIFY(!told.error);
    QVERIFY(told.stored >= 5);
    auto found = world.carryOut(*world.nodes[4], FindProviders{text("file")});
    QCOMPARE(found.providers.size(), size_t(1));
    QCOMPARE(found.providers[0].peer, provider.id());
    QCOMPARE(found.providers[0].addresses, std::vector{provider.node.address});
    // It goes on telling while it runs, and is forgotten afterwards.
    world.run(kOwnProviderTtl + 1h);
    QCOMPARE(world.carryOut(*world.nodes[4], FindProviders{text("file")}).providers.size(), size_t(1));
    provider.dht.forget(text("file"));
    world.run(kOwnProviderTtl + 1h);
    QVERIFY(world.carryOut(*world.nodes[4], FindProviders{text("file")}).providers.empty());
}

void DhtTest::withoutAServerAWishEndsAfterItsWait() {
    DhtWorld world;
    DhtNode& alone = world.add(Mode::Client);
    alone.dht.start(FindClosest{text("x")}, 5s, world.now);
    world.run(5s - 1ms);
    QVERIFY(alone.outcomes.empty());
    world.run(1ms);
    QCOMPARE(alone.outcomes.size(), size_t(1));
    QCOMPARE(alone.outcomes[0].error->code, Errc::Unreachable);
}

void DhtTest::whatWaitsForAServerGoesOnWhenOneComes() {
    DhtWorld world;
    world.addServers(3);
    DhtNode& client = world.add(Mode::Client);
    client.dht.start(FindClosest{text("x")}, 60s, world.now);
    world.run(5s);
    QVERIFY(client.outcomes.empty());
    world.join(client);
    world.run(1s);
    QCOMPARE(client.outcomes.size(), size_t(1));
    QCOMPARE(client.outcomes[0].closest.size(), size_t(3));
}

void DhtTest::wrongWishesAreRefusedBeforeAnythingIsSent() {
    DhtWorld world;
    world.addServers(2);
    DhtNode& node = *world.nodes[1];
    const auto refused = [&](Wish wish) { return world.carryOut(node, std::move(wish)).error.value_or(Error{}).code; };
    QCOMPARE(refused(FindPeer{node.id()}), Errc::InvalidArgument);
    QCOMPARE(refused(FindPeer{}), Errc::InvalidArgument);
    QCOMPARE(refused(FindClosest{}), Errc::InvalidArgument);
    QCOMPARE(refused(FindClosest{Bytes(kMaxKeyBytes + 1, 1)}), Errc::InvalidArgument);
    QVERIFY(!world.carryOut(node, FindClosest{Bytes(kMaxKeyBytes, 1)}).error);
    QCOMPARE(refused(GetValue{Bytes(31, 1)}), Errc::InvalidArgument);
    QCOMPARE(refused(PutValue{Bytes(33, 1), text("x")}), Errc::InvalidArgument);
    QCOMPARE(refused(PutValue{key32(1), text("x"), kMaxTtl + 1s}), Errc::InvalidArgument);
    QCOMPARE(refused(PutValue{key32(1), text("x"), 999ms}), Errc::InvalidArgument);
    QCOMPARE(refused(PutValue{key32(1), Bytes(kMaxContentBytes + 1)}), Errc::TooLarge);
    QVERIFY(!world.carryOut(node, PutValue{key32(1), Bytes(kMaxContentBytes)}).error);
}

void DhtTest::moreLookUpsThanTheBoundAreRefused() {
    DhtWorld world;
    DhtNode& alone = world.add(Mode::Client);
    for (size_t i = 0; i <= kMaxLookups; ++i) alone.dht.start(FindClosest{text("x")}, 5s, world.now);
    world.settle();
    QCOMPARE(alone.outcomes.size(), size_t(1));
    QCOMPARE(alone.outcomes[0].error->code, Errc::LimitReached);
    world.run(5s);
    QCOMPARE(alone.outcomes.size(), kMaxLookups + 1);
}

void DhtTest::requestsThatWaitAreBounded() {
    // Everybody who is known is silent; each look-up asks up to kMaxParallelism of them at once.
    DhtWorld world;
    world.addServers(1);
    DhtNode& client = world.add(Mode::Client, {.dialling = kMaxDialling, .queued = 4 * kMaxAsks, .held = 9});
    world.join(client);
    for (uint32_t i = 1; i <= 30; ++i) {
        world.network.blackhole(farAddress(i));
        client.dht.onPeerConnected({virtualPeer(i), link::LinkId{9000 + i}, link::Side::Dialer, {}, farAddress(i)},
                                   world.now);
        client.dht.onIdentified(virtualPeer(i), {std::string(kOwnProtocolId)}, {farAddress(i)}, world.now);
        client.dht.onPeerGone(virtualPeer(i), Error{Errc::ConnectionLost, "gone"}, world.now);
    }
    world.network.isolate(world.nodes[0]->node.carrier);
    for (uint32_t i = 0; i + 1 < kMaxLookups; ++i)
        client.dht.start(FindClosest{text(std::to_string(i))}, 0s, world.now);
    size_t most = 0;
    for (int i = 0; i < 300; ++i) {
        world.run(100ms);
        most = std::max(most, client.dht.asks());
    }
    QCOMPARE(most, kMaxAsks);
    world.run(kQueryTimeout);
    QCOMPARE(client.outcomes.size(), kMaxLookups - 1);
}

void DhtTest::aCancelledLookUpHasOneOutcome() {
    DhtWorld world;
    world.addServers(2);
    DhtNode& node = *world.nodes[1];
    const auto id = node.dht.start(FindClosest{text("x")}, 5s, world.now);
    QVERIFY(node.dht.cancel(id, world.now));
    QVERIFY(!node.dht.cancel(id, world.now));
    world.run(1s);
    QVERIFY(!node.dht.cancel(id, world.now));
    QCOMPARE(node.outcomes.size(), size_t(1));
    QCOMPARE(node.outcomes[0].error->code, Errc::Cancelled);
}

void DhtTest::ourValueIsPutAnewBeforeItExpires() {
    DhtWorld world;
    world.addServers(4);
    QVERIFY(!world.carryOut(*world.nodes[1], PutValue{key32(1), text("lasting"), 1h}).error);
    world.run(3h);
    const auto got = world.carryOut(*world.nodes[2], GetValue{key32(1)});
    QVERIFY(!got.error);
    QVERIFY(got.version >= 6);
    world.nodes[1]->dht.forget(key32(1));
    world.run(1h);
    QCOMPARE(world.carryOut(*world.nodes[2], GetValue{key32(1)}).error->code, Errc::NotFound);
}

void DhtTest::deadServersLeaveTheTable() {
    DhtWorld world;
    world.addServers(5);
    world.run(1min);
    DhtNode& node = *world.nodes[1];
    QCOMPARE(node.dht.table().size(), size_t(4));
    DhtNode& dead = *world.nodes[3];
    const auto id = dead.id();
    world.network.isolate(dead.node.carrier);
    for (const auto link : node.node.carrier.links())
        node.node.carrier.breakLink(link, makeError(Errc::ConnectionLost, "gone"));
    world.run(4 * kRefreshInterval);
    QVERIFY(!node.dht.table().find(id));
    QCOMPARE(node.dht.table().size(), size_t(3));
}

void DhtTest::aClientClosesItsConnectionsWhenItIsIdle() {
    DhtWorld world;
    world.addServers(20);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    world.carryOut(client, FindClosest{text("x")});
    QVERIFY(client.links.held() > kNeighbours);
    world.run(kIdleLink + 1s);
    QVERIFY(client.links.held() <= kNeighbours);
    QVERIFY(client.closed > 0);
    // The neighbours and the one that was dialled by hand.
    QVERIFY(client.node.carrier.links().size() <= kNeighbours + 1);
}

void DhtTest::aClientNeverHoldsMoreConnectionsThanItsBound() {
    DhtWorld world;
    world.addServers(20);
    DhtNode& client = world.add(Mode::Client, {.dialling = 2, .queued = 8, .held = 4});
    world.join(client);
    size_t most = 0;
    for (uint8_t i = 0; i < 5; ++i) {
        client.dht.start(FindClosest{key32(i)}, 0s, world.now);
        for (int step = 0; step < 20; ++step) {
            world.run(10ms);
            most = std::max(most, client.links.held() + client.links.dialling());
        }
    }
    QVERIFY2(most <= 6, std::to_string(most).c_str());
    QCOMPARE(client.outcomes.size(), size_t(5));
    for (const auto& outcome : client.outcomes) QVERIFY(!outcome.error);
}

void DhtTest::whoIsNamedWithAForeignAddressIsNotBelieved() {
    // Two servers; the second says that the one we look for is at its own address.
    DhtWorld world;
    world.addServers(2);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    const auto victim = identityOf(150).peerId();
    world.nodes[0]->dht.onPeerConnected(
        {victim, link::LinkId{9999}, link::Side::Listener, {}, world.nodes[1]->node.address}, world.now);
    const auto outcome = world.carryOut(client, FindPeer{victim});
    QVERIFY(!outcome.proved);
    QVERIFY(!client.node.swarm.peer(victim));
}

void DhtTest::aContactIsTriedWhereItWasMetWhateverOthersTell() {
    DhtWorld world;
    world.addServers(26);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    world.run(1min); // everybody knows everybody, and what is not kept is closed
    QCOMPARE(client.dht.table().size(), size_t(26));
    // Somebody who is not connected, and a key so far from it that the look-up does not begin with it.
    DhtNode* victim = nullptr;
    for (auto& node : world.nodes)
        if (node.get() != &client && node != world.nodes.front() && !client.node.swarm.peer(node->id()))
            victim = node.get();
    QVERIFY(victim);
    const auto nowhere = quicAt("10.0.9.9");
    world.network.blackhole(nowhere);
    for (auto& node : world.nodes)
        if (node.get() != &client)
            node->dht.onIdentified(victim->id(), {std::string(kOwnProtocolId)}, {nowhere}, world.now);
    size_t tried = 0;
    for (uint8_t i = 0; i < 60 && tried < kMaxFailures; ++i) {
        const auto closest = client.dht.table().closest(Key::of(key32(i)), kReplication);
        if (std::ranges::count(closest, victim->id(), &Contact::peer) > 0) continue;
        const auto outcome = world.carryOut(client, FindClosest{key32(i)});
        QVERIFY(!outcome.error);
        tried += client.node.swarm.peer(victim->id()) ? 0 : 1;
        QCOMPARE(outcome.figures.failures, size_t(0));
        world.run(kIdleLink + 1s);
    }
    QVERIFY(client.dht.table().find(victim->id()));
}

void DhtTest::whoIsCutOffForgetsNobody() {
    DhtWorld world;
    world.addServers(12);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    world.run(1min);
    const size_t before = client.dht.table().size();
    QVERIFY(before >= 12);
    world.network.isolate(client.node.carrier);
    for (const auto link : client.node.carrier.links())
        client.node.carrier.breakLink(link, makeError(Errc::ConnectionLost, "no network"));
    world.run(6 * kRefreshInterval);
    QCOMPARE(client.dht.table().size(), before);
}

void DhtTest::aPingThatFoundNoRoomIsSentLater() {
    DhtConfig small;
    small.table.bucketSize = 1;
    DhtWorld world(small);
    DhtNode& client = world.add(Mode::Client, {.dialling = 1, .queued = 1, .held = 9});
    for (int i = 0; i < 8; ++i) client.node.connectTo(world.add().node, world.now);
    world.run(1s);
    const auto all = client.dht.table().closest(client.dht.table().self(), 9);
    QVERIFY(all.size() < 8); // somebody waits for a place, in the bucket of the farthest
    const auto oldest = all.back().peer;
    for (auto& node : world.nodes)
        if (node->id() == oldest) world.network.isolate(node->node.carrier);
    client.node.swarm.disconnect(oldest, link::kNoError, "gone", world.now);
    world.run(kPingAfter - 2s);
    for (const uint32_t busy : {1, 2}) {
        world.network.blackhole(farAddress(busy));
        client.links.want(virtualPeer(busy), {farAddress(busy)}, world.now);
    }
    QVERIFY(!client.links.want(virtualPeer(3), {farAddress(3)}, world.now));
    world.run(5s); // the ping is due, and there is no room for it
    QVERIFY(client.dht.table().find(oldest));
    for (int i = 0; i < 120; ++i) world.run(1s);
    QVERIFY(!client.dht.table().find(oldest));
    QCOMPARE(client.dht.table().size(), all.size());
}

void DhtTest::thePortOfAPipeThatAPeerHasOpenedIsNoAddress() {
    DhtWorld world;
    world.addServers(1);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    Dht& server = world.nodes[0]->dht;
    const auto visitor = identityOf(150).peerId();
    const auto port = codec::Multiaddr::parse("/ip4/10.0.0.50/tcp/51812").value();
    const auto found = [&] { return world.carryOut(client, FindPeer{visitor}).found; };
    server.onPeerConnected({visitor, link::LinkId{9999}, link::Side::Listener, {}, port}, world.now);
    QVERIFY(found().empty());
    server.onIdentified(visitor, {std::string(kOwnProtocolId)}, {}, world.now);
    QVERIFY(!server.table().find(visitor)); // nobody could ask it
    const auto listens = codec::Multiaddr::parse("/ip4/10.0.0.50/tcp/4001").value();
    server.onIdentified(visitor, {std::string(kOwnProtocolId)}, {listens}, world.now);
    QCOMPARE(found(), std::vector{listens});
    QCOMPARE(server.table().find(visitor)->addresses, std::vector{listens});
    // Who was dialled there listens there.
    server.onPeerGone(visitor, Error{Errc::ConnectionLost, "gone"}, world.now);
    server.onPeerConnected({visitor, link::LinkId{9999}, link::Side::Dialer, {}, port}, world.now);
    QCOMPARE(found(), std::vector{port});
}

void DhtTest::aPeerThatHasMovedIsToldOfWhereItIsNow() {
    DhtWorld world;
    world.addServers(1);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    Dht& server = world.nodes[0]->dht;
    swarm::PeerInfo phone{identityOf(150).peerId(), link::LinkId{9999}, link::Side::Listener, {}, quicAt("10.0.0.60")};
    server.onPeerConnected(phone, world.now);
    phone.remote = quicAt("10.0.0.61");
    server.onPeerMoved(phone);
    QCOMPARE(world.carryOut(client, FindPeer{phone.peer}).found, std::vector{quicAt("10.0.0.61")});
}

void DhtTest::aPeerThatConnectsWhileItIsWaitedForIsFound() {
    DhtWorld world;
    DhtNode& alone = world.add(Mode::Client);
    DhtNode& other = world.add(Mode::Client);
    alone.dht.start(FindPeer{other.id()}, 60s, world.now);
    world.run(1s);
    QVERIFY(alone.outcomes.empty());
    world.join(other);
    QCOMPARE(alone.outcomes.size(), size_t(1));
    QVERIFY(!alone.outcomes[0].error && alone.outcomes[0].proved);
}

void DhtTest::aProviderTellsNoStrangerWhereItIsInItsOwnNetwork() {
    DhtWorld world(ipfs());
    world.addServers(4);
    DhtNode& provider = world.add(Mode::Client);
    world.join(provider);
    provider.dht.setOwnAddresses({quicAt("127.0.0.1"), quicAt("10.0.0.5"), farAddress(5)});
    const auto keptBy = [&](const DhtNode& node, const Bytes& key) {
        std::vector<codec::Multiaddr> all;
        for (const auto& peer : node.dht.responder().providers().get(key, kReplication, world.now))
            all.insert(all.end(), peer.addresses.begin(), peer.addresses.end());
        return all;
    };
    QVERIFY(!world.carryOut(provider, Provide{text("a")}).error);
    QCOMPARE(keptBy(*world.nodes[1], text("a")), (std::vector{quicAt("10.0.0.5"), farAddress(5)}));
    // The same servers out on the Internet, as far as the provider can see.
    for (size_t i = 0; i < 4; ++i)
        if (auto info = provider.node.swarm.peer(world.nodes[i]->id())) {
            info->remote = farAddress(uint32_t(100 + i));
            provider.dht.onPeerMoved(*info);
        }
    QVERIFY(!world.carryOut(provider, Provide{text("b")}).error);
    QCOMPARE(keptBy(*world.nodes[1], text("b")), std::vector{farAddress(5)});
}

void DhtTest::workIsDoneByWorkersAndOneSliceAtATime() {
    DhtWorld world;
    world.addServers(3);
    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    client.works = false;
    for (uint8_t i = 0; i < 2; ++i) client.dht.start(PutValue{key32(i), text("x")}, 0s, world.now);
    world.run(1s);
    QVERIFY(client.outcomes.empty());
    QVERIFY(client.dht.deadline() > world.now.mono); // the thread of the network sleeps meanwhile
    const auto first = client.dht.pollWork();
    QVERIFY(first && first->tries == kWorkSlice && first->bits == kMinWorkBits);
    QVERIFY(!client.dht.pollWork());
    client.dht.onWorked({first->lookup, first->from, std::nullopt}, world.now);
    const auto second = client.dht.pollWork();
    QCOMPARE(second->from, first->from + kWorkSlice);
    // Of a look-up that has ended nothing comes any more, and the next one has its turn.
    QVERIFY(client.dht.cancel(second->lookup, world.now));
    client.works = true;
    client.dht.onWorked(runJob(*second), world.now);
    world.run(1s);
    QCOMPARE(client.outcomes.size(), size_t(2));
    QCOMPARE(client.outcomes[0].error->code, Errc::Cancelled);
    QVERIFY(!client.outcomes[1].error);
}

void DhtTest::muchWorkIsDoneOnlyWhileNobodyKeepsTheValue() {
    const auto stored = [](size_t modest, unsigned bits, size_t greedy) {
        DhtWorld world;
        for (size_t i = 0; i < modest; ++i) world.join(world.add());
        world.leastWorkBits = bits;
        for (size_t i = 0; i < greedy; ++i) world.join(world.add());
        DhtNode& client = world.add(Mode::Client);
        world.join(client);
        return world.carryOut(client, PutValue{key32(1), text("x")}).stored;
    };
    QCOMPARE(stored(0, kMaxExtraWorkBits + 1, 2), size_t(2));
    QCOMPARE(stored(2, kMaxExtraWorkBits, 2), size_t(4));
    QCOMPARE(stored(2, kMaxExtraWorkBits + 1, 2), size_t(2));
}

void DhtTest::whatIsPutAnewIsWorkedForWithinABound() {
    for (const unsigned bits : {kMaxExtraWorkBits, kMaxExtraWorkBits + 1}) {
        DhtWorld world;
        world.leastWorkBits = bits;
        world.addServers(2);
        DhtNode& client = world.add(Mode::Client);
        world.join(client);
        QVERIFY(!world.carryOut(client, PutValue{key32(1), text("x"), 1h}).error);
        QVERIFY(client.slices > 1);
        world.run(3h);
        const auto got = world.carryOut(client, GetValue{key32(1)});
        QCOMPARE(!got.error, bits == kMaxExtraWorkBits);
    }
}

QTEST_APPLESS_MAIN(DhtTest)
#include "dht_test.moc"

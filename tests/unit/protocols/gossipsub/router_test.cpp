#include "crypto/peer_record.h"
#include "unit/protocols/gossipsub/router_world.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::gossipsub::test;
using namespace std::chrono_literals;

namespace {
/// Everybody in topic "t", everybody linked with everybody.
void build(World& world, size_t count, const GossipsubConfig& config = {}) {
    for (size_t i = 0; i < count; ++i) {
        const size_t node = world.add(static_cast<uint32_t>(i), config);
        QVERIFY(world[node].router->subscribe("t", {}, world.now()));
        for (size_t other = 0; other < node; ++other) world.connect(node, other);
    }
}
Bytes words(std::string_view text) {
    return toBytes(asBytes(text));
}
} // namespace

class RouterTest : public QObject {
    Q_OBJECT
  private slots:
    void aMessageReachesEverybodyOnce();
    void meshesSettleBetweenTheirBounds();
    void whoIsNotSubscribedPublishesThroughAFanout();
    void withoutFloodPublishTheMeshCarriesIt();
    void gossipFillsWhatTheMeshHasMissed();
    void whoSaysItHasItAndDoesNotGiveItIsCounted();
    void leavingATopicSaysSo();
    void aFullMeshPrunesAndTellsOfOthers();
    void whoIsPrunedHearsOfOthersThatWereFirst();
    void aRecordIsHandedOnOnlyWhereAllOfItMayPass();
    void exchangedPeersMustHaveSignedTheirAddresses();
    void nobodyEarnsWithMessagesThatItsPeersAreDialled();
    void whomOthersHaveNamedIsNotOfOurChoice();
    void aGraftDuringBackoffIsPunished();
    void aGraftRightAfterTheBackoffIsWelcome();
    void ourOwnGraftWaitsAHeartbeatLonger();
    void agreedPeersAreAlwaysForwardedToAndNeverGrafted();
    void aLargeMessageIsNotWantedTwice();
    void peersOfOlderVersionsGetWhatTheyKnow();
    void aFloodsubPeerGetsEverything();
    void noMoreFloodsubPeersAreServedThanAMeshHas();
    void theValidatorDecides();
    void unsignedTopicsTakeUnsignedMessagesOnly();
    void numbersGrowAcrossRuns();
    void numbersFollowTheClockWhereItWasWrong();
    void whatNobodyCouldTakeIsOfferedAgainAsTheSame();
    void whatIsTooLargeIsNotPublished();
    void topicsAreBounded();
    void aLonelyTopicAsksForPeersNowAndThen();
    void anIdleRouterHasNoDeadline();
    void underAnyOrderOfThingsTheMeshHoldsItsInvariants();
};

void RouterTest::aMessageReachesEverybodyOnce() {
    World world;
    build(world, 20);
    world.run(3s);
    QCOMPARE(world[0].router->publish("t", words("hello"), world.now())->peers, size_t(19));
    QVERIFY(world[0].router->publish("t", words("hello"), world.now())); // the same words again are another message
    world.run(2s);
    for (size_t i = 1; i < 20; ++i) QCOMPARE(world.deliveredTo(i, "hello"), size_t(2));
    QCOMPARE(world.deliveredTo(0, "hello"), size_t(0));
    QCOMPARE(world[5].router->figures().delivered, uint64_t(2));
}

void RouterTest::meshesSettleBetweenTheirBounds() {
    World world;
    build(world, 40);
    world.run(10s);
    for (size_t i = 0; i < world.size(); ++i) {
        const auto mesh = world[i].router->mesh("t");
        QVERIFY2(mesh.size() >= 4 && mesh.size() <= 12, qPrintable(QString::number(mesh.size())));
    }
}

void RouterTest::whoIsNotSubscribedPublishesThroughAFanout() {
    GossipsubConfig config;
    config.floodPublish = false;
    World world;
    build(world, 20, config);
    const size_t outside = world.add(100, config);
    for (size_t i = 0; i < 20; ++i) world.connect(outside, i);
    world.run(3s);
    QVERIFY(world[outside].router->hasPeers("t") && !world[outside].router->hasPeers("u"));
    QCOMPARE(world[outside].router->publish("t", words("in"), world.now())->peers, size_t(6));
    QCOMPARE(world[outside].router->publish("u", words("nobody"), world.now())->peers, size_t(0));
    world.run(2s);
    for (size_t i = 0; i < 20; ++i) QCOMPARE(world.deliveredTo(i, "in"), size_t(1));
    QVERIFY(world[outside].received.empty());
    size_t used = 0;
    for (size_t i = 0; i < 20; ++i) used += world[outside].router->isUsed(world[i].id);
    QCOMPARE(used, size_t(6));
    world.run(61s);
    for (size_t i = 0; i < 20; ++i) QVERIFY(!world[outside].router->isUsed(world[i].id));
}

void RouterTest::withoutFloodPublishTheMeshCarriesIt() {
    GossipsubConfig config;
    config.floodPublish = false;
    World world;
    build(world, 30, config);
    world.run(5s);
    const auto published = world[3].router->publish("t", words("x"), world.now());
    QCOMPARE(published->peers, world[3].router->mesh("t").size());
    world.run(4s);
    for (size_t i = 0; i < 30; ++i) QCOMPARE(world.deliveredTo(i, "x"), size_t(i == 3 ? 0 : 1));
}

void RouterTest::gossipFillsWhatTheMeshHasMissed() {
    // Two circles whose only connection is between peers that are in no mesh of each other: backoff sees to that.
    World world;
    for (uint32_t i = 0; i < 2; ++i) QVERIFY(world[world.add(i)].router->subscribe("t", {}, world.now()));
    world.connect(0, 1);
    Rpc prune;
    prune.prune = {{"t", {}, 3600}};
    world.run(1s);
    for (const size_t i : {0, 1}) world[i].router->onRpc(world[1 - i].id, prune, world.now());
    QVERIFY(world[0].router->mesh("t").empty() && world[1].router->mesh("t").empty());
    const size_t third = world.add(2);
    QVERIFY(world[third].router->subscribe("t", {}, world.now()));
    world.connect(third, 0);
    world.run(1500ms);
    QVERIFY(world[third].router->publish("t", words("told"), world.now()));
    world.run(100ms);
    QCOMPARE(world.deliveredTo(0, "told"), size_t(1));
    QCOMPARE(world.deliveredTo(1, "told"), size_t(0));
    world.run(2s);
    QCOMPARE(world.deliveredTo(1, "told"), size_t(1)); // IHAVE, IWANT
}

void RouterTest::whoSaysItHasItAndDoesNotGiveItIsCounted() {
    World world;
    build(world, 2);
    world.run(1s);
    Rpc lie;
    lie.ihave = {{"t", {MessageId(20, 1)}}};
    world[0].router->onRpc(world[1].id, lie, world.now());
    QCOMPARE(world[0].router->score(world[1].id, world.now()) < 0, false);
    world.run(5s);
    QCOMPARE(world[0].router->figures().brokenPromises, uint64_t(1));
    QVERIFY(world[0].router->score(world[1].id, world.now()) < -5);
}

void RouterTest::leavingATopicSaysSo() {
    World world;
    build(world, 3);
    world.run(2s);
    QCOMPARE(world[0].router->mesh("t").size(), size_t(2));
    world[1].router->unsubscribe("t", world.now());
    world[1].router->unsubscribe("t", world.now());
    world.run(1s);
    QCOMPARE(world[0].router->mesh("t"), std::vector{world[2].id});
    QVERIFY(world[0].router->topicsOf(world[1].id).empty());
    QVERIFY(world[2].router->publish("t", words("gone"), world.now()));
    world.run(3s);
    QVERIFY(world[1].received.empty());
    // Back within the backoff of ten seconds it is in no mesh at first, afterwards it is.
    QVERIFY(world[1].router->subscribe("t", {}, world.now()));
    world.run(1s);
    QVERIFY(world[1].router->mesh("t").empty());
    world.run(12s);
    QCOMPARE(world[1].router->mesh("t").size(), size_t(2));
    QVERIFY(world[0].router->score(world[1].id, world.now()) >= 0);
}

void RouterTest::aFullMeshPrunesAndTellsOfOthers() {
    World world;
    const size_t hub = world.add(0);
    QVERIFY(world[hub].router->subscribe("t", {}, world.now()));
    GossipsubConfig config;
    config.score.application = [](const crypto::PeerId&) { return 50; }; // they think well of it
    for (uint32_t i = 1; i <= 30; ++i) {
        const size_t node = world.add(i, config);
        QVERIFY(world[node].router->subscribe("t", {}, world.now()));
        world.connect(node, hub);
        const std::vector address{
            codec::Multiaddr::parse("/ip4/44.1.0.1/udp/" + std::to_string(i) + "/quic-v1").value()};
        world[hub].router->setRecord(world[node].id, crypto::sealPeerRecord(identityOf(i), i, address),
                                     codec::Reach::Global);
    }
    world.run(5s);
    const size_t mesh = world[hub].router->mesh("t").size();
    QVERIFY2(mesh >= 4 && mesh <= 12, qPrintable(QString::number(mesh)));
    size_t told = 0;
    for (size_t i = 1; i <= 30; ++i)
        for (const ConnectWanted& each : world[i].wanted) {
            ++told;
            QVERIFY(each.peer != world[i].id && each.addresses.size() == 1);
        }
    QVERIFY(told > 30);
}

namespace {
/// A peer with this key, here, and in topic "t".
void join(Router& router, uint32_t number, codec::Reach place, Now now) {
    const crypto::PeerId id = identityOf(number).peerId();
    router.onPeer({id, Version::V12, false, std::nullopt, place}, now);
    Rpc rpc;
    rpc.subscriptions = {{"t", true}};
    router.onRpc(id, rpc, now);
}
/// Who is named when this peer has grafted and is refused; the mesh is full.
std::set<crypto::PeerId> namedTo(Router& router, uint32_t number, Now now) {
    const crypto::PeerId id = identityOf(number).peerId();
    while (router.takeFrame(id, now)) {
    }
    Rpc graft;
    graft.graft = {"t"};
    router.onRpc(id, graft, now);
    std::set<crypto::PeerId> named;
    while (const auto frame = router.takeFrame(id, now)) {
        Bytes bytes(totalLength(frame->bytes));
        copyTo(frame->bytes, bytes);
        const auto rpc = decodeRpc(ByteView(bytes).subspan(codec::requireVarint(bytes)->length));
        for (const Prune& prune : rpc->prune)
            for (const ExchangedPeer& each : prune.peers) named.insert(each.peer);
    }
    return named;
}
/// A router whose mesh others have filled.
struct FullMesh {
    FullMesh() {
        (void)world[world.add(0)].router->subscribe("t", {}, world.now());
        for (uint32_t i = 1; i <= GossipsubConfig().dHigh; ++i) {
            join(router(), i, codec::Reach::Global, world.now());
            Rpc graft;
            graft.graft = {"t"};
            router().onRpc(identityOf(i).peerId(), graft, world.now());
        }
    }
    Router& router() { return *world[0].router; }
    World world;
};
} // namespace

void RouterTest::whoIsPrunedHearsOfOthersThatWereFirst() {
    FullMesh full;
    for (const uint32_t number : {100u, 101u}) {
        join(full.router(), number, codec::Reach::Global, full.world.now());
        full.router().setRecord(identityOf(number).peerId(), {1, 2, 3}, codec::Reach::Global);
    }
    QVERIFY(!namedTo(full.router(), 100, full.world.now()).contains(identityOf(100).peerId()));
    // That it was pruned itself is no reason to keep quiet of it.
    QCOMPARE(namedTo(full.router(), 101, full.world.now()), std::set{identityOf(100).peerId()});
    full.router().forgetRecord(identityOf(100).peerId());
    full.router().setRecord(identityOf(101).peerId(), Bytes(kMaxRecordBytes + 1), codec::Reach::Global);
    join(full.router(), 102, codec::Reach::Global, full.world.now());
    QVERIFY(namedTo(full.router(), 102, full.world.now()).empty());
}

void RouterTest::aRecordIsHandedOnOnlyWhereAllOfItMayPass() {
    FullMesh full;
    const Now now = full.world.now();
    std::set<crypto::PeerId> upTo[codec::kReaches.size()]; // who may be named in each place
    for (const codec::Reach farthest : codec::kReaches) {
        const uint32_t number = 100 + static_cast<uint32_t>(farthest);
        join(full.router(), number, farthest, now);
        full.router().setRecord(identityOf(number).peerId(), {1, 2, 3}, farthest);
        for (const codec::Reach place : codec::kReaches)
            if (place <= farthest) upTo[static_cast<size_t>(place)].insert(identityOf(number).peerId());
    }
    for (const codec::Reach place : codec::kReaches) {
        const uint32_t asker = 200 + static_cast<uint32_t>(place);
        join(full.router(), asker, place, now);
        QCOMPARE(namedTo(full.router(), asker, now), upTo[static_cast<size_t>(place)]);
    }
    // Whose connection has moved to another place hears what may pass there.
    join(full.router(), 300, codec::Reach::Loopback, now);
    full.router().onPeer({identityOf(300).peerId(), Version::V12, false, std::nullopt, codec::Reach::Global}, now);
    QCOMPARE(namedTo(full.router(), 300, now), upTo[static_cast<size_t>(codec::Reach::Global)]);
}

void RouterTest::exchangedPeersMustHaveSignedTheirAddresses() {
    World world;
    GossipsubConfig config;
    config.score.application = [](const crypto::PeerId&) { return 50; };
    build(world, 2, config);
    world.run(1s);
    const std::vector address{codec::Multiaddr::parse("/ip4/44.1.0.1/udp/9/quic-v1").value()};
    const Bytes good = crypto::sealPeerRecord(identityOf(7), 1, address);
    Bytes bad = good;
    bad.back() ^= 1;
    Rpc prune;
    prune.prune = {{"t",
                    {{identityOf(7).peerId(), good},
                     {identityOf(8).peerId(), good},
                     {identityOf(9).peerId(), {}},
                     {identityOf(7).peerId(), bad}},
                    60}};
    world[0].router->onRpc(world[1].id, prune, world.now());
    world.run(10ms);
    QCOMPARE(world[0].wanted, (std::vector<ConnectWanted>{{world[1].id, identityOf(7).peerId(), address}}));
    world[0].router->onRpc(world[1].id, prune, world.now()); // it is in the mesh no more
    world.run(10ms);
    QCOMPARE(world[0].wanted.size(), size_t(1));
}

void RouterTest::nobodyEarnsWithMessagesThatItsPeersAreDialled() {
    World world;
    build(world, 2);
    world.run(1s);
    for (int i = 0; i < 100; ++i) QVERIFY(world[1].router->publish("t", words("m" + std::to_string(i)), world.now()));
    world.run(400s); // the longest time in the mesh that counts
    for (int i = 0; i < 100; ++i) QVERIFY(world[1].router->publish("t", words("n" + std::to_string(i)), world.now()));
    world.run(500ms);
    const auto score = world[0].router->score(world[1].id, world.now());
    QVERIFY2(score > 20, qPrintable(QString::number(score)));
    Rpc prune;
    const std::vector address{codec::Multiaddr::parse("/ip4/44.1.0.1/udp/9/quic-v1").value()};
    prune.prune = {{"t", {{identityOf(7).peerId(), crypto::sealPeerRecord(identityOf(7), 1, address)}}, 60}};
    world[0].router->onRpc(world[1].id, prune, world.now());
    world.run(10ms);
    QVERIFY(world[0].wanted.empty());
}

/// A full mesh refuses whom others have sent us to, though we have dialled it; not whom we have dialled ourselves.
void RouterTest::whomOthersHaveNamedIsNotOfOurChoice() {
    World world;
    GossipsubConfig config;
    config.d = config.dLow = config.dHigh = 1;
    config.dOut = 0;
    config.score.application = [](const crypto::PeerId& peer) { return peer == identityOf(1).peerId() ? 50 : 0; };
    for (uint32_t i = 0; i < 2; ++i) QVERIFY(world[world.add(i, config)].router->subscribe("t", {}, world.now()));
    world.connect(1, 0);
    world.run(1s);
    const std::vector address{codec::Multiaddr::parse("/ip4/44.1.0.1/udp/9/quic-v1").value()};
    Rpc prune, graft;
    prune.prune = {{"t", {{identityOf(7).peerId(), crypto::sealPeerRecord(identityOf(7), 1, address)}}, 1}};
    world[0].router->onRpc(world[1].id, prune, world.now());
    world.run(5s);
    QCOMPARE(world[0].wanted.size(), size_t(1));
    QCOMPARE(world[0].router->mesh("t").size(), size_t(1));
    graft.subscriptions = {{"t", true}};
    graft.graft = {"t"};
    for (const uint32_t number : {7, 8}) {
        world[0].router->onPeer({identityOf(number).peerId(), Version::V12, true}, world.now());
        world[0].router->onRpc(identityOf(number).peerId(), graft, world.now());
        QCOMPARE(world[0].router->mesh("t").size(), size_t(number == 7 ? 1 : 2));
    }
}

void RouterTest::aGraftDuringBackoffIsPunished() {
    World world;
    build(world, 2);
    world.run(2s);
    Rpc prune, graft;
    prune.prune = {{"t", {}, 60}};
    graft.graft = {"t", "unknown"};
    world[0].router->onRpc(world[1].id, prune, world.now());
    QVERIFY(world[0].router->mesh("t").empty());
    world.run(11s);
    world[0].router->onRpc(world[1].id, graft, world.now());
    QVERIFY(world[0].router->mesh("t").empty());
    const double once = world[0].router->score(world[1].id, world.now());
    QVERIFY2(once <= -9 && once > -12, qPrintable(QString::number(once)));
    world[0].router->onRpc(world[1].id, graft, world.now()); // at once: counts twice
    const double flood = world[0].router->score(world[1].id, world.now());
    QVERIFY2(flood < -80, qPrintable(QString::number(flood)));
    world[0].router->onRpc(world[1].id, graft, world.now());
    QCOMPARE(world[0].router->figures().graylisted, uint64_t(1));
}

/// What we have told a peer to wait holds for it to the second; we wait a little longer ourselves.
void RouterTest::aGraftRightAfterTheBackoffIsWelcome() {
    for (const bool late : {false, true}) {
        World world;
        build(world, 2);
        world.run(2s);
        world[0].router->unsubscribe("t", world.now()); // asks for ten seconds
        QVERIFY(world[0].router->subscribe("t", {}, world.now()));
        QVERIFY(world[0].router->mesh("t").empty());
        const Now now{world.now().mono + 10s - (late ? 0s : 1ns), world.now().wall};
        Rpc graft;
        graft.graft = {"t"};
        world[0].router->onRpc(world[1].id, graft, now);
        QCOMPARE(world[0].router->mesh("t").size(), size_t(late ? 1 : 0));
        QCOMPARE(world[0].router->score(world[1].id, now) < 0, !late);
    }
}

void RouterTest::ourOwnGraftWaitsAHeartbeatLonger() {
    World world;
    build(world, 2);
    world.run(2s);
    Rpc prune;
    prune.prune = {{"t", {}, 20}};
    for (const size_t i : {0, 1}) world[i].router->onRpc(world[1 - i].id, prune, world.now());
    world.run(20'900ms);
    QVERIFY(world[0].router->mesh("t").empty());
    world.run(3s);
    QCOMPARE(world[0].router->mesh("t").size(), size_t(1));
    QVERIFY(world[0].router->score(world[1].id, world.now()) >= 0);
    QVERIFY(world[1].router->score(world[0].id, world.now()) >= 0);
}

void RouterTest::agreedPeersAreAlwaysForwardedToAndNeverGrafted() {
    World world;
    GossipsubConfig config;
    config.direct = {identityOf(1).peerId()};
    QVERIFY(world[world.add(0, config)].router->subscribe("t", {}, world.now()));
    GossipsubConfig other;
    other.direct = {identityOf(0).peerId()};
    QVERIFY(world[world.add(1, other)].router->subscribe("t", {}, world.now()));
    QVERIFY(world[world.add(2)].router->subscribe("t", {}, world.now()));
    world.run(2s);
    QCOMPARE(world[0].wanted, (std::vector<ConnectWanted>{{{}, identityOf(1).peerId(), {}}})); // it is not here
    world.connect(0, 1);
    world.connect(0, 2);
    world.run(2s);
    QCOMPARE(world[0].router->mesh("t"), std::vector{world[2].id});
    QVERIFY(world[0].router->isUsed(world[1].id));
    QVERIFY(world[2].router->publish("t", words("on"), world.now()));
    world.run(100ms);
    QCOMPARE(world.deliveredTo(1, "on"), size_t(1));
    Rpc graft;
    graft.graft = {"t"};
    world[0].router->onRpc(world[1].id, graft, world.now());
    QCOMPARE(world[0].router->mesh("t"), std::vector{world[2].id});
}

void RouterTest::aLargeMessageIsNotWantedTwice() {
    const auto duplicates = [](size_t threshold) {
        GossipsubConfig config;
        config.floodPublish = false;
        config.dontWantThreshold = threshold;
        World small;
        build(small, 20, config);
        small.run(3s);
        uint64_t count = 0, delivered = 0;
        for (int i = 0; i < 5; ++i) {
            (void)small[0].router->publish("t", Bytes(60'000, static_cast<uint8_t>(i)), small.now());
            small.run(1s);
        }
        for (size_t i = 1; i < 20; ++i) {
            count += small[i].router->figures().duplicates;
            delivered += small[i].router->figures().delivered;
        }
        return delivered == 95 ? count : UINT64_MAX;
    };
    const uint64_t with = duplicates(1024), without = duplicates(SIZE_MAX);
    QVERIFY2(with < without * 9 / 10, qPrintable(QString("%1 %2").arg(with).arg(without)));
    World world;
    build(world, 12);
    world.run(3s);
    // Somebody who has said so gets nothing.
    const auto id = world[2].router->publish("t", Bytes(2000, 9), world.now())->id;
    Rpc rpc;
    rpc.dontWant = {id};
    for (size_t i = 1; i < 12; ++i)
        if (i != 2) world[i].router->onRpc(world[0].id, rpc, world.now());
    const uint64_t before = world[0].router->figures().duplicates;
    world.run(500ms);
    QCOMPARE(world[0].router->figures().duplicates, before);
    QCOMPARE(world[0].received.size(), size_t(1));
}

void RouterTest::peersOfOlderVersionsGetWhatTheyKnow() {
    World world;
    for (uint32_t i = 0; i < 3; ++i) QVERIFY(world[world.add(i)].router->subscribe("t", {}, world.now()));
    world.connect(0, 1, Version::V10);
    world.connect(0, 2, Version::V11);
    world.run(2s);
    world[0].router->unsubscribe("t", world.now());
    Rpc v10, v11;
    const auto take = [&](size_t to) {
        const auto frame = world[0].router->takeFrame(world[to].id, world.now());
        Bytes bytes(totalLength(frame->bytes));
        copyTo(frame->bytes, bytes);
        return decodeRpc(ByteView(bytes).subspan(codec::requireVarint(bytes)->length)).value();
    };
    QVERIFY(!take(1).prune.at(0).backoffSeconds);
    QCOMPARE(take(2).prune.at(0).backoffSeconds, std::optional<uint64_t>(10));
}

void RouterTest::aFloodsubPeerGetsEverything() {
    World world;
    for (uint32_t i = 0; i < 3; ++i) QVERIFY(world[world.add(i)].router->subscribe("t", {}, world.now()));
    world.connect(0, 1, Version::Floodsub);
    world.connect(0, 2);
    world.run(2s);
    QCOMPARE(world[0].router->mesh("t"), std::vector{world[2].id});
    QVERIFY(world[2].router->publish("t", words("flood"), world.now()));
    QVERIFY(world[1].router->publish("t", words("back"), world.now()));
    world.run(1s);
    QCOMPARE(world.deliveredTo(1, "flood"), size_t(1));
    QCOMPARE(world.deliveredTo(2, "back"), size_t(1));
}

void RouterTest::noMoreFloodsubPeersAreServedThanAMeshHas() {
    World world;
    for (uint32_t i = 0; i < 32; ++i) QVERIFY(world[world.add(i)].router->subscribe("t", {}, world.now()));
    world.connect(0, 1);
    for (size_t i = 2; i < 32; ++i) world.connect(0, i, Version::Floodsub);
    world.run(2s);
    world[0].router->onMalformed(world[31].id, world.now());
    QVERIFY(world[1].router->publish("t", words("flood"), world.now()));
    world.run(1s);
    size_t served = 0;
    for (size_t i = 2; i < 32; ++i) served += world.deliveredTo(i, "flood");
    QCOMPARE(served, size_t(12));
    QCOMPARE(world.deliveredTo(31, "flood"), size_t(0));
}

void RouterTest::theValidatorDecides() {
    World world;
    for (uint32_t i = 0; i < 3; ++i) world.add(i);
    const auto byFirst = [](const crypto::PeerId&, const Message& message) {
        const ByteView data = message.content();
        return data.empty() || data[0] == 'i' ? Verdict::Ignore : data[0] == 'r' ? Verdict::Reject : Verdict::Accept;
    };
    QVERIFY(world[0].router->subscribe("t", {}, world.now()));
    QVERIFY(world[1].router->subscribe("t", byFirst, world.now()));
    QVERIFY(world[2].router->subscribe("t", {}, world.now()));
    world.connect(0, 1);
    world.connect(1, 2);
    world.run(2s);
    for (const char* text : {"accept", "ignore", "reject"})
        QVERIFY(world[0].router->publish("t", words(text), world.now()));
    world.run(3s);
    QCOMPARE(world[1].received.size(), size_t(1));
    QCOMPARE(world[2].received.size(), size_t(1));
    QCOMPARE(world[2].received[0].via, world[1].id);
    QVERIFY(world[1].router->score(world[0].id, world.now()) < -8);
    QVERIFY(world[0].router->publish("t", words("again"), world.now())); // one mistake is not the end
    world.run(3s);
    QCOMPARE(world.deliveredTo(2, "again") + world.deliveredTo(1, "again"), size_t(2));
}

void RouterTest::unsignedTopicsTakeUnsignedMessagesOnly() {
    GossipsubConfig config;
    config.signatures = SignaturePolicy::StrictNoSign;
    config.messageId = idFromContent;
    World world;
    build(world, 3, config);
    world.run(1s);
    QVERIFY(world[0].router->publish("t", words("x"), world.now()));
    QCOMPARE(world[0].router->publish("t", words("x"), world.now()).error().code, Errc::Exists);
    world.run(1s);
    QCOMPARE(world.deliveredTo(1, "x"), size_t(1));
    QVERIFY(!world[1].received[0].message.from && !world[1].received[0].message.signature);
    Message message;
    message.topic = "t";
    signMessage(message, identityOf(0), 1);
    Rpc rpc;
    rpc.messages = {message};
    world[1].router->onRpc(world[0].id, rpc, world.now());
    QCOMPARE(world[1].router->figures().rejected, uint64_t(1));
}

void RouterTest::numbersGrowAcrossRuns() {
    World world;
    build(world, 2);
    world.run(1s);
    for (int i = 0; i < 100; ++i) QVERIFY(world[0].router->publish("t", words("m"), world.now()));
    world.run(1s);
    uint64_t last = 0;
    for (const Received& each : world[1].received) {
        const auto number = getBigEndian<uint64_t>(*each.message.seqno);
        QVERIFY(number > last);
        last = number;
    }
    world.remove(0);
    const size_t again = world.add(0);
    QVERIFY(world[again].router->subscribe("t", {}, world.now()));
    world.connect(again, 1);
    world.run(1s);
    QVERIFY(world[again].router->publish("t", words("m"), world.now()));
    world.run(1s);
    QVERIFY(getBigEndian<uint64_t>(*world[1].received.back().message.seqno) > last);
}

void RouterTest::numbersFollowTheClockWhereItWasWrong() {
    World world;
    build(world, 2);
    Router& router = *world[0].router;
    const auto numberOf = [&](Now now) {
        const auto published = router.publish("t", words("x"), now);
        return getBigEndian<uint64_t>(ByteView(published->id).last(kSeqnoBytes));
    };
    const Now now = world.now();
    const Now right{now.mono, UnixTime::fromSeconds(1'900'000'000)};
    const uint64_t before = numberOf(now);
    const uint64_t after = numberOf(right); // the clock has been set
    QVERIFY(before < after && after >= static_cast<uint64_t>(right.wall.nanoseconds));
    QCOMPARE(numberOf(now), after + 1); // and back
}

void RouterTest::whatNobodyCouldTakeIsOfferedAgainAsTheSame() {
    World world;
    build(world, 2);
    world.run(1s);
    Router& router = *world[0].router;
    for (size_t i = 0; i < kMaxQueuedMessages; ++i) QVERIFY(router.publish("t", words("fill"), world.now()));
    const auto message = router.make("t", words("late"), world.now());
    QVERIFY(message);
    QCOMPARE(router.offer(*message, world.now()), size_t(0));
    QVERIFY(!router.waitingOwn().contains(message->id));
    world.run(1s);
    QVERIFY(router.waitingOwn().empty());
    for (int i = 0; i < 2; ++i) {
        QCOMPARE(router.offer(*message, world.now()), size_t(1));
        QCOMPARE(router.waitingOwn(), std::set{message->id});
        world.run(200s); // long after the peer has forgotten its id
    }
    QCOMPARE(world.deliveredTo(1, "late"), size_t(1));
}

void RouterTest::whatIsTooLargeIsNotPublished() {
    World world;
    build(world, 2);
    Router& router = *world[0].router;
    QVERIFY(router.publish("t", Bytes(64 * 1024), world.now()));
    QCOMPARE(router.publish("t", Bytes(64 * 1024 + 1), world.now()).error().code, Errc::TooLarge);
    QCOMPARE(router.publish("", {}, world.now()).error().code, Errc::InvalidArgument);
    QVERIFY(router.publish(std::string(kMaxTopicBytes, 'x'), {}, world.now()));
    QCOMPARE(router.publish(std::string(kMaxTopicBytes + 1, 'x'), {}, world.now()).error().code, Errc::InvalidArgument);
}

void RouterTest::topicsAreBounded() {
    World world;
    build(world, 1);
    Router& router = *world[0].router;
    QCOMPARE(router.subscribe("t", {}, world.now()).error().code, Errc::Exists);
    for (size_t i = 1; i < kMaxOwnTopics; ++i) QVERIFY(router.subscribe("t" + std::to_string(i), {}, world.now()));
    QCOMPARE(router.subscribe("one more", {}, world.now()).error().code, Errc::LimitReached);
    for (size_t i = 0; i < 2 * kMaxOwnTopics; ++i) QVERIFY(router.publish("p" + std::to_string(i), {}, world.now()));
}

void RouterTest::aLonelyTopicAsksForPeersNowAndThen() {
    World world;
    build(world, 1);
    world.run(25s);
    QCOMPARE(world[0].peersWanted, (std::vector<std::string>{"t", "t", "t"}));
}

void RouterTest::anIdleRouterHasNoDeadline() {
    World world;
    const size_t node = world.add(0);
    QCOMPARE(world[node].router->deadline(), kNever);
    QVERIFY(world[node].router->subscribe("t", {}, world.now()));
    world.run(1s);
    QVERIFY(world[node].router->deadline() != kNever);
    world[node].router->unsubscribe("t", world.now());
    world.run(10s);
    QCOMPARE(world[node].router->deadline(), kNever);
}

/// Peers come and go, topics too, controls come in any order: what the header promises holds after each step.
void RouterTest::underAnyOrderOfThingsTheMeshHoldsItsInvariants() {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        World world(seed);
        build(world, 10);
        for (int step = 0; step < 150; ++step) {
            const size_t a = world.random.below(10), b = world.random.below(10);
            const std::string topic = world.random.below(2) ? "t" : "u";
            Rpc rpc;
            switch (world.random.below(8)) {
            case 0:
                world.disconnect(a, b);
                break;
            case 1:
                if (a != b) world.connect(a, b);
                break;
            case 2:
                (void)world[a].router->subscribe(topic, {}, world.now());
                break;
            case 3:
                world[a].router->unsubscribe(topic, world.now());
                break;
            case 4:
                rpc.graft = {topic};
                break;
            case 5:
                rpc.prune = {{topic, {}, world.random.next64()}};
                break;
            case 6:
                (void)world[a].router->publish(topic, world.random.bytes(20), world.now());
                break;
            default:
                rpc.subscriptions = {{topic, world.random.below(2) == 0}};
                break;
            }
            if (!rpc.empty()) world[a].router->onRpc(world[b].id, rpc, world.now());
            world.run(std::chrono::milliseconds(world.random.below(400)));
            for (size_t i = 0; i < 10; ++i)
                for (const char* name : {"t", "u"}) {
                    const auto mesh = world[i].router->mesh(name);
                    QVERIFY(mesh.empty() || world[i].router->isSubscribed(name));
                    for (const auto& peer : mesh) {
                        const auto links = world.linksOf(i);
                        QVERIFY(std::ranges::any_of(links, [&](size_t to) { return world[to].id == peer; }));
                    }
                    for (const Received& each : world[i].received) QVERIFY(each.message.from);
                }
        }
        for (size_t i = 0; i < 10; ++i) {
            std::set<Bytes> once;
            for (const Received& each : world[i].received) QVERIFY(once.insert(encodeGossip(each.message)).second);
        }
    }
}

QTEST_APPLESS_MAIN(RouterTest)
#include "router_test.moc"

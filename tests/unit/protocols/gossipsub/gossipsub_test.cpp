#include "protocols/gossipsub/gossipsub.h"
#include "support/hand_node.h"
#include "support/seeded_random.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
struct Gossip {
    Gossip(PairNetwork& network, uint8_t number, GossipsubConfig config = {})
        : node(network, number),
          random(number),
          protocol(std::move(config), identityOf(number), random, node.log, at(0s)) {
        node.swarm.addProtocol(protocol);
    }
    void subscribe(const std::string& topic, Now now) {
        QVERIFY(protocol.router().subscribe(topic, {}, now));
        protocol.pump(node.swarm.streams(), now);
    }
    void meets(const TestNode& other, Now now) {
        protocol.onIdentified(other.id(), {"/ipfs/id/1.0.0", "/meshsub/1.1.0", "/meshsub/1.2.0"}, node.swarm.streams(),
                              now);
    }
    MessageId publish(const std::string& topic, Bytes data, Now now) {
        const auto done = protocol.router().publish(topic, std::move(data), now);
        protocol.pump(node.swarm.streams(), now);
        return done ? done->id : MessageId();
    }
    std::vector<Received> received() { return pollAll<Received>(protocol.router(), events); }

    TestNode node;
    SeededRandom random;
    GossipsubProtocol protocol;
    std::vector<RouterEvent> events;
};
const std::vector<std::string> kServed = {"/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0", "/floodsub/1.0.0"};

/// A node in these topics, and a peer whose side the test plays, connected.
struct Met {
    explicit Met(const std::vector<std::string>& topics = {}, link::Side ofHand = link::Side::Dialer,
                 std::vector<std::string> serves = kServed)
        : hand(network, 2, std::move(serves)) {
        for (const std::string& topic : topics) a.subscribe(topic, at(0s));
        ofHand == link::Side::Dialer ? hand.node.connectTo(a.node, at(0s)) : a.node.connectTo(hand.node, at(0s));
        run();
    }
    void run(Duration when = 0s) { test::run(network, nodes, at(when)); }

    PairNetwork network;
    Gossip a{network, 1};
    HandNode hand;
    const std::vector<TestNode*> nodes{&a.node, &hand.node};
};

Message ofThree(uint64_t seqno) {
    Message message;
    message.topic = "t";
    message.data = Bytes{1};
    signMessage(message, identityOf(3), seqno);
    return message;
}
Rpc firstOf(const Bytes& stream) {
    const auto length = codec::requireVarint(stream);
    return decodeRpc(ByteView(stream).subspan(length->length, length->value)).value();
}
} // namespace

class GossipsubTest : public QObject {
    Q_OBJECT
  private slots:
    void twoPeersTellEachOtherAndTalk();
    void nothingIsOpenedWhereThereIsNothingToSay();
    void aLargeMessageGoesInPiecesThroughSmallWindows();
    void whoOpensAStreamNeedsNoIdentify();
    void whoDoesNotSpeakItIsLeftAlone();
    void garbageCostsTheStreamAndItsSender();
    void aLengthBeyondTheBoundIsRefusedBeforeItsBytes();
    void whoSendsFasterThanItsRateIsReadLater();
    void whoIsGivenUpIsNotRead();
    void aNewerStreamTakesThePlaceOfTheOneBefore();
    void aStormOfStreamsIsRefused();
    void aStoppedStreamIsOpenedAgainWithAllTopics();
    void whatALostStreamMayHaveHeldIsSaidAgain();
    void ourStreamFollowsThePeerToAnotherLink();
    void ourMessageHasLeftWhenThePeerHasAcknowledgedIt();
    void asManyOfOurMessagesAsWaitAreWatched();
    void whetherACopyOfOurMessageIsLeftIsKnown();
    void whoReadsNothingStopsNobodyElse();
    void aLostPeerIsForgotten();
    void overARelayNothingIsSaid();
    void theOutcomeOfAStreamFromBeforeDoesNotMatter();
};

void GossipsubTest::twoPeersTellEachOtherAndTalk() {
    PairNetwork network({.maxPiece = 7});
    Gossip a(network, 1), b(network, 2);
    a.subscribe("t", at(0s));
    b.subscribe("t", at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.meets(b.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(3s));
    QCOMPARE(a.protocol.router().mesh("t"), std::vector{b.node.id()});
    QCOMPARE(b.protocol.router().mesh("t"), std::vector{a.node.id()});
    QCOMPARE(a.node.swarm.figures().streams, size_t(2));
    QVERIFY(!a.node.swarm.hasStreams(b.node.id())); // a stream that idles keeps no link
    a.publish("t", {1, 2, 3}, at(3s));
    b.publish("t", {4}, at(3s));
    runUntil(network, {&a.node, &b.node}, at(3s), at(4s));
    QCOMPARE(b.received().size(), size_t(1));
    QCOMPARE(b.received()[0].message.data, std::optional(Bytes{1, 2, 3}));
    QCOMPARE(a.received()[0].message.data, std::optional(Bytes{4}));
}

void GossipsubTest::nothingIsOpenedWhereThereIsNothingToSay() {
    PairNetwork network;
    Gossip a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.meets(b.node, at(0s));
    b.meets(a.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(5s));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    b.subscribe("t", at(5s));
    runUntil(network, {&a.node, &b.node}, at(5s), at(6s));
    QCOMPARE(a.protocol.router().topicsOf(b.node.id()), std::vector<std::string>{"t"});
}

void GossipsubTest::aLargeMessageGoesInPiecesThroughSmallWindows() {
    PairNetwork network({.streamWindow = 4096, .linkWindow = 8192, .sendBuffer = 2048, .maxPiece = 512});
    GossipsubConfig config;
    config.maxPublishBytes = 900'000;
    Gossip a(network, 1, config), b(network, 2);
    b.subscribe("t", at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.meets(b.node, at(0s));
    b.meets(a.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(1s));
    const Bytes large = SeededRandom(1).bytes(900'000);
    a.publish("t", large, at(1s));
    runUntil(network, {&a.node, &b.node}, at(1s), at(2s));
    QCOMPARE(b.received().size(), size_t(1));
    QVERIFY(b.received()[0].message.data == large);
}

void GossipsubTest::whoOpensAStreamNeedsNoIdentify() {
    Met met({"t"});
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    Rpc hello;
    hello.subscriptions = {{"t", true}};
    hand.protocol.greeting = std::string(asText(framed(encodeRpc(hello))));
    hand.protocol.open(a.node.id(), {"/meshsub/1.1.0"}, 1);
    met.run();
    QCOMPARE(a.protocol.router().topicsOf(hand.node.id()), std::vector<std::string>{"t"});
    const auto theirs = hand.protocol.inbound();
    QCOMPARE(theirs.size(), size_t(1));
    QCOMPARE(hand.protocol.streams[theirs[0]].protocolId, std::string("/meshsub/1.1.0"));
    QVERIFY(!hand.protocol.streams[theirs[0]].received.empty());
}

void GossipsubTest::whoDoesNotSpeakItIsLeftAlone() {
    PairNetwork network;
    Gossip a(network, 1);
    HandNode hand(network, 2, {"/other/1"});
    a.subscribe("t", at(0s));
    a.node.connectTo(hand.node, at(0s));
    run(network, {&a.node, &hand.node}, at(0s));
    a.protocol.onIdentified(hand.node.id(), {"/other/1"}, a.node.swarm.streams(), at(0s));
    QCOMPARE(a.protocol.router().peers(), size_t(0));
    a.meets(hand.node, at(0s)); // it has lied
    runUntil(network, {&a.node, &hand.node}, at(0s), at(100s));
    QCOMPARE(a.protocol.router().peers(), size_t(0));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void GossipsubTest::garbageCostsTheStreamAndItsSender() {
    Met met;
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    for (int i = 0; i < 3; ++i) {
        hand.protocol.greeting = std::string(asText(framed(Bytes{0xff, 0xff, 0xff})));
        hand.protocol.open(a.node.id(), {kServed[0]}, static_cast<swarm::RequestTag>(i + 1));
        met.run();
        QVERIFY(hand.protocol.streams[hand.protocol.keyOf(static_cast<swarm::RequestTag>(i + 1))].stopped);
    }
    QVERIFY(a.protocol.router().score(hand.node.id(), at(0s)) <= -80);
    Rpc rpc;
    rpc.subscriptions = {{"t", true}};
    hand.protocol.greeting = std::string(asText(framed(encodeRpc(rpc))));
    hand.protocol.open(a.node.id(), {kServed[0]}, 9);
    met.run();
    QVERIFY(a.protocol.router().topicsOf(hand.node.id()).empty()); // nobody listens any more
    QCOMPARE(a.protocol.router().figures().graylisted, uint64_t(1));
}

void GossipsubTest::whoSendsFasterThanItsRateIsReadLater() {
    Met met;
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    Rpc joins;
    joins.subscriptions.push_back({"t", true});
    const Bytes last = framed(encodeRpc(joins));
    const auto floods = [&](size_t empty, Duration when) { // each zero is the length of an RPC that says nothing
        hand.protocol.greeting = std::string(empty, '\0') + std::string(asText(last));
        hand.protocol.open(a.node.id(), {"/meshsub/1.2.0"}, ++hand.tag);
        met.run(when);
        return a.protocol.router().hasPeers("t");
    };
    QVERIFY(floods(size_t(kReadBurst), 0s)); // as many at once, and one that has begun
    joins.subscriptions[0].subscribe = false;
    const Bytes leaves = framed(encodeRpc(joins));
    hand.node.swarm.streams().write(hand.protocol.keyOf(hand.tag), Slice::copyOf(leaves), link::Fin::No);
    met.run();
    QVERIFY(a.protocol.router().hasPeers("t")); // not read yet, and not lost
    QVERIFY(a.protocol.deadline() > at(0s).mono && a.protocol.deadline() <= at(1ms).mono);
    runUntil(met.network, met.nodes, at(0s), at(1ms));
    QVERIFY(!a.protocol.router().hasPeers("t"));
    // The cost is in what an RPC says.
    Rpc large;
    large.subscriptions.resize(10, {"t", true});
    large.iwant.resize(2 * kIdsPerItem);
    QCOMPARE(itemsOf(large, 3 * kBytesPerItem), size_t(1 + 10 + 2 + 3));
}

void GossipsubTest::whoIsGivenUpIsNotRead() {
    Met met({}, link::Side::Dialer, {});
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    hand.protocol.greeting = std::string(1, '\0');
    hand.protocol.open(a.node.id(), {"/meshsub/1.2.0"}, ++hand.tag);
    met.run();
    QVERIFY(!hand.protocol.streams.at(hand.protocol.keyOf(hand.tag)).reset);
    a.subscribe("t", at(0s)); // tells it, which finds nobody
    runUntil(met.network, met.nodes, at(0s), at(1s));
    QVERIFY(hand.protocol.streams.at(hand.protocol.keyOf(hand.tag)).reset.has_value());
}

void GossipsubTest::aLengthBeyondTheBoundIsRefusedBeforeItsBytes() {
    Met met;
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    swarm::RequestTag tag = 0;
    for (const auto& [length, refused] :
         {std::pair<uint64_t, bool>{kMaxRpcBytes, false}, {kMaxRpcBytes + 1, true}, {codec::kMaxVarint, true}}) {
        Bytes prefix;
        codec::appendVarint(prefix, length);
        hand.protocol.greeting = std::string(asText(prefix));
        hand.protocol.open(a.node.id(), {kServed[0]}, ++tag);
        met.run();
        QCOMPARE(hand.protocol.streams[hand.protocol.keyOf(tag)].stopped.has_value(), refused);
    }
    hand.protocol.greeting = std::string(11, '\xff'); // a number of more than ten bytes
    hand.protocol.open(a.node.id(), {kServed[0]}, ++tag);
    met.run();
    QVERIFY(hand.protocol.streams[hand.protocol.keyOf(tag)].stopped);
}

void GossipsubTest::aNewerStreamTakesThePlaceOfTheOneBefore() {
    Met met({"t"});
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    for (swarm::RequestTag tag = 1; tag <= 2; ++tag) {
        Rpc rpc;
        rpc.messages = {ofThree(tag)};
        hand.protocol.greeting = std::string(asText(framed(encodeRpc(rpc))));
        hand.protocol.open(a.node.id(), {kServed[0]}, tag);
        met.run();
    }
    QVERIFY(hand.protocol.streams[hand.protocol.keyOf(1)].stopped);
    QVERIFY(!hand.protocol.streams[hand.protocol.keyOf(2)].stopped);
    QCOMPARE(a.received().size(), size_t(2));
}

void GossipsubTest::aStormOfStreamsIsRefused() {
    Met met;
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    hand.protocol.greeting = std::string(1, '\0'); // an empty RPC
    for (swarm::RequestTag tag = 1; tag <= kStreamBurst + 1; ++tag) {
        hand.protocol.open(a.node.id(), {kServed[0]}, tag);
        met.run();
    }
    QVERIFY(!hand.protocol.streams[hand.protocol.keyOf(kStreamBurst)].stopped);
    QVERIFY(hand.protocol.streams[hand.protocol.keyOf(kStreamBurst + 1)].stopped);
}

void GossipsubTest::aStoppedStreamIsOpenedAgainWithAllTopics() {
    Met met({"t"}, link::Side::Listener);
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    a.meets(hand.node, at(0s));
    met.run();
    QCOMPARE(hand.protocol.inbound().size(), size_t(1));
    link::StreamIo& io = hand.node.swarm.streams();
    io.stop(hand.protocol.inbound()[0], 0);
    io.reset(hand.protocol.inbound()[0], 0);
    met.run();
    QCOMPARE(hand.protocol.inbound().size(), size_t(1));
    runUntil(met.network, met.nodes, at(0s), at(1100ms));
    QCOMPARE(hand.protocol.inbound().size(), size_t(2));
    const Bytes& again = hand.protocol.streams[hand.protocol.inbound()[1]].received;
    const auto rpc = decodeRpc(ByteView(again).subspan(1));
    QVERIFY(rpc && rpc->subscriptions == (std::vector<Subscription>{{"t", true}}));
}

/// Topics that have been left, and who is in which mesh.
void GossipsubTest::whatALostStreamMayHaveHeldIsSaidAgain() {
    Met met({"t", "u", "v"});
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    Rpc hello;
    for (const char* topic : {"t", "u", "v"}) hello.subscriptions.push_back({topic, true});
    hello.graft = {"t", "u"};
    hello.prune = {{"v", {}, 60}};
    hand.protocol.greeting = std::string(asText(framed(encodeRpc(hello))));
    hand.protocol.open(a.node.id(), {kServed[0]}, 1);
    met.run();
    a.protocol.router().unsubscribe("u", at(0s));
    a.protocol.pump(a.node.swarm.streams(), at(0s));
    met.run();
    link::StreamIo& io = hand.node.swarm.streams();
    io.stop(hand.protocol.inbound()[0], 0);
    io.reset(hand.protocol.inbound()[0], 0);
    runUntil(met.network, met.nodes, at(0s), at(1100ms));
    QCOMPARE(hand.protocol.inbound().size(), size_t(2));
    const Rpc rpc = firstOf(hand.protocol.streams[hand.protocol.inbound()[1]].received);
    QCOMPARE(rpc.subscriptions, (std::vector<Subscription>{{"t", true}, {"u", false}, {"v", true}}));
    QCOMPARE(rpc.graft, std::vector<std::string>{"t"});
    QCOMPARE(rpc.prune.size(), size_t(1));
    QVERIFY(rpc.prune[0].topic == "v" && rpc.prune[0].backoffSeconds >= 59u && rpc.prune[0].backoffSeconds <= 60u);
}

void GossipsubTest::ourStreamFollowsThePeerToAnotherLink() {
    Met met({"t"}, link::Side::Listener);
    Gossip& a = met.a;
    HandNode& hand = met.hand;
    a.meets(hand.node, at(0s));
    met.run();
    QCOMPARE(hand.protocol.inbound().size(), size_t(1));
    swarm::PeerInfo info = *a.node.swarm.peer(hand.node.id());
    a.protocol.onPeerMoved(info, at(1s)); // to where it is
    a.node.settle(at(1s));
    runUntil(met.network, met.nodes, at(1s), at(1100ms));
    QCOMPARE(hand.protocol.inbound().size(), size_t(1));
    info.link.value += 100;
    a.protocol.onPeerMoved(info, at(2s));
    runUntil(met.network, met.nodes, at(2s), at(2100ms)); // without the pause of a stream that has failed
    QCOMPARE(hand.protocol.inbound().size(), size_t(2));
    QVERIFY(hand.protocol.streams[hand.protocol.inbound()[0]].ended);
    const Rpc rpc = firstOf(hand.protocol.streams[hand.protocol.inbound()[1]].received);
    QCOMPARE(rpc.subscriptions, (std::vector<Subscription>{{"t", true}}));
}

void GossipsubTest::ourMessageHasLeftWhenThePeerHasAcknowledgedIt() {
    PairNetwork network;
    Gossip a(network, 1), b(network, 2);
    b.subscribe("t", at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.meets(b.node, at(0s));
    b.meets(a.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(1s));
    const auto id = a.publish("t", {1}, at(1s));
    a.node.swarm.onDeadline(at(1s + kWatchInterval));
    a.node.settle(at(1s + kWatchInterval));
    QVERIFY(!a.protocol.pollLeft());
    runUntil(network, {&a.node, &b.node}, at(1s + kWatchInterval), at(2s));
    QCOMPARE(a.protocol.pollLeft(), std::optional(MessageLeft{id, b.node.id()}));
    QVERIFY(!a.protocol.pollLeft());
}

void GossipsubTest::asManyOfOurMessagesAsWaitAreWatched() {
    PairNetwork network;
    Gossip a(network, 1), b(network, 2);
    b.subscribe("t", at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.meets(b.node, at(0s));
    b.meets(a.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(1s));
    std::vector<MessageId> sent;
    for (int i = 0; i < 300; ++i) sent.push_back(a.publish("t", {1}, at(1s)));
    runUntil(network, {&a.node, &b.node}, at(1s), at(3s));
    for (const MessageId& id : sent) QCOMPARE(a.protocol.pollLeft(), std::optional(MessageLeft{id, b.node.id()}));
}

void GossipsubTest::whetherACopyOfOurMessageIsLeftIsKnown() {
    PairNetwork network({.streamWindow = 4096, .linkWindow = 8192, .sendBuffer = 2048});
    Gossip a(network, 1);
    HandNode deaf(network, 4, kServed);
    deaf.protocol.reading = false;
    deaf.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &deaf.node}, at(0s));
    Rpc hello;
    hello.subscriptions = {{"t", true}};
    deaf.protocol.greeting = std::string(asText(framed(encodeRpc(hello))));
    deaf.protocol.open(a.node.id(), {kServed[0]}, 1);
    runUntil(network, {&a.node, &deaf.node}, at(0s), at(1s));
    std::set<MessageId> sent;
    for (int i = 0; i < 20; ++i) sent.insert(a.publish("t", Bytes(1000, 1), at(1s)));
    run(network, {&a.node, &deaf.node}, at(1s));
    QCOMPARE(a.protocol.carried(), sent); // arrived, under way, half written, waiting
    size_t arrived = 0;
    while (const auto left = a.protocol.pollLeft()) arrived += sent.erase(left->id);
    QVERIFY(arrived < 20);
    QCOMPARE(a.protocol.carried(), sent);
    deaf.node.swarm.disconnect(a.node.id(), 0, "bye", at(2s));
    run(network, {&a.node, &deaf.node}, at(2s));
    QVERIFY(a.protocol.carried().empty());
}

void GossipsubTest::whoReadsNothingStopsNobodyElse() {
    PairNetwork network({.streamWindow = 4096, .linkWindow = 8192, .sendBuffer = 2048});
    Gossip a(network, 1), b(network, 2);
    HandNode deaf(network, 4, kServed);
    deaf.protocol.reading = false;
    b.subscribe("t", at(0s));
    a.node.connectTo(b.node, at(0s));
    deaf.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node, &deaf.node}, at(0s));
    Rpc hello;
    hello.subscriptions = {{"t", true}};
    deaf.protocol.greeting = std::string(asText(framed(encodeRpc(hello))));
    deaf.protocol.open(a.node.id(), {kServed[0]}, 1);
    a.meets(b.node, at(0s));
    b.meets(a.node, at(0s));
    runUntil(network, {&a.node, &b.node, &deaf.node}, at(0s), at(1s));
    for (int i = 0; i < 50; ++i) {
        a.publish("t", Bytes(1000, 1), at(1s));
        run(network, {&a.node, &b.node, &deaf.node}, at(1s));
    }
    runUntil(network, {&a.node, &b.node, &deaf.node}, at(1s), at(10s));
    QCOMPARE(b.received().size(), size_t(50));
    QVERIFY(a.protocol.router().figures().dropped > 0); // by age
}

void GossipsubTest::aLostPeerIsForgotten() {
    PairNetwork network;
    Gossip a(network, 1), b(network, 2);
    a.subscribe("t", at(0s));
    b.subscribe("t", at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.meets(b.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(2s));
    b.node.swarm.disconnect(a.node.id(), 0, "bye", at(2s));
    runUntil(network, {&a.node, &b.node}, at(2s), at(3s));
    QCOMPARE(a.protocol.router().peers() + b.protocol.router().peers(), size_t(0));
    QVERIFY(a.protocol.router().mesh("t").empty());
    a.node.connectTo(b.node, at(3s));
    run(network, {&a.node, &b.node}, at(3s));
    a.meets(b.node, at(3s));
    runUntil(network, {&a.node, &b.node}, at(3s), at(5s));
    QCOMPARE(a.protocol.router().mesh("t"), std::vector{b.node.id()});
}

void GossipsubTest::overARelayNothingIsSaid() {
    PairNetwork network;
    Gossip a(network, 1);
    TestNode b(network, 2);
    swarm::PeerInfo info;
    info.peer = b.id();
    info.remote =
        codec::Multiaddr::parse(b.address.text() + "/p2p/" + identityOf(5).peerId().text() + "/p2p-circuit").value();
    a.subscribe("t", at(0s));
    a.protocol.onPeerConnected(info, a.node.swarm.streams(), at(0s));
    a.meets(b, at(0s));
    QCOMPARE(a.protocol.router().peers(), size_t(0));
    const auto circuit = info.remote;
    info.remote = b.address;
    a.protocol.onPeerMoved(info, at(1s));
    a.meets(b, at(1s));
    QCOMPARE(a.protocol.router().peers(), size_t(1));
    QVERIFY(a.protocol.pollRequest());
    info.remote = circuit;
    a.protocol.onPeerMoved(info, at(2s));
    QCOMPARE(a.protocol.router().peers(), size_t(0));
}

void GossipsubTest::theOutcomeOfAStreamFromBeforeDoesNotMatter() {
    PairNetwork network;
    Gossip a(network, 1);
    TestNode b(network, 2);
    link::StreamIo& io = a.node.swarm.streams();
    swarm::PeerInfo info;
    info.peer = b.id();
    info.remote = b.address;
    a.subscribe("t", at(0s));
    swarm::RequestTag tags[2] = {};
    for (swarm::RequestTag& tag : tags) {
        a.protocol.onPeerConnected(info, io, at(0s));
        a.meets(b, at(0s));
        const auto request = a.protocol.pollRequest();
        QVERIFY(request);
        tag = std::get<swarm::OpenStream>(*request).tag;
        if (&tag == tags) a.protocol.onPeerGone(b.id(), {}, at(0s));
    }
    a.protocol.onStreamFailed(tags[0], b.id(), makeError(Errc::Unsupported), io, at(0s));
    QCOMPARE(a.protocol.router().peers(), size_t(1));
    a.protocol.onDeadline(io, at(100s));
    QVERIFY(!a.protocol.pollRequest()); // the second one is still under way
    a.protocol.onStreamFailed(tags[1], b.id(), makeError(Errc::ConnectionLost), io, at(100s));
    a.protocol.onDeadline(io, at(200s));
    QVERIFY(a.protocol.pollRequest());
}

QTEST_APPLESS_MAIN(GossipsubTest)
#include "gossipsub_test.moc"

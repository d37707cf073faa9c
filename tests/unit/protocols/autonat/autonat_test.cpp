#include "protocols/autonat/autonat_client.h"
#include "protocols/autonat/dial_back_host.h"
#include "support/hand_node.h"
#include "support/seeded_random.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace wherry::autonat;
using namespace std::chrono_literals;

namespace {
const char* const kV1 = "/libp2p/autonat/1.0.0";
const char* const kAsk = "/libp2p/autonat/2/dial-request";
const char* const kBack = "/libp2p/autonat/2/dial-back";

codec::Multiaddr publicOf(uint8_t number, uint16_t port = 4001) {
    return codec::Multiaddr::quic({codec::IpAddress::v4({44, 1, 0, number}), port, 0});
}

struct Asker {
    explicit Asker(PairNetwork& network, uint8_t number = 1)
        : random(number),
          node(network, number, {publicOf(number)}),
          client(node.id(), random, node.log) {
        node.swarm.addProtocol(client);
    }
    SeededRandom random;
    TestNode node;
    AutonatClient client;
    std::vector<ProbeDone> done() {
        while (auto one = client.poll()) all.push_back(*one);
        return all;
    }
    std::vector<ProbeDone> all;
};

struct Server {
    explicit Server(PairNetwork& network, uint8_t number = 2)
        : random(number),
          node(network, number, {publicOf(number)}),
          server([](const codec::Multiaddr& address) { return address.quicAddress().has_value(); }, random, node.log),
          carrier(network, identityOf(number + 100).peerId(), {publicOf(number, 55555)}),
          host(identityOf(number + 100).peerId(), {&carrier}, node.log) {
        node.swarm.addProtocol(server);
    }
    bool settle(Now now) {
        bool moved = host.settle(now);
        while (auto one = server.poll()) {
            started.push_back(*one);
            host.start(*one, now);
            moved = true;
        }
        while (auto one = host.poll()) {
            server.onDialBack(one->id, one->outcome, node.swarm.streams(), now);
            moved = true;
        }
        return moved;
    }
    SeededRandom random;
    TestNode node;
    AutonatServer server;
    PairCarrier carrier;
    DialBackHost host;
    std::vector<StartDialBack> started;
};

/// Lets everything happen that comes of what has happened, up to `to`.
struct World {
    PairNetwork network;
    std::vector<TestNode*> nodes;
    std::vector<Server*> servers;
    Now now = at(0s);

    void settle() {
        for (bool moved = true; moved;) {
            run(network, nodes, now);
            moved = false;
            for (Server* server : servers) moved = server->settle(now) || moved;
            moved = moved || network.waiting() > 0;
        }
    }
    void runTo(Now to) {
        settle();
        for (;;) {
            Instant next = kNever;
            for (TestNode* node : nodes) next = std::min(next, node->swarm.deadline());
            for (Server* server : servers) next = std::min(next, server->host.deadline());
            if (next > to.mono) break;
            now.mono = std::max(now.mono, next);
            deadlines();
        }
        now = to;
        deadlines();
    }
    void deadlines() {
        for (TestNode* node : nodes) node->swarm.onDeadline(now);
        for (Server* server : servers) server->host.onDeadline(now);
        settle();
    }
};

struct Pair : World {
    Pair() : asker(network), server(network) {
        nodes = {&asker.node, &server.node};
        servers = {&server};
        asker.node.connectTo(server.node, now);
        settle();
    }
    Asker asker;
    Server server;
};

/// A peer that plays the server's part by hand.
struct Liar : World {
    Liar() : asker(network), hand(network, 2, {kAsk, kV1}, {publicOf(2)}) {
        nodes = {&asker.node, &hand.node};
        hand.protocol.closeWithPeer = false;
        asker.node.connectTo(hand.node, now);
        settle();
    }
    ProbeDone answered(const Message2& answer) {
        asker.client.ask(hand.node.id(), publicOf(1), Version::V2);
        settle();
        say(answer);
        runTo(at(60s));
        return asker.done().back();
    }
    void say(const Message2& answer) {
        hand.node.swarm.streams().write(hand.protocol.inbound().back(), Slice::copyOf(framed(encodeMessage2(answer))),
                                        link::Fin::No);
        settle();
    }
    uint64_t nonce() const {
        const Bytes& asked = hand.protocol.streams.at(hand.protocol.inbound().back()).received;
        return std::get<DialRequest>(decodeMessage2(ByteView(asked).subspan(1)).value()).nonce;
    }
    Asker asker;
    HandNode hand;
};

/// A peer that plays the client's part by hand.
struct Beggar : World {
    Beggar() : server(network), hand(network, 1, {kBack}, {publicOf(1)}) {
        nodes = {&server.node, &hand.node};
        servers = {&server};
        hand.node.connectTo(server.node, now);
        settle();
    }
    Bytes ask(const char* protocol, const Bytes& message) {
        hand.protocol.greeting = std::string(asText(framed(message)));
        hand.protocol.endAtOnce = false;
        hand.protocol.open(server.node.id(), {protocol}, ++hand.tag);
        settle();
        return hand.protocol.streams.at(hand.protocol.keyOf(hand.tag)).received;
    }
    DialResponse answerOf(const std::vector<codec::Multiaddr>& addresses) {
        const Bytes answer = ask(kAsk, encodeMessage2(DialRequest{addresses, 1}));
        return std::get<DialResponse>(decodeMessage2(ByteView(answer).subspan(1)).value());
    }
    Server server;
    HandNode hand;
};
} // namespace

class AutonatTest : public QObject {
    Q_OBJECT
  private slots:
    void anAddressThatAnswersIsReachable();
    void anAddressThatDoesNotAnswerIsUnreachable();
    void versionOneSaysTheSame();
    void anotherAddressThanOursCostsDialData();
    void theDialComesFromAnotherKeyAndAnotherPort();
    void aWrongNonceProvesNothing();
    void aNonceOverTheConnectionOfTheQuestionProvesNothing();
    void aServerThatClaimsWhatDidNotHappenIsNotBelieved();
    void aServerThatAsksForTooMuchDataGetsNone();
    void aServerThatAsksForDataTwiceGetsItOnce();
    void privateAddressesAreNeverDialled();
    void onlyTheFirstDialableAddressIsDialled();
    void aThirdPartyIsNotDialledBeforeItIsPaidFor();
    void whoPaidWhileTooManyWereDialledIsRefused();
    void versionOneDialsNobodyElse();
    void theRateOfOnePeerIsBounded();
    void oneRequestOfAPeerAtATime();
    void aSilentRequestEnds();
    void questionsAreBounded();
};

void AutonatTest::anAddressThatAnswersIsReachable() {
    Pair p;
    p.asker.client.ask(p.server.node.id(), publicOf(1), Version::V2);
    p.settle();
    QCOMPARE(p.asker.done().size(), size_t(1));
    QCOMPARE(p.asker.done()[0].outcome, ProbeOutcome::Reachable);
    QCOMPARE(p.asker.client.dataSent(), uint64_t(0)); // it is where the request came from
    QCOMPARE(p.server.host.running(), size_t(0));
    p.runTo(at(60s));
    QVERIFY(p.asker.node.swarm.peer(p.server.node.id())); // the first connection lives
    QCOMPARE(p.asker.node.swarm.peers().size(), size_t(1));
}

void AutonatTest::anAddressThatDoesNotAnswerIsUnreachable() {
    Pair p;
    p.network.blackhole(publicOf(1, 4444));
    p.asker.client.ask(p.server.node.id(), publicOf(1, 4444), Version::V2);
    p.runTo(at(29s));
    QCOMPARE(p.asker.done().size(), size_t(1));
    QCOMPARE(p.asker.done()[0].outcome, ProbeOutcome::Unreachable);
}

void AutonatTest::versionOneSaysTheSame() {
    Pair p;
    p.asker.client.ask(p.server.node.id(), publicOf(1), Version::V1);
    p.settle();
    QCOMPARE(p.asker.done().back().outcome, ProbeOutcome::Reachable);
    p.network.blackhole(publicOf(1, 4444));
    p.asker.client.ask(p.server.node.id(), publicOf(1, 4444), Version::V1);
    p.runTo(at(29s));
    QCOMPARE(p.asker.done().back().outcome, ProbeOutcome::Unreachable);
}

void AutonatTest::anotherAddressThanOursCostsDialData() {
    Pair p;
    p.network.blackhole(publicOf(77));
    p.asker.client.ask(p.server.node.id(), publicOf(77), Version::V2);
    p.settle();
    QVERIFY(p.asker.client.dataSent() >= kMinDialData && p.asker.client.dataSent() <= kMaxDialData);
    p.runTo(at(29s));
    QCOMPARE(p.server.started.size(), size_t(1));
    QCOMPARE(p.server.started[0].address, publicOf(77));
    QCOMPARE(p.asker.done().back().outcome, ProbeOutcome::Unreachable);
}

void AutonatTest::theDialComesFromAnotherKeyAndAnotherPort() {
    Pair p;
    p.asker.client.ask(p.server.node.id(), publicOf(1), Version::V2);
    p.settle();
    const auto met = p.asker.node.all<swarm::PeerConnected>();
    QCOMPARE(met.size(), size_t(2));
    QCOMPARE(met[1].peer.peer, identityOf(102).peerId());
    QCOMPARE(met[1].peer.remote, publicOf(2, 55555));
    QCOMPARE(met[1].peer.side, link::Side::Listener);
}

void AutonatTest::aWrongNonceProvesNothing() {
    Liar l;
    l.asker.client.ask(l.hand.node.id(), publicOf(1), Version::V2);
    l.settle();
    HandNode caller(l.network, 3, {}, {publicOf(3)});
    l.nodes.push_back(&caller.node);
    caller.node.swarm.connect(l.asker.node.id(), {publicOf(1)}, l.now);
    l.settle();
    caller.protocol.greeting = std::string(asText(framed(encodeDialBack(l.nonce() ^ 1))));
    caller.protocol.open(l.asker.node.id(), {kBack}, 1);
    l.settle();
    QVERIFY(caller.protocol.streams.at(caller.protocol.keyOf(1)).received.empty());
    l.say(DialResponse{status2::kOk, 0, dial_status::kOk});
    l.runTo(at(10s));
    QCOMPARE(l.asker.done().back().outcome, ProbeOutcome::Inconclusive);
}

void AutonatTest::aNonceOverTheConnectionOfTheQuestionProvesNothing() {
    Liar l;
    l.asker.client.ask(l.hand.node.id(), publicOf(1), Version::V2);
    l.settle();
    l.hand.protocol.greeting = std::string(asText(framed(encodeDialBack(l.nonce()))));
    l.hand.protocol.open(l.asker.node.id(), {kBack}, 1);
    l.settle();
    l.say(DialResponse{status2::kOk, 0, dial_status::kOk});
    l.runTo(at(10s));
    QCOMPARE(l.asker.done().back().outcome, ProbeOutcome::Inconclusive);
}

void AutonatTest::aServerThatClaimsWhatDidNotHappenIsNotBelieved() {
    Liar l;
    const auto claimed = l.answered(DialResponse{status2::kOk, 0, dial_status::kOk});
    QCOMPARE(claimed.outcome, ProbeOutcome::Inconclusive);
    QVERIFY(claimed.why.find("did not") != std::string::npos);
    Liar m;
    QCOMPARE(m.answered(DialResponse{status2::kOk, 1, dial_status::kDialError}).outcome, ProbeOutcome::Inconclusive);
    Liar n;
    QCOMPARE(n.answered(DialResponse{status2::kDialRefused, 0, 0}).outcome, ProbeOutcome::Inconclusive);
}

void AutonatTest::aServerThatAsksForTooMuchDataGetsNone() {
    Liar l;
    QCOMPARE(l.answered(DialDataRequest{0, kMaxDialData + 1}).outcome, ProbeOutcome::Inconclusive);
    QCOMPARE(l.asker.client.dataSent(), uint64_t(0));
    Liar m;
    QCOMPARE(m.answered(DialDataRequest{1, kMinDialData}).outcome, ProbeOutcome::Inconclusive);
    QCOMPARE(m.asker.client.dataSent(), uint64_t(0));
    Liar n;
    n.answered(DialDataRequest{0, kMaxDialData});
    QCOMPARE(n.asker.client.dataSent(), kMaxDialData);
}

void AutonatTest::aServerThatAsksForDataTwiceGetsItOnce() {
    Liar l;
    l.asker.client.ask(l.hand.node.id(), publicOf(1), Version::V2);
    l.settle();
    l.say(DialDataRequest{0, kMaxDialData});
    l.say(DialDataRequest{0, kMaxDialData});
    QCOMPARE(l.asker.done().size(), size_t(1));
    QCOMPARE(l.asker.client.dataSent(), kMaxDialData);
}

void AutonatTest::privateAddressesAreNeverDialled() {
    Beggar b;
    const auto answer = b.answerOf({addressOf(1), addressOf(7)});
    QCOMPARE(answer.status, status2::kDialRefused);
    QVERIFY(b.server.started.empty());
}

void AutonatTest::onlyTheFirstDialableAddressIsDialled() {
    Beggar b;
    b.network.blackhole(publicOf(1, 4444));
    b.ask(kAsk, encodeMessage2(DialRequest{{addressOf(1), publicOf(1, 4444), publicOf(1)}, 1}));
    b.runTo(at(29s));
    QCOMPARE(b.server.started.size(), size_t(1));
    QCOMPARE(b.server.started[0].address, publicOf(1, 4444));
    const Bytes& answer = b.hand.protocol.streams.at(b.hand.protocol.keyOf(b.hand.tag)).received;
    const auto response = std::get<DialResponse>(decodeMessage2(ByteView(answer).subspan(1)).value());
    QVERIFY((response == DialResponse{status2::kOk, 1, dial_status::kDialError}));
}

void AutonatTest::aThirdPartyIsNotDialledBeforeItIsPaidFor() {
    Beggar b;
    const Bytes answer = b.ask(kAsk, encodeMessage2(DialRequest{{publicOf(99)}, 1}));
    const auto request = std::get<DialDataRequest>(decodeMessage2(ByteView(answer).subspan(1)).value());
    QVERIFY(request.bytes >= kMinDialData && request.bytes <= kMaxDialData);
    const auto key = b.hand.protocol.keyOf(b.hand.tag);
    const auto pay = [&](size_t bytes) {
        b.hand.node.swarm.streams().write(key, Slice::copyOf(framed(encodeMessage2(DialDataResponse{bytes}))),
                                          link::Fin::No);
        b.settle();
    };
    uint64_t paid = 0;
    for (; paid + kMaxDataPerMessage < request.bytes; paid += kMaxDataPerMessage) pay(kMaxDataPerMessage);
    if (request.bytes - paid > 1) pay(static_cast<size_t>(request.bytes - paid - 1));
    b.now = at(5s);
    b.deadlines();
    QVERIFY(b.server.started.empty()); // one byte is missing
    pay(1);
    b.runTo(at(5s + kMaxDialDelay));
    QCOMPARE(b.server.started.size(), size_t(1));
}

void AutonatTest::whoPaidWhileTooManyWereDialledIsRefused() {
    Beggar b;
    const Bytes answer = b.ask(kAsk, encodeMessage2(DialRequest{{publicOf(99)}, 1}));
    const auto request = std::get<DialDataRequest>(decodeMessage2(ByteView(answer).subspan(1)).value());
    std::vector<std::unique_ptr<Asker>> others;
    for (uint8_t i = 0; i < kMaxDialBacks; ++i) {
        if (i + 1 >= int(kRequestBurst)) b.runTo({b.now.mono + 1s, b.now.wall});
        const auto number = static_cast<uint8_t>(10 + i);
        others.push_back(std::make_unique<Asker>(b.network, number));
        b.nodes.push_back(&others.back()->node);
        b.network.blackhole(publicOf(number, 4444));
        others.back()->node.connectTo(b.server.node, b.now);
        b.settle();
        others.back()->client.ask(b.server.node.id(), publicOf(number, 4444), Version::V1);
        b.settle();
    }
    QCOMPARE(b.server.host.running(), kMaxDialBacks);
    const auto key = b.hand.protocol.keyOf(b.hand.tag);
    for (uint64_t paid = 0; paid < request.bytes;) {
        const auto bytes = static_cast<size_t>(std::min<uint64_t>(request.bytes - paid, kMaxDataPerMessage));
        b.hand.node.swarm.streams().write(key, Slice::copyOf(framed(encodeMessage2(DialDataResponse{bytes}))),
                                          link::Fin::No);
        paid += bytes;
    }
    b.runTo({b.now.mono + kMaxDialDelay, b.now.wall});
    QCOMPARE(b.server.started.size(), kMaxDialBacks);
    const Bytes& said = b.hand.protocol.streams.at(key).received;
    QCOMPARE(std::get<DialResponse>(decodeMessage2(ByteView(said).subspan(answer.size() + 1)).value()).status,
             status2::kRequestRejected);
}

void AutonatTest::versionOneDialsNobodyElse() {
    Beggar b;
    const auto statusOf = [&](const Dial1& dial) {
        const Bytes answer = b.ask(kV1, encodeMessage1(dial));
        return std::get<Response1>(decodeMessage1(ByteView(answer).subspan(1)).value()).status;
    };
    QCOMPARE(statusOf({b.hand.node.id(), {publicOf(99), addressOf(1)}}), status1::kDialRefused);
    QCOMPARE(statusOf({identityOf(9).peerId(), {publicOf(1)}}), status1::kBadRequest);
    QVERIFY(b.server.started.empty());
}

void AutonatTest::theRateOfOnePeerIsBounded() {
    Pair p;
    for (uint64_t i = 0; i <= kRequestBurstOfPeer; ++i) {
        p.asker.client.ask(p.server.node.id(), publicOf(1), Version::V2);
        p.settle();
        QCOMPARE(p.asker.done().back().outcome,
                 i < kRequestBurstOfPeer ? ProbeOutcome::Reachable : ProbeOutcome::Inconclusive);
    }
    QCOMPARE(p.server.started.size(), size_t(kRequestBurstOfPeer));
    p.runTo(at(60s));
    for (int i = 0; i < 20; ++i) {
        p.asker.client.ask(p.server.node.id(), publicOf(1), Version::V1);
        p.settle();
    }
    QVERIFY(p.server.started.size() <= 2 * kRequestBurstOfPeer);
}

void AutonatTest::oneRequestOfAPeerAtATime() {
    Pair p;
    p.network.blackhole(publicOf(1, 4444));
    p.asker.client.ask(p.server.node.id(), publicOf(1, 4444), Version::V2);
    p.settle();
    p.asker.client.ask(p.server.node.id(), publicOf(1), Version::V2);
    p.settle();
    QCOMPARE(p.asker.done().size(), size_t(1)); // refused at once, the first is still under way
    QCOMPARE(p.asker.done()[0].outcome, ProbeOutcome::Inconclusive);
    QCOMPARE(p.server.started.size(), size_t(1));
}

void AutonatTest::aSilentRequestEnds() {
    Beggar b;
    b.hand.protocol.greeting.clear();
    b.hand.protocol.open(b.server.node.id(), {kAsk}, ++b.hand.tag);
    b.settle();
    QVERIFY(b.server.server.deadline() != kNever);
    b.runTo(at(kRequestTimeout));
    QVERIFY(b.server.server.deadline() == kNever);
}

void AutonatTest::questionsAreBounded() {
    Liar l;
    for (size_t i = 0; i <= kMaxProbes; ++i) l.asker.client.ask(l.hand.node.id(), publicOf(1), Version::V2);
    QCOMPARE(l.asker.done().size(), size_t(1));
    l.runTo(at(kRequestTimeout + 1s));
    QCOMPARE(l.asker.done().size(), kMaxProbes + 1);
}

QTEST_APPLESS_MAIN(AutonatTest)
#include "autonat_test.moc"

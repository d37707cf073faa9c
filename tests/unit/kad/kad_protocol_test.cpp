#include "kad/kad_protocol.h"
#include "support/hand_node.h"
#include "unit/kad/virtual_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
const std::string kIpfs(kIpfsProtocolId);
const std::string kOwn(kOwnProtocolId);
const IpfsValidator kIpfsRules;
const OwnValidator kOwnRules;

const Responder::Peers kNobodyElse = {[](const auto&) { return std::vector<codec::Multiaddr>(); },
                                      [](const auto&) {
                                          return std::optional(codec::IpAddress::v4({10, 0, 0, 1}));
                                      }};

struct Kad {
    Kad(PairNetwork& network, uint8_t number, bool server)
        : node(network, number),
          table(node.id()),
          responder({&kIpfsRules, false, kIpfsProviderTtl}, table, kNobodyElse),
          ownResponder({&kOwnRules, true, kOwnProviderTtl}, table, kNobodyElse),
          protocol(kIpfs, server ? &responder : nullptr, node.log),
          own(kOwn, server ? &ownResponder : nullptr, node.log) {
        node.swarm.addProtocol(protocol);
        node.swarm.addProtocol(own);
    }
    template <typename Event> std::vector<Event> all() { return pollAll<Event>(protocol, events); }
    TestNode node;
    RoutingTable table;
    Responder responder, ownResponder;
    KadProtocol protocol, own;
    std::vector<KadEvent> events;
};
const Message kFind{MessageType::FindNode, {1, 2, 3}, {}, {}, {}, {}};
Message addProvider(const TestNode& node) {
    return {MessageType::AddProvider, {1, 2, 3}, {}, {}, {{node.id(), {node.address}, Connection::CanConnect}}, {}};
}
} // namespace

class KadProtocolTest : public QObject {
    Q_OBJECT
  private slots:
    void aServerAnswersOnBothNetworksSideBySide();
    void aClientServesNothing();
    void aPeerThatIsNotConnectedIsUnreachable();
    void aProviderRecordHasNoAnswerAndArrives();
    void aSilentServerTimesOut();
    void aWrongAnswerFailsTheRequest();
    void severalRequestsOnOneStreamAreAnsweredInOrder();
    void whatDoesNotDecodeResetsTheStream();
    void aStreamOnWhichNothingComesIsGivenUp();
    void inboundStreamsOfOnePeerAreBounded();
    void inboundStreamsAreBoundedInAll();
    void ourRequestsAreBounded();
    void aLostConnectionFailsTheRequest();
};

void KadProtocolTest::aServerAnswersOnBothNetworksSideBySide() {
    PairNetwork network({.maxPiece = 7});
    Kad a(network, 1, false), b(network, 2, true);
    for (uint32_t i = 1; i <= 5; ++i) b.table.onServer(virtualPeer(i), {farAddress(i)}, farAddress(i), at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.request(b.node.id(), kFind);
    const auto own = a.own.request(b.node.id(), kFind);
    run(network, {&a.node, &b.node}, at(0s));
    const auto answered = a.all<Answered>();
    QCOMPARE(answered.size(), size_t(1));
    QCOMPARE(answered[0].answer->closerPeers.size(), size_t(5));
    QVERIFY(!answered[0].answer->workBits);
    const auto onOurs = a.own.poll();
    QVERIFY(onOurs && std::get<Answered>(*onOurs).id == own);
    QCOMPARE(std::get<Answered>(*onOurs).answer->workBits, std::optional(uint32_t(kMinWorkBits)));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
    QCOMPARE(a.protocol.deadline(), kNever);
    QCOMPARE(b.protocol.deadline(), kNever);
}

void KadProtocolTest::aClientServesNothing() {
    PairNetwork network;
    Kad a(network, 1, false), b(network, 2, false);
    QVERIFY(b.protocol.protocolIds().empty());
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.request(b.node.id(), kFind);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<RequestFailed>().at(0).error.code, Errc::Unsupported);
}

void KadProtocolTest::aPeerThatIsNotConnectedIsUnreachable() {
    PairNetwork network;
    Kad a(network, 1, false);
    a.protocol.request(identityOf(9).peerId(), kFind);
    a.node.settle(at(0s));
    QCOMPARE(a.all<RequestFailed>().at(0).error.code, Errc::Unreachable);
}

void KadProtocolTest::aProviderRecordHasNoAnswerAndArrives() {
    PairNetwork network;
    Kad a(network, 1, false), b(network, 2, true);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.request(b.node.id(), addProvider(a.node));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.responder.providers().size(), size_t(1));
    QVERIFY(a.all<Answered>().empty());
    runUntil(network, {&a.node, &b.node}, at(0s), at(kNoAnswerGrace));
    QVERIFY(!a.all<Answered>().at(0).answer);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void KadProtocolTest::aSilentServerTimesOut() {
    PairNetwork network;
    Kad a(network, 1, false);
    HandNode b(network, 2, {kIpfs});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.request(b.node.id(), kFind);
    runUntil(network, {&a.node, &b.node}, at(0s), at(kRequestTimeout - 1ns));
    QVERIFY(a.all<RequestFailed>().empty());
    runUntil(network, {&a.node, &b.node}, at(kRequestTimeout - 1ns), at(kRequestTimeout));
    QCOMPARE(a.all<RequestFailed>().at(0).error.code, Errc::Timeout);
}

void KadProtocolTest::aWrongAnswerFailsTheRequest() {
    const Message ping{MessageType::Ping, {}, {}, {}, {}, {}};
    for (const auto& [bytes, code] :
         {std::pair(framed(encodeMessage(ping)), Errc::ProtocolViolation),
          std::pair(framed(Bytes{8, 9}), Errc::Malformed), std::pair(Bytes{0xff, 0xff, 0x7f}, Errc::TooLarge)}) {
        PairNetwork network;
        Kad a(network, 1, false);
        HandNode b(network, 2, {kIpfs});
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.protocol.request(b.node.id(), kFind);
        run(network, {&a.node, &b.node}, at(0s));
        b.node.swarm.streams().write(b.protocol.inbound().at(0), Slice::copyOf(bytes), link::Fin::No);
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(a.all<RequestFailed>().at(0).error.code, code);
        QVERIFY(b.protocol.streams.begin()->second.reset);
    }
}

void KadProtocolTest::severalRequestsOnOneStreamAreAnsweredInOrder() {
    PairNetwork network({.maxPiece = 3});
    Kad b(network, 2, true);
    HandNode a(network, 1, {});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const Message ping{MessageType::Ping, {}, {}, {}, {}, {}};
    Bytes both = framed(encodeMessage(kFind));
    append(both, framed(encodeMessage(ping)));
    a.say(b.node, kIpfs, both);
    run(network, {&a.node, &b.node}, at(0s));
    Bytes expected = framed(encodeMessage(kFind));
    append(expected, framed(encodeMessage(ping)));
    QCOMPARE(a.protocol.streams.begin()->second.received, expected);
    QVERIFY(a.protocol.streams.begin()->second.ended);
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

void KadProtocolTest::whatDoesNotDecodeResetsTheStream() {
    for (const Bytes& bytes : {framed(Bytes{8, 9}), Bytes{0xff, 0xff, 0x7f}, Bytes{5, 8}, Bytes{0x81, 0}}) {
        PairNetwork network;
        Kad b(network, 2, true);
        HandNode a(network, 1, {});
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.say(b.node, kIpfs, bytes);
        run(network, {&a.node, &b.node}, at(0s));
        QVERIFY(a.protocol.streams.begin()->second.reset);
        QCOMPARE(b.node.swarm.figures().streams, size_t(0));
    }
}

void KadProtocolTest::aStreamOnWhichNothingComesIsGivenUp() {
    PairNetwork network;
    Kad b(network, 2, true);
    HandNode a(network, 1, {});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.greeting = std::string("\x05", 1);
    a.protocol.open(b.node.id(), {kIpfs}, 1);
    runUntil(network, {&a.node, &b.node}, at(0s), at(kRequestTimeout));
    QVERIFY(a.protocol.streams.begin()->second.reset);
    QCOMPARE(b.protocol.deadline(), kNever);
}

void KadProtocolTest::inboundStreamsOfOnePeerAreBounded() {
    PairNetwork network;
    Kad b(network, 2, true);
    HandNode a(network, 1, {});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.greeting = std::string("\x05", 1);
    for (size_t i = 0; i < kMaxInboundPerPeer + 1; ++i) a.protocol.open(b.node.id(), {kIpfs}, i + 1);
    run(network, {&a.node, &b.node}, at(0s));
    const auto refused =
        std::ranges::count_if(a.protocol.streams, [](const auto& one) { return one.second.reset.has_value(); });
    QCOMPARE(refused, std::ptrdiff_t(1));
}

void KadProtocolTest::inboundStreamsAreBoundedInAll() {
    PairNetwork network;
    Kad b(network, 2, true);
    std::vector<std::unique_ptr<HandNode>> crowd;
    std::vector<TestNode*> all = {&b.node};
    const auto come = [&](size_t streams) {
        crowd.push_back(std::make_unique<HandNode>(network, uint8_t(10 + crowd.size()), std::vector<std::string>{}));
        HandNode& one = *crowd.back();
        all.push_back(&one.node);
        one.node.connectTo(b.node, at(0s));
        run(network, all, at(0s));
        one.protocol.greeting = std::string("\x05", 1);
        for (size_t i = 0; i < streams; ++i) one.protocol.open(b.node.id(), {kIpfs}, i + 1);
        run(network, all, at(0s));
        return std::ranges::count_if(one.protocol.streams,
                                     [](const auto& each) { return each.second.reset.has_value(); });
    };
    for (size_t i = 0; i < kMaxInbound / kMaxInboundPerPeer; ++i) QCOMPARE(come(kMaxInboundPerPeer), std::ptrdiff_t(0));
    QCOMPARE(come(1), std::ptrdiff_t(1));
}

void KadProtocolTest::ourRequestsAreBounded() {
    PairNetwork network;
    Kad a(network, 1, false);
    for (size_t i = 0; i < kMaxOutbound; ++i) a.protocol.request(identityOf(9).peerId(), kFind);
    QVERIFY(a.all<RequestFailed>().empty());
    a.protocol.request(identityOf(9).peerId(), kFind);
    QCOMPARE(a.all<RequestFailed>().at(0).error.code, Errc::LimitReached);
}

void KadProtocolTest::aLostConnectionFailsTheRequest() {
    PairNetwork network;
    Kad a(network, 1, false);
    HandNode b(network, 2, {kIpfs});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.request(b.node.id(), kFind);
    run(network, {&a.node, &b.node}, at(0s));
    b.node.swarm.disconnect(a.node.id(), 0, "", at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<RequestFailed>().at(0).error.code, Errc::ConnectionLost);
    QCOMPARE(a.protocol.deadline(), kNever);
}

QTEST_APPLESS_MAIN(KadProtocolTest)
#include "kad_protocol_test.moc"

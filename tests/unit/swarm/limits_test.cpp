#include "support/recording_protocol.h"
#include "support/test_node.h"
#include "swarm/dial_race.h"
#include "swarm/link_budget.h"
#include "swarm/swarm_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using swarm::Connected;
using swarm::ConnectFailed;

namespace {
crypto::PeerId peerOf(uint32_t number) {
    std::array<uint8_t, 32> seed{};
    putBigEndian<uint32_t>(seed, number + 1'000'000);
    return crypto::Identity::fromSeed(seed).peerId();
}
codec::Multiaddr addr(const std::string& text) {
    return codec::Multiaddr::parse(text).value();
}
/// Dials `node` as peer `number` from `from`.
std::unique_ptr<PairCarrier> dialIn(PairNetwork& network, TestNode& node, uint32_t number,
                                    const codec::Multiaddr& from) {
    auto carrier = std::make_unique<PairCarrier>(network, peerOf(number), std::vector{from});
    (void)carrier->dial(node.address, node.id(), at(0s));
    run(network, {&node}, at(0s));
    return carrier;
}
size_t closedWith(PairCarrier& carrier, uint64_t& code) {
    size_t count = 0;
    while (auto event = carrier.poll())
        if (const auto* closed = std::get_if<link::LinkClosed>(&*event)) {
            ++count;
            code = closed->applicationCode;
        }
    return count;
}
} // namespace

class LimitsTest : public QObject {
    Q_OBJECT
  private slots:
    void inboundLinksOfOneAddressAreBounded();
    void inboundLinksOfOneSlash64AreBounded();
    void linksInAllAreBoundedBothWays();
    void aClosedLinkGivesItsPlaceBack();
    void linksOfOnePeerAreBounded();
    void ourOwnKeyIsRefused();
    void pendingDialsAreBoundedAndTheRestWaits();
    void waitingConnectsAreBounded();
    void addressesOfOneRaceAreBounded();
    void aBudgetCountsWhatItWasTold();
    void interleavingKeepsTheOrderWithinAFamily();
};

void LimitsTest::inboundLinksOfOneAddressAreBounded() {
    PairNetwork network;
    TestNode node(network, 1, {}, {.self = {}, .maxInboundLinksPerPrefix = 5});
    std::vector<std::unique_ptr<PairCarrier>> peers;
    for (uint32_t i = 0; i < 6; ++i) {
        peers.push_back(dialIn(network, node, i, addr("/ip4/192.0.2.1/udp/" + std::to_string(1000 + i) + "/quic-v1")));
        QCOMPARE(node.swarm.figures().links, std::min<size_t>(i + 1, 5));
    }
    uint64_t code = 0;
    QCOMPARE(closedWith(*peers.back(), code), size_t(1));
    QCOMPARE(code, uint64_t(0x1001));
    peers.push_back(dialIn(network, node, 99, addr("/ip4/192.0.2.2/udp/1/quic-v1")));
    QCOMPARE(node.swarm.figures().links, size_t(6));
}

void LimitsTest::inboundLinksOfOneSlash64AreBounded() {
    PairNetwork network;
    TestNode node(network, 1, {}, {.self = {}, .maxInboundLinksPerPrefix = 5});
    std::vector<std::unique_ptr<PairCarrier>> peers;
    for (uint32_t i = 0; i < 6; ++i)
        peers.push_back(
            dialIn(network, node, i, addr("/ip6/2001:db8:0:7::" + std::to_string(i + 1) + "/udp/1/quic-v1")));
    QCOMPARE(node.swarm.figures().links, size_t(5));
    peers.push_back(dialIn(network, node, 99, addr("/ip6/2001:db8:0:8::1/udp/1/quic-v1")));
    QCOMPARE(node.swarm.figures().links, size_t(6));
}

void LimitsTest::linksInAllAreBoundedBothWays() {
    PairNetwork network;
    TestNode node(network, 1, {}, {.self = {}, .maxLinks = 4});
    std::vector<std::unique_ptr<PairCarrier>> peers;
    for (uint32_t i = 0; i < 5; ++i) peers.push_back(dialIn(network, node, i, addressOf(uint8_t(100 + i))));
    QCOMPARE(node.swarm.figures().links, size_t(4));
    TestNode other(network, 2);
    node.connectTo(other, at(0s));
    run(network, {&node, &other}, at(0s));
    QCOMPARE(node.all<ConnectFailed>().size(), size_t(1));
    QVERIFY(node.all<ConnectFailed>().front().error.context.find("limit-reached") != std::string::npos);
    QVERIFY(other.swarm.peers().empty());
}

void LimitsTest::aClosedLinkGivesItsPlaceBack() {
    PairNetwork network;
    TestNode node(network, 1, {}, {.self = {}, .maxLinks = 2, .maxInboundLinksPerPrefix = 1});
    for (uint32_t i = 0; i < 10; ++i) {
        auto peer = dialIn(network, node, i, addressOf(100));
        QCOMPARE(node.swarm.figures().links, size_t(1));
        peer->close(peer->links().front(), 0, "done", at(0s));
        run(network, {&node}, at(0s));
        QCOMPARE(node.swarm.figures().links, size_t(0));
    }
}

void LimitsTest::linksOfOnePeerAreBounded() {
    PairNetwork network;
    TestNode node(network, 1);
    RecordingProtocol protocol;
    node.swarm.addProtocol(protocol);
    PairCarrier peer(network, peerOf(1), {addressOf(9)});
    for (size_t i = 0; i < swarm::kMaxLinksPerPeer; ++i) {
        (void)peer.dial(node.address, node.id(), at(0s));
        run(network, {&node}, at(0s));
    }
    QCOMPARE(node.carrier.links().size(), swarm::kMaxLinksPerPeer);
    for (int i = 0; i < 20; ++i) {
        (void)peer.dial(node.address, node.id(), at(0s));
        run(network, {&node}, at(0s));
        QCOMPARE(node.carrier.links().size(), swarm::kMaxLinksPerPeer);
    }
    QCOMPARE(protocol.connected.size(), size_t(1));
    QVERIFY(node.swarm.peer(peerOf(1)).has_value());
    runUntil(network, {&node}, at(0s), at(1min));
    QCOMPARE(node.carrier.links().size(), size_t(1));
}

void LimitsTest::ourOwnKeyIsRefused() {
    PairNetwork network;
    TestNode node(network, 1);
    PairCarrier twin(network, node.id(), {addressOf(9)});
    (void)twin.dial(node.address, node.id(), at(0s));
    run(network, {&node}, at(0s));
    QVERIFY(node.swarm.peers().empty());
    QVERIFY(node.events.empty());
    uint64_t code = 0;
    QCOMPARE(closedWith(twin, code), size_t(1));
}

void LimitsTest::pendingDialsAreBoundedAndTheRestWaits() {
    PairNetwork network;
    TestNode node(network, 1);
    const auto silent = addr("/ip4/198.51.100.1/udp/1/quic-v1");
    network.blackhole(silent);
    for (uint32_t i = 0; i < swarm::kMaxPendingDials; ++i) node.swarm.connect(peerOf(i), {silent}, at(0s));
    TestNode other(network, 2);
    node.connectTo(other, at(0s));
    run(network, {&node, &other}, at(0s));
    const size_t pending = node.swarm.figures().pendingDials;
    QVERIFY(pending == swarm::kMaxPendingDials || node.swarm.peer(other.id()).has_value());
    QVERIFY(pending <= swarm::kMaxPendingDials);
    if (!node.swarm.peer(other.id())) {
        QVERIFY(node.swarm.deadline() > at(0s).mono); // waiting does not spin
        for (swarm::ConnectId id{1}; id.value <= 3; id = id.next()) node.swarm.cancelConnect(id, at(1s));
        run(network, {&node, &other}, at(1s));
    }
    QVERIFY(node.swarm.peer(other.id()).has_value());
}

void LimitsTest::waitingConnectsAreBounded() {
    PairNetwork network;
    TestNode node(network, 1);
    const auto silent = addr("/ip4/198.51.100.1/udp/1/quic-v1");
    network.blackhole(silent);
    for (size_t i = 0; i < swarm::kMaxConnects; ++i) node.swarm.connect(peerOf(7), {silent}, at(0s));
    node.settle(at(0s));
    QVERIFY(node.events.empty());
    node.swarm.connect(peerOf(7), {silent}, at(0s));
    node.settle(at(0s));
    QCOMPARE(node.all<ConnectFailed>().size(), size_t(1));
    QCOMPARE(node.all<ConnectFailed>().front().error.code, Errc::LimitReached);
    runUntil(network, {&node}, at(0s), at(30s));
    QCOMPARE(node.all<ConnectFailed>().size(), swarm::kMaxConnects + 1);
    QCOMPARE(node.swarm.figures().pendingDials, size_t(0));
}

void LimitsTest::addressesOfOneRaceAreBounded() {
    const crypto::PeerId peer = peerOf(1);
    swarm::DialRace race(peer);
    std::vector<codec::Multiaddr> many;
    for (size_t i = 0; i < swarm::kMaxAddressesPerConnect + 1; ++i)
        many.push_back(addr("/ip4/198.51.100." + std::to_string(i + 1) + "/udp/1/quic-v1"));
    QVERIFY(race.add(many, at(0s)).has_value());
    QVERIFY(race.add(many, at(0s)).has_value());
    size_t given = 0;
    for (auto now = at(0s); !race.exhausted(); now.mono += swarm::kDialStagger) given += race.next(now).has_value();
    QCOMPARE(given, swarm::kMaxAddressesPerConnect);
}

void LimitsTest::aBudgetCountsWhatItWasTold() {
    swarm::LinkBudget budget(3, 2);
    const auto a = codec::parseIp("192.0.2.1").value(), b = codec::parseIp("192.0.2.2").value();
    budget.add(a);
    QVERIFY(budget.admitsInbound(a));
    budget.add(a);
    QVERIFY(!budget.admitsInbound(a));
    QVERIFY(budget.admitsInbound(b));
    QVERIFY(budget.admitsInbound(std::nullopt));
    budget.add(std::nullopt);
    QVERIFY(!budget.admitsInbound(b));
    QVERIFY(!budget.admitsInbound(std::nullopt));
    budget.remove(a);
    QVERIFY(budget.admitsInbound(a));
    QCOMPARE(budget.links(), size_t(2));
}

void LimitsTest::interleavingKeepsTheOrderWithinAFamily() {
    const auto a = addr("/ip4/192.0.2.1/udp/1/quic-v1"), b = addr("/ip4/192.0.2.2/udp/1/quic-v1"),
               c = addr("/ip4/192.0.2.3/udp/1/quic-v1");
    const auto x = addr("/ip6/2001:db8::1/udp/1/quic-v1"), z = addr("/ip6zone/3/ip6/fe80::1/udp/1/quic-v1"),
               n = addr("/dns4/a.example/udp/1/quic-v1");
    QCOMPARE(swarm::interleaveFamilies({n, a, b, x, c, z}), (std::vector{x, a, z, b, c, n}));
    QVERIFY(swarm::interleaveFamilies({}).empty());
}

QTEST_APPLESS_MAIN(LimitsTest)
#include "limits_test.moc"

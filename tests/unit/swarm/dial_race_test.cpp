#include "base/assert.h"
#include "support/test_node.h"
#include "swarm/dial_race.h"
#include "swarm/swarm_limits.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using codec::Multiaddr;
using swarm::DialRace;
using swarm::kDialStagger;
using swarm::kDirectHeadStart;
using swarm::kQuicHeadStart;

namespace {

const Error kRefused = makeError(Errc::Unreachable, "refused");

Multiaddr addr(const std::string& text) {
    return Multiaddr::parse(text).value();
}
std::vector<Multiaddr> addrs(const std::vector<std::string>& texts) {
    std::vector<Multiaddr> out;
    for (const std::string& text : texts) out.push_back(addr(text));
    return out;
}

struct Given {
    Duration after;
    std::string address;
    bool operator==(const Given&) const = default;
};

/// What the race gives out, and when, if nothing answers.
std::vector<Given> schedule(DialRace& race, Duration from = 0s) {
    std::vector<Given> out;
    for (Now now = at(from); !race.exhausted(); now.mono = race.due())
        while (const auto address = race.next(now)) out.push_back({now.mono - at(0s).mono, address->text()});
    return out;
}

DialRace raceOf(const std::vector<std::string>& texts) {
    DialRace race(identityOf(1).peerId());
    ASSERT(race.add(addrs(texts), at(0s)));
    return race;
}

} // namespace

class DialRaceTest : public QObject {
    Q_OBJECT
  private slots:
    void theOrderIsThatOfTransportsAndFamilies();
    void manyDeadQuicAddressesDoNotHoldUpTheOthers();
    void withoutQuicThePipesBeginAtOnce();
    void whenAllOfQuicHasFailedThePipesBeginAtOnce();
    void aFailureHastensItsOwnLaneOnly();
    void addressesThatComeLaterKeepTheHeadStart();
    void relaysComeBehindAllThatIsDirect();
    void withNothingDirectTheRelaysBeginAtOnce();
    void whenAllThatIsDirectHasFailedTheRelaysBeginAtOnce();
    void directAddressesThatComeLaterLeaveARelayThatIsDue();
    void nothingIsGivenOutAfterTheEnd();
    void quicWinsWhereBothWork();
    void aNetworkThatSwallowsUdpCostsTheHeadStart();
    void losersAreAborted();
};

void DialRaceTest::theOrderIsThatOfTransportsAndFamilies() {
    const std::string q6 = "/ip6/2001:db8::1/udp/1/quic-v1", q4 = "/ip4/192.0.2.1/udp/1/quic-v1";
    const std::string t6 = "/ip6/2001:db8::1/tcp/1", t4 = "/ip4/192.0.2.1/tcp/1", w4 = t4 + "/ws", w6 = t6 + "/ws";
    const std::string s4 = t4 + "/tls/ws", s6 = t6 + "/tls/sni/a.example/ws", other = "/ip4/192.0.2.1/udp/1";
    DialRace race = raceOf({other, s4, w4, t4, q4, s6, w6, t6, q6});
    const std::vector<Given> expected{{0ms, q6},    {250ms, q4},  {500ms, t6},  {750ms, t4},    {1000ms, w6},
                                      {1250ms, w4}, {1500ms, s6}, {1750ms, s4}, {2000ms, other}};
    QVERIFY(schedule(race) == expected);
    QCOMPARE(race.due(), kNever);
}

void DialRaceTest::manyDeadQuicAddressesDoNotHoldUpTheOthers() {
    std::vector<std::string> texts{"/ip4/192.0.2.1/tcp/1"};
    for (int i = 1; i <= 12; ++i) texts.push_back("/ip4/192.0.2." + std::to_string(i) + "/udp/1/quic-v1");
    DialRace race = raceOf(texts);
    const auto given = schedule(race);
    QCOMPARE(given.size(), size_t(13));
    const auto tcp = std::ranges::find(given, texts[0], &Given::address);
    QCOMPARE(tcp->after, Duration(kQuicHeadStart));
    QCOMPARE(given.back().after, Duration(11 * kDialStagger));
}

void DialRaceTest::withoutQuicThePipesBeginAtOnce() {
    DialRace race = raceOf({"/ip4/192.0.2.1/tcp/1/ws", "/ip4/192.0.2.1/tcp/2"});
    const std::vector<Given> expected{{0ms, "/ip4/192.0.2.1/tcp/2"}, {250ms, "/ip4/192.0.2.1/tcp/1/ws"}};
    QVERIFY(schedule(race) == expected);
}

void DialRaceTest::whenAllOfQuicHasFailedThePipesBeginAtOnce() {
    DialRace race = raceOf({"/ip4/192.0.2.1/udp/1/quic-v1", "/ip4/192.0.2.2/udp/1/quic-v1", "/ip4/192.0.2.1/tcp/1"});
    const auto first = race.next(at(0s));
    const auto second = race.next(at(kDialStagger));
    race.onFailed(*first, kRefused, at(300ms));
    QVERIFY(!race.next(at(300ms)));
    QCOMPARE(race.due(), at(kQuicHeadStart).mono);
    race.onFailed(*second, kRefused, at(301ms));
    QCOMPARE(race.next(at(301ms))->text(), std::string("/ip4/192.0.2.1/tcp/1"));
}

void DialRaceTest::aFailureHastensItsOwnLaneOnly() {
    DialRace race = raceOf({"/ip4/192.0.2.1/udp/1/quic-v1", "/ip4/192.0.2.2/udp/1/quic-v1",
                            "/ip4/192.0.2.3/udp/1/quic-v1", "/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.2/tcp/1"});
    const auto quic = race.next(at(0s));
    race.onFailed(*quic, kRefused, at(10ms));
    QCOMPARE(race.next(at(10ms))->text(), std::string("/ip4/192.0.2.2/udp/1/quic-v1"));
    QVERIFY(!race.next(at(10ms)));
    QCOMPARE(race.due(), at(10ms + kDialStagger).mono);
    QVERIFY(race.next(at(10ms + kDialStagger)));
    const auto tcp = race.next(at(kQuicHeadStart));
    QVERIFY(tcp->tcpAddress());
    race.onFailed(*tcp, kRefused, at(kQuicHeadStart + 1ms));
    QVERIFY(race.next(at(kQuicHeadStart + 1ms))->tcpAddress());
    QVERIFY(race.exhausted());
}

void DialRaceTest::addressesThatComeLaterKeepTheHeadStart() {
    DialRace race = raceOf({"/ip4/192.0.2.1/udp/1/quic-v1"});
    QVERIFY(race.next(at(0s)));
    QVERIFY(race.add(addrs({"/ip4/192.0.2.1/tcp/1"}), at(100ms)));
    QVERIFY(!race.next(at(kQuicHeadStart - 1ns)));
    QVERIFY(race.next(at(kQuicHeadStart)));
    // Long after it there is nothing to wait for.
    QVERIFY(race.add(addrs({"/ip4/192.0.2.2/tcp/1"}), at(10s)));
    QVERIFY(race.next(at(10s)));
    // What has been tried is not tried again.
    QVERIFY(race.add(addrs({"/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.1/udp/1/quic-v1"}), at(11s)));
    QVERIFY(race.exhausted());
}

static std::string circuit(int relay) {
    return "/ip4/192.0.2." + std::to_string(relay) + "/udp/1/quic-v1/p2p/" + identityOf(9).peerId().text() +
           "/p2p-circuit";
}

void DialRaceTest::relaysComeBehindAllThatIsDirect() {
    const std::string quic = "/ip4/192.0.2.1/udp/1/quic-v1", tcp = "/ip4/192.0.2.1/tcp/1";
    DialRace race = raceOf({circuit(1), quic, circuit(2), tcp});
    const std::vector<Given> expected{
        {0ms, quic}, {500ms, tcp}, {kDirectHeadStart, circuit(1)}, {kDirectHeadStart + kDialStagger, circuit(2)}};
    QVERIFY(schedule(race) == expected);
}

void DialRaceTest::withNothingDirectTheRelaysBeginAtOnce() {
    DialRace race = raceOf({circuit(1), circuit(2)});
    const std::vector<Given> expected{{0ms, circuit(1)}, {kDialStagger, circuit(2)}};
    QVERIFY(schedule(race) == expected);
}

void DialRaceTest::whenAllThatIsDirectHasFailedTheRelaysBeginAtOnce() {
    const std::string quic = "/ip4/192.0.2.1/udp/1/quic-v1", tcp = "/ip4/192.0.2.1/tcp/1";
    DialRace race = raceOf({circuit(1), quic, tcp});
    QCOMPARE(race.next(at(0s))->text(), quic);
    race.onFailed(addr(quic), kRefused, at(10ms));
    QCOMPARE(race.next(at(10ms))->text(), tcp);
    QVERIFY(!race.next(at(10ms)));
    race.onFailed(addr(tcp), kRefused, at(20ms));
    QCOMPARE(race.due(), at(20ms).mono);
    QCOMPARE(race.next(at(20ms))->text(), circuit(1));
}

void DialRaceTest::directAddressesThatComeLaterLeaveARelayThatIsDue() {
    DialRace race = raceOf({circuit(1)});
    QVERIFY(race.next(at(0s)));
    QVERIFY(race.add(addrs({"/ip4/192.0.2.1/tcp/1", circuit(2)}), at(100ms)));
    const std::vector<Given> expected{{100ms, "/ip4/192.0.2.1/tcp/1"}, {100ms + kDirectHeadStart, circuit(2)}};
    QVERIFY(schedule(race, 100ms) == expected);
}

void DialRaceTest::nothingIsGivenOutAfterTheEnd() {
    DialRace race = raceOf({"/ip4/192.0.2.1/udp/1/quic-v1", "/ip4/192.0.2.1/tcp/1"});
    QVERIFY(race.next(at(0s)));
    race.stop();
    QVERIFY(race.exhausted() && !race.next(at(60s)));
    QCOMPARE(race.due(), kNever);
}

void DialRaceTest::quicWinsWhereBothWork() {
    PairNetwork network;
    const auto tcp = addr("/ip4/10.0.0.2/tcp/4001");
    TestNode a(network, 1), b(network, 2, {addressOf(2), tcp});
    network.hold(addressOf(2)); // a round trip that takes nearly all of the head start
    a.swarm.connect(b.id(), {tcp, addressOf(2)}, at(0s));
    runUntil(network, {&a, &b}, at(0s), at(kQuicHeadStart - 1ms));
    QCOMPARE(a.swarm.figures().pendingDials, size_t(1));
    network.release(addressOf(2));
    runUntil(network, {&a, &b}, at(kQuicHeadStart - 1ms), at(kQuicHeadStart - 1ms));
    QCOMPARE(a.swarm.peer(b.id())->remote, addressOf(2));
    runUntil(network, {&a, &b}, at(kQuicHeadStart), at(60s));
    QCOMPARE(b.carrier.links().size(), size_t(1));
}

void DialRaceTest::aNetworkThatSwallowsUdpCostsTheHeadStart() {
    PairNetwork network;
    const auto tcp = addr("/ip4/10.0.0.2/tcp/4001");
    TestNode a(network, 1), b(network, 2, {addressOf(2), tcp});
    std::vector<Multiaddr> known{tcp, addressOf(2)};
    for (uint8_t i = 3; i < 12; ++i) known.push_back(addressOf(i));
    for (const Multiaddr& address : known)
        if (address != tcp) network.blackhole(address);
    a.swarm.connect(b.id(), known, at(0s));
    runUntil(network, {&a, &b}, at(0s), at(kQuicHeadStart - 1ns));
    QVERIFY(!a.swarm.peer(b.id()));
    runUntil(network, {&a, &b}, at(kQuicHeadStart - 1ns), at(kQuicHeadStart));
    QCOMPARE(a.swarm.peer(b.id())->remote, tcp);
    QCOMPARE(a.swarm.figures().pendingDials, size_t(0));
}

void DialRaceTest::losersAreAborted() {
    PairNetwork network;
    const auto tcp = addr("/ip4/10.0.0.2/tcp/4001"), ws = addr("/ip4/10.0.0.2/tcp/4002/ws");
    TestNode a(network, 1), b(network, 2, {addressOf(2), tcp, ws});
    for (const Multiaddr& address : {addressOf(2), tcp}) network.hold(address);
    a.swarm.connect(b.id(), {addressOf(2), tcp, ws}, at(0s));
    runUntil(network, {&a, &b}, at(0s), at(kQuicHeadStart + kDialStagger));
    QCOMPARE(a.swarm.peer(b.id())->remote, ws);
    QCOMPARE(a.carrier.links().size(), size_t(1)); // the two others have been closed
    network.release(tcp);
    network.release(addressOf(2));
    runUntil(network, {&a, &b}, at(kQuicHeadStart + kDialStagger), at(60s));
    QCOMPARE(b.carrier.links().size(), size_t(1));
    QCOMPARE(b.all<swarm::PeerConnected>().size(), size_t(1));
}

QTEST_APPLESS_MAIN(DialRaceTest)
#include "dial_race_test.moc"

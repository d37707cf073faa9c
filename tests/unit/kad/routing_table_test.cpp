#include "kad/routing_table.h"
#include "support/seeded_random.h"
#include "support/test_node.h"
#include "unit/crypto/vectors.h"
#include "unit/kad/virtual_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
const crypto::PeerId kSelf = virtualPeer(0);

/// A table with a full bucket 0, whose contacts came a second apart, and one more who waits.
struct Full {
    Full() : table(kSelf), peers(peersInBucket(table.self(), 0, kReplication + 2)) {
        for (uint32_t i = 0; i < kReplication; ++i) add(i, std::chrono::seconds(i));
    }
    Admission add(uint32_t i, Duration when) {
        return table.onServer(peers[i], {farAddress(i)}, farAddress(i), at(when));
    }
    RoutingTable table;
    std::vector<crypto::PeerId> peers;
};

/// How many contacts with these addresses come in, bucket after bucket; each bucket gets `perBucket`.
size_t admitted(RoutingTable& table, const std::vector<std::string>& ips, size_t perBucket) {
    size_t in = 0, next = 0;
    for (unsigned prefix = 0; next < ips.size(); ++prefix)
        for (const auto& peer : peersInBucket(table.self(), prefix, perBucket))
            if (next < ips.size()) {
                const auto address = quicAt(ips[next++]);
                if (table.onServer(peer, {address}, address, at(0s)) == Admission::Added) ++in;
            }
    return in;
}
} // namespace

class RoutingTableTest : public QObject {
    Q_OBJECT
  private slots:
    void aKeyIsTheHashThatJsTakes();
    void theDistanceIsXorAndThePrefixItsLeadingZeros();
    void theClosestAreThoseOfAFullSort();
    void weAreNotInOurOwnTable();
    void aFullBucketKeepsThoseItHasAndTheNewcomerWaits();
    void theLeastRecentlySeenIsPingedBeforeItGoes();
    void whoAnswersThePingStays();
    void whoWasSeenAMinuteAgoIsNotPinged();
    void aPingThatCouldNotBeSentIsTriedAgain();
    void threeFailuresInARowEndAContact();
    void whoIsNoServerAnyMoreGoesAtOnce();
    void whoWaitsIsBounded();
    void aBucketTakesTwoOfASlash24AndFourOfASlash16();
    void aBucketTakesTwoFourAndEightOfAnIPv6Provider();
    void theTableTakesFourOfASlash64AndTenOfASlash48();
    void addressesInOurOwnNetworkAreNotCounted();
    void aMappedAddressCountsAsIPv4();
    void whatPeersTellOfTheirAddressesDoesNotCount();
    void aPlaceOfAPrefixIsFreeAgainWhenItsContactGoes();
    void theRefreshPlanBeginsWithOurselvesAndCoversEveryBucket();
    void anEmptyTableHasNothingToRefresh();
};

void RoutingTableTest::aKeyIsTheHashThatJsTakes() {
    const auto vectors = libp2pVectors();
    const auto identity = vectors["identities"].toArray()[0].toObject();
    const auto peer = crypto::PeerId::parse(textOf(identity, "base58")).value();
    QCOMPARE(toHex(Key::ofPeer(peer).bits), textOf(identity, "kadKey"));
    const auto kad = vectors["kad"].toObject();
    QCOMPARE(toHex(Key::of(bytesOf(kad, "multihash")).bits), textOf(kad, "cidKey"));
    QCOMPARE(toHex(Key::of(asBytes("/test/key")).bits), textOf(kad, "recordKeyHash"));
}

void RoutingTableTest::theDistanceIsXorAndThePrefixItsLeadingZeros() {
    Key a, b;
    QCOMPARE(commonPrefix(a, b), 256u);
    b.bits[31] = 1;
    QCOMPARE(commonPrefix(a, b), 255u);
    b.bits[1] = 0x10;
    QCOMPARE(commonPrefix(a, b), 11u);
    a.bits[1] = 0x30;
    QCOMPARE(commonPrefix(a, b), 10u);
    QCOMPARE(distance(a, b).bits[1], uint8_t(0x20));
    QVERIFY(CloserTo{a}(a, b));
    QVERIFY(!CloserTo{a}(b, a));
}

void RoutingTableTest::theClosestAreThoseOfAFullSort() {
    RoutingTable table(kSelf);
    std::vector<Key> keys;
    for (uint32_t i = 1; i <= 2000; ++i)
        if (table.onServer(virtualPeer(i), {farAddress(i)}, quicAt("10.0.0.1"), at(0s)) == Admission::Added)
            keys.push_back(Key::ofPeer(virtualPeer(i)));
    QCOMPARE(table.size(), keys.size());
    QVERIFY(keys.size() > 100);
    for (uint64_t i = 0; i < 50; ++i) {
        const Key target = Key::ofPeer(virtualPeer(100'000 + i));
        std::ranges::sort(keys, CloserTo{target});
        const auto closest = table.closest(target, kReplication);
        QCOMPARE(closest.size(), kReplication);
        for (size_t j = 0; j < closest.size(); ++j) QCOMPARE(closest[j].key, keys[j]);
    }
}

void RoutingTableTest::weAreNotInOurOwnTable() {
    RoutingTable table(kSelf);
    QCOMPARE(table.onServer(kSelf, {farAddress(1)}, farAddress(1), at(0s)), Admission::Refused);
    QCOMPARE(table.size(), size_t(0));
}

void RoutingTableTest::aFullBucketKeepsThoseItHasAndTheNewcomerWaits() {
    Full full;
    QCOMPARE(full.table.size(), kReplication);
    QCOMPARE(full.add(kReplication, 20s), Admission::Waiting);
    QCOMPARE(full.table.size(), kReplication);
    QVERIFY(!full.table.find(full.peers[kReplication]));
    QCOMPARE(full.add(3, 21s), Admission::Known);
}

void RoutingTableTest::theLeastRecentlySeenIsPingedBeforeItGoes() {
    Full full;
    QVERIFY(!full.table.pollPing(at(1h)));
    full.add(kReplication, 20s);
    full.table.onAlive(full.peers[0], at(30s));
    const auto pinged = full.table.pollPing(at(2min));
    QVERIFY(pinged);
    QCOMPARE(pinged->peer, full.peers[1]);
    QVERIFY(!full.table.pollPing(at(2min))); // one at a time
    full.table.onDead(full.peers[1], at(3min));
    QVERIFY(!full.table.find(full.peers[1]));
    QVERIFY(full.table.find(full.peers[kReplication]));
    QCOMPARE(full.table.size(), kReplication);
}

void RoutingTableTest::whoAnswersThePingStays() {
    Full full;
    full.add(kReplication, 20s);
    QCOMPARE(full.table.pollPing(at(2min))->peer, full.peers[0]);
    full.table.onAlive(full.peers[0], at(2min));
    QVERIFY(full.table.find(full.peers[0]));
    QVERIFY(!full.table.find(full.peers[kReplication]));
    QCOMPARE(full.table.pollPing(at(2min))->peer, full.peers[1]);
}

void RoutingTableTest::whoWasSeenAMinuteAgoIsNotPinged() {
    Full full;
    full.add(kReplication, 20s);
    QVERIFY(!full.table.pollPing(at(1min - 1ns)));
    QVERIFY(full.table.pollPing(at(1min)));
}

void RoutingTableTest::aPingThatCouldNotBeSentIsTriedAgain() {
    Full full;
    full.add(kReplication, 20s);
    QCOMPARE(full.table.pollPing(at(2min))->peer, full.peers[0]);
    full.table.onNotPinged(full.peers[0], at(2min));
    QVERIFY(full.table.find(full.peers[0]));
    QVERIFY(!full.table.pollPing(at(2min + kPingAfter - 1ns)));
    QCOMPARE(full.table.pollPing(at(2min + kPingAfter))->peer, full.peers[0]);
    full.table.onNotPinged(full.peers[1], at(4min)); // another one changes nothing
    QVERIFY(!full.table.pollPing(at(10min)));
}

void RoutingTableTest::threeFailuresInARowEndAContact() {
    Full full;
    for (unsigned i = 0; i < kMaxFailures - 1; ++i) full.table.onDead(full.peers[0], at(30s));
    full.table.onAlive(full.peers[0], at(31s));
    for (unsigned i = 0; i < kMaxFailures - 1; ++i) full.table.onDead(full.peers[0], at(32s));
    QVERIFY(full.table.find(full.peers[0]));
    full.table.onDead(full.peers[0], at(33s));
    QVERIFY(!full.table.find(full.peers[0]));
}

void RoutingTableTest::whoIsNoServerAnyMoreGoesAtOnce() {
    Full full;
    full.table.remove(full.peers[5], at(30s));
    QVERIFY(!full.table.find(full.peers[5]));
    QCOMPARE(full.table.size(), kReplication - 1);
    for (const auto& peer : full.peers) full.table.remove(peer, at(30s));
    QCOMPARE(full.table.size(), size_t(0));
}

void RoutingTableTest::whoWaitsIsBounded() {
    RoutingTable table(kSelf);
    const auto peers = peersInBucket(table.self(), 0, kReplication + kMaxWaiting + 1);
    for (uint32_t i = 0; i < peers.size(); ++i) table.onServer(peers[i], {}, farAddress(i), at(0s));
    for (size_t i = 0; i < kReplication; ++i) table.onDead(peers[i], at(0s));
    // The first who came to wait has given way to the last.
    QVERIFY(!table.find(peers[kReplication]));
    for (size_t i = kReplication + 1; i < peers.size(); ++i) QVERIFY(table.find(peers[i]));
}

void RoutingTableTest::aBucketTakesTwoOfASlash24AndFourOfASlash16() {
    RoutingTable table(kSelf);
    QCOMPARE(admitted(table, {"1.2.3.1", "1.2.3.2", "1.2.3.3"}, 10), size_t(2));
    RoutingTable other(kSelf);
    QCOMPARE(admitted(other, {"1.2.1.1", "1.2.2.1", "1.2.3.1", "1.2.4.1", "1.2.5.1", "1.3.1.1"}, 10), size_t(5));
}

void RoutingTableTest::aBucketTakesTwoFourAndEightOfAnIPv6Provider() {
    RoutingTable one(kSelf);
    QCOMPARE(admitted(one, {"2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1::3"}, 10), size_t(2));
    std::vector<std::string> site, provider;
    for (int i = 0; i < 12; ++i) {
        site.push_back("2001:db8:1:" + std::to_string(i) + "::1");
        provider.push_back("2001:db8:" + std::to_string(i) + "::1");
    }
    RoutingTable two(kSelf), three(kSelf);
    QCOMPARE(admitted(two, site, 12), size_t(4));
    QCOMPARE(admitted(three, provider, 12), size_t(8));
}

void RoutingTableTest::theTableTakesFourOfASlash64AndTenOfASlash48() {
    std::vector<std::string> customer(10, "2001:db8:1:1::1"), site, provider;
    for (int i = 0; i < 16; ++i) site.push_back("2001:db8:1:" + std::to_string(i) + "::1");
    RoutingTable one(kSelf), two(kSelf), three(kSelf);
    QCOMPARE(admitted(one, customer, 2), size_t(4));
    QCOMPARE(admitted(two, site, 4), size_t(10));
    for (int i = 0; i < 48; ++i) provider.push_back("2001:db8:" + std::to_string(i) + "::1");
    QCOMPARE(admitted(three, provider, 8), size_t(40));
}

void RoutingTableTest::addressesInOurOwnNetworkAreNotCounted() {
    RoutingTable table(kSelf);
    QCOMPARE(admitted(table, std::vector<std::string>(kReplication, "10.0.0.1"), kReplication), kReplication);
}

void RoutingTableTest::aMappedAddressCountsAsIPv4() {
    RoutingTable table(kSelf);
    QCOMPARE(admitted(table, {"1.2.3.1", "::ffff:1.2.3.2", "::ffff:1.2.3.3"}, 10), size_t(2));
}

void RoutingTableTest::whatPeersTellOfTheirAddressesDoesNotCount() {
    RoutingTable table(kSelf);
    const auto peers = peersInBucket(table.self(), 0, 5);
    for (uint32_t i = 0; i < 5; ++i)
        QCOMPARE(table.onServer(peers[i], {farAddress(i)}, quicAt("1.2.3.4"), at(0s)),
                 i < 2 ? Admission::Added : Admission::Refused);
}

void RoutingTableTest::aPlaceOfAPrefixIsFreeAgainWhenItsContactGoes() {
    RoutingTable table(kSelf);
    const auto peers = peersInBucket(table.self(), 0, 3);
    for (size_t i = 0; i < 2; ++i) table.onServer(peers[i], {}, quicAt("1.2.3.4"), at(0s));
    QCOMPARE(table.onServer(peers[2], {}, quicAt("1.2.3.4"), at(0s)), Admission::Refused);
    table.remove(peers[0], at(0s));
    QCOMPARE(table.onServer(peers[2], {}, quicAt("1.2.3.4"), at(0s)), Admission::Added);
    // One that moves into a crowded place is gone.
    table.onServer(peers[0], {}, quicAt("5.5.5.5"), at(0s));
    QCOMPARE(table.onServer(peers[0], {}, quicAt("1.2.3.5"), at(0s)), Admission::Refused);
    QVERIFY(!table.find(peers[0]));
}

void RoutingTableTest::theRefreshPlanBeginsWithOurselvesAndCoversEveryBucket() {
    RoutingTable table(kSelf);
    SeededRandom random(1);
    table.onServer(peersInBucket(table.self(), 4, 1).front(), {}, farAddress(1), at(0s));
    QVERIFY(table.refreshDeadline() <= at(0s).mono);
    QCOMPARE(table.pollRefresh(random, at(0s)).value(), toBytes(kSelf.multihash()));
    for (unsigned prefix = 0; prefix <= 4; ++prefix) {
        const Bytes id = table.pollRefresh(random, at(0s)).value();
        QVERIFY(crypto::PeerId::fromMultihash(id));
        QCOMPARE(commonPrefix(table.self(), Key::of(id)), prefix);
    }
    QVERIFY(!table.pollRefresh(random, at(kRefreshInterval - 1ns)));
    QCOMPARE(table.refreshDeadline(), at(kRefreshInterval).mono);
    QCOMPARE(table.pollRefresh(random, at(kRefreshInterval)).value(), toBytes(kSelf.multihash()));
    // A bucket beyond the deepest is left to the look-up of ourselves.
    table.onServer(peersInBucket(table.self(), kMaxRefreshPrefix + 1, 1).front(), {}, farAddress(1), at(0s));
    size_t planned = 0;
    while (table.pollRefresh(random, at(kRefreshInterval))) ++planned;
    QCOMPARE(planned, size_t(kMaxRefreshPrefix + 1));
}

void RoutingTableTest::anEmptyTableHasNothingToRefresh() {
    RoutingTable table(kSelf);
    SeededRandom random(1);
    QVERIFY(!table.pollRefresh(random, at(0s)));
    QCOMPARE(table.refreshDeadline(), kNever);
}

QTEST_APPLESS_MAIN(RoutingTableTest)
#include "routing_table_test.moc"

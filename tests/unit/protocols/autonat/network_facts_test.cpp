#include "crypto/identity.h"
#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/network_facts.h"

#include <QTest>

using namespace wherry;
using namespace wherry::autonat;
using namespace std::chrono_literals;
using codec::Multiaddr;

namespace {
crypto::PeerId peer(uint16_t number) {
    std::array<uint8_t, 32> seed{};
    seed[0] = static_cast<uint8_t>(number);
    seed[1] = static_cast<uint8_t>(number >> 8);
    return crypto::Identity::fromSeed(seed).peerId();
}
codec::SocketAddress end(const char* ip, uint16_t port = 4001) {
    return {codec::parseIp(ip).value(), port, 0};
}
Multiaddr quic(const char* ip, uint16_t port = 4001) {
    return Multiaddr::quic(end(ip, port));
}
Multiaddr tcp(const char* ip, uint16_t port = 4001) {
    return Multiaddr::tcp(end(ip, port));
}
const Instant kStart(1h);

/// A node with an address of each family on the networks 192.168.1/24 and 2a01:1:1:1::/64.
struct Here {
    Here() {
        facts.setListening({end("192.168.1.2"), end("2a01:1:1:1::7")});
        facts.setInterfaces({{codec::parseIp("192.168.1.2").value(), 24}, {codec::parseIp("2a01:1:1:1::7").value(), 64}});
    }
    void observed(uint16_t number, const char* from, const char* seenIp, uint16_t seenPort = 4001) {
        const bool v4 = codec::parseIp(from).value().isV4();
        facts.onObserved(peer(number), quic(v4 ? "192.168.1.2" : "2a01:1:1:1::7"), quic(from), quic(seenIp, seenPort));
    }
    /// After QUIC to the same host.
    void connectByTcp(uint16_t number, const char* host) {
        facts.onDialling(peer(number), {quic(host), tcp(host)});
        facts.onOpened(peer(number), tcp(host), kStart);
    }
    NetworkFact fact(Subject subject, Duration after = {}) const {
        return facts.facts(outside, kStart + after).at(static_cast<size_t>(subject));
    }
    Finding finding(Subject subject, Duration after = {}) const { return fact(subject, after).finding; }

    NetworkFacts facts;
    std::vector<AddressFact> outside;
};
constexpr auto kV4 = codec::IpAddress::Family::V4;
} // namespace

class NetworkFactsTest : public QObject {
    Q_OBJECT
  private slots:
    void nothingIsKnownAtFirst();
    void oneOuterEndForTwoNetworksIsIndependent();
    void neighboursInOneNetworkCountOnce();
    void anOuterEndForEachNetworkIsDependent();
    void oneLiarChangesNothing();
    void ownAddressesAreNotTranslated();
    void manyOwnAddressesAreNotADependentMapping();
    void anotherPrefixBeforeOurIdentifierIsNptv6();
    void anotherIpv6AddressIsNat66();
    void onlyQuicFromWhereWeListenCounts();
    void anotherNetworkBeginsAnew();
    void incomingFollowsWhatServersFound();
    void whoHasGoneIsNotBeingDialled();
    void udpIsBlockedWhereOnlyTcpReachesTwoHosts();
    void udpPassesWithOneConnection();
    void multicastIsIsolatedWhereAConnectedNeighbourIsNotHeard();
    void witnessesAreBounded();
    void everyNameIsThere();
};

void NetworkFactsTest::nothingIsKnownAtFirst() {
    const Here here;
    const auto all = here.facts.facts({}, kStart);
    QCOMPARE(all.size(), size_t(6));
    for (size_t i = 0; i < all.size(); ++i) {
        QCOMPARE(static_cast<size_t>(all[i].subject), i);
        QCOMPARE(all[i].finding, Finding::Unknown);
        QVERIFY(all[i].clues.empty());
    }
}

void NetworkFactsTest::oneOuterEndForTwoNetworksIsIndependent() {
    Here here;
    here.observed(1, "44.1.0.1", "44.9.0.1", 30001);
    QCOMPARE(here.finding(Subject::Mapping4), Finding::Unknown);
    here.observed(2, "44.2.0.1", "44.9.0.1", 30001);
    QCOMPARE(here.finding(Subject::Mapping4), Finding::EndpointIndependent);
    QCOMPARE(here.facts.mapping(kV4), Finding::EndpointIndependent);
    QCOMPARE(here.fact(Subject::Mapping4).clues.size(), size_t(2));
    QCOMPARE(here.fact(Subject::Mapping4).clues[0].address, quic("44.9.0.1", 30001));
    QCOMPARE(here.finding(Subject::Mapping6), Finding::Unknown);
}

void NetworkFactsTest::neighboursInOneNetworkCountOnce() {
    Here here;
    for (uint16_t i = 1; i < 9; ++i) here.observed(i, "44.1.0.1", "44.9.0.1");
    QCOMPARE(here.finding(Subject::Mapping4), Finding::Unknown);
}

void NetworkFactsTest::anOuterEndForEachNetworkIsDependent() {
    Here here;
    here.observed(1, "44.1.0.1", "44.9.0.1", 30001);
    here.observed(2, "44.2.0.1", "44.9.0.1", 30002);
    QCOMPARE(here.finding(Subject::Mapping4), Finding::EndpointDependent);
    QCOMPARE(here.fact(Subject::Mapping4).clues.size(), size_t(2));
    // A peer that is gone says nothing any more.
    here.facts.onGone(peer(2));
    QCOMPARE(here.finding(Subject::Mapping4), Finding::Unknown);
}

void NetworkFactsTest::oneLiarChangesNothing() {
    Here here;
    here.observed(1, "44.1.0.1", "44.9.0.1", 30001);
    here.observed(2, "44.2.0.1", "44.9.0.1", 30001);
    here.observed(3, "44.3.0.1", "44.66.0.1", 6666);
    QCOMPARE(here.finding(Subject::Mapping4), Finding::EndpointIndependent);
    for (const Clue& clue : here.fact(Subject::Mapping4).clues) QVERIFY(clue.peer != peer(3));
}

void NetworkFactsTest::ownAddressesAreNotTranslated() {
    Here here;
    here.observed(1, "2a02:1::1", "2a01:1:1:1::7");
    here.observed(2, "2a03:1::1", "2a01:1:1:1::7");
    QCOMPARE(here.finding(Subject::Mapping6), Finding::Untranslated);
}

void NetworkFactsTest::manyOwnAddressesAreNotADependentMapping() {
    Here here;
    here.facts.setListening({end("2a01:1:1:1::7"), end("2a01:1:1:1::8")});
    here.observed(1, "2a02:1::1", "2a01:1:1:1::7");
    here.observed(2, "2a03:1::1", "2a01:1:1:1::8");
    QCOMPARE(here.finding(Subject::Mapping6), Finding::Untranslated);
}

void NetworkFactsTest::anotherPrefixBeforeOurIdentifierIsNptv6() {
    Here here;
    here.observed(1, "2a02:1::1", "2a09:9:9:1::7");
    here.observed(2, "2a03:1::1", "2a09:9:9:1::7");
    QCOMPARE(here.finding(Subject::Mapping6), Finding::PrefixTranslated);
}

void NetworkFactsTest::anotherIpv6AddressIsNat66() {
    Here here;
    here.observed(1, "2a02:1::1", "2a09:9:9:1::7", 30001); // the port is another one, so it is no mere prefix
    here.observed(2, "2a03:1::1", "2a09:9:9:1::7", 30001);
    QCOMPARE(here.finding(Subject::Mapping6), Finding::EndpointIndependent);
}

void NetworkFactsTest::onlyQuicFromWhereWeListenCounts() {
    Here here;
    for (uint16_t i = 1; i < 4; ++i) {
        const std::string from = "44." + std::to_string(i) + ".0.1";
        const auto seen = quic("44.9.0.1", static_cast<uint16_t>(30000 + i));
        here.facts.onObserved(peer(i), quic("192.168.1.2", 5001), quic(from.c_str()), seen);
        here.facts.onObserved(peer(i), tcp("192.168.1.2"), tcp(from.c_str()), tcp("44.9.0.1"));
        here.facts.onObserved(peer(i), quic("192.168.1.2"), quic("192.168.1.9"), seen);
        here.facts.onObserved(peer(i), quic("192.168.1.2"), quic(from.c_str()), quic("2a09::1"));
    }
    QCOMPARE(here.finding(Subject::Mapping4), Finding::Unknown);
    QCOMPARE(here.finding(Subject::Mapping6), Finding::Unknown);
}

void NetworkFactsTest::anotherNetworkBeginsAnew() {
    Here here;
    const auto learn = [&] {
        here.observed(1, "44.1.0.1", "44.9.0.1", 30001);
        here.observed(2, "44.2.0.1", "44.9.0.1", 30001);
        here.facts.onOpened(peer(1), quic("44.1.0.1"), kStart);
    };
    learn();
    here.facts.setListening({end("192.168.1.2"), end("2a01:1:1:1::7")}); // nothing new
    QCOMPARE(here.finding(Subject::Mapping4), Finding::EndpointIndependent);
    here.facts.setListening({end("192.168.8.2")});
    QCOMPARE(here.finding(Subject::Mapping4), Finding::Unknown);
    QCOMPARE(here.finding(Subject::Udp), Finding::Unknown);
    learn();
    here.facts.setInterfaces({});
    QCOMPARE(here.finding(Subject::Udp), Finding::Unknown);
}

void NetworkFactsTest::incomingFollowsWhatServersFound() {
    Here here;
    here.outside = {{quic("44.9.0.1"), Verdict::Unreachable, {{peer(1), Version::V2, false, {}}}},
                    {quic("2a01:1:1:1::7"), Verdict::Unknown, {{peer(1), Version::V2, false, {}}}}};
    QCOMPARE(here.finding(Subject::Incoming4), Finding::Filtered);
    QCOMPARE(here.fact(Subject::Incoming4).clues.size(), size_t(1));
    QCOMPARE(here.finding(Subject::Incoming6), Finding::Unknown);
    QVERIFY(here.fact(Subject::Incoming6).clues.empty());
    here.outside[1] = {quic("2a01:1:1:1::7"), Verdict::Reachable, {{peer(2), Version::V2, true, {}}}};
    QCOMPARE(here.finding(Subject::Incoming6), Finding::Open);
    QCOMPARE(here.fact(Subject::Incoming6).clues[0].peer, peer(2));
}

void NetworkFactsTest::whoHasGoneIsNotBeingDialled() {
    Here here;
    for (uint16_t number = 10; number < 10 + kMaxWitnesses; ++number) {
        here.facts.onDialling(peer(number), {quic("44.9.0.1")});
        here.facts.onGone(peer(number));
    }
    here.connectByTcp(1, "44.1.0.1");
    here.connectByTcp(2, "44.2.0.1");
    QCOMPARE(here.finding(Subject::Udp), Finding::Blocked);
}

void NetworkFactsTest::udpIsBlockedWhereOnlyTcpReachesTwoHosts() {
    Here here;
    here.facts.onOpened(peer(1), tcp("44.1.0.1"), kStart); // it has dialled us
    here.facts.onDialling(peer(6), {quic("44.6.0.1"), tcp("44.7.0.1")});
    here.facts.onOpened(peer(6), tcp("44.7.0.1"), kStart); // QUIC was tried elsewhere
    here.facts.onDialling(peer(8), {quic("44.8.0.1"), tcp("44.8.0.1")});
    here.facts.onDialFailed(peer(8));
    here.facts.onOpened(peer(8), tcp("44.8.0.1"), kStart);
    here.connectByTcp(2, "44.2.0.1");
    here.connectByTcp(3, "44.2.0.1"); // the same host
    here.connectByTcp(4, "127.0.0.1");
    QCOMPARE(here.finding(Subject::Udp), Finding::Unknown);
    here.connectByTcp(5, "44.5.0.1");
    QCOMPARE(here.finding(Subject::Udp), Finding::Blocked);
    QCOMPARE(here.fact(Subject::Udp).clues.size(), size_t(3));
    here.facts.onGone(peer(5));
    QCOMPARE(here.finding(Subject::Udp), Finding::Blocked);
}

void NetworkFactsTest::udpPassesWithOneConnection() {
    Here here;
    here.connectByTcp(1, "44.1.0.1");
    here.connectByTcp(2, "44.2.0.1");
    here.facts.onOpened(peer(3), quic("127.0.0.1"), kStart); // that says nothing of the network
    QCOMPARE(here.finding(Subject::Udp), Finding::Blocked);
    here.facts.onOpened(peer(4), quic("44.4.0.1"), kStart);
    QCOMPARE(here.finding(Subject::Udp), Finding::Passes);
}

void NetworkFactsTest::multicastIsIsolatedWhereAConnectedNeighbourIsNotHeard() {
    Here here;
    here.facts.onOpened(peer(1), quic("192.168.1.9"), kStart);
    here.facts.onOpened(peer(2), quic("192.168.2.9"), kStart); // another network
    here.facts.onOpened(peer(3), quic("192.168.1.2"), kStart); // this very device
    QCOMPARE(here.finding(Subject::Multicast, kMulticastPatience - 1ms), Finding::Unknown);
    QCOMPARE(here.finding(Subject::Multicast, kMulticastPatience), Finding::Isolated);
    QCOMPARE(here.fact(Subject::Multicast, kMulticastPatience).clues.size(), size_t(1));
    here.facts.onHeard(peer(1), {quic("192.168.1.9")});
    QCOMPARE(here.finding(Subject::Multicast, kMulticastPatience), Finding::Heard);
    here.facts.onUnheard(peer(1));
    here.facts.onGone(peer(1));
    QCOMPARE(here.finding(Subject::Multicast, 1h), Finding::Unknown);
}

void NetworkFactsTest::witnessesAreBounded() {
    Here here;
    for (uint16_t i = 0; i < kMaxWitnesses; ++i) here.observed(i, "44.1.0.1", "44.9.0.1", 30001);
    for (uint16_t i = 0; i < 2; ++i)
        here.observed(static_cast<uint16_t>(kMaxWitnesses + i), i == 0 ? "44.2.0.1" : "44.3.0.1", "44.9.0.1", 30001);
    QCOMPARE(here.finding(Subject::Mapping4), Finding::EndpointIndependent); // the newest count, the oldest have gone
    QCOMPARE(here.fact(Subject::Mapping4).clues.size(), kMaxEvidence);
}

void NetworkFactsTest::everyNameIsThere() {
    QCOMPARE(subjectName(Subject::Multicast), std::string_view("multicast"));
    QCOMPARE(findingName(Finding::Isolated), std::string_view("isolated"));
}

QTEST_APPLESS_MAIN(NetworkFactsTest)
#include "network_facts_test.moc"

#include "protocols/mdns/mdns_limits.h"
#include "unit/protocols/mdns/mdns_fixture.h"

#include <QTest>

using namespace wherry;
using namespace wherry::mdns;
using namespace wherry::mdns::testing;
using namespace std::chrono_literals;

namespace {

const std::string kGood = "/ip4/10.0.1.5/udp/4001/quic-v1";

std::vector<std::string> addressesFrom(std::vector<std::string> strings, std::string_view source = "10.0.1.5") {
    Station it(1, {linkOf(1, 1)});
    it.hear(Said{.strings = std::move(strings)}.bytes(), 1, source);
    std::vector<std::string> out;
    if (!it.found.empty())
        for (const auto& address : it.found.back().addresses) out.push_back(address.text());
    return out;
}

} // namespace

/// What strangers claim: what is taken in, what is not, and that no amount of it costs more than the bounds.
class ClaimsTest : public QObject {
    Q_OBJECT

  private slots:
    void answersOfOtherImplementationsAreUnderstood() {
        for (bool inAnswers : {false, true}) {
            Station it(1, {linkOf(1, 1)});
            it.hear(
                Said{.strings = {Said::address("/ip4/10.0.1.5/tcp/4001", peerOf(5)), Said::address(kGood, peerOf(5))},
                     .txtInAnswers = inAnswers}
                    .bytes());
            QCOMPARE(it.found.size(), 1u);
            QCOMPARE(it.found[0].peer, peerOf(5));
            QCOMPARE(it.found[0].addresses.size(), 2u);
            QCOMPARE(it.found[0].addresses[0].text(), kGood); // QUIC goes first
        }
    }

    void onlyPlacesThatMakeSenseHereAreTaken_data() {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("taken");
        const std::pair<const char*, bool> rows[] = {{"/ip4/10.0.1.5/udp/4001/quic-v1", true},
                                                     {"/ip4/192.168.7.7/udp/4001/quic-v1", true},
                                                     {"/ip6/fe80::9/udp/4001/quic-v1", true},
                                                     {"/ip6/fd00::9/udp/4001/quic-v1", true},
                                                     {"/ip4/198.51.100.9/udp/4001/quic-v1", true}, // where it came from
                                                     {"/ip4/203.0.113.9/udp/4001/quic-v1", false}, // a stranger
                                                     {"/ip6/2001:db8::9/udp/4001/quic-v1", false},
                                                     {"/ip4/127.0.0.1/udp/4001/quic-v1", false},
                                                     {"/ip6/::1/udp/4001/quic-v1", false},
                                                     {"/ip4/224.0.0.251/udp/5353/quic-v1", false},
                                                     {"/ip6/ff02::fb/udp/5353/quic-v1", false},
                                                     {"/ip4/0.0.0.0/udp/4001/quic-v1", false},
                                                     {"/ip4/255.255.255.255/udp/4001/quic-v1", false},
                                                     {"/ip4/10.0.1.5/udp/0/quic-v1", false},
                                                     {"/ip6/::ffff:127.0.0.1/udp/4001/quic-v1", false},
                                                     {"/dns4/printer.local/udp/4001/quic-v1", false},
                                                     {"/ip4/10.0.1.5/tcp/25", false},
                                                     {"/ip4/10.0.1.5/tcp/1023", false},
                                                     {"/ip4/10.0.1.5/tcp/1024", true},
                                                     {"/ip4/10.0.1.5/tcp/1023/ws", false},
                                                     {"/ip4/10.0.1.5/tcp/80/ws", true},
                                                     {"/ip4/10.0.1.5/tcp/443", true},
                                                     {"/ip4/203.0.113.9/tcp/4001", false},
                                                     {"/ip4/127.0.0.1/tcp/4001", false},
                                                     {"/ip4/10.0.1.5/tcp/4001/tls/ws", false}};
        for (const auto& [address, taken] : rows) QTest::addRow("%s", address) << QString(address) << taken;
    }
    void onlyPlacesThatMakeSenseHereAreTaken() {
        QFETCH(QString, address);
        QFETCH(bool, taken);
        const auto got = addressesFrom({Said::address(address.toStdString(), peerOf(5))}, "198.51.100.9");
        QCOMPARE(got.size(), taken ? 1u : 0u);
    }

    void stringsThatAreNoAddressesAreSkipped() {
        const auto got = addressesFrom({"", "dnsaddr=", "dnsaddr", "dnsaddr=/", "dnsaddr=/ip4/10.0.1.9/udp/1/quic-v1",
                                        "path=/x", "dnsaddr=/ip4/999.0.0.1/udp/1/quic-v1/p2p/" + peerOf(5).text(),
                                        Said::address("/ip4/10.0.1.5/udp/4001/quic-v1", peerOf(5)).replace(0, 3, "DNS"),
                                        Said::address("/ip4/10.0.1.6/udp/4001/quic-v1", peerOf(6))}); // another peer
        QCOMPARE(got, std::vector{kGood});
    }

    void zonesOfTheSpeakerAreReplacedByOurs() {
        const auto got = addressesFrom({Said::address("/ip6zone/9/ip6/fe80::9/udp/4001/quic-v1", peerOf(5))});
        QCOMPARE(got, std::vector<std::string>{"/ip6zone/1/ip6/fe80::9/udp/4001/quic-v1"});
    }

    void aCompleteSetReplacesWhatWasSaidBefore() {
        Station it(1, {linkOf(1, 1)});
        it.hear(Said{.strings = {Said::address(kGood, peerOf(5))}, .flush = true}.bytes());
        it.runTo(5s);
        it.hear(Said{.strings = {Said::address("/ip4/10.0.1.6/udp/4001/quic-v1", peerOf(5))}, .flush = true}.bytes());
        it.runTo(6s);
        QCOMPARE(it.found.back().addresses.size(), 1u);
        QCOMPARE(it.found.back().addresses[0].text(), std::string("/ip4/10.0.1.6/udp/4001/quic-v1"));
    }

    void aTtlOfAllOnesEndsAfterTheLongestTime() {
        Station it(1, {linkOf(1, 1)});
        it.hear(Said{.strings = {Said::address(kGood, peerOf(5))}, .ptrTtl = 0xFFFFFFFF, .txtTtl = 0xFFFFFFFF}.bytes());
        it.runTo(kMaxTtl - 1ms);
        QCOMPARE(it.expired.size(), 0u);
        it.runTo(kMaxTtl);
        QCOMPARE(it.expired.size(), 1u);
    }

    void thePresentAtTheEndOfTimeDoesNotOverflow() {
        Station it(1, {linkOf(1, 1)});
        it.now.mono = kNever - 2h;
        it.mdns->onDeadline(it.now);
        it.hear(Said{.strings = {Said::address(kGood, peerOf(5))}, .ptrTtl = 0xFFFFFFFF, .txtTtl = 0xFFFFFFFF}.bytes());
        QCOMPARE(it.found.size(), 1u);
        QVERIFY(it.mdns->deadline() >= it.now.mono);
    }

    void addressesOfOneNameAreBounded() {
        const auto claim = [](size_t count) {
            std::vector<std::string> out;
            for (size_t i = 0; i < count; ++i)
                out.push_back(Said::address("/ip4/10.0.1.5/udp/" + std::to_string(4001 + i) + "/quic-v1", peerOf(5)));
            return out;
        };
        QCOMPARE(addressesFrom(claim(kMaxAddressesPerName)).size(), kMaxAddressesPerName);
        QCOMPARE(addressesFrom(claim(kMaxAddressesPerName + 1)).size(), kMaxAddressesPerName);
    }

    void addressesOfOnePeerAreBounded() {
        Station it(1, {linkOf(1, 1)});
        for (int label = 0; label < 20; ++label) {
            std::vector<std::string> strings;
            for (size_t i = 0; i < kMaxAddressesPerName; ++i)
                strings.push_back(Said::address(
                    "/ip4/10.0.1.5/udp/" + std::to_string(1000 + label * 100 + int(i)) + "/quic-v1", peerOf(5)));
            it.hear(Said{.label = "name" + std::to_string(label), .strings = strings}.bytes());
        }
        QCOMPARE(it.found.back().addresses.size(), kMaxReportedAddresses);
    }

    void namesMadeForSomebodyElseDoNotCrowdOutTheTrueOne() {
        Station it(1, {linkOf(1, 1)});
        for (size_t label = 0; label + 1 < kMaxNamesPerPeer; ++label) {
            std::vector<std::string> strings;
            for (size_t i = 0; i < kMaxAddressesPerName; ++i)
                strings.push_back(Said::address(
                    "/ip4/10.0.1.66/udp/" + std::to_string(1000 + label * 100 + i) + "/quic-v1", peerOf(5)));
            it.hear(Said{.label = "a" + std::to_string(label), .strings = strings}.bytes(), 1, "10.0.1.66");
        }
        it.hear(Said{.label = "true", .strings = {Said::address(kGood, peerOf(5))}}.bytes());
        const auto& addresses = it.found.back().addresses;
        QVERIFY(std::ranges::find(addresses, codec::Multiaddr::parse(kGood).value()) != addresses.end());
    }

    void aPeerThatAllNamesAreForgedForIsHeardItself_data() {
        QTest::addColumn<bool>("spread");
        QTest::newRow("from one address") << false;
        QTest::newRow("from many addresses") << true;
    }
    void aPeerThatAllNamesAreForgedForIsHeardItself() {
        QFETCH(bool, spread);
        Station it(1, {linkOf(1, 1)});
        const auto forge = [&](size_t label) {
            const std::string source = "10.0.1." + std::to_string(spread ? 66 + label : 66);
            it.hear(Said{.label = "z" + std::to_string(label),
                         .strings = {Said::address(
                             "/ip4/" + source + "/udp/" + std::to_string(1000 + label) + "/quic-v1", peerOf(5))}}
                        .bytes(),
                    1, source);
            it.runTo((label + 1) * 1ms);
        };
        const auto reported = [&](const std::string& address) {
            const auto& addresses = it.found.back().addresses;
            return std::ranges::find(addresses, codec::Multiaddr::parse(address).value()) != addresses.end();
        };
        for (size_t label = 0; label < kMaxNamesPerPeer; ++label) forge(label);
        QCOMPARE(it.found.back().addresses.size(), kMaxNamesPerPeer);
        it.hear(Said{.label = "true", .strings = {Said::address(kGood, peerOf(5))}}.bytes(), 1, "10.0.1.5");
        QVERIFY(reported(kGood));
        QCOMPARE(it.found.back().addresses.size(), kMaxNamesPerPeer);
        QVERIFY(!reported("/ip4/10.0.1.66/udp/1000/quic-v1")); // the oldest gave way
        QVERIFY(reported("/ip4/10.0.1." + std::string(spread ? "67" : "66") + "/udp/1001/quic-v1"));
    }

    void aPeerThatIsKilledAgainAndAgainIsFoundWhereItIsNow() {
        Station it(1, {linkOf(1, 1)});
        const auto run = [&](size_t number) { // says no goodbye
            it.hear(Said{.label = "run" + std::to_string(number),
                         .strings = {Said::address("/ip4/10.0.1.5/udp/" + std::to_string(4000 + number) + "/quic-v1",
                                                   peerOf(5))}}
                        .bytes(),
                    1, "10.0.1.5");
            it.runTo((number + 1) * 1ms);
        };
        it.hear(
            Said{.label = "elsewhere", .strings = {Said::address("/ip4/10.0.1.6/udp/1/quic-v1", peerOf(5))}}.bytes(), 1,
            "10.0.1.6");
        for (size_t i = 0; i < 3 * kMaxNamesPerPeer; ++i) run(i);
        const auto& addresses = it.found.back().addresses;
        QCOMPARE(addresses.size(), kMaxNamesPerPeer);
        const auto has = [&](const std::string& address) {
            return std::ranges::find(addresses, codec::Multiaddr::parse(address).value()) != addresses.end();
        };
        QVERIFY(has("/ip4/10.0.1.5/udp/" + std::to_string(4000 + 3 * kMaxNamesPerPeer - 1) + "/quic-v1"));
        QVERIFY(has("/ip4/10.0.1.6/udp/1/quic-v1")); // nobody else's gave way
    }

    void namesOfOneSourceAreBounded() {
        Station it(1, {linkOf(1, 1)});
        for (uint8_t i = 2; i < 2 + kMaxNamesPerSource + 10; ++i)
            it.hear(Said{.label = "n" + std::to_string(i), .strings = {Said::address(kGood, peerOf(i))}}.bytes());
        QCOMPARE(it.found.size(), kMaxNamesPerSource);
        it.hear(Said{.label = "other", .strings = {Said::address(kGood, peerOf(200))}}.bytes(), 1, "10.0.1.8");
        QCOMPARE(it.found.size(), kMaxNamesPerSource + 1);
    }

    void aFloodOfForgedPeersCostsBoundedMemoryAndReports() {
        test::SeededRandom random(7);
        PeerCache cache(random);
        size_t reports = 0;
        Instant now{};
        for (uint32_t i = 0; i < 20'000; ++i) {
            now += 1ms;
            Bytes key(38);
            key[0] = 0;
            key[1] = 36;
            key[2] = 8;
            key[3] = 1;
            key[4] = 18;
            key[5] = 32;
            putBigEndian<uint32_t>(MutableBytes(key).subspan(6, 4), i);
            const auto source = codec::IpAddress::v4({10, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
            const Claim claim{name("n" + std::to_string(i) + "._p2p._udp.local"),
                              crypto::PeerId::fromMultihash(key).value(),
                              {{codec::Transport::Quic, {source, 4001, 0}}},
                              0xFFFFFFFF,
                              true};
            cache.hear(1, source, {&claim, 1}, now);
            while (cache.poll()) ++reports;
            if (i % 97 == 0) (void)cache.onDeadline(now);
            QVERIFY(cache.names() <= kMaxNames);
        }
        QCOMPARE(cache.names(), kMaxNames);
        QVERIFY(reports <= kNewsBurst + 20 * kNewsPerSecond);
    }

    void newsBeyondTheRateAreTakenWhenTheyAreSaidAgain() {
        Station it(1, {linkOf(1, 1)});
        for (size_t label = 0; label < kNewsBurst / kMaxAddressesPerName; ++label) {
            std::vector<std::string> strings;
            const auto peer = peerOf(static_cast<uint8_t>(20 + label));
            for (size_t i = 0; i < kMaxAddressesPerName; ++i)
                strings.push_back(Said::address("/ip4/10.0.1.5/udp/" + std::to_string(2000 + i) + "/quic-v1", peer));
            it.hear(Said{.label = "n" + std::to_string(label), .strings = strings}.bytes());
        }
        const Bytes late = Said{.label = "late", .strings = {Said::address(kGood, peerOf(9))}}.bytes();
        const size_t before = it.found.size();
        it.hear(late);
        QCOMPARE(it.found.size(), before);
        it.runTo(1s);
        it.hear(late);
        QCOMPARE(it.found.size(), before + 1);
    }

    void stringsOfOneMessageAreBounded() {
        std::vector<std::string> strings(kMaxStringsPerMessage, "x");
        strings.back() = Said::address(kGood, peerOf(5));
        QCOMPARE(addressesFrom(strings).size(), 1u);
        strings.insert(strings.begin(), "x");
        QCOMPARE(addressesFrom(strings).size(), 0u);
    }

    void namesOfOneMessageAreBounded() {
        const auto service = name("_p2p._udp.local");
        for (const size_t names : {kMaxClaimsPerMessage, kMaxClaimsPerMessage + 1}) {
            codec::DnsMessage live, gone; // one past the bound is what is said last
            for (size_t i = 0; i < names; ++i) {
                const auto instance = service.below("n" + std::to_string(i)).value();
                const codec::DnsTxt txt{{Said::address(kGood, peerOf(static_cast<uint8_t>(10 + i)))}};
                live.additionals.push_back({instance, codec::kDnsClassIn, false, 120, txt});
                gone.answers.push_back({service, codec::kDnsClassIn, false, 0, codec::DnsPtr{instance}});
            }
            QCOMPARE(readAnswers(live, service).size(), kMaxClaimsPerMessage);
            const auto goodbyes = readAnswers(gone, service);
            QCOMPARE(goodbyes.size(), kMaxClaimsPerMessage);
            const auto past = "n" + std::to_string(kMaxClaimsPerMessage);
            QVERIFY(std::ranges::none_of(goodbyes, [&](const Claim& one) { return one.name.firstLabel() == past; }));
        }
        Station it(1, {linkOf(1, 1)}); // and all of them are heard
        codec::DnsMessage message;
        message.isResponse = true;
        for (size_t i = 0; i < kMaxClaimsPerMessage; ++i) {
            const codec::DnsTxt txt{{Said::address(kGood, peerOf(static_cast<uint8_t>(10 + i)))}};
            message.additionals.push_back(
                {service.below("n" + std::to_string(i)).value(), codec::kDnsClassIn, false, 120, txt});
        }
        it.hear(encodeDnsMessage(message));
        QCOMPARE(it.found.size(), kMaxClaimsPerMessage);
        it.runTo(120s);
        QCOMPARE(it.expired.size(), kMaxClaimsPerMessage);
    }

    void answersFromOtherPortsTakeNothingAway() {
        const Said said{.strings = {Said::address(kGood, peerOf(5))}};
        Said gone = said, other{.strings = {Said::address("/ip4/10.0.1.6/udp/4001/quic-v1", peerOf(5))}, .flush = true};
        gone.ptrTtl = gone.txtTtl = 0;
        for (const uint16_t port : {uint16_t(40000), kPort}) {
            Station it(1, {linkOf(1, 1)});
            it.hear(said.bytes(), 1, "10.0.1.5", true, 40000); // as rust-libp2p speaks
            QCOMPARE(it.found.size(), 1u);
            it.runTo(5s);
            it.hear(other.bytes(), 1, "10.0.1.5", true, port); // a complete set
            it.runTo(10s);
            QCOMPARE(it.found.back().addresses.size(), port == kPort ? 1u : 2u);
            it.hear(gone.bytes(), 1, "10.0.1.5", true, port); // a goodbye
            it.runTo(15s);
            QCOMPARE(it.expired.size(), port == kPort ? 1u : 0u);
        }
    }

    void aStolenNameDoesNotHideItsOwner() {
        Station it(1, {linkOf(1, 1)});
        it.hear(
            Said{.strings = {Said::address("/ip4/10.0.1.66/udp/1/quic-v1", peerOf(66))}, .ptrTtl = 9999, .txtTtl = 9999}
                .bytes(),
            1, "10.0.1.66");
        it.hear(Said{.strings = {Said::address(kGood, peerOf(5))}}.bytes());
        QCOMPARE(it.found.size(), 2u);
    }

    void namesOutsideOfTheServiceAreNotPeers() {
        Station it(1, {linkOf(1, 1)});
        codec::DnsMessage message;
        message.isResponse = true;
        const codec::DnsTxt txt{{Said::address(kGood, peerOf(5))}};
        message.answers.push_back({name("x._ipp._tcp.local"), codec::kDnsClassIn, false, 120, txt});
        message.answers.push_back({name("_p2p._udp.local"), codec::kDnsClassIn, false, 120, txt});
        message.answers.push_back({name("a.b._p2p._udp.local"), codec::kDnsClassIn, false, 120, txt});
        message.answers.push_back({name("x._p2p._udp.local"), 3, false, 120, txt});
        it.hear(encodeDnsMessage(message));
        QCOMPARE(it.found.size(), 0u);
    }
};

QTEST_APPLESS_MAIN(ClaimsTest)
#include "claims_test.moc"

#include "unit/protocols/mdns/mdns_fixture.h"

#include <QTest>

using namespace wherry;
using namespace wherry::mdns;
using namespace wherry::mdns::testing;
using namespace std::chrono_literals;
using Family = codec::IpAddress::Family;

namespace {

Bytes query() {
    return makeQuery(name("_p2p._udp.local"), {});
}

} // namespace

class MdnsTest : public QObject {
    Q_OBJECT

  private slots:
    void aLinkIsAskedAtOnceAndThenMoreAndMoreSeldom() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(5min);
        const auto queries = it.queries();
        QVERIFY(queries.size() >= 8);
        QVERIFY(queries[0].when <= at(120ms).mono);
        Duration expected = 1s;
        for (size_t i = 1; i < queries.size(); ++i) {
            QCOMPARE(queries[i].when - queries[i - 1].when, expected);
            expected = std::min<Duration>(expected * 2, kMaxQueryPause);
        }
        QCOMPARE(it.queries(Family::V6).size(), queries.size());
        QCOMPARE(toHex(queries[0].what.bytes),
                 std::string("000000000001000000000000045f703270045f756470056c6f63616c00000c0001"));
    }

    void aLinkIsToldTwiceWhoIsThere() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(10s);
        const auto answers = it.answers();
        QCOMPARE(answers.size(), 2u);
        QCOMPARE(answers[1].when - answers[0].when, Duration(1s));
        const auto message = answers[0].message();
        QCOMPARE(message.answers.at(0).data, codec::DnsData(codec::DnsPtr{it.mdns->instance()}));
        const auto& txt = std::get<codec::DnsTxt>(message.additionals.at(0).data);
        QCOMPARE(txt.strings, (std::vector<std::string>{Said::address("/ip4/10.0.1.1/udp/4001/quic-v1", it.peer),
                                                        Said::address("/ip6/fe80::1:1/udp/4001/quic-v1", it.peer)}));
        QVERIFY(message.additionals.at(0).cacheFlush);
    }

    void theNameIsRandomAndLongEnough() {
        const std::string first(Station(1).mdns->instance().firstLabel());
        QVERIFY(first.size() >= 32 && first.size() <= 63);
        QVERIFY(Station(2).mdns->instance().firstLabel() != first);
    }

    void eachLinkIsToldItsOwnAddressesOnly() {
        Station it(1, {linkOf(1, 1), linkOf(2, 1)});
        it.runTo(500ms);
        for (const auto& answer : it.answers()) {
            const auto message = answer.message();
            const std::string text = std::get<codec::DnsTxt>(message.additionals.at(0).data).strings.at(0);
            QVERIFY(text.find(answer.what.interface == 1 ? "/10.0.1.1/" : "/10.0.2.1/") != std::string::npos);
        }
    }

    void aQueryIsAnsweredSoonButOnceASecondAtMost() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.sent.clear();
        it.hear(query());
        it.runTo(1min + 120ms);
        QCOMPARE(it.answers().size(), 1u);
        QVERIFY(it.answers()[0].when >= at(1min + 20ms).mono);
        for (int i = 1; i <= 100; ++i) { // ten a second
            it.runTo(1min + 120ms + i * 100ms);
            it.hear(query());
        }
        QVERIFY2(it.answers().size() <= 11, std::to_string(it.answers().size()).c_str());
        for (size_t i = 1; i < it.answers().size(); ++i)
            QVERIFY(it.answers()[i].when - it.answers()[i - 1].when >= kAnswerPause);
    }

    void anAskerWhoKnowsUsIsNotAnswered() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.sent.clear();
        const auto service = name("_p2p._udp.local");
        it.hear(makeQuery(service, {{it.mdns->instance(), kAnswerTtl / 2}}));
        it.runTo(1min + 2s);
        QCOMPARE(it.answers().size(), 0u);
        it.hear(makeQuery(service, {{it.mdns->instance(), kAnswerTtl / 2 - 1}}));
        it.runTo(1min + 4s);
        QCOMPARE(it.answers().size(), 1u);
    }

    void whoIsQuietAnswersAndSaysNothingElse() {
        Station it(1);
        it.mdns->setQuiet(true, it.now);
        it.mdns->setLinks({linkOf(1, 1)}, it.now);
        it.hear(Said{.strings = {Said::address("/ip4/10.0.1.99/udp/4001/quic-v1", peerOf(2))}}.bytes());
        it.runTo(1h);
        QCOMPARE(it.sent.size(), 0u);
        QCOMPARE(it.found.size(), 1u); // what others say is heard
        QCOMPARE(it.expired.size(), 1u);
        it.hear(query());
        it.runTo(1h + 10s);
        QCOMPARE(it.sent.size(), 1u);
        QCOMPARE(it.answers().size(), 1u);
    }

    void whoIsQuietAsksWhenSomebodyIsSought() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.mdns->setQuiet(true, it.now);
        it.sent.clear();
        for (int i = 0; i < 10; ++i) it.mdns->ask(it.now);
        it.runTo(1min + 10s);
        QCOMPARE(it.queries().size(), 1u);
        it.mdns->ask(it.now);
        it.mdns->ask(it.now);
        it.runTo(1h);
        QCOMPARE(it.queries().size(), 2u);
        QCOMPARE(it.answers().size(), 0u);
    }

    void whoIsQuietNoMoreAsksAndTellsAsAtFirst() {
        Station it(1, {linkOf(1, 1)});
        it.mdns->setQuiet(true, it.now); // before anything was said
        it.runTo(1min);
        QCOMPARE(it.sent.size(), 0u);
        it.mdns->setQuiet(false, it.now);
        it.runTo(2min);
        QVERIFY(it.queries().size() >= 5);
        QVERIFY(it.answers().size() >= 2);
    }

    void queriesForOtherThingsAreNotAnswered() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.sent.clear();
        it.hear(makeQuery(name("_ipp._tcp.local"), {}));
        codec::DnsMessage odd = codec::decodeDnsMessage(query()).value();
        odd.opcode = 4;
        it.hear(encodeDnsMessage(odd));
        odd.opcode = 0;
        odd.questions[0].recordClass = 3;
        it.hear(encodeDnsMessage(odd));
        it.hear(Bytes{1, 2, 3});
        it.hear(query(), 7);                       // a link that we do not have
        it.hear(query(), 1, "203.0.113.5", false); // by unicast from elsewhere
        it.runTo(1min + 2s);
        QCOMPARE(it.answers().size(), 0u);
        it.hear(query(), 1, "10.0.1.7", false); // by unicast from here
        it.runTo(1min + 4s);
        QCOMPARE(it.answers().size(), 1u);
    }

    void simpleResolversAreAnsweredToTheGroup() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.sent.clear();
        it.hear(query(), 1, "10.0.1.7", true, 40000); // RFC 6762 6.7
        it.runTo(1min + 2s);
        QCOMPARE(it.answers().size(), 1u);
    }

    void toolsLearnTheServiceType() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.sent.clear();
        it.hear(makeQuery(name("_services._dns-sd._udp.local"), {}));
        it.runTo(1min + 1s);
        bool listed = false;
        for (const auto& answer : it.answers())
            listed |= answer.message().answers.at(0).data == codec::DnsData(codec::DnsPtr{name("_p2p._udp.local")});
        QVERIFY(listed);
    }

    void manyAddressesTakeSeveralMessagesThatFit() {
        auto link = linkOf(1, 1);
        for (uint8_t i = 2; i < 40; ++i)
            link.reach.push_back({codec::Transport::Quic, {codec::IpAddress::v4({10, 0, 1, i}), 4001, 0}});
        Station it(1, {link});
        it.runTo(500ms);
        const auto answers = it.answers();
        QVERIFY(answers.size() >= 2 && answers.size() <= 3);
        size_t strings = 0;
        for (const auto& answer : answers) {
            QVERIFY(answer.what.bytes.size() <= kMaxSentBytes);
            QVERIFY(!answer.message().additionals.at(0).cacheFlush); // none of them is the whole set
            strings += std::get<codec::DnsTxt>(answer.message().additionals.at(0).data).strings.size();
        }
        QCOMPARE(strings, kMaxToldAddresses);
    }

    void addressesOfTcpAndWebSocketStandBehindThoseOfQuic() {
        using codec::Transport;
        auto link = linkOf(1, 1);
        const codec::SocketAddress at{codec::IpAddress::v4({10, 0, 1, 1}), 4002, 0};
        link.reach = {{Transport::Quic, at}, {Transport::Tcp, at}, {Transport::WebSocket, at}};
        Station it(1, {link});
        it.runTo(500ms);
        QCOMPARE(it.answers().size(), 1u);
        const codec::DnsMessage message = it.answers()[0].message();
        const std::string peer = "/p2p/" + it.peer.text();
        QCOMPARE(std::get<codec::DnsTxt>(message.additionals.at(0).data).strings,
                 (std::vector<std::string>{"dnsaddr=/ip4/10.0.1.1/udp/4002/quic-v1" + peer,
                                           "dnsaddr=/ip4/10.0.1.1/tcp/4002" + peer,
                                           "dnsaddr=/ip4/10.0.1.1/tcp/4002/ws" + peer}));
        QCOMPARE(message.additionals.size(), 3u); // TXT, SRV and one A
        Station other(2, {linkOf(1, 2)});
        other.hear(it.answers()[0].what.bytes);
        QCOMPARE(other.found.size(), 1u);
        QCOMPARE(other.found[0].addresses,
                 (std::vector{codec::Multiaddr::quic(at), codec::Multiaddr::tcp(at), codec::Multiaddr::ws(at)}));
    }

    /// The longest strings there are, as many as are told: each is one string of DNS, and messages stay whole.
    void theLongestAddressesFit() {
        auto link = linkOf(1, 1);
        link.reach.clear();
        for (uint8_t i = 0; i < kMaxToldAddresses; ++i) {
            std::array<uint8_t, 16> octets;
            octets.fill(0xFD);
            octets[15] = i;
            link.reach.push_back({codec::Transport::WebSocket, {codec::IpAddress::v6(octets), 65535, 0}});
        }
        Station it(1, {link});
        it.runTo(500ms);
        size_t strings = 0;
        for (const auto& answer : it.answers()) {
            QVERIFY(answer.what.bytes.size() <= kMaxSentBytes);
            const codec::DnsMessage message = answer.message();
            for (const auto& one : std::get<codec::DnsTxt>(message.additionals.at(0).data).strings) {
                QVERIFY(one.size() <= 255);
                ++strings;
            }
        }
        QCOMPARE(strings, kMaxToldAddresses);
    }

    void twoStationsFindEachOtherWithinASecond() {
        Station a(1, {linkOf(1, 1)}), b(2, {linkOf(1, 2)});
        for (Duration t{}; t <= 1s; t += 10ms) {
            a.runTo(t);
            b.runTo(t);
            for (auto& one : std::exchange(a.sent, {})) b.hear(one.what.bytes, 1, "10.0.1.1");
            for (auto& one : std::exchange(b.sent, {})) a.hear(one.what.bytes, 1, "10.0.1.2");
        }
        QCOMPARE(a.found.size(), 1u);
        QCOMPARE(a.found[0].peer, b.peer);
        QCOMPARE(a.found[0].addresses.at(0).text(), std::string("/ip4/10.0.1.2/udp/4001/quic-v1"));
        QCOMPARE(a.found[0].addresses.at(1).text(), std::string("/ip6zone/1/ip6/fe80::1:2/udp/4001/quic-v1"));
        QCOMPARE(b.found.size(), 1u);
        QCOMPARE(b.found[0].peer, a.peer);
    }

    void ourOwnAnswersAreIgnoredAlsoOverAnotherLink() {
        Station it(1, {linkOf(1, 1), linkOf(2, 1)});
        it.runTo(2s);
        for (const auto& one : it.answers()) it.hear(one.what.bytes, 3 - one.what.interface, "10.0.2.1");
        // The same key in another run, under another name: this very node before it was started again.
        it.hear(Said{.strings = {Said::address("/ip4/10.0.1.1/udp/4001/quic-v1", it.peer)}}.bytes());
        QCOMPARE(it.found.size(), 0u);
    }

    void goodbyeIsSaidAndUnderstood() {
        Station a(1, {linkOf(1, 1)}), b(2, {linkOf(1, 2)});
        a.runTo(2s);
        b.hear(a.answers().at(0).what.bytes);
        QCOMPARE(b.found.size(), 1u);
        a.sent.clear();
        a.mdns->shutdown(a.now);
        a.drain();
        QCOMPARE(a.answers().size(), 1u);
        QCOMPARE(a.answers(Family::V6).size(), 1u);
        QCOMPARE(a.mdns->deadline(), kNever);
        b.runTo(10s);
        b.hear(a.answers()[0].what.bytes);
        b.runTo(10s + 999ms);
        QCOMPARE(b.expired.size(), 0u);
        b.runTo(11s);
        QCOMPARE(b.expired.size(), 1u);
    }

    void aNodeThatNobodyHasHeardSaysNoGoodbye() {
        Station it(1, {linkOf(1, 1)});
        it.mdns->shutdown(it.now);
        it.drain();
        QCOMPARE(it.sent.size(), 0u);
    }

    void whoeverIsSaidToHaveGoneIsAskedAndStays() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min + 10s);
        const Said said{.strings = {Said::address("/ip4/10.0.1.5/udp/4001/quic-v1", peerOf(5))}};
        it.hear(said.bytes());
        it.sent.clear();
        Said forged = said;
        forged.ptrTtl = forged.txtTtl = 0;
        it.runTo(1min + 20s);
        it.hear(forged.bytes(), 1, "10.0.1.66");
        it.runTo(1min + 20s + 600ms);
        QVERIFY(!it.queries().empty());
        QCOMPARE(it.queries().back().message().answers.size(), 0u); // not among the known
        it.hear(said.bytes());
        it.runTo(2min);
        QCOMPARE(it.expired.size(), 0u);
        QCOMPARE(it.found.size(), 1u);
    }

    void aPeerIsAskedForAgainBeforeItRunsOut() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(10min);
        it.hear(
            Said{.strings = {Said::address("/ip4/10.0.1.5/udp/4001/quic-v1", peerOf(5))}, .ptrTtl = 20, .txtTtl = 20}
                .bytes());
        it.sent.clear();
        it.runTo(10min + 15s);
        const size_t before = it.queries().size();
        it.runTo(10min + 20s - 1ms);
        QVERIFY(it.queries().size() >= before + 3);
        QCOMPARE(it.expired.size(), 0u);
        it.runTo(10min + 20s);
        QCOMPARE(it.expired.size(), 1u);
    }

    void queriesNameThoseWhoNeedNotAnswer() {
        Station it(1, {linkOf(1, 1)});
        it.hear(Said{.label = "five", .strings = {Said::address("/ip4/10.0.1.5/udp/1/quic-v1", peerOf(5))}}.bytes());
        it.hear(Said{.label = "six", .strings = {Said::address("/ip4/10.0.1.6/udp/1/quic-v1", peerOf(6))}}.bytes());
        it.hear(Said{.label = "six", .strings = {Said::address("/ip4/10.0.1.7/udp/1/quic-v1", peerOf(7))}}.bytes());
        it.runTo(200ms);
        const auto message = it.queries().at(0).message();
        QCOMPARE(message.answers.size(), 1u); // "six" is disputed: the true one shall answer
        QCOMPARE(std::get<codec::DnsPtr>(message.answers[0].data).target.firstLabel(), std::string_view("five"));
        QVERIFY(message.answers[0].ttl >= 60 && message.answers[0].ttl <= 120);
        const Bytes whole =
            makeQuery(name("_p2p._udp.local"), std::vector<KnownName>(200, {name("x._p2p._udp.local"), 9}));
        QVERIFY(whole.size() <= kMaxSentBytes);
    }

    void aLinkThatGoesAwayTakesItsPeersWithIt() {
        Station it(1, {linkOf(1, 1), linkOf(2, 1)});
        it.hear(Said{.strings = {Said::address("/ip4/10.0.1.5/udp/4001/quic-v1", peerOf(5))}}.bytes(), 1, "10.0.1.5");
        it.hear(Said{.strings = {Said::address("/ip4/10.0.2.5/udp/4001/quic-v1", peerOf(5))}}.bytes(), 2, "10.0.2.5");
        QCOMPARE(it.found.back().addresses.size(), 2u);
        it.mdns->setLinks({linkOf(2, 1)}, it.now);
        it.drain();
        QCOMPARE(it.found.back().addresses.size(), 1u);
        QCOMPARE(it.expired.size(), 0u);
        it.sent.clear();
        it.runTo(10s);
        for (const auto& one : it.sent) QCOMPARE(one.what.interface, 2u);
        it.mdns->setLinks({}, it.now);
        it.drain();
        QCOMPARE(it.expired, std::vector{peerOf(5)});
        QCOMPARE(it.mdns->deadline(), kNever);
    }

    void aNewAddressIsToldAtOnce() {
        Station it(1, {linkOf(1, 1)});
        it.runTo(1min);
        it.sent.clear();
        it.mdns->setLinks({linkOf(1, 1)}, it.now); // nothing has changed
        it.runTo(1min + 2s);
        QCOMPARE(it.answers().size(), 0u);
        auto other = linkOf(1, 77);
        it.mdns->setLinks({other}, it.now);
        it.runTo(1min + 5s);
        QCOMPARE(it.answers().size(), 2u);
    }

    void linksAreBounded() {
        std::vector<discovery::LocalLink> links;
        for (uint32_t i = 1; i <= kMaxLinks + 1; ++i) links.push_back(linkOf(i, 1));
        Station it(1, links);
        it.runTo(200ms);
        QCOMPARE(it.queries().size(), kMaxLinks);
    }

    void aServiceNameThatIsNoneIsRefused() {
        test::SeededRandom random(1);
        Log log;
        for (const char* bad : {"", "..", "a..local"})
            QCOMPARE(MdnsDiscovery::create({peerOf(1), bad}, random, log).error().code, Errc::InvalidArgument);
        QCOMPARE(MdnsDiscovery::create({peerOf(1), std::string(220, 'a')}, random, log).error().code,
                 Errc::InvalidArgument);
    }

    void otherServiceNamesAreOtherNetworks() {
        test::SeededRandom random(1);
        Log log;
        auto other = MdnsDiscovery::create({peerOf(1), "_test._udp.local"}, random, log).value();
        other->setLinks({linkOf(1, 1)}, at({}));
        const Bytes said = Said{.strings = {Said::address("/ip4/10.0.1.5/udp/1/quic-v1", peerOf(5))}}.bytes();
        other->onDatagram({1, {ip("10.0.1.5"), 5353, 0}, true, said}, at({}));
        QVERIFY(!other->poll());
    }
};

QTEST_APPLESS_MAIN(MdnsTest)
#include "mdns_test.moc"

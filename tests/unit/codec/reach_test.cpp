#include "codec/reach.h"

#include <QTest>
#include <string>

using namespace wherry;
using namespace wherry::codec;

namespace {
Multiaddr parsed(const std::string& address) {
    return Multiaddr::parse(address).value();
}
bool told(const std::string& teller, const std::string& address) {
    return mayBeTold(parseIp(teller).value(), parsed(address));
}
const std::string kThroughRelay = "/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf/p2p-circuit";
} // namespace

class ReachTest : public QObject {
    Q_OBJECT
  private slots:
    void nobodyOnTheInternetSendsUsIntoOurOwnNetwork() {
        const std::string quic = "/udp/4001/quic-v1";
        QVERIFY(told("8.8.8.8", "/ip4/9.9.9.9" + quic));
        QVERIFY(!told("8.8.8.8", "/ip4/10.0.0.1" + quic));
        QVERIFY(!told("8.8.8.8", "/ip4/127.0.0.1" + quic));
        QVERIFY(!told("8.8.8.8", "/ip6/::1" + quic));
        QVERIFY(!told("8.8.8.8", "/ip6/fd00::1" + quic));
        QVERIFY(told("192.168.1.1", "/ip4/10.0.0.1" + quic));
        QVERIFY(told("192.168.1.1", "/ip4/9.9.9.9" + quic));
        QVERIFY(!told("192.168.1.1", "/ip4/127.0.0.1" + quic));
        QVERIFY(told("127.0.0.1", "/ip6/::1" + quic));
        QVERIFY(!told("127.0.0.1", "/ip6/fe80::1" + quic));
        QVERIFY(!told("127.0.0.1", "/ip4/224.0.0.1" + quic));
        QVERIFY(!told("127.0.0.1", "/ip4/0.0.0.0" + quic));
        QVERIFY(!told("127.0.0.1", "/ip4/255.255.255.255" + quic));
        QVERIFY(!told("127.0.0.1", "/dns4/example.org" + quic));
    }
    void whatIsNeitherPublicNorPrivateLeadsNowhere() {
        for (const char* ip : {"198.18.0.1", "0.1.2.3", "192.0.0.8", "240.0.0.1", "192.0.2.1", "203.0.113.9"})
            for (const char* teller : {"8.8.8.8", "127.0.0.1", "198.18.0.9"})
                QVERIFY2(!told(teller, std::string("/ip4/") + ip + "/tcp/4001"), ip);
        for (const char* ip : {"fec0::1", "64:ff9b:1::1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1", "2001::1"})
            QVERIFY2(!told("8.8.8.8", std::string("/ip6/") + ip + "/udp/4001/quic-v1"), ip);
        QVERIFY(told("8.8.8.8", "/ip6/2606:4700::1/udp/4001/quic-v1"));
        QVERIFY(!told("198.18.0.9", "/ip4/10.0.0.1/tcp/4001")); // who speaks from there is a stranger
        QVERIFY(told("198.18.0.9", "/ip4/9.9.9.9/tcp/4001"));
    }
    void portsOfOldServicesAreNotDialled() {
        QVERIFY(!told("8.8.8.8", "/ip4/9.9.9.9/tcp/25"));
        QVERIFY(!told("8.8.8.8", "/ip4/9.9.9.9/udp/53/quic-v1"));
        QVERIFY(!told("8.8.8.8", "/ip4/9.9.9.9/tcp/0"));
        QVERIFY(!told("8.8.8.8", "/ip4/9.9.9.9/tcp/1023"));
        QVERIFY(told("8.8.8.8", "/ip4/9.9.9.9/tcp/1024"));
        QVERIFY(told("8.8.8.8", "/ip4/9.9.9.9/tcp/443"));
    }
    void ourOwnAreTheirOwnersAffairButNoNarrowerThanWhereTheOtherIs() {
        const auto from = [](const std::string& address) {
            std::string out;
            for (const Reach place : kReaches) out += leadsFrom(place, parsed(address)) ? 'y' : 'n';
            return out;
        };
        QCOMPARE(from("/ip4/127.0.0.1/udp/4001/quic-v1"), std::string("ynn"));
        QCOMPARE(from("/ip6/::1/tcp/4001"), std::string("ynn"));
        QCOMPARE(from("/ip4/192.168.1.2/udp/4001/quic-v1"), std::string("yyn"));
        QCOMPARE(from("/ip4/100.64.0.9/tcp/4001/ws"), std::string("yyn"));
        QCOMPARE(from("/ip6/fd00::2/udp/4001/quic-v1"), std::string("yyn"));
        QCOMPARE(from("/ip4/9.9.9.9/udp/53/quic-v1"), std::string("yyy"));
        QCOMPARE(from("/dns4/example.org/tcp/443/tls/ws"), std::string("yyy"));
        QCOMPARE(from("/ip6zone/2/ip6/fe80::1/udp/4001/quic-v1"), std::string("nnn"));
        QCOMPARE(from("/ip4/203.0.113.9/udp/4001/quic-v1"), std::string("nnn"));
        QCOMPARE(from("/ip4/9.9.9.9/udp/4001/quic-v1" + kThroughRelay), std::string("yyy"));
        QCOMPARE(from("/ip4/10.0.0.9/udp/4001/quic-v1" + kThroughRelay), std::string("yyn"));
        QVERIFY(!leadsFrom(Reach::Loopback, Multiaddr()));
    }
    void whoIsBehindARelayIsAnywhere() {
        QCOMPARE(placeOf(parsed("/ip4/127.1.2.3/udp/4001/quic-v1")), Reach::Loopback);
        QCOMPARE(placeOf(parsed("/ip6zone/2/ip6/fe80::1/udp/4001/quic-v1")), Reach::Local);
        QCOMPARE(placeOf(parsed("/ip4/10.0.0.9/tcp/4001")), Reach::Local);
        QCOMPARE(placeOf(parsed("/ip4/9.9.9.9/tcp/4001")), Reach::Global);
        QCOMPARE(placeOf(parsed("/ip4/198.18.0.9/tcp/4001")), Reach::Global);
        QCOMPARE(placeOf(parsed("/ip4/127.0.0.1/udp/4001/quic-v1" + kThroughRelay)), Reach::Global);
    }
    void allOfThemPassOnlyAsFarAsTheNearest() {
        const auto farthest = [](const std::vector<std::string>& texts) {
            std::vector<Multiaddr> addresses;
            for (const std::string& text : texts) addresses.push_back(parsed(text));
            return farthestFor(addresses);
        };
        QVERIFY(farthest({"/ip4/9.9.9.9/tcp/4001", "/ip6/2606:4700::1/udp/4001/quic-v1"}) == Reach::Global);
        QVERIFY(farthest({"/ip4/9.9.9.9/tcp/4001", "/ip4/10.0.0.1/tcp/4001"}) == Reach::Local);
        QVERIFY(farthest({"/ip4/127.0.0.1/tcp/4001", "/ip4/10.0.0.1/tcp/4001"}) == Reach::Loopback);
        QVERIFY(!farthest({"/ip4/127.0.0.1/tcp/4001", "/ip4/9.9.9.9/tcp/25"}));
        QVERIFY(!farthest({"/ip4/9.9.9.9/tcp/4001", "/dns4/example.org/tcp/4001"}));
        QVERIFY(!farthest({}));
    }
};

QTEST_APPLESS_MAIN(ReachTest)
#include "reach_test.moc"

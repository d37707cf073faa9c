#include "api/address_order.h"
#include "api/target.h"
#include "peers/peers_limits.h"

#include <QTest>

using namespace wherry;

namespace {

const std::string kPeer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

api::Errc codeOf(std::string_view text) {
    const auto target = api::parseTarget(text);
    return target ? api::Errc::Internal : target.error().code;
}

} // namespace

class TargetTest : public QObject {
    Q_OBJECT

  private slots:
    void addressesCarryTheKey();
    void peerIdsAndRegistryKeysComeWithoutAddress();
    void mistakesSayWhichPart();
    void addressesWhereNobodyCanAnswerAreMistakes();
    void anyOtherWordIsAName();
    void theBestAddressComesFirst();
};

void TargetTest::addressesCarryTheKey() {
    for (const char* address : {"/ip4/192.0.2.1/udp/4001/quic-v1/p2p/", "/ip6/2001:db8::1/udp/4001/quic-v1/p2p/",
                                "/dns/example.com/udp/4001/quic-v1/p2p/", "/ip4/192.0.2.1/tcp/4001/p2p/",
                                "/ip6/2001:db8::1/tcp/4001/ws/p2p/", "/dns4/example.com/tcp/4001/ws/p2p/", "/dnsaddr/example.com/p2p/"}) {
        const auto target = api::parseTarget(address + kPeer);
        QVERIFY2(target.has_value(), address);
        QCOMPARE(target->peer.text(), kPeer);
        QCOMPARE(target->addresses.size(), size_t(1));
    }
}

void TargetTest::peerIdsAndRegistryKeysComeWithoutAddress() {
    const auto target = api::parseTarget(kPeer);
    QVERIFY(target && target->addresses.empty());
    const auto identity = crypto::Identity::fromSeed({1, 2, 3});
    const auto byKey = api::parseTarget(crypto::keyNames(identity.publicKey()).registryKey);
    QVERIFY(byKey && byKey->peer == identity.peerId() && byKey->addresses.empty());
}

void TargetTest::mistakesSayWhichPart() {
    for (const char* text : {"/ip4/192.0.2.1/udp/4001/quic-v1", "/ip4/300.0.2.1/udp/1/quic-v1/p2p/x", "/nonsense", "/",
                             "key_0000", "12D3KooWnot"})
        QVERIFY2(codeOf(text) == api::Errc::InvalidArgument, text);
    QVERIFY(codeOf("/ip4/192.0.2.1/udp/4001/p2p/" + kPeer) == api::Errc::InvalidArgument);
    const auto noKey = api::parseTarget("/ip4/192.0.2.1/udp/4001/quic-v1");
    QVERIFY(noKey.error().context.find("/p2p/ID") != std::string::npos);
}

void TargetTest::addressesWhereNobodyCanAnswerAreMistakes() {
    for (const char* address :
         {"/ip4/0.0.0.0/udp/4001", "/ip6/::/udp/4001", "/ip4/224.0.0.251/udp/4001", "/ip6/ff02::1/udp/4001",
          "/ip4/255.255.255.255/udp/4001", "/ip4/192.0.2.1/udp/0", "/dns4/example.com/udp/0", "/ip6/fe80::1/udp/4001"})
        QVERIFY2(codeOf(address + std::string("/quic-v1/p2p/") + kPeer) == api::Errc::InvalidArgument, address);
    QVERIFY(api::parseTarget("/ip6zone/2/ip6/fe80::1/udp/4001/quic-v1/p2p/" + kPeer));
    const auto any = api::parseTarget("/ip4/0.0.0.0/udp/4001/quic-v1/p2p/" + kPeer);
    QVERIFY(any.error().context.find("0.0.0.0") != std::string::npos);
}

void TargetTest::anyOtherWordIsAName() {
    QVERIFY(codeOf("") == api::Errc::InvalidArgument);
    const auto target = api::parseTarget("Anna's laptop");
    QVERIFY(target && target->peer.empty() && target->addresses.empty());
    QCOMPARE(target->name, std::string("Anna's laptop"));
    QVERIFY(api::parseTarget(std::string(peers::kMaxAliasBytes, 'n')).has_value());
    QVERIFY(codeOf(std::string(peers::kMaxAliasBytes + 1, 'n')) == api::Errc::InvalidArgument);
}

void TargetTest::theBestAddressComesFirst() {
    std::vector<api::Multiaddr> addresses;
    for (const char* ip : {"/ip6/fe80::1", "/ip4/127.0.0.1", "/ip6/fd00::1", "/ip4/192.168.1.2", "/ip4/203.0.113.9",
                           "/ip6/2001:db8::1", "/ip4/10.0.0.1"})
        addresses.push_back(*api::Multiaddr::parse(std::string(ip) + "/udp/1/quic-v1"));
    std::string order;
    for (const auto& address : api::bestFirst(addresses)) order += address.quicAddress()->ip.text() + " ";
    QCOMPARE(order, std::string("2001:db8::1 203.0.113.9 192.168.1.2 10.0.0.1 fd00::1 127.0.0.1 fe80::1 "));
    addresses.clear();
    for (const char* text : {"/ip4/203.0.113.9/tcp/1/ws", "/ip4/203.0.113.9/tcp/1", "/ip4/203.0.113.9/udp/1/quic-v1"})
        addresses.insert(addresses.begin(), *api::Multiaddr::parse(text));
    const auto best = api::bestFirst({addresses[2], addresses[1], addresses[0]});
    QVERIFY(best == addresses); // QUIC, TCP, WebSocket
}

QTEST_APPLESS_MAIN(TargetTest)
#include "target_test.moc"

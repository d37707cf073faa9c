#include "codec/codec_limits.h"
#include "codec/multiaddr.h"
#include "codec/multihash.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

namespace {

constexpr std::string_view kPeerA = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
constexpr std::string_view kPeerB = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq";

Multiaddr addr(std::string_view text) {
    auto address = Multiaddr::parse(text);
    if (!address) qFatal("%s", address.error().text().c_str());
    return *address;
}

std::string withPeerText(std::string_view address, std::string_view peer) {
    return std::string(address).append("/p2p/").append(peer);
}

SocketAddress socketAddress(std::string_view ip, uint16_t port, uint32_t scope = 0) {
    return {*parseIp(ip), port, scope};
}

} // namespace

class MultiaddrTest : public QObject {
    Q_OBJECT
  private slots:
    void theBytesAreThoseOfJsLibp2p_data();
    void theBytesAreThoseOfJsLibp2p();
    void everyKnownProtocolGoesThereAndBack_data();
    void everyKnownProtocolGoesThereAndBack();
    void theOldNameOfP2pAndCidsAreRead();
    void textThatIsNoMultiaddrIsRefused();
    void bytesThatAreNoMultiaddrAreRefused();
    void anAddressCutAnywhereIsRefusedOrShorter();
    void unknownProtocolsAreUnsupported();
    void sizeAndNumberOfPartsAreBounded();
    void quicAddressesAreMadeAndRead();
    void tcpAddressesAreMadeAndRead();
    void otherShapesAreNotQuicAddresses();
    void whatCarriesLinksThereIsRead();
    void quicAddressesByNameAreRead();
    void thePeerIsThatOfTheEnd();
};

void MultiaddrTest::theBytesAreThoseOfJsLibp2p_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("bytes");
    QFile file(WHERRY_TEST_DATA "/libp2p_vectors.json");
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonArray rows = QJsonDocument::fromJson(file.readAll()).object()["multiaddrs"].toArray();
    QCOMPARE(rows.size(), 11);
    for (const auto& row : rows) {
        const QString text = row.toObject()["text"].toString();
        QTest::newRow(qPrintable(text)) << text << row.toObject()["bytes"].toString();
    }
}

void MultiaddrTest::theBytesAreThoseOfJsLibp2p() {
    QFETCH(QString, text);
    QFETCH(QString, bytes);
    const auto parsed = Multiaddr::parse(text.toStdString());
    QVERIFY2(parsed, parsed ? "" : parsed.error().text().c_str());
    QCOMPARE(toHex(parsed->encode()), bytes.toStdString());
    const auto decoded = Multiaddr::decode(fromHex(bytes.toStdString()));
    QVERIFY2(decoded, decoded ? "" : decoded.error().text().c_str());
    QCOMPARE(decoded->text(), text.toStdString());
    QVERIFY(*decoded == *parsed);
}

void MultiaddrTest::everyKnownProtocolGoesThereAndBack_data() {
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"/ip4/0.0.0.0/udp/0/quic-v1", "/ip6/::/tcp/65535", "/dns6/a-b_c.example./udp/1/quic-v1",
          "/ip4/1.2.3.4/tcp/1/noise", "/dns4/example.com/tcp/443/tls/sni/other.example/ws",
          "/ip4/1.2.3.4/udp/1/quic-v1/webtransport/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
          "/ip6zone/3/ip6/fe80::1/udp/4001/quic-v1", "/unix/%2Frun%2Fa%20b",
          "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"})
        QTest::newRow(text) << text;
}

void MultiaddrTest::everyKnownProtocolGoesThereAndBack() {
    QFETCH(QString, text);
    const Multiaddr address = addr(text.toStdString());
    QCOMPARE(address.text(), text.toStdString());
    QVERIFY(*Multiaddr::decode(address.encode()) == address);
}

void MultiaddrTest::theOldNameOfP2pAndCidsAreRead() {
    const Multiaddr plain = addr(withPeerText("", kPeerA));
    QVERIFY(addr(std::string("/ipfs/").append(kPeerA)) == plain);
    QVERIFY(addr(withPeerText("", "bafzaajaiaejcbcui4poxicprsx6vfwznhs5f24wkm4e36hmucin7g5eiag2a6324")) == plain);
}

void MultiaddrTest::textThatIsNoMultiaddrIsRefused() {
    for (const char* bad : {"",
                            "/",
                            "//",
                            "ip4/1.2.3.4",
                            "/ip4",
                            "/ip4/",
                            "/ip4/1.2.3.4/",
                            "/ip4/1.2.3.4/udp",
                            "/ip4/::1",
                            "/ip6/1.2.3.4",
                            "/udp/65536",
                            "/udp/-1",
                            "/udp/+1",
                            "/udp/1x",
                            "/udp/000001",
                            "/dns//udp/1",
                            "/dns/a..b",
                            "/dns/.a",
                            "/dns/a b",
                            "/dns/a%00",
                            "/dns/\xc3\xa9",
                            "/unix/",
                            "/unix/%",
                            "/unix/%2",
                            "/unix/%zz",
                            "/unix/a%00b",
                            "/p2p/",
                            "/p2p/Qm",
                            "/p2p/12D3Koo",
                            "/p2p/1",
                            "/certhash/u",
                            "/certhash/uAAAB",
                            "/ip6zone/a b/ip6/::1",
                            "/ip6zone//ip6/::1",
                            "/ip6zone/%3/ip6/::1",
                            "/quic-v1/x"})
        QVERIFY2(!Multiaddr::parse(bad), bad);
    QVERIFY(!Multiaddr::parse("/dns/" + std::string(kMaxDnsLabelChars + 1, 'a')));
    QVERIFY(Multiaddr::parse("/dns/" + std::string(kMaxDnsLabelChars, 'a')));
    QVERIFY(Multiaddr::parse("/ip6zone/" + std::string(kMaxZoneBytes, 'e')));
    QVERIFY(!Multiaddr::parse("/ip6zone/" + std::string(kMaxZoneBytes + 1, 'e')));
    QVERIFY(Multiaddr::parse("/unix/" + std::string(kMaxUnixPathBytes, 'e')));
    QVERIFY(!Multiaddr::parse("/unix/" + std::string(kMaxUnixPathBytes + 1, 'e')));
}

void MultiaddrTest::bytesThatAreNoMultiaddrAreRefused() {
    for (const char* bad : {"", "04", "047f0000", "0401020304910200", "8400", "a503", "a50300", "a5030100", "a5032600",
                            "a50322122000", "3500", "3502612e2e",
                            "35036100"
                            "62",
                            "90030100", "2a00", "d2030112", "ff"})
        QVERIFY2(!Multiaddr::decode(fromHex(bad)), bad);
    // A length of 2^63 - 1, and one of ten bytes.
    QVERIFY(!Multiaddr::decode(fromHex("35ffffffffffffffff7f61")));
    QVERIFY(!Multiaddr::decode(fromHex("35ffffffffffffffffff0161")));
    QCOMPARE(Multiaddr::decode(fromHex("35")).error().code, Errc::Malformed);
}

void MultiaddrTest::anAddressCutAnywhereIsRefusedOrShorter() {
    const std::string quic = "/ip4/127.0.0.1/udp/4001/quic-v1";
    const Multiaddr whole = addr(withPeerText(withPeerText(quic, kPeerA) + "/p2p-circuit", kPeerB));
    const Bytes bytes = whole.encode();
    size_t valid = 0;
    for (size_t length = 0; length < bytes.size(); ++length) {
        const auto cut = Multiaddr::decode(ByteView(bytes).first(length));
        if (!cut) continue;
        ++valid;
        QVERIFY(whole.text().starts_with(cut->text()));
    }
    QCOMPARE(valid, whole.parts().size() - 1);
}

void MultiaddrTest::unknownProtocolsAreUnsupported() {
    QCOMPARE(Multiaddr::parse("/ip4/1.2.3.4/udp/1/quic").error().code, Errc::Unsupported);
    QCOMPARE(Multiaddr::decode(fromHex("cc03")).error().code, Errc::Unsupported);
    QCOMPARE(Multiaddr::parse("/sctp/1").error().code, Errc::Unsupported);
}

void MultiaddrTest::sizeAndNumberOfPartsAreBounded() {
    std::string parts;
    for (size_t i = 0; i < kMaxMultiaddrParts; ++i) parts += "/ws";
    QCOMPARE(addr(parts).parts().size(), kMaxMultiaddrParts);
    QCOMPARE(Multiaddr::parse(parts + "/ws").error().code, Errc::TooLarge);
    Bytes binary = addr(parts).encode();
    append(binary, addr("/ws").encode());
    QCOMPARE(Multiaddr::decode(binary).error().code, Errc::TooLarge);

    // Names of 251 characters take 254 bytes with code and length; four of them 1016, an IPv4 address 5, a port 3.
    const std::string label(63, 'a');
    const std::string name = label + "." + label + "." + label + "." + std::string(59, 'a');
    QCOMPARE(name.size(), size_t{251});
    std::string text;
    for (int i = 0; i < 4; ++i) text += "/dns/" + name;
    text += "/ip4/1.2.3.4/tcp/1";
    QCOMPARE(addr(text).encode().size(), kMaxMultiaddrBytes);
    QVERIFY(Multiaddr::decode(addr(text).encode()));
    QCOMPARE(Multiaddr::parse(text + "/ws").error().code, Errc::TooLarge);
    QCOMPARE(Multiaddr::decode(Bytes(kMaxMultiaddrBytes + 1, 0)).error().code, Errc::TooLarge);
    QCOMPARE(Multiaddr::parse(std::string(kMaxMultiaddrChars + 1, '/')).error().code, Errc::TooLarge);
}

void MultiaddrTest::quicAddressesAreMadeAndRead() {
    const SocketAddress v4 = socketAddress("192.0.2.7", 4001);
    QCOMPARE(Multiaddr::quic(v4).text(), std::string("/ip4/192.0.2.7/udp/4001/quic-v1"));
    QVERIFY(Multiaddr::quic(v4).quicAddress() == v4);
    const SocketAddress v6 = socketAddress("2001:db8::7", 1);
    QCOMPARE(Multiaddr::quic(v6).text(), std::string("/ip6/2001:db8::7/udp/1/quic-v1"));
    QVERIFY(Multiaddr::quic(v6).quicAddress() == v6);
    const SocketAddress linkLocal = socketAddress("fe80::7", 65535, 12);
    QCOMPARE(Multiaddr::quic(linkLocal).text(), std::string("/ip6zone/12/ip6/fe80::7/udp/65535/quic-v1"));
    QVERIFY(Multiaddr::quic(linkLocal).quicAddress() == linkLocal);
    QVERIFY(addr(withPeerText("/ip4/192.0.2.7/udp/4001/quic-v1", kPeerA)).quicAddress() == v4);
}

void MultiaddrTest::otherShapesAreNotQuicAddresses() {
    const std::string peer = withPeerText("", kPeerA);
    const std::string quic = "/ip4/1.2.3.4/udp/1/quic-v1";
    for (const std::string& other :
         {std::string("/ip4/1.2.3.4/udp/1"), std::string("/ip4/1.2.3.4/tcp/1/quic-v1"), std::string("/udp/1/quic-v1"),
          std::string("/dns/a/udp/1/quic-v1"), quic + "/webtransport", quic + peer + "/p2p-circuit", quic + peer + peer,
          peer, std::string("/ip6zone/3/ip4/1.2.3.4/udp/1/quic-v1"),
          std::string("/ip6zone/eth0/ip6/fe80::1/udp/1/quic-v1"), std::string("/ip6zone/0/ip6/fe80::1/udp/1/quic-v1"),
          std::string("/ip6zone/4294967296/ip6/fe80::1/udp/1/quic-v1"),
          std::string("/ip6zone/3/ip6/2001:db8::1/udp/1/quic-v1"), std::string("/ip6/fe80::1/ip6zone/3/udp/1/quic-v1")})
        QVERIFY2(!addr(other).quicAddress(), other.c_str());
    QVERIFY(!Multiaddr().quicAddress());
    QVERIFY(!Multiaddr().dnsTarget());
}

void MultiaddrTest::tcpAddressesAreMadeAndRead() {
    const SocketAddress v4{*parseIp("192.0.2.7"), 4001, 0};
    QCOMPARE(Multiaddr::tcp(v4).text(), std::string("/ip4/192.0.2.7/tcp/4001"));
    QVERIFY(Multiaddr::tcp(v4).tcpAddress() == v4);
    const SocketAddress v6{*parseIp("2001:db8::7"), 0, 0};
    QVERIFY(Multiaddr::tcp(v6).tcpAddress() == v6);
    const SocketAddress linkLocal{*parseIp("fe80::7"), 4001, 3};
    QVERIFY(Multiaddr::tcp(linkLocal).tcpAddress() == linkLocal);
    QVERIFY(addr(withPeerText("/ip4/192.0.2.7/tcp/4001", kPeerA)).tcpAddress() == v4);
    for (const std::string other :
         {"/ip4/192.0.2.7", "/ip4/192.0.2.7/udp/4001", "/ip4/192.0.2.7/tcp/4001/ws", "/dns4/example.org/tcp/4001",
          "/ip4/192.0.2.7/udp/4001/quic-v1", "/tcp/4001", "/ip6zone/3/ip6/2001:db8::7/tcp/4001"})
        QVERIFY2(!addr(other).tcpAddress(), other.c_str());
    QVERIFY(!Multiaddr().tcpAddress() && !Multiaddr::tcp(v4).quicAddress());
    QCOMPARE(Multiaddr::ws(v4).text(), std::string("/ip4/192.0.2.7/tcp/4001/ws"));
    QVERIFY(Multiaddr::ws(v4).wsAddress() == v4 && Multiaddr::ws(linkLocal).wsAddress() == linkLocal);
    QVERIFY(addr(withPeerText("/ip4/192.0.2.7/tcp/4001/ws", kPeerA)).wsAddress() == v4);
    QVERIFY(!Multiaddr::tcp(v4).wsAddress() && !addr("/ip4/192.0.2.7/tcp/4001/wss").wsAddress());
}

void MultiaddrTest::whatCarriesLinksThereIsRead() {
    const SocketAddress at{IpAddress::v4({192, 0, 2, 7}), 4001, 0};
    for (const Transport transport :
         {Transport::Quic, Transport::Tcp, Transport::WebSocket, Transport::SecureWebSocket}) {
        const TransportAddress address{transport, at};
        QVERIFY(Multiaddr::of(address).transportAddress() == address);
    }
    for (const char* other : {"/ip4/192.0.2.7/udp/4001", "/ip4/192.0.2.7/tcp/4001/tls", "/dns4/a/tcp/1"})
        QVERIFY2(!addr(other).transportAddress(), other);
}

void MultiaddrTest::quicAddressesByNameAreRead() {
    const auto target = addr(withPeerText("/dns4/ferry.example/udp/4001/quic-v1", kPeerA)).dnsTarget();
    QVERIFY(target);
    QCOMPARE(target->kind, AddrCode::Dns4);
    QCOMPARE(target->name, std::string("ferry.example"));
    QCOMPARE(target->port, uint16_t{4001});
    QVERIFY(target->transport == Transport::Quic);
    QVERIFY(addr("/dns/a/tcp/1").dnsTarget()->transport == Transport::Tcp);
    QVERIFY(addr(withPeerText("/dns6/a/tcp/1/ws", kPeerA)).dnsTarget()->transport == Transport::WebSocket);
    for (const char* other : {"/dnsaddr/a/udp/1/quic-v1", "/ip4/1.2.3.4/udp/1/quic-v1", "/dns/a/udp/1", "/dns/a"})
        QVERIFY2(!addr(other).dnsTarget(), other);
}

void MultiaddrTest::thePeerIsThatOfTheEnd() {
    const Multiaddr direct = addr("/ip4/1.2.3.4/udp/1/quic-v1");
    const Bytes a = *parsePeerMultihash(kPeerA);
    const Bytes b = *parsePeerMultihash(kPeerB);
    QVERIFY(!direct.peerMultihash());
    const Multiaddr withA = direct.withPeer(a);
    QVERIFY(withA.peerMultihash() == a);
    QVERIFY(withA.withoutPeer() == direct);
    QVERIFY(withA.withPeer(b) == direct.withPeer(b));
    QVERIFY(direct.withoutPeer() == direct);
    const Multiaddr relay = addr(withA.text() + "/p2p-circuit");
    QVERIFY(!relay.peerMultihash());
    QVERIFY(relay.withPeer(b).peerMultihash() == b);
    QVERIFY(relay.withPeer(b).withoutPeer() == relay);
    QVERIFY(relay.isCircuit() && relay.withPeer(b).isCircuit() && !withA.isCircuit());
    QVERIFY(!Multiaddr().peerMultihash());
}

QTEST_APPLESS_MAIN(MultiaddrTest)
#include "multiaddr_test.moc"

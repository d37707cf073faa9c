#include "codec/multiaddr.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

class WssAddressTest : public QObject {
    Q_OBJECT
  private slots:
    void secureWebSocketsHaveThreeSpellings();
    void theNameOfAHostIsTheServersUnlessAnotherIsGiven();
    void otherShapesAreNone_data();
    void otherShapesAreNone();
};

void WssAddressTest::secureWebSocketsHaveThreeSpellings() {
    const SocketAddress v4{IpAddress::v4({192, 0, 2, 7}), 443, 0};
    const auto targetOf = [](const std::string& text) { return Multiaddr::parse(text)->wssTarget(); };
    for (const std::string peer : {"", "/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"}) {
        QVERIFY(targetOf("/ip4/192.0.2.7/tcp/443/wss" + peer) == (Multiaddr::WssTarget{v4, ""}));
        QVERIFY(targetOf("/ip4/192.0.2.7/tcp/443/tls/ws" + peer) == (Multiaddr::WssTarget{v4, ""}));
        QVERIFY(targetOf("/ip4/192.0.2.7/tcp/443/tls/sni/node.example/ws" + peer) ==
                (Multiaddr::WssTarget{v4, "node.example"}));
    }
    const SocketAddress linkLocal{*parseIp("fe80::1"), 1, 3};
    for (const auto& target : {Multiaddr::WssTarget{v4, "a.example"}, {v4, ""}, {linkLocal, ""}}) {
        const Multiaddr made = Multiaddr::wss(target);
        QVERIFY(made.wssTarget() == target);
        QVERIFY(made.transportAddress() == (TransportAddress{Transport::SecureWebSocket, target.socket}));
        QVERIFY(*Multiaddr::parse(made.text()) == made);
        QVERIFY(!made.wsAddress() && !made.tcpAddress() && !made.quicAddress());
    }
}

void WssAddressTest::theNameOfAHostIsTheServersUnlessAnotherIsGiven() {
    const auto named = [](const char* text) { return *Multiaddr::parse(text)->dnsTarget(); };
    for (const char* text : {"/dns4/node.example/tcp/443/wss", "/dns4/node.example/tcp/443/tls/ws",
                             "/dns4/node.example/tcp/443/tls/sni/other.example/ws"}) {
        const auto target = named(text);
        QVERIFY(target.transport == Transport::SecureWebSocket && target.kind == AddrCode::Dns4);
        QCOMPARE(target.name, std::string("node.example"));
        QCOMPARE(target.port, uint16_t(443));
    }
    QCOMPARE(named("/dns4/node.example/tcp/443/wss").serverName, std::string("node.example"));
    QCOMPARE(named("/dns4/node.example/tcp/443/tls/sni/other.example/ws").serverName, std::string("other.example"));
    QCOMPARE(named("/dns4/node.example/tcp/443/ws").serverName, std::string());
}

void WssAddressTest::otherShapesAreNone_data() {
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"/ip4/192.0.2.7/tcp/443", "/ip4/192.0.2.7/tcp/443/ws", "/ip4/192.0.2.7/tcp/443/tls",
          "/ip4/192.0.2.7/udp/443/tls/ws", "/ip4/192.0.2.7/tcp/443/sni/a/tls/ws", "/ip4/192.0.2.7/tcp/443/tls/wss",
          "/ip4/192.0.2.7/tcp/443/tls/sni/a", "/ip4/192.0.2.7/tcp/443/wss/ws", "/dns4/a/tcp/443/wss"})
        QTest::newRow(text) << text;
}

void WssAddressTest::otherShapesAreNone() {
    QFETCH(QString, text);
    QVERIFY(!Multiaddr::parse(text.toStdString())->wssTarget());
}

QTEST_APPLESS_MAIN(WssAddressTest)
#include "wss_address_test.moc"

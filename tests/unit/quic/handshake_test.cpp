#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

class HandshakeTest : public QObject {
    Q_OBJECT

  private slots:
    void bothSidesProveTheirKeys() {
        Pair pair;
        QVERIFY(pair.connect());
        const auto opened = pair.client.all<link::LinkOpened>();
        QCOMPARE(opened.size(), size_t(1));
        QCOMPARE(opened[0].link, pair.link);
        QVERIFY(opened[0].peer == pair.server.identity.peerId());
        QVERIFY(opened[0].side == link::Side::Dialer);
        QVERIFY(opened[0].remote == pair.server.dialAddress());
        QVERIFY(opened[0].local == codec::Multiaddr::quic(pair.client.address));
        const auto accepted = pair.server.all<link::LinkOpened>();
        QVERIFY(accepted[0].peer == pair.client.identity.peerId());
        QVERIFY(accepted[0].side == link::Side::Listener);
        QVERIFY(accepted[0].remote == codec::Multiaddr::quic(pair.client.address));
    }

    void aStreamIsEchoed() {
        Pair pair;
        Echo echo(pair.server);
        QVERIFY(pair.connect());
        auto key = pair.client.endpoint->openStream(pair.link);
        QVERIFY(key.has_value());
        Sender sender{*key, "hello across"};
        pair.client.handler = [&](const link::LinkEvent&) { sender.read(*pair.client.endpoint); };
        sender.write(*pair.client.endpoint);
        QVERIFY(pair.wire.run(5s, [&] { return pair.client.has<link::StreamClosed>(); }));
        QCOMPARE(sender.received, std::string("hello across"));
        QVERIFY(sender.ended);
        QVERIFY(pair.wire.run(5s, [&] { return pair.server.has<link::StreamClosed>(); }));
    }
};

QTEST_APPLESS_MAIN(HandshakeTest)
#include "handshake_test.moc"

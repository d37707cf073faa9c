#include "unit/bytepipe/pipe_echo.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;
using link::Fin;
using link::LinkId;
using link::StreamKey;

class EndpointTest : public QObject {
    Q_OBJECT
  private slots:
    void aDialOpensALinkAtBothEnds();
    void whoDialsAnybodyLearnsWhoAnswered();
    void theWrongPeerIsRefusedBeforeAnyStream();
    void bytesComeBackThroughNarrowPipesInSmallPieces_data();
    void bytesComeBackThroughNarrowPipesInSmallPieces();
    void linksGoThroughWebSocketToo();
    void manyStreamsShareALink();
    void linksAreSecuredByTlsWhenNoiseIsNotSpoken();
    void aReceiverThatDoesNotReadHoldsUpOnlyItsStream();
    void whatFollowsTheHandshakeAtOnceIsNotLost();
    void nothingIsPulledForAPipeThatIsFull();
    void closingIsToldToTheOtherEnd();
    void bytesThatHaveComeStayReadableUntilTheEndIsKnown();
    void aPipeThatFailsEndsTheLink();
    void aDialThatIsRefusedSaysSo();
    void aLinkThatFallsSilentEnds();
    void onlyTcpAndWebSocketAddressesAreDialled();
    void afterTheShutdownNothingIsOpened();
};

void EndpointTest::aDialOpensALinkAtBothEnds() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    const auto dialled = a.all<link::LinkOpened>(), accepted = b.all<link::LinkOpened>();
    QCOMPARE(dialled.size(), size_t(1));
    QCOMPARE(accepted.size(), size_t(1));
    QCOMPARE(dialled[0].link, link);
    QCOMPARE(dialled[0].peer, b.self());
    QCOMPARE(dialled[0].side, link::Side::Dialer);
    QCOMPARE(dialled[0].remote.text(), std::string("/ip4/10.0.0.2/tcp/4001"));
    QCOMPARE(dialled[0].local.text(), std::string("/ip4/10.0.0.1/tcp/40001"));
    QCOMPARE(accepted[0].peer, a.self());
    QCOMPARE(accepted[0].side, link::Side::Listener);
    QCOMPARE(accepted[0].remote.text(), std::string("/ip4/10.0.0.1/tcp/40001"));
    QCOMPARE(b.endpoint.load().halfOpen, size_t(0));
    const auto stats = a.endpoint.stats(link);
    QVERIFY(stats && stats->bytesSent > 0 && stats->bytesReceived > 0);
}

void EndpointTest::whoDialsAnybodyLearnsWhoAnswered() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    wire.dial(a, b, {});
    QCOMPARE(a.all<link::LinkOpened>().at(0).peer, b.self());
}

void EndpointTest::theWrongPeerIsRefusedBeforeAnyStream() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add(), &c = wire.add();
    const LinkId link = wire.dial(a, b, c.self());
    QVERIFY(a.all<link::LinkOpened>().empty() && b.all<link::LinkOpened>().empty());
    QCOMPARE(a.all<link::LinkClosed>().at(0).error.code, Errc::IdentityMismatch);
    QVERIFY(!a.endpoint.openStream(link));
    QVERIFY(b.events.empty()); // a handshake of a stranger that failed is nobody's business
    QCOMPARE(a.endpoint.load().connections + b.endpoint.load().connections, size_t(0));
}

void EndpointTest::bytesComeBackThroughNarrowPipesInSmallPieces_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("piece");
    QTest::addColumn<int>("capacity");
    QTest::newRow("nothing") << 0 << 1 << 1000;
    QTest::newRow("one byte") << 1 << 1 << 1;
    QTest::newRow("a little, byte by byte") << 3000 << 1 << 700;
    QTest::newRow("two windows") << 600000 << 1400 << 5000;
    QTest::newRow("four megabytes") << (4 << 20) << 65536 << 100000;
}

void EndpointTest::bytesComeBackThroughNarrowPipesInSmallPieces() {
    QFETCH(int, size);
    QFETCH(int, piece);
    QFETCH(int, capacity);
    PipeWire wire;
    wire.piece = size_t(piece);
    wire.capacity = size_t(capacity);
    PipeNode &a = wire.add(), &b = wire.add();
    echo(b);
    const LinkId link = wire.dial(a, b, b.self());
    Asker asker(a, *a.endpoint.openStream(link), a.random.bytes(size_t(size)));
    wire.run();
    QVERIFY(asker.answer == asker.bytes && asker.atEnd);
    QCOMPARE(a.all<link::StreamClosed>().size(), size_t(1));
    QCOMPARE(b.all<link::StreamClosed>().size(), size_t(1));
}

void EndpointTest::linksAreSecuredByTlsWhenNoiseIsNotSpoken() {
    PipeWire wire;
    wire.piece = 1400;
    EndpointConfig config;
    config.securities = {std::string(kTlsId)};
    PipeNode &a = wire.add(), &b = wire.add(config), &c = wire.add();
    echo(b);
    const LinkId link = wire.dial(a, b, b.self());
    QCOMPARE(a.all<link::LinkOpened>().at(0).peer, b.self());
    Asker asker(a, *a.endpoint.openStream(link), a.random.bytes(500000));
    wire.run();
    QVERIFY(asker.answer == asker.bytes && asker.atEnd);
    wire.dial(c, b, a.self());
    QCOMPARE(c.all<link::LinkClosed>().at(0).error.code, Errc::IdentityMismatch);
    QCOMPARE(b.all<link::LinkOpened>().size(), size_t(1));
    a.endpoint.close(link, 0, {}, wire.now);
    wire.run();
    QVERIFY(b.all<link::LinkClosed>().at(0).byPeer);
}

void EndpointTest::linksGoThroughWebSocketToo() {
    PipeWire wire;
    wire.piece = 700;
    PipeNode &a = wire.add(), &b = wire.add();
    b.kind = PipeKind::WebSocket;
    echo(b);
    const LinkId link = wire.dial(a, b, b.self());
    QCOMPARE(a.all<link::LinkOpened>().at(0).remote.text(), std::string("/ip4/10.0.0.2/tcp/4001/ws"));
    QCOMPARE(b.all<link::LinkOpened>().at(0).remote.text(), std::string("/ip4/10.0.0.1/tcp/40001/ws"));
    Asker asker(a, *a.endpoint.openStream(link), a.random.bytes(500000));
    wire.run();
    QVERIFY(asker.answer == asker.bytes && asker.atEnd);
    b.endpoint.close(b.all<link::LinkOpened>()[0].link, 0, {}, wire.now);
    wire.run();
    QCOMPARE(a.all<link::LinkClosed>().size(), size_t(1));
    QVERIFY(a.all<link::LinkClosed>()[0].byPeer);
    // Without WebSocket a listener for it hears nonsense, and the other way round.
    const LinkId plain = *a.endpoint.dial(codec::Multiaddr::tcp(b.address), {}, wire.now);
    wire.run();
    QCOMPARE(a.all<link::LinkClosed>().at(1).link, plain);
    b.kind = PipeKind::Tcp;
    a.endpoint.dial(codec::Multiaddr::ws(b.address), {}, wire.now).value();
    wire.run();
    QCOMPARE(a.all<link::LinkClosed>().size(), size_t(3));
    QCOMPARE(b.endpoint.load().connections, size_t(0));
}

void EndpointTest::manyStreamsShareALink() {
    PipeWire wire;
    wire.capacity = 20000;
    PipeNode &a = wire.add(), &b = wire.add();
    echo(b);
    const LinkId link = wire.dial(a, b, b.self());
    std::vector<std::unique_ptr<Asker>> askers;
    for (int i = 0; i < 100; ++i)
        askers.push_back(std::make_unique<Asker>(a, *a.endpoint.openStream(link), a.random.bytes(size_t(i) * 37)));
    a.onEvent = [&](const link::LinkEvent&) {
        for (auto& asker : askers) asker->read();
    };
    wire.run();
    for (const auto& asker : askers) QVERIFY(asker->answer == asker->bytes);
    QCOMPARE(a.all<link::StreamClosed>().size(), size_t(100));
}

void EndpointTest::aReceiverThatDoesNotReadHoldsUpOnlyItsStream() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    const StreamKey unread = *a.endpoint.openStream(link);
    while (a.endpoint.writable(unread) > 0) {
        a.endpoint.write(unread, Slice::copyOf(Bytes(a.endpoint.writable(unread), 1)), Fin::No);
        wire.run();
    }
    QVERIFY(a.endpoint.unacknowledged(unread) > 0);
    echo(b);
    Asker asker(a, *a.endpoint.openStream(link), a.random.bytes(700000));
    wire.run();
    QVERIFY(asker.answer == asker.bytes);
    QCOMPARE(b.endpoint.available(b.all<link::StreamOpened>().at(0).key), size_t(kYamuxInitialWindow));
}

void EndpointTest::whatFollowsTheHandshakeAtOnceIsNotLost() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    // The dialler's first stream leaves in the same write as its last word of the handshake.
    a.onEvent = [&](const link::LinkEvent& event) {
        const auto* opened = std::get_if<link::LinkOpened>(&event);
        if (!opened) return;
        const StreamKey key = *a.endpoint.openStream(opened->link);
        a.endpoint.write(key, Slice::copyOf(asBytes("early")), Fin::Yes);
    };
    wire.dial(a, b, b.self());
    const StreamKey key = b.all<link::StreamOpened>().at(0).key;
    QCOMPARE(asText(b.endpoint.front(key)), std::string_view("early"));
}

void EndpointTest::nothingIsPulledForAPipeThatIsFull() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    const StreamKey key = *a.endpoint.openStream(link);
    a.endpoint.onBlocked(link);
    a.endpoint.write(key, Slice::copyOf(Bytes(1000, 1)), Fin::No);
    Bytes out;
    QVERIFY(!a.endpoint.nextWrite(out, wire.now));
    QCOMPARE(a.endpoint.unacknowledged(key), size_t(1000));
    a.endpoint.onWritable(link);
    wire.run();
    QCOMPARE(a.endpoint.unacknowledged(key), size_t(0));
    // One pull is no more than what one write of the system can take.
    a.endpoint.write(key, Slice::copyOf(Bytes(200000, 1)), Fin::No);
    QCOMPARE(a.endpoint.nextWrite(out, wire.now), std::optional(link));
    QVERIFY(out.size() <= kMaxNoiseMessage + 2 && out.size() > 40000);
}

void EndpointTest::closingIsToldToTheOtherEnd() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    const StreamKey key = *a.endpoint.openStream(link);
    a.endpoint.write(key, Slice::copyOf(asBytes("x")), Fin::No);
    wire.run();
    a.endpoint.close(link, 5, "enough", wire.now);
    QVERIFY(!a.endpoint.openStream(link));
    QVERIFY(!a.endpoint.stats(link));
    wire.run();
    QCOMPARE(a.all<link::LinkClosed>().size(), size_t(1));
    QCOMPARE(a.all<link::LinkClosed>()[0].error.code, Errc::Cancelled);
    QCOMPARE(a.all<link::StreamClosed>().size(), size_t(0)); // the link's own end says it
    const auto closed = b.all<link::LinkClosed>();
    QCOMPARE(closed.size(), size_t(1));
    QCOMPARE(closed[0].error.code, Errc::ConnectionLost);
    QVERIFY(closed[0].byPeer);
    QCOMPARE(b.all<link::StreamClosed>().size(), size_t(0));
    QCOMPARE(a.endpoint.load().connections + b.endpoint.load().connections, size_t(0));
    QCOMPARE(a.endpoint.deadline(), kNever);
    a.endpoint.close(link, 0, {}, wire.now); // again: harmless
    a.endpoint.write(key, Slice::copyOf(asBytes("x")), Fin::No);
    QCOMPARE(a.endpoint.writable(key), size_t(0));
}

void EndpointTest::bytesThatHaveComeStayReadableUntilTheEndIsKnown() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    std::string heard;
    b.onEvent = [&](const link::LinkEvent& event) {
        const auto* readable = std::get_if<link::StreamReadable>(&event);
        if (readable) heard = asText(b.endpoint.front(readable->key));
    };
    const StreamKey key = *a.endpoint.openStream(link);
    a.endpoint.write(key, Slice::copyOf(asBytes("last words")), Fin::Yes);
    Bytes out;
    // All of it, the end of the pipe too, arrives before b looks at its events.
    QVERIFY(a.endpoint.nextWrite(out, wire.now));
    const LinkId other = b.all<link::LinkOpened>()[0].link;
    b.endpoint.onBytes(other, out, wire.now);
    b.endpoint.onPipeEnded(other);
    wire.run();
    QCOMPARE(heard, std::string("last words"));
}

void EndpointTest::aPipeThatFailsEndsTheLink() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    wire.cut(a, link);
    QCOMPARE(a.all<link::LinkClosed>().at(0).error.code, Errc::ConnectionLost);
    QVERIFY(!a.all<link::LinkClosed>()[0].byPeer);
    QCOMPARE(b.all<link::LinkClosed>().size(), size_t(1));
    QVERIFY(a.closedPipes.empty()); // the owner knows it already
}

void EndpointTest::aDialThatIsRefusedSaysSo() {
    PipeWire wire;
    PipeNode& a = wire.add();
    const auto nobody = codec::Multiaddr::tcp(addressOf(99));
    const LinkId link = *a.endpoint.dial(nobody, {}, wire.now);
    wire.run();
    QCOMPARE(a.all<link::LinkClosed>().at(0).link, link);
    QCOMPARE(a.all<link::LinkClosed>()[0].error.code, Errc::Unreachable);
}

void EndpointTest::aLinkThatFallsSilentEnds() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    const LinkId link = wire.dial(a, b, b.self());
    for (int i = 0; i < 5; ++i) wire.advance(kYamuxPingAfter); // quiet, but alive
    QVERIFY(a.all<link::LinkClosed>().empty());
    QVERIFY(a.endpoint.deadline() <= wire.now.mono + kYamuxPingAfter);
    a.endpoint.onBlocked(link), b.endpoint.onBlocked(b.all<link::LinkOpened>()[0].link);
    wire.advance(kYamuxPingAfter);
    wire.advance(kYamuxSilence - kYamuxPingAfter);
    QCOMPARE(a.all<link::LinkClosed>().at(0).error.code, Errc::Timeout);
    QVERIFY(!a.all<link::LinkClosed>()[0].byPeer);
}

void EndpointTest::onlyTcpAndWebSocketAddressesAreDialled() {
    PipeWire wire;
    PipeNode& a = wire.add();
    const auto can = [&](const char* text) { return a.endpoint.canDial(*codec::Multiaddr::parse(text)); };
    QVERIFY(can("/ip4/192.0.2.1/tcp/4001"));
    QVERIFY(can("/ip6/2001:db8::1/tcp/4001"));
    QVERIFY(can("/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"));
    QVERIFY(!can("/ip4/192.0.2.1/tcp/0"));
    QVERIFY(!can("/ip4/0.0.0.0/tcp/4001"));
    QVERIFY(!can("/ip4/224.0.0.1/tcp/4001"));
    QVERIFY(!can("/ip4/192.0.2.1/udp/4001/quic-v1"));
    QVERIFY(can("/ip4/192.0.2.1/tcp/4001/ws"));
    QVERIFY(!can("/ip4/192.0.2.1/tcp/4001/wss")); // nobody whom it would believe
    QCOMPARE(a.endpoint.dial(*codec::Multiaddr::parse("/ip4/192.0.2.1/udp/1/quic-v1"), {}, {}).error().code,
             Errc::Unsupported);
    EndpointConfig config;
    config.ipv6 = false;
    PipeNode& b = wire.add(config);
    QVERIFY(!b.endpoint.canDial(*codec::Multiaddr::parse("/ip6/2001:db8::1/tcp/4001")));
}

void EndpointTest::afterTheShutdownNothingIsOpened() {
    PipeWire wire;
    PipeNode &a = wire.add(), &b = wire.add();
    wire.dial(a, b, b.self());
    wire.dial(b, a, a.self());
    a.endpoint.shutdown(wire.now);
    wire.run();
    QCOMPARE(a.all<link::LinkClosed>().size(), size_t(2));
    QCOMPARE(b.all<link::LinkClosed>().size(), size_t(2));
    QCOMPARE(a.endpoint.dial(b.listens(), {}, wire.now).error().code, Errc::Cancelled);
    QVERIFY(!a.endpoint.onPipeAccepted({a.address, b.address}, wire.now));
}

QTEST_APPLESS_MAIN(EndpointTest)
#include "endpoint_test.moc"

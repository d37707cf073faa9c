#include "bytepipe/wss_layer.h"
#include "unit/bytepipe/pipe_echo.h"

#include <QFile>
#include <QtTest>

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;
using crypto::WebCertificate;
using crypto::WebTrust;
using link::LinkClosed;
using link::LinkOpened;

namespace {

constexpr UnixTime kToday = UnixTime::fromSeconds(2'000'000'000);

std::string file(const QString& name) {
    QFile opened(QStringLiteral(WHERRY_TEST_DATA "/web/") + name);
    return opened.open(QIODevice::ReadOnly) ? opened.readAll().toStdString() : std::string();
}

struct World {
    World() {
        wire.now.wall = kToday;
        EndpointConfig dials, shows;
        dials.loadsWebTrust = true;
        shows.webCertificate = *WebCertificate::fromPem(file("server.pem"), file("server.key.pem"));
        a = &wire.add(dials);
        b = &wire.add(shows);
        b->kind = PipeKind::SecureWebSocket;
        b->serverName = "node.example.org";
    }
    /// How the only dial so far has failed.
    Errc failure() const {
        const auto closed = a->all<LinkClosed>();
        return closed.size() == 1 && a->all<LinkOpened>().empty() ? closed[0].error.code : Errc::Internal;
    }

    /// As wire.dial(); whom to believe is answered when it is asked for.
    link::LinkId dial() {
        const int before = a->trustAsked;
        const link::LinkId link = wire.dial(*a, *b, expected);
        if (a->trustAsked > before) a->endpoint.onWebTrust(WebTrust::fromPem(file("authority.pem")));
        wire.run();
        return link;
    }

    PipeWire wire;
    PipeNode* a = nullptr;
    PipeNode* b = nullptr;
    crypto::PeerId expected; ///< whom dial() expects; empty: anybody
};

} // namespace

class WssEndpointTest : public QObject {
    Q_OBJECT
  private slots:
    void linksGoThroughSecureWebSockets_data();
    void linksGoThroughSecureWebSockets();
    void whoIsTrustedIsAskedOnceAndOnlyWhenItIsNeeded();
    void dialsWaitUntilItIsKnownWhomToTrust();
    void aListThatCannotBeReadFailsEveryDialUntilItIsForgotten();
    void theCertificateIsForTheNameThatWasDialled();
    void theKeyInsideIsWhatCounts();
    void otherKindsOfPipesAreRefusedByBothEnds();
    void anHttpHeadWithoutEndInsideIsRefused();
    void aPipeThatIsCutInTheHandshakeEndsTheDial();
    void withoutACertificateNobodyIsLetIn();
    void aNewCertificateIsShownToTheNext();
    void whoTrustsNobodyDialsNobody();
    void whatHangsInTheHandshakeIsGivenUp();
};

void WssEndpointTest::linksGoThroughSecureWebSockets_data() {
    QTest::addColumn<int>("piece");
    for (const int piece : {1, 700, 1 << 20}) QTest::addRow("pieces of %d", piece) << piece;
}

void WssEndpointTest::linksGoThroughSecureWebSockets() {
    QFETCH(int, piece);
    World world;
    world.wire.piece = size_t(piece);
    world.wire.capacity = 30000;
    PipeNode &a = *world.a, &b = *world.b;
    echo(b);
    world.expected = b.self();
    const link::LinkId link = world.dial();
    QCOMPARE(a.all<LinkOpened>().size(), size_t(1));
    QCOMPARE(a.all<LinkOpened>()[0].remote.text(), std::string("/ip4/10.0.0.2/tcp/4001/tls/sni/node.example.org/ws"));
    QCOMPARE(b.all<LinkOpened>().at(0).remote.text(), std::string("/ip4/10.0.0.1/tcp/40001/tls/ws"));
    QCOMPARE(b.all<LinkOpened>().at(0).peer, a.self());
    Asker asker(a, *a.endpoint.openStream(link), a.random.bytes(200000));
    world.wire.run();
    QVERIFY(asker.answer == asker.bytes && asker.atEnd);
    b.endpoint.close(b.all<LinkOpened>()[0].link, 0, {}, world.wire.now);
    world.wire.run();
    QVERIFY(a.all<LinkClosed>().at(0).byPeer);
    QCOMPARE(b.endpoint.load().connections, size_t(0));
}

void WssEndpointTest::whoIsTrustedIsAskedOnceAndOnlyWhenItIsNeeded() {
    World world;
    world.b->kind = PipeKind::WebSocket;
    world.dial();
    QCOMPARE(world.a->trustAsked, 0);
    world.b->kind = PipeKind::SecureWebSocket;
    world.dial();
    world.dial();
    QCOMPARE(world.a->trustAsked, 1);
    QCOMPARE(world.a->all<LinkOpened>().size(), size_t(3));
    world.a->endpoint.forgetWebTrust();
    world.dial();
    QCOMPARE(world.a->trustAsked, 2);
    QCOMPARE(world.a->all<LinkOpened>().size(), size_t(4));
}

void WssEndpointTest::dialsWaitUntilItIsKnownWhomToTrust() {
    World world;
    PipeNode& a = *world.a;
    const auto given = world.wire.dial(a, *world.b, {}), second = world.wire.dial(a, *world.b, {});
    const auto late = world.wire.dial(a, *world.b, {});
    QCOMPARE(a.trustAsked, 1);
    QCOMPARE(world.b->endpoint.load().connections, size_t(0)); // no pipe was opened
    a.endpoint.close(given, 0, {}, world.wire.now);
    world.wire.run();
    QCOMPARE(a.all<LinkClosed>().at(0).link, given);
    world.wire.advance(kUpgradeTimeout - std::chrono::milliseconds(1));
    a.endpoint.onWebTrust(WebTrust::fromPem(file("authority.pem")));
    world.wire.run();
    QCOMPARE(a.all<LinkOpened>().size(), size_t(2));
    QCOMPARE(a.all<LinkOpened>().at(0).link, second);
    QCOMPARE(a.all<LinkOpened>().at(1).link, late);
    World silent; // nobody answers
    silent.wire.dial(*silent.a, *silent.b, {});
    silent.wire.advance(kUpgradeTimeout);
    QCOMPARE(silent.failure(), Errc::Timeout);
    silent.a->endpoint.onWebTrust(WebTrust::fromPem(file("authority.pem")));
    silent.wire.run();
    QCOMPARE(silent.a->endpoint.load().connections, size_t(0));
}

void WssEndpointTest::aListThatCannotBeReadFailsEveryDialUntilItIsForgotten() {
    World world;
    Endpoint& a = world.a->endpoint;
    world.wire.dial(*world.a, *world.b, {});
    a.onWebTrust(makeError(Errc::NotFound, "none"));
    world.wire.run();
    QCOMPARE(world.failure(), Errc::NotFound);
    QCOMPARE(a.dial(world.b->listens(), {}, world.wire.now).error().code, Errc::NotFound);
    QCOMPARE(a.load().connections, size_t(0));
    QCOMPARE(world.a->trustAsked, 1);
    a.forgetWebTrust();
    world.dial();
    QCOMPARE(world.a->trustAsked, 2);
    QCOMPARE(world.a->all<LinkOpened>().size(), size_t(1));
}

void WssEndpointTest::theCertificateIsForTheNameThatWasDialled() {
    for (const char* name : {"other.example.org", ""}) { // "": the address, which it does not name either
        World world;
        world.b->serverName = name;
        world.expected = world.b->self();
        world.dial();
        QCOMPARE(world.failure(), Errc::VerificationFailed);
        QVERIFY(world.b->all<LinkOpened>().empty());
        QCOMPARE(world.b->endpoint.load().connections, size_t(0));
    }
}

/// A good certificate says nothing about the peer.
void WssEndpointTest::theKeyInsideIsWhatCounts() {
    World world;
    world.expected = world.a->self();
    world.dial();
    QCOMPARE(world.failure(), Errc::IdentityMismatch);
    QVERIFY(world.b->all<LinkOpened>().empty());
}

void WssEndpointTest::otherKindsOfPipesAreRefusedByBothEnds() {
    using codec::Multiaddr;
    const codec::SocketAddress at = addressOf(2);
    const std::vector<std::pair<Multiaddr, PipeKind>> mixed{
        {Multiaddr::tcp(at), PipeKind::SecureWebSocket},
        {Multiaddr::ws(at), PipeKind::SecureWebSocket},
        {Multiaddr::wss({at, "node.example.org"}), PipeKind::WebSocket},
        {Multiaddr::wss({at, "node.example.org"}), PipeKind::Tcp},
    };
    for (const auto& [address, kind] : mixed) {
        World world;
        world.b->kind = kind;
        world.a->endpoint.onWebTrust(WebTrust::fromPem(file("authority.pem")));
        QVERIFY(world.a->endpoint.dial(address, {}, world.wire.now));
        world.wire.run();
        world.wire.advance(kUpgradeTimeout);
        QVERIFY2(world.a->all<LinkClosed>().size() == 1 && world.a->all<LinkOpened>().empty(), address.text().c_str());
        QVERIFY(world.b->all<LinkOpened>().empty());
        QCOMPARE(world.b->endpoint.load().connections, size_t(0));
    }
}

void WssEndpointTest::anHttpHeadWithoutEndInsideIsRefused() {
    World world;
    const auto pipe = *world.wire.connectByHand(*world.b, addressOf(9));
    auto layer = std::move(*WssLayer::dial(*WebTrust::fromPem(file("authority.pem")), "node.example.org"));
    size_t seen = 0;
    Bytes plain;
    const auto exchange = [&] {
        world.b->endpoint.onBytes(pipe, layer->takeOutput(), world.wire.now);
        world.wire.run();
        const Bytes& all = world.wire.received(*world.b, pipe);
        const ByteView fresh = ByteView(all).subspan(seen);
        seen = all.size();
        return layer->receive(fresh, plain, world.wire.now).has_value();
    };
    QVERIFY(exchange() && layer->open());
    QVERIFY(exchange());
    Bytes head;
    layer->seal(asBytes("GET / HTTP/1.1\r\nX: " + std::string(kMaxHttpHead, 'x')), head);
    world.b->endpoint.onBytes(pipe, head, world.wire.now);
    world.wire.run();
    QCOMPARE(world.b->closedPipes.size(), size_t(1));
    QCOMPARE(world.b->endpoint.load().connections, size_t(0));
}

void WssEndpointTest::aPipeThatIsCutInTheHandshakeEndsTheDial() {
    World world;
    world.a->endpoint.onWebTrust(WebTrust::fromPem(file("authority.pem")));
    const auto link = *world.a->endpoint.dial(world.b->listens(), world.b->self(), world.wire.now);
    Bytes out;
    while (world.a->endpoint.pollAction()) {
    }
    world.a->endpoint.onPipeOpened(link, addressOf(1, 1));
    QVERIFY(world.a->endpoint.nextWrite(out, world.wire.now) == link && !out.empty());
    world.a->endpoint.onPipeEnded(link);
    world.wire.run();
    QCOMPARE(world.failure(), Errc::ConnectionLost);
}

void WssEndpointTest::withoutACertificateNobodyIsLetIn() {
    PipeWire wire;
    PipeNode& bare = wire.add();
    const auto refused =
        bare.endpoint.onPipeAccepted({addressOf(1), addressOf(2), PipeKind::SecureWebSocket}, wire.now);
    QCOMPARE(refused.error().code, Errc::Unsupported);
    QCOMPARE(bare.endpoint.load().connections, size_t(0));
    QCOMPARE(bare.endpoint.load().halfOpen, size_t(0));
}

void WssEndpointTest::aNewCertificateIsShownToTheNext() {
    World world;
    world.dial();
    world.b->endpoint.setWebCertificate(*WebCertificate::forLocalhost(kToday));
    world.dial();
    QCOMPARE(world.a->all<LinkOpened>().size(), size_t(1));
    QCOMPARE(world.a->all<LinkClosed>().at(0).error.code, Errc::VerificationFailed);
    QVERIFY(world.b->all<LinkClosed>().empty()); // the first link goes on
}

void WssEndpointTest::whoTrustsNobodyDialsNobody() {
    World world;
    QVERIFY(world.a->endpoint.canDial(world.b->listens()));
    QVERIFY(!world.b->endpoint.canDial(world.b->listens()));
}

void WssEndpointTest::whatHangsInTheHandshakeIsGivenUp() {
    World world;
    const auto pipe = world.wire.connectByHand(*world.b, addressOf(9));
    world.b->endpoint.onBytes(*pipe, fromHex("1603010100"), world.wire.now); // a hello that does not come
    world.wire.advance(kUpgradeTimeout - std::chrono::milliseconds(1));
    QCOMPARE(world.b->endpoint.load().halfOpen, size_t(1));
    world.wire.advance(std::chrono::milliseconds(1));
    QCOMPARE(world.b->endpoint.load().connections, size_t(0));
}

QTEST_APPLESS_MAIN(WssEndpointTest)
#include "wss_endpoint_test.moc"

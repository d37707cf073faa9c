#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/tls_channel.h"
#include "crypto/identity.h"
#include "support/seeded_random.h"
#include "unit/bytepipe/talk.h"

#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;
using link::Side;

namespace {

const std::vector<std::string> kYamux{"/yamux/1.0.0"};
constexpr Now kNow{{}, UnixTime::fromSeconds(1'790'000'000)};

struct Node {
    explicit Node(uint64_t seed)
        : random(seed),
          identity(crypto::Identity::generate(random)),
          context(std::move(*crypto::TlsContext::create(*crypto::makeTlsCertificate(identity)))) {}
    const crypto::PeerId& self() const { return identity.peerId(); }

    wherry::test::SeededRandom random;
    crypto::Identity identity;
    std::unique_ptr<crypto::TlsContext> context;
};

struct End {
    End(Side side, const Node& node, const std::vector<std::string>& muxers = kYamux,
        const crypto::PeerId& expected = {})
        : channel(std::move(*TlsChannel::create(side, *node.context, muxers, expected))) {}

    void receive(ByteView in) {
        if (failed) return;
        const auto result = channel->receive(in, plain, kNow);
        if (!result) error = result.error();
        failed = !result;
    }
    Bytes takeOutput() { return channel->takeOutput(); }

    std::unique_ptr<TlsChannel> channel;
    Bytes plain;
    Error error;
    bool failed = false;
};

} // namespace

class TlsChannelTest : public QObject {
    Q_OBJECT
  private slots:
    void bothEndsProveTheirKeysHoweverTheBytesAreCut_data();
    void bothEndsProveTheirKeysHoweverTheBytesAreCut();
    void theWrongPeerIsRefusedAndSeesNothing();
    void theMuxerIsSettledOnTheWay();
    void messagesOfAnyLengthArrive_data();
    void messagesOfAnyLengthArrive();
    void whatFollowsTheHandshakeAtOnceIsNotLost();
    void aChangedRecordEndsTheChannelAndNothingMoreIsSaid();
    void whatIsNotTlsIsRefused_data();
    void whatIsNotTlsIsRefused();
    void aHugeHandshakeMessageIsRefused();
};

void TlsChannelTest::bothEndsProveTheirKeysHoweverTheBytesAreCut_data() {
    QTest::addColumn<int>("piece");
    for (const int piece : {1, 5, 6, 100, 1 << 20}) QTest::addRow("pieces of %d", piece) << piece;
}

void TlsChannelTest::bothEndsProveTheirKeysHoweverTheBytesAreCut() {
    QFETCH(int, piece);
    Node a(1), b(2);
    End dialer(Side::Dialer, a, kYamux, b.self()), listener(Side::Listener, b);
    talk(dialer, listener, size_t(piece));
    QVERIFY2(dialer.channel->proof() && listener.channel->proof(),
             (dialer.error.text() + listener.error.text()).c_str());
    QCOMPARE(dialer.channel->proof()->peer.peerId, b.self());
    QCOMPARE(listener.channel->proof()->peer.peerId, a.self());
    QCOMPARE(dialer.channel->proof()->muxer, kYamux.front());
    QCOMPARE(listener.channel->proof()->muxer, kYamux.front());
}

void TlsChannelTest::theWrongPeerIsRefusedAndSeesNothing() {
    Node a(1), b(2), c(3);
    End dialer(Side::Dialer, a, kYamux, c.self()), listener(Side::Listener, b);
    talk(dialer, listener);
    QCOMPARE(dialer.error.code, Errc::IdentityMismatch);
    QVERIFY(!dialer.channel->proof() && !listener.channel->proof());
    QVERIFY(listener.failed); // the alert
    QCOMPARE(listener.error.code, Errc::ProtocolViolation);
    // The other way round: a listener that expects somebody else.
    End honest(Side::Dialer, a), strict(Side::Listener, b, kYamux, c.self());
    talk(honest, strict);
    QCOMPARE(strict.error.code, Errc::IdentityMismatch);
    QVERIFY(!strict.channel->proof() && honest.failed);
}

void TlsChannelTest::theMuxerIsSettledOnTheWay() {
    Node a(1), b(2);
    End without(Side::Listener, b, {});
    End dialer(Side::Dialer, a);
    talk(dialer, without);
    QVERIFY(dialer.channel->proof() && without.channel->proof());
    QVERIFY(dialer.channel->proof()->muxer.empty() && without.channel->proof()->muxer.empty());
    End second(Side::Dialer, a, {"/one", "/two"}), other(Side::Listener, b, {"/two"});
    talk(second, other);
    QCOMPARE(second.channel->proof()->muxer, std::string("/two"));
    QCOMPARE(other.channel->proof()->muxer, std::string("/two"));
}

void TlsChannelTest::messagesOfAnyLengthArrive_data() {
    QTest::addColumn<int>("length");
    for (const int length : {1, 1000, 16384, 16385, 65519, 300000}) QTest::addRow("%d bytes", length) << length;
}

void TlsChannelTest::messagesOfAnyLengthArrive() {
    QFETCH(int, length);
    Node a(1), b(2);
    End dialer(Side::Dialer, a), listener(Side::Listener, b);
    talk(dialer, listener);
    const Bytes sent = a.random.bytes(size_t(length));
    for (const size_t piece : {size_t(999), size_t(400000)}) {
        Bytes out;
        dialer.channel->seal(sent, out);
        listener.plain.clear();
        for (size_t at = 0; at < out.size(); at += piece)
            listener.receive(ByteView(out).subspan(at, std::min(piece, out.size() - at)));
        QVERIFY(listener.plain == sent);
    }
}

void TlsChannelTest::whatFollowsTheHandshakeAtOnceIsNotLost() {
    Node a(1), b(2);
    End dialer(Side::Dialer, a), listener(Side::Listener, b);
    listener.receive(dialer.channel->takeOutput());
    dialer.receive(listener.channel->takeOutput());
    QVERIFY(dialer.channel->proof());
    Bytes last = dialer.channel->takeOutput();
    dialer.channel->seal(asBytes("early"), last);
    QVERIFY(!listener.channel->proof());
    listener.receive(last);
    QVERIFY(listener.channel->proof());
    QCOMPARE(asText(listener.plain), std::string_view("early"));
}

void TlsChannelTest::aChangedRecordEndsTheChannelAndNothingMoreIsSaid() {
    Node a(1), b(2);
    End dialer(Side::Dialer, a), listener(Side::Listener, b);
    talk(dialer, listener);
    Bytes out;
    dialer.channel->seal(asBytes("evil"), out);
    out.back() ^= 1;
    listener.receive(out);
    QVERIFY(listener.failed && listener.plain.empty());
    QCOMPARE(listener.error.code, Errc::VerificationFailed);
    Bytes more;
    listener.channel->seal(asBytes("farewell"), more);
    QVERIFY(more.empty());
    QVERIFY(!listener.channel->takeOutput().empty()); // the alert
}

void TlsChannelTest::whatIsNotTlsIsRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    QTest::newRow("zeros") << QByteArray(100, '\0');
    QTest::newRow("a record of another version") << QByteArray::fromHex("160505ffff") + QByteArray(100, 'x');
    QTest::newRow("data first") << QByteArray::fromHex("1703030005") + QByteArray("hello");
}

void TlsChannelTest::whatIsNotTlsIsRefused() {
    QFETCH(QByteArray, bytes);
    Node a(1);
    for (const Side side : {Side::Dialer, Side::Listener}) {
        End end(side, a);
        end.receive(asBytes(std::string_view(bytes.data(), size_t(bytes.size()))));
        QVERIFY(end.failed && !end.channel->proof() && end.plain.empty());
    }
}

void TlsChannelTest::aHugeHandshakeMessageIsRefused() {
    Node a(1);
    End listener(Side::Listener, a);
    // A ClientHello that announces 16 MB, in records of 16 KiB.
    Bytes first = fromHex("1603034000"
                          "01ffffff");
    first.resize(5 + 0x4000, 1);
    size_t fed = 0;
    while (!listener.failed && fed < 1 << 20) {
        listener.receive(first);
        fed += first.size();
    }
    QCOMPARE(listener.error.code, Errc::TooLarge);
    QVERIFY(fed <= kMaxTlsWithoutData + first.size());
    // Whoever sends data may send as much as it likes.
    Node b(2);
    End dialer(Side::Dialer, b), other(Side::Listener, a);
    talk(dialer, other);
    for (int i = 0; i < 5; ++i) {
        Bytes out;
        dialer.channel->seal(Bytes(kMaxTlsWithoutData, 1), out);
        other.receive(out);
    }
    QVERIFY(!other.failed);
    QCOMPARE(other.plain.size(), 5 * kMaxTlsWithoutData);
}

QTEST_APPLESS_MAIN(TlsChannelTest)
#include "tls_channel_test.moc"

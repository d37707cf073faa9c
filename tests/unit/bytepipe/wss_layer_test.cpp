#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/wss_layer.h"
#include "crypto/crypto_limits.h"
#include "unit/bytepipe/talk.h"

#include <QFile>
#include <QtTest>
#include <algorithm>
#include <utility>

using namespace wherry;
using namespace wherry::bytepipe;
using crypto::WebCertificate;
using crypto::WebTrust;

namespace {

constexpr Now kNow{{}, UnixTime::fromSeconds(2'000'000'000)};
const Bytes kWarning = fromHex("15030300020170"); // an alert: level warning, unrecognized_name

std::string file(const QString& name) {
    QFile opened(QStringLiteral(WHERRY_TEST_DATA "/web/") + name);
    return opened.open(QIODevice::ReadOnly) ? opened.readAll().toStdString() : std::string();
}
std::shared_ptr<const WebCertificate> certificate(const QString& name) {
    return *WebCertificate::fromPem(file(name + ".pem"), file(name + ".key.pem"));
}
std::shared_ptr<const WebTrust> testAuthority() {
    return *WebTrust::fromPem(file("authority.pem"));
}

struct End {
    explicit End(std::unique_ptr<WssLayer> made, Now at = kNow) : layer(std::move(made)), now(at) {}
    explicit End(std::shared_ptr<const WebCertificate> ours) : End(std::move(*WssLayer::listen(std::move(ours)))) {}
    End(std::shared_ptr<const WebTrust> trust, const std::string& name, Now at = kNow)
        : End(std::move(*WssLayer::dial(std::move(trust), name)), at) {}

    void receive(ByteView in) {
        if (failed) return;
        const auto result = layer->receive(in, plain, now);
        if (!result) error = result.error();
        failed = !result;
    }
    Bytes takeOutput() { return layer->takeOutput(); }

    std::unique_ptr<WssLayer> layer;
    Now now;
    Bytes plain;
    Error error;
    bool failed = false;
};

/// What becomes of a dial to `name` when the server shows `shown`.
Error refusal(std::shared_ptr<const WebCertificate> shown, std::shared_ptr<const WebTrust> trust,
              const std::string& name, Now at = kNow) {
    End dialer(std::move(trust), name, at), listener(std::move(shown));
    talk(dialer, listener);
    if (dialer.layer->open()) return {};
    return listener.failed && !listener.layer->open() ? dialer.error : makeError(Errc::Internal, "the server goes on");
}

} // namespace

class WssLayerTest : public QObject {
    Q_OBJECT
  private slots:
    void bothEndsUnderstandEachOtherHoweverTheBytesAreCut_data();
    void bothEndsUnderstandEachOtherHoweverTheBytesAreCut();
    void aServerIsKnownByItsAddressToo();
    void aCertificateMadeForThisDeviceHoldsForItAlone();
    void anotherNameIsRefused();
    void whatNobodyVouchesForIsRefused();
    void aCertificateIsHeldToItsDates();
    void aCertificateOfAClientIsNoServer();
    void whatIsNotTlsIsRefused_data();
    void whatIsNotTlsIsRefused();
    void aWarningInTheHandshakeEndsNothing_data();
    void aWarningInTheHandshakeEndsNothing();
    void warningsWithoutEndAreRefused();
    void aTruncatedHandshakeLeadsNowhere();
    void aHugeHandshakeMessageIsRefused();
    void anEndInGoodOrderIsTold();
    void aChangedRecordEndsIt();
    void certificatesThatCannotBeReadSayWhich();
};

void WssLayerTest::bothEndsUnderstandEachOtherHoweverTheBytesAreCut_data() {
    QTest::addColumn<int>("piece");
    for (const int piece : {1, 5, 100, 1 << 20}) QTest::addRow("pieces of %d", piece) << piece;
}

void WssLayerTest::bothEndsUnderstandEachOtherHoweverTheBytesAreCut() {
    QFETCH(int, piece);
    End dialer(testAuthority(), "node.example.org"), listener(certificate("server"));
    talk(dialer, listener, size_t(piece));
    QVERIFY2(dialer.layer->open() && listener.layer->open(), (dialer.error.text() + listener.error.text()).c_str());
    const Bytes sent(300000, 7);
    for (auto [from, to] : {std::pair(&dialer, &listener), std::pair(&listener, &dialer)}) {
        Bytes out;
        from->layer->seal(sent, out);
        for (size_t at = 0; at < out.size(); at += 9999)
            to->receive(ByteView(out).subspan(at, std::min(size_t(9999), out.size() - at)));
        QVERIFY(to->plain == sent);
    }
}

void WssLayerTest::aServerIsKnownByItsAddressToo() {
    QCOMPARE(refusal(certificate("server"), testAuthority(), "192.0.2.1").text(), Error().text());
    QCOMPARE(refusal(certificate("server"), testAuthority(), "192.0.2.2").code, Errc::VerificationFailed);
}

void WssLayerTest::aCertificateMadeForThisDeviceHoldsForItAlone() {
    const auto made = *WebCertificate::forLocalhost(kNow.wall);
    const auto trust = *WebTrust::fromPem(made->pem());
    for (const char* name : {"localhost", "127.0.0.1", "::1"})
        QCOMPARE(refusal(made, trust, name).text(), Error().text());
    QCOMPARE(refusal(made, trust, "192.0.2.1").code, Errc::VerificationFailed);
    const auto another = *WebCertificate::forLocalhost(kNow.wall);
    QCOMPARE(refusal(another, trust, "localhost").code, Errc::VerificationFailed);
}

void WssLayerTest::anotherNameIsRefused() {
    for (const char* name : {"example.org", "other.example.org", "node.example.org.evil.example", "localhost"}) {
        const Error error = refusal(certificate("server"), testAuthority(), name);
        QCOMPARE(error.code, Errc::VerificationFailed);
        QVERIFY2(error.context.find(name) != std::string::npos, error.text().c_str());
    }
}

void WssLayerTest::whatNobodyVouchesForIsRefused() {
    const auto stranger = *WebTrust::fromPem((*WebCertificate::forLocalhost(kNow.wall))->pem());
    QCOMPARE(refusal(certificate("server"), stranger, "node.example.org").code, Errc::VerificationFailed);
}

void WssLayerTest::aCertificateIsHeldToItsDates() {
    const auto made = *WebCertificate::forLocalhost(kNow.wall);
    const auto trust = *WebTrust::fromPem(made->pem());
    const int64_t life = std::chrono::seconds(crypto::kLocalhostCertificateLife).count();
    const auto at = [](int64_t offset) { return Now{{}, UnixTime::fromSeconds(kNow.wall.seconds() + offset)}; };
    QCOMPARE(refusal(made, trust, "localhost", at(life)).text(), Error().text());
    QCOMPARE(refusal(made, trust, "localhost", at(life + 1)).code, Errc::VerificationFailed);
    QCOMPARE(refusal(made, trust, "localhost", at(-24 * 3600)).text(), Error().text());
    QCOMPARE(refusal(made, trust, "localhost", at(-24 * 3600 - 1)).code, Errc::VerificationFailed);
}

void WssLayerTest::aCertificateOfAClientIsNoServer() {
    QCOMPARE(refusal(certificate("client"), testAuthority(), "node.example.org").code, Errc::VerificationFailed);
}

void WssLayerTest::whatIsNotTlsIsRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("a WebSocket without TLS") << QByteArray("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n");
    QTest::newRow("libp2p over TCP") << QByteArray("\x13/multistream/1.0.0\n", 20);
    QTest::newRow("zeros") << QByteArray(100, '\0');
    QTest::newRow("data first") << QByteArray::fromHex("1703030005") + QByteArray("hello");
}

void WssLayerTest::whatIsNotTlsIsRefused() {
    QFETCH(QByteArray, bytes);
    const ByteView in = asBytes(std::string_view(bytes.data(), size_t(bytes.size())));
    End dialer(testAuthority(), "node.example.org"), listener(certificate("server"));
    for (End* end : {&dialer, &listener}) {
        end->receive(in);
        QVERIFY(end->failed && !end->layer->open() && end->plain.empty());
        QCOMPARE(end->error.code, Errc::ProtocolViolation);
    }
}

/// Servers that speak TLS 1.2 at most say `unrecognized_name` before their hello (RFC 6066 section 3).
void WssLayerTest::aWarningInTheHandshakeEndsNothing_data() {
    QTest::addColumn<bool>("alone");
    QTest::newRow("in a piece of its own") << true;
    QTest::newRow("in front of the hello") << false;
}

void WssLayerTest::aWarningInTheHandshakeEndsNothing() {
    QFETCH(bool, alone);
    End dialer(testAuthority(), "node.example.org"), listener(certificate("server"));
    listener.receive(dialer.layer->takeOutput());
    Bytes flight = kWarning;
    if (alone) dialer.receive(std::exchange(flight, {}));
    append(flight, listener.layer->takeOutput());
    dialer.receive(flight);
    talk(dialer, listener);
    QVERIFY2(dialer.layer->open() && listener.layer->open(), (dialer.error.text() + listener.error.text()).c_str());
}

void WssLayerTest::warningsWithoutEndAreRefused() {
    End dialer(testAuthority(), "node.example.org");
    size_t fed = 0;
    for (; !dialer.failed && fed <= kMaxTlsWithoutData; fed += kWarning.size()) dialer.receive(kWarning);
    QVERIFY(dialer.failed && !dialer.layer->open() && fed > kWarning.size());
}

void WssLayerTest::aTruncatedHandshakeLeadsNowhere() {
    End dialer(testAuthority(), "node.example.org");
    const Bytes first = dialer.layer->takeOutput();
    for (size_t length = 0; length < first.size(); length += 7) {
        End listener(certificate("server"));
        listener.receive(ByteView(first).first(length));
        QVERIFY(!listener.failed && !listener.layer->open() && listener.plain.empty());
        QVERIFY(!listener.layer->hasOutput());
    }
}

void WssLayerTest::aHugeHandshakeMessageIsRefused() {
    End listener(certificate("server"));
    // A ClientHello that announces 16 MB, in records of 16 KiB.
    Bytes first = fromHex("160303400001ffffff");
    first.resize(5 + 0x4000, 1);
    size_t fed = 0;
    for (; !listener.failed && fed < 1 << 20; fed += first.size()) listener.receive(first);
    QCOMPARE(listener.error.code, Errc::TooLarge);
    QVERIFY(fed <= kMaxTlsWithoutData + first.size());
}

void WssLayerTest::anEndInGoodOrderIsTold() {
    End dialer(testAuthority(), "node.example.org"), listener(certificate("server"));
    talk(dialer, listener);
    Bytes out;
    dialer.layer->seal(asBytes("last words"), out);
    dialer.layer->close(out);
    listener.receive(out);
    QCOMPARE(asText(listener.plain), std::string_view("last words"));
    QVERIFY(listener.failed);
    QCOMPARE(listener.error.code, Errc::ConnectionLost);
}

void WssLayerTest::aChangedRecordEndsIt() {
    End dialer(testAuthority(), "node.example.org"), listener(certificate("server"));
    talk(dialer, listener);
    Bytes out;
    dialer.layer->seal(asBytes("evil"), out);
    out.back() ^= 1;
    listener.receive(out);
    QVERIFY(listener.failed && listener.plain.empty());
}

void WssLayerTest::certificatesThatCannotBeReadSayWhich() {
    const auto contextOf = [](const auto& result) { return result ? std::string() : result.error().context; };
    const std::string server = file("server.pem"), key = file("server.key.pem");
    QVERIFY(contextOf(WebCertificate::fromPem(server, "rubbish")).starts_with("the certificate's key: "));
    QVERIFY(contextOf(WebCertificate::fromPem("rubbish", key)).starts_with("the certificate: "));
    QCOMPARE(contextOf(WebCertificate::fromPem(server, file("client.key.pem"))),
             std::string("the certificate and its key do not belong together"));
    QVERIFY(contextOf(WebTrust::fromPem("rubbish")).starts_with("the trusted certificates: "));
    QVERIFY(contextOf(WebTrust::fromPem("")).starts_with("the trusted certificates: "));
    QVERIFY(!WebCertificate::fromPem(std::string(crypto::kMaxWebPemBytes + 1, '\n'), key));
}

QTEST_APPLESS_MAIN(WssLayerTest)
#include "wss_layer_test.moc"

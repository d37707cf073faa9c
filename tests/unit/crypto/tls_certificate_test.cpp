#include "crypto/certificate_parts.h"
#include "crypto/crypto_limits.h"
#include "crypto/tls_certificate.h"
#include "unit/crypto/certificate_builder.h"

#include <gnutls/gnutls.h>

#include <QFile>
#include <QtTest>

using namespace wherry;
using namespace wherry::crypto;
using namespace wherry::test;

namespace {

const UnixTime kNow = UnixTime::fromSeconds(1'800'000'000); // 2027-01-15

Identity host() {
    std::array<uint8_t, 32> seed{};
    seed.fill(1);
    return Identity::fromSeed(seed);
}

Result<ProvenPeer> verify(const Bytes& der, UnixTime now = kNow) {
    const ByteView chain[] = {der};
    return verifyTlsCertificate(chain, now);
}

Bytes specVector(int number) {
    QFile file(QStringLiteral(WHERRY_TEST_DATA "/tls/spec%1.der").arg(number));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no TLS vector");
    const QByteArray bytes = file.readAll();
    return {bytes.begin(), bytes.end()};
}

/// The code of the refusal, "accepted" is Internal.
Errc refusal(const Result<ProvenPeer>& verdict) {
    return verdict ? Errc::Internal : verdict.error().code;
}

} // namespace

class TlsCertificateTest : public QObject {
    Q_OBJECT
  private slots:
    void ourOwnCertificateProvesOurPeerId();
    void everyCertificateOfOursIsNew();
    void gnutlsTakesTheKeyForTheCertificate();
    void theSpecificationsVectorsAreJudgedAsItSays();
    void foreignKindsOfGoodCertificatesAreAccepted();
    void foreignHostKeysAreVerified();
    void datesCount();
    void aChainMustHaveExactlyOneCertificate();
    void theExtensionMustBeThereOnce();
    void otherExtensionsMayBeThereUnlessCritical();
    void wrongSignaturesAreRefused();
    void theHostKeyMayNotSignTheHandshakeItself();
    void weakAndForeignAlgorithmsAreRefused();
    void hugeKeysAreRefusedBeforeTheyCostAnything();
    void formsThatDerForbidsAreRefused();
    void aCertificateCutOrDamagedAnywhereIsRefused();

  private:
    const Identity m_host = host();
    const SigningKey m_key = SigningKey::p256();
};

void TlsCertificateTest::ourOwnCertificateProvesOurPeerId() {
    const auto made = makeTlsCertificate(m_host);
    QVERIFY2(made, made ? "" : made.error().text().c_str());
    const auto proven = verify(made->certificate);
    QVERIFY2(proven, proven ? "" : proven.error().text().c_str());
    QVERIFY(proven->peerId == m_host.peerId());
    QCOMPARE(proven->publicKey, PublicKey::ofEd25519(m_host.publicKey()).encode());
    // Whatever this device's clock says, or another's.
    constexpr int64_t kYear2100 = 4'102'444'800;
    for (const int64_t clock : {int64_t{0}, kNow.seconds() - 86400 * 365, kNow.seconds() + 86400 * 365, kYear2100})
        QVERIFY2(verify(made->certificate, UnixTime::fromSeconds(clock)), std::to_string(clock).c_str());
    QVERIFY(!verify(made->certificate, UnixTime::fromSeconds(-1)));
    // Short enough for the first flight of a QUIC server.
    QVERIFY(made->certificate.size() < 450);
}

void TlsCertificateTest::everyCertificateOfOursIsNew() {
    const auto first = makeTlsCertificate(m_host);
    const auto second = makeTlsCertificate(m_host);
    QVERIFY(first && second);
    QVERIFY(first->privateKey != second->privateKey);
    QVERIFY(first->certificate != second->certificate);
}

void TlsCertificateTest::gnutlsTakesTheKeyForTheCertificate() {
    const auto made = makeTlsCertificate(m_host);
    QVERIFY(made);
    gnutls_certificate_credentials_t credentials = nullptr;
    QCOMPARE(gnutls_certificate_allocate_credentials(&credentials), 0);
    const gnutls_datum_t certificate = datumOf(made->certificate);
    const gnutls_datum_t key = datumOf(made->privateKey);
    QCOMPARE(gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_DER), 0);
    gnutls_certificate_free_credentials(credentials);
}

void TlsCertificateTest::theSpecificationsVectorsAreJudgedAsItSays() {
    QCOMPARE(verify(specVector(1))->peerId.text(), std::string("12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv"));
    QCOMPARE(verify(specVector(2))->peerId.text(), std::string("QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE"));
    const auto third = verify(specVector(3));
    QCOMPARE(refusal(third), Errc::Unsupported);
    QVERIFY(third.error().context.find("Secp256k1") != std::string::npos);
    QCOMPARE(refusal(verify(specVector(4))), Errc::VerificationFailed);
}

void TlsCertificateTest::foreignKindsOfGoodCertificatesAreAccepted() {
    QVERIFY(verify(CertificateBuilder(m_key, m_host).build()));
    CertificateBuilder critical(m_key, m_host);
    critical.criticalLibp2pExtension = true;
    QVERIFY(verify(critical.build()));

    const SigningKey ed25519 = SigningKey::ed25519();
    CertificateBuilder edwards(ed25519, m_host);
    edwards.signatureKind = GNUTLS_SIGN_EDDSA_ED25519;
    edwards.algorithm = edwards.innerAlgorithm = fromHex("300506032b6570");
    QVERIFY(verify(edwards.build()));

    const SigningKey rsa = SigningKey::rsa(2048);
    CertificateBuilder pkcs1(rsa, m_host);
    pkcs1.signatureKind = GNUTLS_SIGN_RSA_SHA256;
    pkcs1.algorithm = pkcs1.innerAlgorithm = fromHex("300d06092a864886f70d01010b0500");
    QVERIFY(verify(pkcs1.build()));
}

void TlsCertificateTest::foreignHostKeysAreVerified() {
    const SigningKey rsa = SigningKey::rsa(2048);
    CertificateBuilder withRsa(m_key, m_host);
    withRsa.hostKey = publicKeyMessage(0, rsa.subjectPublicKeyInfo());
    withRsa.signAsHost = [&](ByteView text) { return rsa.sign(GNUTLS_SIGN_RSA_SHA256, text); };
    const auto rsaPeer = verify(withRsa.build());
    QVERIFY2(rsaPeer, rsaPeer ? "" : rsaPeer.error().text().c_str());
    QVERIFY(rsaPeer->peerId.text().starts_with("Qm"));

    const SigningKey ecdsa = SigningKey::p256();
    CertificateBuilder withEcdsa(m_key, m_host);
    withEcdsa.hostKey = publicKeyMessage(3, ecdsa.subjectPublicKeyInfo());
    withEcdsa.signAsHost = [&](ByteView text) { return ecdsa.sign(GNUTLS_SIGN_ECDSA_SHA256, text); };
    QVERIFY(verify(withEcdsa.build()));
    withEcdsa.signAsHost = [&](ByteView text) { return m_key.sign(GNUTLS_SIGN_ECDSA_SHA256, text); };
    QCOMPARE(refusal(verify(withEcdsa.build())), Errc::VerificationFailed);
}

void TlsCertificateTest::datesCount() {
    CertificateBuilder builder(m_key, m_host);
    builder.notAfter = "20270115075959Z"; // one second before kNow
    QCOMPARE(refusal(verify(builder.build())), Errc::VerificationFailed);
    builder.notAfter = "20270115080000Z";
    QVERIFY(verify(builder.build()));
    builder.notBefore = "20270115080001Z";
    builder.notAfter = "40960101000000Z";
    QCOMPARE(refusal(verify(builder.build())), Errc::VerificationFailed);
    builder.notBefore = "20270115080000Z";
    QVERIFY(verify(builder.build()));
    for (const char* bad : {"", "2027", "20271315080000Z", "99999999999999Z", "xxxxxxxxxxxxxxZ"}) {
        builder.notBefore = bad;
        QVERIFY2(!verify(builder.build()), bad);
    }
}

void TlsCertificateTest::aChainMustHaveExactlyOneCertificate() {
    const Bytes good = CertificateBuilder(m_key, m_host).build();
    QCOMPARE(refusal(verifyTlsCertificate({}, kNow)), Errc::Malformed);
    const ByteView twice[] = {good, good};
    QCOMPARE(refusal(verifyTlsCertificate(twice, kNow)), Errc::Malformed);
    CertificateBuilder longer(m_key, m_host);
    longer.trailing = good;
    QCOMPARE(refusal(verify(longer.build())), Errc::Malformed);
}

void TlsCertificateTest::theExtensionMustBeThereOnce() {
    CertificateBuilder missing(m_key, m_host);
    missing.withLibp2pExtension = false;
    QCOMPARE(refusal(verify(missing.build())), Errc::Malformed);
    missing.extraExtensions = {CertificateBuilder::extension("551d0e", false, fromHex("0400"))};
    QCOMPARE(refusal(verify(missing.build())), Errc::Malformed);
    CertificateBuilder twice(m_key, m_host);
    twice.extraExtensions = {twice.libp2pExtension()};
    QCOMPARE(refusal(verify(twice.build())), Errc::Malformed);
}

void TlsCertificateTest::otherExtensionsMayBeThereUnlessCritical() {
    CertificateBuilder builder(m_key, m_host);
    // Basic constraints, and one that nobody knows.
    for (const char* oid : {"551d13", "2a0304"}) {
        builder.extraExtensions = {CertificateBuilder::extension(oid, false, fromHex("3000"))};
        QVERIFY2(verify(builder.build()), oid);
        builder.extraExtensions = {CertificateBuilder::extension(oid, true, fromHex("3000"))};
        QVERIFY2(refusal(verify(builder.build())) == Errc::Malformed, oid);
    }
    builder.extraExtensions.clear();
    for (size_t i = 0; i + 1 < kMaxCertificateExtensions; ++i)
        builder.extraExtensions.push_back(
            CertificateBuilder::extension("2a03" + toHex(Bytes{uint8_t(i)}), false, fromHex("3000")));
    QVERIFY(verify(builder.build()));
    builder.extraExtensions.push_back(CertificateBuilder::extension("2a037f", false, fromHex("3000")));
    QCOMPARE(refusal(verify(builder.build())), Errc::Malformed);
}

void TlsCertificateTest::wrongSignaturesAreRefused() {
    CertificateBuilder prefix(m_key, m_host);
    prefix.signedPrefix = "libp2p-tls-handshake";
    QCOMPARE(refusal(verify(prefix.build())), Errc::VerificationFailed);

    CertificateBuilder stolen(m_key, m_host);
    const SigningKey other = SigningKey::p256();
    const CertificateBuilder victim(other, m_host);
    // The victim's extension in a certificate with another key.
    stolen.withLibp2pExtension = false;
    stolen.extraExtensions = {victim.libp2pExtension()};
    QCOMPARE(refusal(verify(stolen.build())), Errc::VerificationFailed);

    CertificateBuilder notSelf(other, m_host);
    notSelf.spki = m_key.subjectPublicKeyInfo();
    QCOMPARE(refusal(verify(notSelf.build())), Errc::Malformed);

    CertificateBuilder empty(m_key, m_host);
    empty.signAsHost = [](ByteView) { return Bytes(); };
    QCOMPARE(refusal(verify(empty.build())), Errc::VerificationFailed);
    empty.signAsHost = [](ByteView) { return Bytes(kMaxSignatureBytes + 1); };
    QCOMPARE(refusal(verify(empty.build())), Errc::VerificationFailed);
}

void TlsCertificateTest::theHostKeyMayNotSignTheHandshakeItself() {
    const SigningKey ecdsa = SigningKey::p256();
    CertificateBuilder builder(ecdsa, m_host);
    builder.hostKey = publicKeyMessage(3, ecdsa.subjectPublicKeyInfo());
    builder.signAsHost = [&](ByteView text) { return ecdsa.sign(GNUTLS_SIGN_ECDSA_SHA256, text); };
    QCOMPARE(refusal(verify(builder.build())), Errc::Malformed);

    const SigningKey ed25519 = SigningKey::ed25519();
    CertificateBuilder edwards(ed25519, m_host);
    edwards.signatureKind = GNUTLS_SIGN_EDDSA_ED25519;
    edwards.algorithm = edwards.innerAlgorithm = fromHex("300506032b6570");
    edwards.hostKey = publicKeyMessage(1, ByteView(edwards.spki).last(32));
    edwards.signAsHost = [&](ByteView text) { return ed25519.sign(GNUTLS_SIGN_EDDSA_ED25519, text); };
    const auto verdict = verify(edwards.build());
    QCOMPARE(refusal(verdict), Errc::Malformed);
    QVERIFY(verdict.error().context.find("host key itself") != std::string::npos);
}

void TlsCertificateTest::weakAndForeignAlgorithmsAreRefused() {
    CertificateBuilder sha1(m_key, m_host);
    sha1.signatureKind = GNUTLS_SIGN_ECDSA_SHA1;
    sha1.algorithm = sha1.innerAlgorithm = fromHex("300906072a8648ce3d0401");
    QCOMPARE(refusal(verify(sha1.build())), Errc::Malformed);
    CertificateBuilder unknown(m_key, m_host);
    unknown.algorithm = unknown.innerAlgorithm = fromHex("300406022a03");
    QCOMPARE(refusal(verify(unknown.build())), Errc::Malformed);
    CertificateBuilder two(m_key, m_host);
    two.innerAlgorithm = fromHex("300a06082a8648ce3d040303");
    QCOMPARE(refusal(verify(two.build())), Errc::Malformed);
    // A host on another curve.
    const SigningKey p384 = SigningKey::p384();
    CertificateBuilder curve(m_key, m_host);
    curve.hostKey = publicKeyMessage(3, p384.subjectPublicKeyInfo());
    QCOMPARE(refusal(verify(curve.build())), Errc::Unsupported);
}

void TlsCertificateTest::hugeKeysAreRefusedBeforeTheyCostAnything() {
    // CVE-2023-39533: as host key, and as the certificate's own key.
    CertificateBuilder asHost(m_key, m_host);
    asHost.hostKey = publicKeyMessage(0, rsaSubjectPublicKeyInfo(8193));
    QCOMPARE(refusal(verify(asHost.build())), Errc::Unsupported);
    CertificateBuilder own(m_key, m_host);
    own.spki = rsaSubjectPublicKeyInfo(8193);
    own.algorithm = own.innerAlgorithm = fromHex("300d06092a864886f70d01010b0500");
    QCOMPARE(refusal(verify(own.build())), Errc::Unsupported);
    own.spki = rsaSubjectPublicKeyInfo(4096, Bytes(512, 0x7f));
    QCOMPARE(refusal(verify(own.build())), Errc::Unsupported);
    CertificateBuilder padded(m_key, m_host);
    padded.extraExtensions = {CertificateBuilder::extension("2a0304", false, Bytes(kMaxCertificateBytes))};
    QCOMPARE(refusal(verify(padded.build())), Errc::Malformed);
}

void TlsCertificateTest::formsThatDerForbidsAreRefused() {
    CertificateBuilder uniqueId(m_key, m_host);
    uniqueId.extraFields = fromHex("81020001");
    QCOMPARE(refusal(verify(uniqueId.build())), Errc::Malformed);
    CertificateBuilder versionOne(m_key, m_host);
    versionOne.version = {};
    QCOMPARE(refusal(verify(versionOne.build())), Errc::Malformed);
    const Bytes good = CertificateBuilder(m_key, m_host).build();
    Bytes indefinite = good;
    indefinite[1] = 0x80;
    QCOMPARE(refusal(verify(indefinite)), Errc::Malformed);
    // The outer length once more, in three bytes instead of two.
    Bytes padded{0x30, 0x83, 0x00};
    append(padded, ByteView(good).subspan(2));
    QCOMPARE(refusal(verify(padded)), Errc::Malformed);
    QCOMPARE(refusal(verify({})), Errc::Malformed);
}

void TlsCertificateTest::aCertificateCutOrDamagedAnywhereIsRefused() {
    const Bytes good = CertificateBuilder(m_key, m_host).build();
    for (size_t i = 0; i < good.size(); ++i) {
        QVERIFY(!verify({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i)}));
        Bytes damaged = good;
        damaged[i] ^= 0x01;
        QVERIFY2(!verify(damaged), qPrintable(QString::number(i)));
    }
}

QTEST_APPLESS_MAIN(TlsCertificateTest)
#include "tls_certificate_test.moc"

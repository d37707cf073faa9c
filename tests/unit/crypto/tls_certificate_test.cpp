#include "crypto/tls_certificate.h"

#include <gnutls/gnutls.h>

#include <QFile>
#include <QtTest>

using namespace wherry;
using namespace wherry::crypto;

namespace {

const UnixTime kNow = UnixTime::fromSeconds(1'800'000'000); // 2027-01-15

Identity testIdentity(uint8_t fill = 1) {
    std::array<uint8_t, 32> seed{};
    seed.fill(fill);
    return Identity::fromSeed(seed);
}

Result<ProvenPeer> verify(const Bytes& der, UnixTime now = kNow) {
    const ByteView chain[] = {der};
    return verifyTlsCertificate(chain, now);
}

} // namespace

class TlsCertificateTest : public QObject {
    Q_OBJECT
  private slots:
    void ourOwnCertificateProvesOurPeerId();
    void gnutlsTakesTheKeyForTheCertificate();
};

void TlsCertificateTest::ourOwnCertificateProvesOurPeerId() {
    const Identity identity = testIdentity();
    const auto made = makeTlsCertificate(identity, kNow);
    QVERIFY2(made, made ? "" : made.error().text().c_str());
    const auto proven = verify(made->certificate);
    QVERIFY2(proven, proven ? "" : proven.error().text().c_str());
    QVERIFY(proven->peerId == identity.peerId());
    QCOMPARE(proven->peerId.text(), std::string("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"));
}

void TlsCertificateTest::gnutlsTakesTheKeyForTheCertificate() {
    const auto made = makeTlsCertificate(testIdentity(), kNow);
    QVERIFY(made);
    gnutls_certificate_credentials_t credentials = nullptr;
    QCOMPARE(gnutls_certificate_allocate_credentials(&credentials), 0);
    gnutls_datum_t certificate{const_cast<uint8_t*>(made->certificate.data()), unsigned(made->certificate.size())};
    gnutls_datum_t key{const_cast<uint8_t*>(made->privateKey.data()), unsigned(made->privateKey.size())};
    QCOMPARE(gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_DER), 0);
    gnutls_certificate_free_credentials(credentials);
}

QTEST_APPLESS_MAIN(TlsCertificateTest)
#include "tls_certificate_test.moc"

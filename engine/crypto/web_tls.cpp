#include "crypto/web_tls.h"

#include "crypto/crypto_limits.h"
#include "crypto/gnutls_handles.h"
#include "crypto/rsa_bounds.h"

#include <vector>

namespace wherry::crypto {

namespace {

/// What browsers and servers of today speak (RFC 9325 section 3.1.1).
constexpr const char* kPriority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";

Result<gnutls_datum_t> pemDatum(std::string_view pem, const char* what) {
    if (pem.size() > kMaxWebPemBytes) return makeError(Errc::TooLarge, what);
    return datumOf(asBytes(pem));
}

/// What is wrong, and what the file should have been.
Error notPem(const std::string& what, const std::string& label, int rc) {
    return makeError(Errc::Malformed, what + ": it cannot be read (" + gnutls_strerror(rc) +
                                          "); wanted is a PEM file with a block that begins with -----BEGIN " + label +
                                          "-----");
}

/// The dates, and a key that costs no more to use than others.
Result<void> checkOne(gnutls_x509_crt_t certificate, UnixTime now) {
    if (now.seconds() < gnutls_x509_crt_get_activation_time(certificate))
        return makeError(Errc::VerificationFailed, "the server's certificate is not valid yet by this device's clock");
    if (now.seconds() > gnutls_x509_crt_get_expiration_time(certificate))
        return makeError(Errc::VerificationFailed, "the server's certificate has expired by this device's clock");
    const PublicKeyHandle key = newPublicKey();
    if (gnutls_pubkey_import_x509(key.get(), certificate, 0) < 0)
        return makeError(Errc::VerificationFailed, "the server's certificate has an unreadable key");
    const int kind = gnutls_pubkey_get_pk_algorithm(key.get(), nullptr);
    if (kind == GNUTLS_PK_RSA || kind == GNUTLS_PK_RSA_PSS) TRY_OK(checkRsaBounds(key.get()));
    return {};
}

std::string why(unsigned status, const std::string& serverName) {
    if ((status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0) return "the server's certificate is not for " + serverName;
    if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0)
        return "the server's certificate is signed by nobody whom this device trusts; the setting "
               "network.trusted_certificates can name a file with those that are to be trusted";
    if ((status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0) return "the server's certificate is not one of a server";
    return "the server's certificate does not hold (" + std::to_string(status) + ")";
}

} // namespace

// --- what both sides have -----------------------------------------------------------------------------------------

Result<void> WebTlsContext::open() {
    if (int rc = gnutls_certificate_allocate_credentials(&m_credentials); rc != 0)
        return gnutlsError("allocating TLS credentials", rc);
    if (int rc = gnutls_priority_init(&m_priority, kPriority, nullptr); rc != 0)
        return gnutlsError("setting TLS priorities", rc);
    return {};
}

WebTlsContext::~WebTlsContext() {
    if (m_priority) gnutls_priority_deinit(m_priority);
    if (m_credentials) gnutls_certificate_free_credentials(m_credentials);
}

// --- listeners ----------------------------------------------------------------------------------------------------

Result<std::shared_ptr<const WebCertificate>> WebCertificate::fromPem(std::string_view chain, std::string_view key) {
    const std::shared_ptr<WebCertificate> made(new WebCertificate);
    TRY_OK(made->open());
    TRY(const gnutls_datum_t chainPem, pemDatum(chain, "the certificate"));
    TRY(const gnutls_datum_t keyPem, pemDatum(key, "the certificate's key"));
    const CertificateKeyHandle readable = newCertificateKey();
    if (int rc = gnutls_x509_privkey_import2(readable.get(), &keyPem, GNUTLS_X509_FMT_PEM, nullptr, 0); rc < 0)
        return notPem("the certificate's key", "PRIVATE KEY", rc);
    const int rc = gnutls_certificate_set_x509_key_mem(made->credentials(), &chainPem, &keyPem, GNUTLS_X509_FMT_PEM);
    if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return makeError(Errc::Malformed, "the certificate and its key do not belong together");
    if (rc < 0) return notPem("the certificate", "CERTIFICATE", rc);
    TRY_OK(made->readLeaf(chainPem));
    return std::shared_ptr<const WebCertificate>(made);
}

Result<void> WebCertificate::readLeaf(const gnutls_datum_t& chainPem) {
    const CertificateHandle leaf = newCertificate();
    GnutlsDatum pem;
    int rc = gnutls_x509_crt_import(leaf.get(), &chainPem, GNUTLS_X509_FMT_PEM);
    if (rc >= 0) rc = gnutls_x509_crt_export2(leaf.get(), GNUTLS_X509_FMT_PEM, pem.out());
    if (rc < 0) return notPem("the certificate", "CERTIFICATE", rc);
    m_pem = std::string(asText(pem.view()));
    m_expires = UnixTime::fromSeconds(gnutls_x509_crt_get_expiration_time(leaf.get()));
    for (unsigned i = 0; i < kMaxWebNames; ++i) {
        char name[kMaxWebName];
        size_t size = sizeof name;
        const int kind = gnutls_x509_crt_get_subject_alt_name(leaf.get(), i, name, &size, nullptr);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) break;
        if (kind == GNUTLS_SAN_DNSNAME) m_dnsNames.emplace_back(name, size);
    }
    return {};
}

namespace {

/// `GNUTLS_OK("what", call)`: returns from the enclosing function when the call fails.
#define GNUTLS_OK(doing, call)                                                                                         \
    if (const int code = (call); code < 0) return gnutlsError(doing, code)

Result<void> fillLocalhost(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, UnixTime now) {
    constexpr int64_t kDay = 24 * 3600;
    constexpr std::string_view kName = "localhost";
    GNUTLS_OK("certificate version", gnutls_x509_crt_set_version(certificate, 3));
    GNUTLS_OK("certificate key", gnutls_x509_crt_set_key(certificate, key));
    uint8_t serial[20]; // the key's, as it is made for this certificate alone
    size_t size = sizeof serial;
    GNUTLS_OK("certificate key id", gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA1, serial, &size));
    serial[0] = static_cast<uint8_t>((serial[0] & 0x7f) | 0x40);
    GNUTLS_OK("certificate serial", gnutls_x509_crt_set_serial(certificate, serial, size));
    GNUTLS_OK("certificate date", gnutls_x509_crt_set_activation_time(certificate, now.seconds() - kDay));
    GNUTLS_OK("certificate date",
              gnutls_x509_crt_set_expiration_time(
                  certificate, now.seconds() + std::chrono::seconds(kLocalhostCertificateLife).count()));
    GNUTLS_OK("certificate name", gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                                kName.data(), static_cast<unsigned>(kName.size())));
    const uint8_t v4[] = {127, 0, 0, 1};
    const uint8_t v6[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const auto addName = [&](gnutls_x509_subject_alt_name_t kind, const void* name, size_t length) {
        return gnutls_x509_crt_set_subject_alt_name(certificate, kind, name, static_cast<unsigned>(length),
                                                    GNUTLS_FSAN_APPEND);
    };
    GNUTLS_OK("certificate name", addName(GNUTLS_SAN_DNSNAME, kName.data(), kName.size()));
    GNUTLS_OK("certificate name", addName(GNUTLS_SAN_IPADDRESS, v4, sizeof v4));
    GNUTLS_OK("certificate name", addName(GNUTLS_SAN_IPADDRESS, v6, sizeof v6));
    GNUTLS_OK("certificate constraints", gnutls_x509_crt_set_basic_constraints(certificate, 0, -1));
    GNUTLS_OK("certificate usage", gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE));
    GNUTLS_OK("certificate purpose", gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0));
    GNUTLS_OK("signing the certificate", gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
    return {};
}

} // namespace

Result<std::shared_ptr<const WebCertificate>> WebCertificate::forLocalhost(UnixTime now) {
    TRY(const std::string pem, makeLocalhostPem(now));
    return fromPem(pem, pem);
}

Result<std::string> makeLocalhostPem(UnixTime now) {
    const CertificateKeyHandle key = newCertificateKey();
    GNUTLS_OK("making a key", gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA,
                                                           GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    const CertificateHandle certificate = newCertificate();
    TRY_OK(fillLocalhost(certificate.get(), key.get(), now));
    GnutlsDatum certificatePem;
    GnutlsDatum keyPem;
    GNUTLS_OK("writing the certificate",
              gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_PEM, certificatePem.out()));
    GNUTLS_OK("writing the key", gnutls_x509_privkey_export2(key.get(), GNUTLS_X509_FMT_PEM, keyPem.out()));
    return std::string(asText(certificatePem.view())) + std::string(asText(keyPem.view()));
}

#undef GNUTLS_OK

// --- diallers -----------------------------------------------------------------------------------------------------

Result<std::shared_ptr<const WebTrust>> WebTrust::ofSystem() {
    const std::shared_ptr<WebTrust> made(new WebTrust);
    TRY_OK(made->open());
    if (int rc = gnutls_x509_trust_list_init(&made->m_list, 0); rc < 0) return gnutlsError("a list of authorities", rc);
    if (gnutls_x509_trust_list_add_system_trust(made->m_list, 0, 0) <= 0)
        return makeError(Errc::NotFound, "this system has no list of certificate authorities");
    return std::shared_ptr<const WebTrust>(made);
}

Result<std::shared_ptr<const WebTrust>> WebTrust::fromPem(std::string_view certificates) {
    const std::shared_ptr<WebTrust> made(new WebTrust);
    TRY_OK(made->open());
    TRY(const gnutls_datum_t pem, pemDatum(certificates, "the trusted certificates"));
    if (int rc = gnutls_x509_trust_list_init(&made->m_list, 0); rc < 0) return gnutlsError("a list of authorities", rc);
    const int count = gnutls_x509_trust_list_add_trust_mem(made->m_list, &pem, nullptr, GNUTLS_X509_FMT_PEM, 0, 0);
    if (count <= 0) return makeError(Errc::Malformed, "the trusted certificates: none can be read");
    return std::shared_ptr<const WebTrust>(made);
}

WebTrust::~WebTrust() {
    if (m_list) gnutls_x509_trust_list_deinit(m_list, 1);
}

Result<void> WebTrust::verify(gnutls_session_t session, const std::string& serverName, UnixTime now) const {
    unsigned count = 0;
    const gnutls_datum_t* shown = gnutls_certificate_get_peers(session, &count);
    if (!shown || count == 0 || gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
        return makeError(Errc::VerificationFailed, "the server shows no certificate");
    if (count > kMaxWebChain) return makeError(Errc::TooLarge, "the server's certificates");
    std::vector<CertificateHandle> owned;
    std::vector<gnutls_x509_crt_t> chain;
    for (unsigned i = 0; i < count; ++i) {
        owned.push_back(newCertificate());
        if (gnutls_x509_crt_import(owned.back().get(), &shown[i], GNUTLS_X509_FMT_DER) < 0)
            return makeError(Errc::VerificationFailed, "the server shows an unreadable certificate");
        TRY_OK(checkOne(owned.back().get(), now));
        chain.push_back(owned.back().get());
    }
    const auto text = [](const char* value) { return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(value)); };
    gnutls_typed_vdata_st wanted[] = {{GNUTLS_DT_DNS_HOSTNAME, text(serverName.c_str()), 0},
                                      {GNUTLS_DT_KEY_PURPOSE_OID, text(GNUTLS_KP_TLS_WWW_SERVER), 0}};
    unsigned status = 0;
    // The dates have been looked at, by our clock.
    constexpr unsigned kFlags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
    const int rc = gnutls_x509_trust_list_verify_crt2(m_list, chain.data(), count, wanted, std::size(wanted), kFlags,
                                                      &status, nullptr);
    if (rc < 0)
        return makeError(Errc::VerificationFailed, std::string("the server's certificate: ") + gnutls_strerror(rc));
    if (status != 0) return makeError(Errc::VerificationFailed, why(status, serverName));
    return {};
}

} // namespace wherry::crypto

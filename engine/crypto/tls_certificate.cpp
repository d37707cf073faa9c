#include "crypto/tls_certificate.h"

#include "crypto/certificate_parts.h"
#include "crypto/crypto_limits.h"
#include "crypto/gnutls_handles.h"
#include "crypto/public_key.h"
#include "crypto/rsa_bounds.h"
#include "crypto/sha256.h"

#include <algorithm>
#include <array>

namespace wherry::crypto {

namespace {

constexpr std::string_view kSignaturePrefix = "libp2p-tls-handshake:";
constexpr const char* kLibp2pExtension = "1.3.6.1.4.1.53594.1.1";

Bytes signedKeyText(ByteView subjectPublicKeyInfo) {
    Bytes text = toBytes(asBytes(kSignaturePrefix));
    append(text, subjectPublicKeyInfo);
    return text;
}

// --- making
// ------------------------------------------------------------------------------------------------------------

/// SEQUENCE { OCTET STRING key, OCTET STRING signature }; all lengths are below 128 for an Ed25519 host.
Bytes extensionValue(ByteView hostKey, ByteView signature) {
    ASSERT(hostKey.size() + signature.size() + 4 < 0x80);
    Bytes out{0x30, static_cast<uint8_t>(hostKey.size() + signature.size() + 4)};
    for (const ByteView part : {hostKey, signature}) {
        out.push_back(0x04);
        out.push_back(static_cast<uint8_t>(part.size()));
        append(out, part);
    }
    return out;
}

/// `GNUTLS_OK("what", call)`: returns from the enclosing function when the call fails.
#define GNUTLS_OK(doing, call)                                                                                         \
    if (const int code = (call); code < 0) return gnutlsError(doing, code)

Result<Bytes> subjectPublicKeyInfoOf(gnutls_x509_crt_t certificate) {
    const PublicKeyHandle key = newPublicKey();
    GNUTLS_OK("reading the certificate's key", gnutls_pubkey_import_x509(key.get(), certificate, 0));
    GnutlsDatum der;
    GNUTLS_OK("writing the certificate's key", gnutls_pubkey_export2(key.get(), GNUTLS_X509_FMT_DER, der.out()));
    return toBytes(der.view());
}

Result<void> fillCertificate(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, const Identity& identity) {
    GNUTLS_OK("certificate version", gnutls_x509_crt_set_version(certificate, 3));
    GNUTLS_OK("certificate key", gnutls_x509_crt_set_key(certificate, key));
    TRY(const Bytes spki, subjectPublicKeyInfoOf(certificate));
    // Any positive number will do; the key's hash tells nothing that the key does not.
    Digest serial = sha256(spki);
    serial[0] &= 0x7f;
    serial[0] |= 0x40;
    GNUTLS_OK("certificate serial", gnutls_x509_crt_set_serial(certificate, serial.data(), 8));
    // Nothing rests on its dates, and of two devices on one LAN one may have a clock that is years off.
    constexpr time_t kFirstDate = 0;
    GNUTLS_OK("certificate date", gnutls_x509_crt_set_activation_time(certificate, kFirstDate));
    GNUTLS_OK("certificate date",
              gnutls_x509_crt_set_expiration_time(certificate, GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION));
    const Bytes value =
        extensionValue(PublicKey::ofEd25519(identity.publicKey()).encode(), identity.sign(signedKeyText(spki)));
    constexpr unsigned kNotCritical = 0;
    GNUTLS_OK("libp2p extension", gnutls_x509_crt_set_extension_by_oid(certificate, kLibp2pExtension, value.data(),
                                                                       value.size(), kNotCritical));
    GNUTLS_OK("signing the certificate", gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
    return {};
}

// --- verifying
// ---------------------------------------------------------------------------------------------------------

/// SHA-256 or better (libp2p/specs tls.md).
bool isStrong(gnutls_sign_algorithm_t algorithm) {
    static constexpr std::array kStrong{
        GNUTLS_SIGN_ECDSA_SHA256,        GNUTLS_SIGN_ECDSA_SHA384,        GNUTLS_SIGN_ECDSA_SHA512,
        GNUTLS_SIGN_EDDSA_ED25519,       GNUTLS_SIGN_RSA_SHA256,          GNUTLS_SIGN_RSA_SHA384,
        GNUTLS_SIGN_RSA_SHA512,          GNUTLS_SIGN_RSA_PSS_SHA256,      GNUTLS_SIGN_RSA_PSS_SHA384,
        GNUTLS_SIGN_RSA_PSS_SHA512,      GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
        GNUTLS_SIGN_RSA_PSS_RSAE_SHA512,
    };
    return std::find(kStrong.begin(), kStrong.end(), algorithm) != kStrong.end();
}

Result<void> checkDates(gnutls_x509_crt_t certificate, UnixTime now) {
    const time_t from = gnutls_x509_crt_get_activation_time(certificate);
    const time_t until = gnutls_x509_crt_get_expiration_time(certificate);
    constexpr time_t kUnreadable = -1;
    if (from == kUnreadable || until == kUnreadable) return makeError(Errc::Malformed, "certificate with bad dates");
    if (now.seconds() < from)
        return makeError(Errc::VerificationFailed, "certificate is not valid yet by this device's clock");
    if (now.seconds() > until)
        return makeError(Errc::VerificationFailed, "certificate has expired by this device's clock");
    return {};
}

Result<void> checkSelfSignature(gnutls_x509_crt_t certificate, const CertificateParts& parts) {
    const PublicKeyHandle key = newPublicKey();
    if (gnutls_pubkey_import_x509(key.get(), certificate, 0) < 0)
        return makeError(Errc::Malformed, "certificate with an unreadable key");
    const int kind = gnutls_pubkey_get_pk_algorithm(key.get(), nullptr);
    if (kind == GNUTLS_PK_RSA || kind == GNUTLS_PK_RSA_PSS) TRY_OK(checkRsaBounds(key.get()));
    const int algorithm = gnutls_x509_crt_get_signature_algorithm(certificate);
    if (algorithm < 0 || !isStrong(static_cast<gnutls_sign_algorithm_t>(algorithm)))
        return makeError(Errc::Malformed, "certificate signed with a weak or unknown algorithm");
    const gnutls_datum_t text = datumOf(parts.toBeSigned);
    const gnutls_datum_t signature = datumOf(parts.signature);
    if (gnutls_pubkey_verify_data2(key.get(), static_cast<gnutls_sign_algorithm_t>(algorithm), 0, &text, &signature) <
        0)
        return makeError(Errc::Malformed, "certificate with a bad self-signature");
    return {};
}

bool isHostKey(ByteView subjectPublicKeyInfo, const PublicKey& host) {
    if (host.type() != KeyType::Ed25519) return equal(subjectPublicKeyInfo, host.data());
    Ed25519Public key{};
    std::copy(host.data().begin(), host.data().end(), key.begin());
    return equal(subjectPublicKeyInfo, ed25519SubjectPublicKeyInfo(key));
}

} // namespace

Result<TlsCertificate> makeTlsCertificate(const Identity& identity) {
    const CertificateKeyHandle key = newCertificateKey();
    GNUTLS_OK("making a key", gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA,
                                                           GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    const CertificateHandle certificate = newCertificate();
    TRY_OK(fillCertificate(certificate.get(), key.get(), identity));
    GnutlsDatum certificateDer;
    GnutlsDatum keyDer;
    GNUTLS_OK("writing the certificate",
              gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_DER, certificateDer.out()));
    GNUTLS_OK("writing the key", gnutls_x509_privkey_export2(key.get(), GNUTLS_X509_FMT_DER, keyDer.out()));
    return TlsCertificate{toBytes(certificateDer.view()), toBytes(keyDer.view())};
}

Result<ProvenPeer> verifyTlsCertificate(std::span<const ByteView> chainDer, UnixTime now) {
    if (chainDer.size() != 1)
        return makeError(Errc::Malformed, "chain of " + std::to_string(chainDer.size()) + " certificates");
    const ByteView der = chainDer[0];
    if (der.size() > kMaxCertificateBytes) return makeError(Errc::Malformed, "certificate of more than 8 KiB");
    TRY(const CertificateParts parts, sliceCertificate(der));
    TRY(const PublicKey host, PublicKey::decode(parts.hostKey));
    if (isHostKey(parts.subjectPublicKeyInfo, host))
        return makeError(Errc::Malformed, "certificate uses the host key itself");
    const CertificateHandle certificate = newCertificate();
    const gnutls_datum_t datum = datumOf(der);
    if (gnutls_x509_crt_import(certificate.get(), &datum, GNUTLS_X509_FMT_DER) < 0)
        return makeError(Errc::Malformed, "not an X.509 certificate");
    TRY_OK(checkDates(certificate.get(), now));
    TRY_OK(checkSelfSignature(certificate.get(), parts));
    if (!host.verify(signedKeyText(parts.subjectPublicKeyInfo), parts.hostSignature))
        return makeError(Errc::VerificationFailed, "certificate is not signed by the host key it names");
    return ProvenPeer{host.peerId(), toBytes(parts.hostKey)};
}

} // namespace wherry::crypto

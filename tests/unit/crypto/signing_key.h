#pragma once

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/gnutls_handles.h"

#include <gnutls/abstract.h>

/// A private key of any kind that GnuTLS has, for certificates and foreign hosts in tests.
namespace wherry::test {

class SigningKey {
  public:
    SigningKey(gnutls_pk_algorithm_t kind, unsigned bits) {
        ASSERT(gnutls_privkey_init(&m_key) == 0);
        ASSERT(gnutls_privkey_generate(m_key, kind, bits, 0) == 0);
    }
    ~SigningKey() { gnutls_privkey_deinit(m_key); }
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;

    static SigningKey p256() { return {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)}; }
    static SigningKey p384() { return {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)}; }
    static SigningKey ed25519() { return {GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519)}; }
    static SigningKey rsa(unsigned bits) { return {GNUTLS_PK_RSA, bits}; }

    Bytes subjectPublicKeyInfo() const {
        const crypto::PublicKeyHandle key = crypto::newPublicKey();
        ASSERT(gnutls_pubkey_import_privkey(key.get(), m_key, 0, 0) == 0);
        crypto::GnutlsDatum out;
        ASSERT(gnutls_pubkey_export2(key.get(), GNUTLS_X509_FMT_DER, out.out()) == 0);
        return toBytes(out.view());
    }
    Bytes sign(gnutls_sign_algorithm_t algorithm, ByteView text) const {
        const gnutls_datum_t datum = crypto::datumOf(text);
        crypto::GnutlsDatum out;
        ASSERT(gnutls_privkey_sign_data2(m_key, algorithm, 0, &datum, out.out()) == 0);
        return toBytes(out.view());
    }

  private:
    gnutls_privkey_t m_key = nullptr;
};

} // namespace wherry::test

#include "crypto/rsa_bounds.h"

#include "crypto/crypto_limits.h"
#include "crypto/gnutls_handles.h"

#include <string>

namespace wherry::crypto {

static size_t significantBytes(ByteView number) {
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    return number.size();
}

Result<void> checkRsaBounds(gnutls_pubkey_t key) {
    GnutlsDatum modulus;
    GnutlsDatum exponent;
    if (gnutls_pubkey_export_rsa_raw2(key, modulus.out(), exponent.out(), 0) != GNUTLS_E_SUCCESS)
        return makeError(Errc::Malformed, "RSA key without modulus and exponent");
    unsigned bits = 0;
    gnutls_pubkey_get_pk_algorithm(key, &bits);
    if (bits < kMinRsaBits || bits > kMaxRsaBits)
        return makeError(Errc::Unsupported, "RSA key of " + std::to_string(bits) + " bits");
    if (significantBytes(exponent.view()) > kMaxRsaExponentBytes)
        return makeError(Errc::Unsupported, "RSA key with an exponent of more than 32 bits");
    return {};
}

} // namespace wherry::crypto

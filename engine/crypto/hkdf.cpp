#include "crypto/hkdf.h"

#include "base/assert.h"
#include "crypto/gnutls_handles.h"

#include <gnutls/crypto.h>
#include <sodium.h>

namespace wherry::crypto {

void hkdfSha256(ByteView secret, ByteView salt, ByteView info, MutableBytes out) {
    ASSERT(out.size() <= 255 * 32);
    uint8_t pseudoRandomKey[32];
    const gnutls_datum_t secretDatum = datumOf(secret);
    const gnutls_datum_t saltDatum = datumOf(salt);
    const gnutls_datum_t infoDatum = datumOf(info);
    ASSERT(gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &secretDatum, &saltDatum, pseudoRandomKey) == 0);
    const gnutls_datum_t keyDatum = datumOf(pseudoRandomKey);
    ASSERT(gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &keyDatum, &infoDatum, out.data(), out.size()) == 0);
    sodium_memzero(pseudoRandomKey, sizeof pseudoRandomKey);
}

} // namespace wherry::crypto

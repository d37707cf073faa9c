#include "crypto/sha1.h"

#include "base/assert.h"

#include <gnutls/crypto.h>

namespace wherry::crypto {

std::array<uint8_t, 20> sha1(ByteView data) {
    std::array<uint8_t, 20> digest{};
    ASSERT(gnutls_hash_fast(GNUTLS_DIG_SHA1, data.data(), data.size(), digest.data()) == 0);
    return digest;
}

} // namespace wherry::crypto

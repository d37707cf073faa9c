#include "crypto/sha256.h"

#include "base/assert.h"

#include <gnutls/crypto.h>

namespace wherry::crypto {

Sha256::Sha256() : m_handle(nullptr) {
    gnutls_hash_hd_t handle = nullptr;
    ASSERT(gnutls_hash_init(&handle, GNUTLS_DIG_SHA256) == 0);
    m_handle = handle;
}

Sha256::~Sha256() {
    gnutls_hash_deinit(static_cast<gnutls_hash_hd_t>(m_handle), nullptr);
}

Sha256& Sha256::update(ByteView data) {
    if (!data.empty()) ASSERT(gnutls_hash(static_cast<gnutls_hash_hd_t>(m_handle), data.data(), data.size()) == 0);
    return *this;
}

Digest Sha256::finish() {
    Digest digest{};
    gnutls_hash_output(static_cast<gnutls_hash_hd_t>(m_handle), digest.data());
    return digest;
}

Digest sha256(ByteView data) {
    // One context per thread: setting one up costs more than hashing a short message.
    thread_local Sha256 context;
    return context.update(data).finish();
}

} // namespace wherry::crypto

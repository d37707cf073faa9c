#include "bytepipe/noise_cipher.h"

#include "base/assert.h"
#include "crypto/wipe.h"

#include <limits>
#include <utility>

namespace wherry::bytepipe {

NoiseCipher::NoiseCipher(const crypto::AeadKey& key) : m_key(key), m_keyed(true) {}

NoiseCipher::NoiseCipher(NoiseCipher&& other) noexcept {
    *this = std::move(other);
}

NoiseCipher& NoiseCipher::operator=(NoiseCipher&& other) noexcept {
    if (this == &other) return *this;
    m_key = other.m_key;
    m_counter = std::exchange(other.m_counter, 0);
    m_keyed = std::exchange(other.m_keyed, false);
    crypto::wipe(other.m_key);
    return *this;
}

NoiseCipher::~NoiseCipher() {
    crypto::wipe(m_key);
}

/// Four zero bytes, then the counter in little-endian order (Noise section 12.3).
crypto::AeadNonce NoiseCipher::nonce() const {
    ASSERT(m_counter != std::numeric_limits<uint64_t>::max()); // it is reserved, and centuries away
    crypto::AeadNonce nonce{};
    for (size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<uint8_t>(m_counter >> (8 * i));
    return nonce;
}

void NoiseCipher::seal(ByteView associated, ByteView plain, Bytes& out) {
    if (!m_keyed) return append(out, plain);
    const size_t begin = out.size();
    out.resize(begin + plain.size() + crypto::kAeadTagBytes);
    crypto::aeadSealInto(m_key, nonce(), associated, plain, MutableBytes(out).subspan(begin));
    ++m_counter;
}

Result<void> NoiseCipher::open(ByteView associated, ByteView sealed, Bytes& out) {
    if (!m_keyed) {
        append(out, sealed);
        return {};
    }
    if (sealed.size() < crypto::kAeadTagBytes)
        return makeError(Errc::VerificationFailed, "a Noise message shorter than its tag");
    const size_t begin = out.size();
    out.resize(begin + sealed.size() - crypto::kAeadTagBytes);
    auto opened = crypto::aeadOpenInto(m_key, nonce(), associated, sealed, MutableBytes(out).subspan(begin));
    if (!opened)
        out.resize(begin);
    else
        ++m_counter;
    return opened;
}

} // namespace wherry::bytepipe

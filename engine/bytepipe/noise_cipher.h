#pragma once

#include "crypto/aead.h"

namespace wherry::bytepipe {

/// A key and its counter: Noise's CipherState for ChaChaPoly (Noise sections 5.1 and 12.3). Without a key it passes
/// bytes through. Movable, wiped on destruction.
class NoiseCipher {
  public:
    NoiseCipher() = default;
    explicit NoiseCipher(const crypto::AeadKey& key);
    NoiseCipher(NoiseCipher&& other) noexcept;
    NoiseCipher& operator=(NoiseCipher&& other) noexcept;
    ~NoiseCipher();

    bool keyed() const { return m_keyed; }
    /// Bytes that sealing adds.
    size_t overhead() const { return m_keyed ? crypto::kAeadTagBytes : 0; }
    /// Appends the sealed bytes to `out`.
    void seal(ByteView associated, ByteView plain, Bytes& out);
    /// Appends the plain bytes to `out`; VerificationFailed leaves `out` and the counter as they were.
    Result<void> open(ByteView associated, ByteView sealed, Bytes& out);

  private:
    crypto::AeadNonce nonce() const;

    crypto::AeadKey m_key{};
    uint64_t m_counter = 0;
    bool m_keyed = false;
};

} // namespace wherry::bytepipe

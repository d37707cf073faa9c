#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <array>

namespace wherry::crypto {

inline constexpr size_t kAeadTagBytes = 16;
using AeadKey = std::array<uint8_t, 32>;
using AeadNonce = std::array<uint8_t, 12>;

/// ChaCha20-Poly1305 (RFC 8439). Ciphertext, then the tag of 16 bytes. A nonce must never be used twice with one key.
Bytes aeadSeal(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView plain);
/// VerificationFailed: too short, or the tag does not fit key, nonce, associated data and ciphertext.
Result<Bytes> aeadOpen(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView sealed);

/// The same into memory of the caller, which may not overlap: sealed.size() == plain.size() + kAeadTagBytes.
void aeadSealInto(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView plain, MutableBytes sealed);
/// plain.size() == sealed.size() - kAeadTagBytes, sealed.size() >= kAeadTagBytes. After a failure `plain` holds zeros.
Result<void> aeadOpenInto(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView sealed,
                          MutableBytes plain);

} // namespace wherry::crypto

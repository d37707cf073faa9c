#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

#include <array>

namespace wherry::crypto {

using X25519Public = std::array<uint8_t, 32>;
using X25519Shared = std::array<uint8_t, 32>;

/// A key pair for Diffie-Hellman on Curve25519 (RFC 7748). Movable, wiped on destruction, never copied by accident.
class X25519KeyPair {
  public:
    static X25519KeyPair generate(Random& random);
    static X25519KeyPair fromSecret(const std::array<uint8_t, 32>& secret);

    X25519KeyPair(X25519KeyPair&& other) noexcept;
    X25519KeyPair& operator=(X25519KeyPair&& other) noexcept;
    ~X25519KeyPair();
    /// An explicit second copy, for a second owner.
    X25519KeyPair clone() const;

    const X25519Public& publicKey() const { return m_public; }
    /// VerificationFailed: the other key is a point of small order, which gives the same result with every secret
    /// (RFC 7748 section 6.1).
    Result<X25519Shared> agree(const X25519Public& other) const;

  private:
    X25519KeyPair() = default;
    std::array<uint8_t, 32> m_secret{};
    X25519Public m_public{};
};

} // namespace wherry::crypto

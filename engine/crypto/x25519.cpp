#include "crypto/x25519.h"

#include "crypto/sodium.h"

#include <sodium.h>

#include <utility>

namespace wherry::crypto {

X25519KeyPair X25519KeyPair::generate(Random& random) {
    std::array<uint8_t, 32> secret{};
    random.fill(secret);
    X25519KeyPair pair = fromSecret(secret);
    sodium_memzero(secret.data(), secret.size());
    return pair;
}

X25519KeyPair X25519KeyPair::fromSecret(const std::array<uint8_t, 32>& secret) {
    requireSodium();
    X25519KeyPair pair;
    pair.m_secret = secret;
    crypto_scalarmult_base(pair.m_public.data(), pair.m_secret.data());
    return pair;
}

X25519KeyPair::X25519KeyPair(X25519KeyPair&& other) noexcept {
    *this = std::move(other);
}

X25519KeyPair& X25519KeyPair::operator=(X25519KeyPair&& other) noexcept {
    if (this == &other) return *this;
    m_secret = other.m_secret;
    m_public = other.m_public;
    sodium_memzero(other.m_secret.data(), other.m_secret.size());
    return *this;
}

X25519KeyPair::~X25519KeyPair() {
    sodium_memzero(m_secret.data(), m_secret.size());
}

X25519KeyPair X25519KeyPair::clone() const {
    X25519KeyPair copy;
    copy.m_secret = m_secret;
    copy.m_public = m_public;
    return copy;
}

Result<X25519Shared> X25519KeyPair::agree(const X25519Public& other) const {
    X25519Shared shared{};
    if (crypto_scalarmult(shared.data(), m_secret.data(), other.data()) != 0)
        return makeError(Errc::VerificationFailed, "an X25519 key of small order");
    return shared;
}

} // namespace wherry::crypto

#include "crypto/aead.h"

#include "crypto/sodium.h"

#include <sodium.h>

namespace wherry::crypto {

static_assert(kAeadTagBytes == crypto_aead_chacha20poly1305_IETF_ABYTES);

Bytes aeadSeal(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView plain) {
    requireSodium();
    Bytes sealed(plain.size() + kAeadTagBytes);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed.data(), nullptr, plain.data(), plain.size(), associated.data(),
                                              associated.size(), nullptr, nonce.data(), key.data());
    return sealed;
}

Result<Bytes> aeadOpen(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView sealed) {
    requireSodium();
    if (sealed.size() < kAeadTagBytes) return makeError(Errc::VerificationFailed, "sealed bytes without a tag");
    Bytes plain(sealed.size() - kAeadTagBytes);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                  associated.data(), associated.size(), nonce.data(), key.data()) != 0)
        return makeError(Errc::VerificationFailed, "sealed bytes do not verify");
    return plain;
}

} // namespace wherry::crypto

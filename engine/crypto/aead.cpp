#include "crypto/aead.h"

#include "base/assert.h"
#include "crypto/sodium.h"

#include <sodium.h>

namespace wherry::crypto {

static_assert(kAeadTagBytes == crypto_aead_chacha20poly1305_IETF_ABYTES);

void aeadSealInto(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView plain,
                  MutableBytes sealed) {
    ASSERT(sealed.size() == plain.size() + kAeadTagBytes);
    requireSodium();
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed.data(), nullptr, plain.data(), plain.size(), associated.data(),
                                              associated.size(), nullptr, nonce.data(), key.data());
}

Result<void> aeadOpenInto(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView sealed,
                          MutableBytes plain) {
    ASSERT(sealed.size() == plain.size() + kAeadTagBytes);
    requireSodium();
    if (crypto_aead_chacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                  associated.data(), associated.size(), nonce.data(), key.data()) != 0)
        return makeError(Errc::VerificationFailed, "sealed bytes do not verify");
    return {};
}

Bytes aeadSeal(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView plain) {
    Bytes sealed(plain.size() + kAeadTagBytes);
    aeadSealInto(key, nonce, associated, plain, sealed);
    return sealed;
}

Result<Bytes> aeadOpen(const AeadKey& key, const AeadNonce& nonce, ByteView associated, ByteView sealed) {
    if (sealed.size() < kAeadTagBytes) return makeError(Errc::VerificationFailed, "sealed bytes without a tag");
    Bytes plain(sealed.size() - kAeadTagBytes);
    TRY_OK(aeadOpenInto(key, nonce, associated, sealed, plain));
    return plain;
}

} // namespace wherry::crypto

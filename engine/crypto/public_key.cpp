#include "crypto/public_key.h"

#include "codec/codec_limits.h"
#include "codec/multihash.h"
#include "crypto/crypto_limits.h"
#include "crypto/gnutls_handles.h"
#include "crypto/rsa_bounds.h"
#include "crypto/sha256.h"
#include "wire/decode.h"
#include "wire/keys.pb.h"

#include <algorithm>

namespace wherry::crypto {

namespace {

Bytes serialise(KeyType type, ByteView data) {
    wire::PublicKey message;
    message.set_type(static_cast<wire::KeyType>(type));
    message.set_data(data.data(), data.size());
    return wire::encode(message);
}

Result<PublicKeyHandle> import(ByteView subjectPublicKeyInfo) {
    PublicKeyHandle key = newPublicKey();
    const gnutls_datum_t der = datumOf(subjectPublicKeyInfo);
    if (gnutls_pubkey_import(key.get(), &der, GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS)
        return makeError(Errc::Malformed, "public key is not a SubjectPublicKeyInfo");
    return key;
}

Result<void> checkRsa(ByteView data) {
    TRY(const PublicKeyHandle key, import(data));
    if (gnutls_pubkey_get_pk_algorithm(key.get(), nullptr) != GNUTLS_PK_RSA)
        return makeError(Errc::Malformed, "key called RSA is of another kind");
    return checkRsaBounds(key.get());
}

Result<void> checkEcdsa(ByteView data) {
    TRY(const PublicKeyHandle key, import(data));
    if (gnutls_pubkey_get_pk_algorithm(key.get(), nullptr) != GNUTLS_PK_ECDSA)
        return makeError(Errc::Malformed, "key called ECDSA is of another kind");
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    if (gnutls_pubkey_export_ecc_raw2(key.get(), &curve, nullptr, nullptr, 0) != GNUTLS_E_SUCCESS)
        return makeError(Errc::Malformed, "ECDSA key without a curve");
    if (curve != GNUTLS_ECC_CURVE_SECP256R1)
        return makeError(Errc::Unsupported, "ECDSA key on a curve other than P-256");
    return {};
}

Result<void> check(wire::KeyType type, ByteView data) {
    switch (type) {
    case wire::RSA:
        return checkRsa(data);
    case wire::ECDSA:
        return checkEcdsa(data);
    case wire::Secp256k1:
        return makeError(Errc::Unsupported, "Secp256k1 host key");
    case wire::Ed25519:
        if (data.size() != 32) return makeError(Errc::Malformed, "Ed25519 key is not of 32 bytes");
        return {};
    }
    return makeError(Errc::Unsupported, "host key of an unknown kind");
}

bool verifyOver(gnutls_sign_algorithm_t algorithm, ByteView spki, ByteView message, ByteView signature) {
    const auto key = import(spki);
    if (!key) return false;
    const gnutls_datum_t text = datumOf(message);
    const gnutls_datum_t proof = datumOf(signature);
    return gnutls_pubkey_verify_data2(key->get(), algorithm, 0, &text, &proof) >= 0;
}

} // namespace

Result<PublicKey> PublicKey::decode(ByteView protobuf) {
    TRY(const auto message, wire::decode<wire::PublicKey>(protobuf, {"host key", kMaxPublicKeyBytes, kKeyFields}));
    const ByteView data = asBytes(message.data());
    TRY_OK(check(message.type(), data));
    // A second encoding of one key would be a second peer id for it.
    PublicKey key(static_cast<KeyType>(message.type()), toBytes(data));
    if (!equal(key.encode(), protobuf)) return makeError(Errc::Malformed, "PublicKey is not in its one encoding");
    return key;
}

PublicKey PublicKey::ofEd25519(const Ed25519Public& key) {
    return {KeyType::Ed25519, toBytes(key)};
}

Bytes PublicKey::encode() const {
    return serialise(m_type, m_data);
}

PeerId PublicKey::peerId() const {
    const Bytes serialised = encode();
    const Bytes multihash = serialised.size() <= codec::kMaxInlineKeyBytes
                                ? codec::encodeMultihash(codec::kHashIdentity, serialised)
                                : codec::encodeMultihash(codec::kHashSha256, sha256(serialised));
    auto id = PeerId::fromMultihash(multihash);
    ASSERT(id);
    return *id;
}

bool PublicKey::verify(ByteView message, ByteView signature) const {
    if (signature.size() > kMaxSignatureBytes) return false;
    switch (m_type) {
    case KeyType::Rsa:
        return verifyOver(GNUTLS_SIGN_RSA_SHA256, m_data, message, signature);
    case KeyType::Ecdsa:
        return verifyOver(GNUTLS_SIGN_ECDSA_SHA256, m_data, message, signature);
    case KeyType::Ed25519:
        break;
    case KeyType::Secp256k1:
        return false;
    }
    Ed25519Public key{};
    Ed25519Signature proof{};
    if (signature.size() != proof.size()) return false;
    std::copy(m_data.begin(), m_data.end(), key.begin());
    std::copy(signature.begin(), signature.end(), proof.begin());
    return verifyEd25519(key, message, proof);
}

Bytes ed25519SubjectPublicKeyInfo(const Ed25519Public& key) {
    Bytes out{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    append(out, key);
    return out;
}

} // namespace wherry::crypto

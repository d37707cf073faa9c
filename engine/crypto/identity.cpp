#include "crypto/identity.h"

#include "codec/base58.h"
#include "crypto/crypto_limits.h"
#include "crypto/hkdf.h"
#include "crypto/public_key.h"
#include "crypto/sha256.h"
#include "crypto/sodium.h"
#include "wire/decode.h"
#include "wire/keys.pb.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace wherry::crypto {

namespace {

constexpr std::string_view kRegistryPrefix = "key_";
constexpr size_t kChecksumBytes = 4;

/// libsodium's form of the secret key: seed, then public key. Wiped when it goes.
struct SecretKey {
    std::array<uint8_t, 64> bytes{};
    SecretKey(ByteView seed, ByteView publicKey) {
        std::copy(publicKey.begin(), publicKey.end(), std::copy(seed.begin(), seed.end(), bytes.begin()));
    }
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    ~SecretKey() { sodium_memzero(bytes.data(), bytes.size()); }
};

Ed25519Public publicKeyOf(const std::array<uint8_t, 32>& seed) {
    requireSodium();
    Ed25519Public publicKey{};
    std::array<uint8_t, 64> secret{};
    crypto_sign_seed_keypair(publicKey.data(), secret.data(), seed.data());
    sodium_memzero(secret.data(), secret.size());
    return publicKey;
}

/// A typing error must not lead to a different, valid key.
Bytes registryChecksum(const Ed25519Public& key) {
    Bytes text = toBytes(asBytes("wherry-key"));
    append(text, key);
    const Digest digest = sha256(text);
    return {digest.begin(), digest.begin() + kChecksumBytes};
}

/// The bytes of a PrivateKey message, wiped when they go.
struct PrivateKeyMessage {
    wire::PrivateKey message;
    explicit PrivateKeyMessage(wire::PrivateKey&& taken) { message.Swap(&taken); }
    PrivateKeyMessage(const PrivateKeyMessage&) = delete;
    PrivateKeyMessage& operator=(const PrivateKeyMessage&) = delete;
    ~PrivateKeyMessage() {
        std::string& data = *message.mutable_data();
        sodium_memzero(data.data(), data.size());
    }
};

} // namespace

Identity Identity::generate(Random& random) {
    std::array<uint8_t, 32> seed{};
    random.fill(seed);
    Identity identity = fromSeed(seed);
    sodium_memzero(seed.data(), seed.size());
    return identity;
}

Identity Identity::fromSeed(const std::array<uint8_t, 32>& seed) {
    Identity identity;
    identity.m_seed = seed;
    identity.m_public = publicKeyOf(seed);
    identity.m_peerId = peerIdOf(identity.m_public);
    return identity;
}

Result<Identity> Identity::decode(ByteView privateKeyProtobuf) {
    TRY(wire::PrivateKey parsed,
        wire::decode<wire::PrivateKey>(privateKeyProtobuf, {"private key", kMaxPrivateKeyBytes, kKeyFields}));
    PrivateKeyMessage holder(std::move(parsed));
    if (holder.message.type() != wire::Ed25519)
        return makeError(Errc::Unsupported, "private key is not an Ed25519 key");
    const ByteView data = asBytes(holder.message.data());
    // 96 bytes: an old form with the public key twice.
    if (data.size() != 64 && data.size() != 96)
        return makeError(Errc::Malformed, "Ed25519 private key is not of 64 bytes");
    std::array<uint8_t, 32> seed{};
    std::copy(data.begin(), data.begin() + 32, seed.begin());
    Identity identity = fromSeed(seed);
    sodium_memzero(seed.data(), seed.size());
    for (size_t at = 32; at < data.size(); at += 32)
        if (!equal(data.subspan(at, 32), identity.m_public))
            return makeError(Errc::Malformed, "private and public key do not belong together");
    return identity;
}

Bytes Identity::encode() const {
    // PrivateKey{type = Ed25519, data = 64 bytes}, written out so that no second copy of the seed stays in memory.
    Bytes out{0x08, 0x01, 0x12, 0x40};
    out.reserve(out.size() + 64);
    append(out, m_seed);
    append(out, m_public);
    return out;
}

Identity::Identity(Identity&& other) noexcept {
    *this = std::move(other);
}

Identity& Identity::operator=(Identity&& other) noexcept {
    if (this == &other) return *this;
    m_seed = other.m_seed;
    m_public = other.m_public;
    m_peerId = other.m_peerId;
    sodium_memzero(other.m_seed.data(), other.m_seed.size());
    return *this;
}

Identity::~Identity() {
    sodium_memzero(m_seed.data(), m_seed.size());
}

Identity Identity::clone() const {
    return fromSeed(m_seed);
}

Ed25519Signature Identity::sign(ByteView message) const {
    requireSodium();
    const SecretKey secret(m_seed, m_public);
    Ed25519Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.bytes.data());
    return signature;
}

std::array<uint8_t, 32> Identity::deriveKey(std::string_view label) const {
    std::array<uint8_t, 32> key{};
    hkdfSha256(m_seed, {}, asBytes(label), key);
    return key;
}

KeyNames keyNames(const Ed25519Public& key) {
    Bytes checked = toBytes(key);
    append(checked, registryChecksum(key));
    return {peerIdOf(key).text(), toHex(sha256(key)), std::string(kRegistryPrefix) + codec::encodeBase58(checked),
            toHex(key)};
}

Result<Ed25519Public> parseRegistryKey(std::string_view text) {
    if (!text.starts_with(kRegistryPrefix)) return makeError(Errc::InvalidArgument, "a key's name starts with key_");
    TRY(const Bytes bytes, codec::decodeBase58(text.substr(kRegistryPrefix.size())));
    Ed25519Public key{};
    if (bytes.size() != key.size() && bytes.size() != key.size() + kChecksumBytes)
        return makeError(Errc::InvalidArgument, "a key's name holds 32 bytes and a checksum of 4");
    std::copy_n(bytes.begin(), key.size(), key.begin());
    if (bytes.size() > key.size() && !equal(ByteView(bytes).subspan(key.size()), registryChecksum(key)))
        return makeError(Errc::InvalidArgument, "the key's checksum is wrong: it was mistyped or cut");
    return key;
}

PeerId peerIdOf(const Ed25519Public& key) {
    return PublicKey::ofEd25519(key).peerId();
}

bool verifyEd25519(const Ed25519Public& key, ByteView message, const Ed25519Signature& signature) {
    requireSodium();
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

} // namespace wherry::crypto

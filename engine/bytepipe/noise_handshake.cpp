#include "bytepipe/noise_handshake.h"

#include "base/assert.h"
#include "crypto/hkdf.h"
#include "crypto/wipe.h"

#include <algorithm>

namespace wherry::bytepipe {

namespace {

/// Just as long as a hash, so it is the first hash itself (Noise section 5.2, InitializeSymmetric).
constexpr std::string_view kProtocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
static_assert(kProtocolName.size() == sizeof(crypto::Digest));
constexpr size_t kKeyBytes = 32;

/// Noise's HKDF (section 4.3) is RFC 5869 with the chaining key as salt and no info.
struct KeyPairOut {
    crypto::Digest first{};
    crypto::Digest second{};
    ~KeyPairOut() {
        crypto::wipe(first);
        crypto::wipe(second);
    }
};
void deriveTwo(const crypto::Digest& chainingKey, ByteView material, KeyPairOut& out) {
    uint8_t both[2 * kKeyBytes];
    crypto::hkdfSha256(material, chainingKey, {}, both);
    std::copy_n(both, kKeyBytes, out.first.begin());
    std::copy_n(both + kKeyBytes, kKeyBytes, out.second.begin());
    crypto::wipe(both);
}

} // namespace

NoiseHandshake::NoiseHandshake(link::Side side, crypto::X25519KeyPair staticKey, crypto::X25519KeyPair ephemeral,
                               ByteView prologue)
    : m_side(side),
      m_static(std::move(staticKey)),
      m_ephemeral(std::move(ephemeral)) {
    std::copy(kProtocolName.begin(), kProtocolName.end(), m_hash.begin());
    m_chainingKey = m_hash;
    mixHash(prologue);
}

NoiseHandshake::~NoiseHandshake() {
    crypto::wipe(m_chainingKey);
}

void NoiseHandshake::mixHash(ByteView data) {
    m_hash = crypto::Sha256().update(m_hash).update(data).finish();
}

Result<void> NoiseHandshake::mixAgreement(const crypto::X25519KeyPair& ours, const crypto::X25519Public& theirs) {
    TRY(auto shared, ours.agree(theirs));
    KeyPairOut keys;
    deriveTwo(m_chainingKey, shared, keys);
    m_chainingKey = keys.first;
    m_cipher = NoiseCipher(keys.second);
    crypto::wipe(shared);
    return {};
}

void NoiseHandshake::sealAndHash(ByteView plain, Bytes& out) {
    const size_t begin = out.size();
    m_cipher.seal(m_hash, plain, out);
    mixHash(ByteView(out).subspan(begin));
}

Result<void> NoiseHandshake::openAndHash(ByteView sealed, Bytes& out) {
    TRY_OK(m_cipher.open(m_hash, sealed, out));
    mixHash(sealed);
    return {};
}

Result<Bytes> NoiseHandshake::write(ByteView payload) {
    ASSERT(ourTurn());
    Bytes out;
    if (m_messages < 2) {
        append(out, m_ephemeral.publicKey());
        mixHash(m_ephemeral.publicKey());
    }
    if (m_messages == 1) TRY_OK(mixAgreement(m_ephemeral, m_remoteEphemeral)); // ee
    if (m_messages >= 1) {
        sealAndHash(m_static.publicKey(), out);            // s
        TRY_OK(mixAgreement(m_static, m_remoteEphemeral)); // es, se: ours is static here
    }
    sealAndHash(payload, out);
    ++m_messages;
    return out;
}

Result<void> NoiseHandshake::readEphemeral(ByteView& message) {
    if (message.size() < kKeyBytes) return makeError(Errc::Malformed, "a Noise handshake message without its key");
    std::copy_n(message.begin(), kKeyBytes, m_remoteEphemeral.begin());
    mixHash(m_remoteEphemeral);
    message = message.subspan(kKeyBytes);
    return {};
}

Result<void> NoiseHandshake::readStatic(ByteView& message) {
    const size_t length = kKeyBytes + m_cipher.overhead();
    if (message.size() < length) return makeError(Errc::Malformed, "a Noise handshake message without its static key");
    Bytes key;
    TRY_OK(openAndHash(message.first(length), key));
    std::copy(key.begin(), key.end(), m_remoteStatic.begin());
    message = message.subspan(length);
    return mixAgreement(m_ephemeral, m_remoteStatic); // es, se: theirs is static here
}

Result<Bytes> NoiseHandshake::read(ByteView message) {
    ASSERT(!done() && !ourTurn());
    if (m_messages < 2) TRY_OK(readEphemeral(message));
    if (m_messages == 1) TRY_OK(mixAgreement(m_ephemeral, m_remoteEphemeral)); // ee
    if (m_messages >= 1) TRY_OK(readStatic(message));
    Bytes payload;
    TRY_OK(openAndHash(message, payload));
    ++m_messages;
    return payload;
}

NoiseHandshake::Ciphers NoiseHandshake::split() {
    ASSERT(done());
    KeyPairOut keys;
    deriveTwo(m_chainingKey, {}, keys);
    if (dialer()) return {NoiseCipher(keys.first), NoiseCipher(keys.second)};
    return {NoiseCipher(keys.second), NoiseCipher(keys.first)};
}

} // namespace wherry::bytepipe

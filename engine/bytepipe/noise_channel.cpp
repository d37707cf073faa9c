#include "bytepipe/noise_channel.h"

#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"

#include <algorithm>

namespace wherry::bytepipe {

namespace {

constexpr size_t kLengthBytes = 2;

void appendLength(size_t length, Bytes& out) {
    ASSERT(length <= kMaxNoiseMessage);
    uint8_t prefix[kLengthBytes];
    putBigEndian(MutableBytes(prefix), static_cast<uint16_t>(length));
    append(out, prefix);
}

} // namespace

NoiseCredentials NoiseCredentials::make(const crypto::Identity& identity, Random& random,
                                        std::vector<std::string> muxers) {
    crypto::X25519KeyPair key = crypto::X25519KeyPair::generate(random);
    Bytes payload = makeNoisePayload(identity, key.publicKey(), muxers);
    ASSERT(payload.size() <= kMaxNoisePayload);
    return {std::move(key), std::move(payload), std::move(muxers)};
}

NoiseChannel::NoiseChannel(link::Side side, const NoiseCredentials& credentials, crypto::PeerId expected,
                           Random& random)
    : m_side(side),
      m_credentials(credentials),
      m_expected(std::move(expected)) {
    m_handshake.emplace(side, credentials.staticKey.clone(), crypto::X25519KeyPair::generate(random));
    if (side == link::Side::Dialer) ASSERT(writeHandshakeMessage()); // the first message agrees on nothing yet
}

Result<size_t> NoiseChannel::messageLength(ByteView prefix) const {
    const size_t length = getBigEndian<uint16_t>(prefix.first(kLengthBytes));
    if (m_handshake && length > kMaxNoiseHandshakeMessage)
        return makeError(Errc::TooLarge, "a Noise handshake message of " + std::to_string(length) + " bytes");
    return length;
}

Result<void> NoiseChannel::receive(ByteView in, Bytes& plain, Now) {
    while (!in.empty()) {
        if (!m_partial.empty() || in.size() < kLengthBytes) {
            TRY_OK(collect(in, plain));
            continue;
        }
        TRY(const size_t length, messageLength(in));
        if (in.size() - kLengthBytes < length) {
            TRY_OK(collect(in, plain));
            continue;
        }
        TRY_OK(onMessage(in.subspan(kLengthBytes, length), plain));
        in = in.subspan(kLengthBytes + length);
    }
    return {};
}

/// Takes from the front of `in` what the message in m_partial lacks.
Result<void> NoiseChannel::collect(ByteView& in, Bytes& plain) {
    const auto fillTo = [&](size_t wanted) {
        const size_t part = std::min(in.size(), wanted - m_partial.size());
        append(m_partial, in.first(part));
        in = in.subspan(part);
        return m_partial.size() == wanted;
    };
    if (m_partial.size() < kLengthBytes && !fillTo(kLengthBytes)) return {};
    TRY(const size_t length, messageLength(m_partial));
    if (!fillTo(kLengthBytes + length)) return {};
    const Bytes whole = std::exchange(m_partial, {});
    return onMessage(ByteView(whole).subspan(kLengthBytes), plain);
}

Result<void> NoiseChannel::onMessage(ByteView message, Bytes& plain) {
    if (m_handshake) return onHandshakeMessage(message);
    return m_ciphers.receive.open({}, message, plain);
}

Result<void> NoiseChannel::onHandshakeMessage(ByteView message) {
    const bool first = m_handshake->messages() == 0;
    TRY(auto bytes, m_handshake->read(message));
    if (first) return writeHandshakeMessage(); // its payload is anybody's: it is ignored
    TRY(auto payload, readNoisePayload(bytes, m_handshake->remoteStatic()));
    if (!m_expected.empty() && payload.peer.peerId != m_expected)
        return makeError(Errc::IdentityMismatch,
                         "expected peer " + m_expected.text() + ", but " + payload.peer.peerId.text() + " answered");
    TRY(auto muxer, agreedMuxer(payload.muxers));
    if (m_side == link::Side::Dialer) TRY_OK(writeHandshakeMessage());
    m_ciphers = m_handshake->split();
    m_handshake.reset();
    m_proof = SecureProof{std::move(payload.peer), std::move(muxer)};
    return {};
}

Result<void> NoiseChannel::writeHandshakeMessage() {
    // What the dialler sends first is readable by anybody: it carries nothing.
    const bool first = m_handshake->messages() == 0;
    TRY(auto message, m_handshake->write(first ? ByteView() : ByteView(m_credentials.payload)));
    appendLength(message.size(), m_output);
    append(m_output, message);
    return {};
}

/// The first of the dialler's list that both speak.
Result<std::string> NoiseChannel::agreedMuxer(const std::vector<std::string>& theirs) const {
    const std::vector<std::string>& ours = m_credentials.muxers;
    if (theirs.empty() || ours.empty()) return std::string();
    const auto& choosing = m_side == link::Side::Dialer ? ours : theirs;
    const auto& other = m_side == link::Side::Dialer ? theirs : ours;
    const auto found = std::find_if(choosing.begin(), choosing.end(), [&](const std::string& muxer) {
        return std::find(other.begin(), other.end(), muxer) != other.end();
    });
    if (found == choosing.end()) return makeError(Errc::Unsupported, "no common stream multiplexer");
    return *found;
}

void NoiseChannel::seal(ByteView plain, Bytes& out) {
    ASSERT(m_proof);
    while (!plain.empty()) {
        const size_t part = std::min(plain.size(), kMaxNoisePlain);
        appendLength(part + m_ciphers.send.overhead(), out);
        m_ciphers.send.seal({}, plain.first(part), out);
        plain = plain.subspan(part);
    }
}

} // namespace wherry::bytepipe

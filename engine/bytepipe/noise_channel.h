#pragma once

#include "bytepipe/noise_handshake.h"
#include "bytepipe/noise_payload.h"
#include "bytepipe/secure_channel.h"

namespace wherry::bytepipe {

/// What one node shows in all its handshakes: a static key that lives as long as the process, signed by the identity,
/// and the list of its multiplexers.
struct NoiseCredentials {
    crypto::X25519KeyPair staticKey;
    Bytes payload;
    std::vector<std::string> muxers;

    static NoiseCredentials make(const crypto::Identity& identity, Random& random, std::vector<std::string> muxers);
};

/// libp2p's Noise (libp2p/specs noise): XX without prologue, messages behind a length of two bytes in network order.
///
/// States: handshaking (three messages) -> open -> failed. The dialler is open when it has read the second message, the
/// listener when it has read the third. Held: at most one incomplete message, of kMaxNoiseHandshakeMessage bytes before
/// the peer has proved its key and kMaxNoiseMessage afterwards.
class NoiseChannel final : public SecureChannel {
  public:
    /// `credentials` outlives the channel. `expected`: the peer that must prove its key; empty: anybody.
    NoiseChannel(link::Side side, const NoiseCredentials& credentials, crypto::PeerId expected, Random& random);

    Result<void> receive(ByteView in, Bytes& plain, Now now) override;
    Bytes takeOutput() override { return std::exchange(m_output, {}); }
    const std::optional<SecureProof>& proof() const override { return m_proof; }
    void seal(ByteView plain, Bytes& out) override;

    /// Bytes of an incomplete message.
    size_t held() const { return m_partial.size(); }

  private:
    Result<size_t> messageLength(ByteView prefix) const;
    Result<void> collect(ByteView& in, Bytes& plain);
    Result<void> onMessage(ByteView message, Bytes& plain);
    Result<void> onHandshakeMessage(ByteView message);
    Result<void> writeHandshakeMessage();
    Result<std::string> agreedMuxer(const std::vector<std::string>& theirs) const;

    const link::Side m_side;
    const NoiseCredentials& m_credentials;
    const crypto::PeerId m_expected;
    std::optional<NoiseHandshake> m_handshake;
    NoiseHandshake::Ciphers m_ciphers;
    std::optional<SecureProof> m_proof;
    Bytes m_partial; // length and what has come of its message
    Bytes m_output;
};

} // namespace wherry::bytepipe

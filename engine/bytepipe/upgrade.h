#pragma once

#include "bytepipe/credentials.h"
#include "link/multistream.h"

#include <memory>
#include <variant>

namespace wherry::bytepipe {

/// What makes a raw pipe a secured one with a multiplexer (libp2p/specs connections, "upgrading connections").
///
/// States: choosing the security (multistream-select) -> its handshake -> unless that has settled it in passing,
/// choosing the multiplexer (multistream-select inside the channel) -> done. Nothing that follows is lost: bytes behind
/// the last message belong to the multiplexer.
class Upgrade {
  public:
    /// `credentials` and `random` outlive it. `securities`: at least one that Credentials serves; the dialler's order
    /// of preference. `expected`: the peer that must prove its key; empty: anybody.
    Upgrade(link::Side side, const Credentials& credentials, const std::vector<std::string>& securities,
            crypto::PeerId expected, Random& random);

    /// Takes all of `in`; what belongs to the multiplexer is appended to `plain`. Errors: Unsupported,
    /// IdentityMismatch, ProtocolViolation, VerificationFailed, TooLarge, Malformed.
    Result<void> receive(ByteView in, Bytes& plain, Now now);
    /// Bytes for the pipe; after an error too.
    Bytes takeOutput() { return std::exchange(m_output, {}); }
    bool hasOutput() const { return !m_output.empty(); }

    bool done() const { return m_stage == Stage::Done; }
    /// Who has proved a key, once that is so; null before.
    const crypto::ProvenPeer* peer() const;
    /// When done(), once.
    std::unique_ptr<SecureChannel> takeChannel() { return std::move(m_channel); }

  private:
    enum class Stage : uint8_t { Security, Handshake, Muxer, Done };

    void negotiate(const std::vector<std::string>& protocols);
    const std::string& agreed() const;
    Result<bool> onNegotiation(ByteView& in);
    Result<void> onSecured(ByteView in, Bytes& plain, Now now);

    const link::Side m_side;
    const Credentials& m_credentials;
    const crypto::PeerId m_expected;
    Random& m_random;
    Stage m_stage = Stage::Security;
    std::variant<std::monostate, link::MultistreamInitiator, link::MultistreamResponder> m_negotiator;
    std::unique_ptr<SecureChannel> m_channel;
    Bytes m_output;
    size_t m_unproven = 0;
};

} // namespace wherry::bytepipe

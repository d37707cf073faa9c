#pragma once

#include "bytepipe/secure_channel.h"
#include "bytepipe/tls_session.h"
#include "crypto/tls_context.h"
#include "link/link.h"

#include <memory>
#include <vector>

namespace wherry::bytepipe {

/// libp2p's TLS over a reliable pipe (libp2p/specs tls): version 1.3, a certificate of each end that proves its host
/// key, and ALPN that settles the multiplexer in passing: the multiplexers, then "libp2p" for those who negotiate it
/// later.
///
/// States: handshaking -> open -> failed. The dialler is open when it has verified the listener and has sent its own
/// proof, the listener when it has verified that.
class TlsChannel final : public SecureChannel {
  public:
    /// `context` outlives the channel. `expected`: the peer that must prove its key; empty: anybody.
    static Result<std::unique_ptr<TlsChannel>> create(link::Side side, const crypto::TlsContext& context,
                                                      const std::vector<std::string>& muxers,
                                                      const crypto::PeerId& expected);

    Result<void> receive(ByteView in, Bytes& plain, Now now) override { return m_session->receive(in, plain, now); }
    Bytes takeOutput() override { return m_session->takeOutput(); }
    const std::optional<SecureProof>& proof() const override { return m_proof; }
    void seal(ByteView plain, Bytes& out) override { m_session->seal(plain, out); }

  private:
    TlsChannel() = default;
    int finish(gnutls_session_t session);

    std::optional<crypto::ProvenPeer> m_verified;
    std::optional<SecureProof> m_proof;
    std::unique_ptr<TlsSession> m_session;
};

} // namespace wherry::bytepipe

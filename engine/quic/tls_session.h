#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/tls_context.h"
#include "link/link.h"

#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <memory>
#include <optional>

namespace wherry::quic {

/// One TLS 1.3 handshake with libp2p certificates both ways (libp2p/specs tls.md, quic.md): ALPN "libp2p", no tickets,
/// no 0-RTT, no server name. The peer's certificate is verified inside the handshake; until then there is no peer.
class TlsSession {
  public:
    /// `expected` empty: whoever proves a key is welcome.
    static Result<std::unique_ptr<TlsSession>> create(const crypto::TlsContext& context, link::Side side,
                                                      const crypto::PeerId& expected);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    gnutls_session_t handle() const { return m_session; }
    /// The connection that the handshake belongs to; set once, before the first packet.
    void attach(ngtcp2_conn* conn) { m_conn = conn; }
    /// The wall clock that certificates are judged by.
    void setWallTime(UnixTime wall) { m_wall = wall; }

    /// Empty until the certificate was verified.
    const crypto::PeerId& peer() const { return m_peer; }
    /// Why we refused the peer's certificate.
    const std::optional<Error>& refusal() const { return m_refusal; }

  private:
    TlsSession() = default;
    static int verifyCallback(gnutls_session_t session);
    Result<crypto::PeerId> verifyPeer() const;

    gnutls_session_t m_session = nullptr;
    ngtcp2_crypto_conn_ref m_reference{};
    ngtcp2_conn* m_conn = nullptr;
    crypto::PeerId m_expected;
    crypto::PeerId m_peer;
    UnixTime m_wall{};
    std::optional<Error> m_refusal;
};

} // namespace wherry::quic

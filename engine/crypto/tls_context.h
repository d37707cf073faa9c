#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "crypto/tls_certificate.h"

#include <gnutls/gnutls.h>

#include <memory>
#include <string_view>

namespace wherry::crypto {

/// Certificate and cipher preferences that all sessions of an endpoint share.
class TlsContext {
  public:
    static Result<std::unique_ptr<TlsContext>> create(const crypto::TlsCertificate& certificate);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;
    ~TlsContext();

    gnutls_certificate_credentials_t credentials() const { return m_credentials; }
    gnutls_priority_t priority() const { return m_priority; }

  private:
    TlsContext() = default;
    gnutls_certificate_credentials_t m_credentials = nullptr;
    gnutls_priority_t m_priority = nullptr;
};

/// The protocol that both ends have agreed on (RFC 7301); empty: none.
std::string_view tlsProtocol(gnutls_session_t session);
/// What the certificates that the peer has shown in this handshake prove; IdentityMismatch: not `expected` (empty:
/// anybody). For the verify function of a session.
Result<ProvenPeer> verifyTlsPeer(gnutls_session_t session, const PeerId& expected, UnixTime now);

} // namespace wherry::crypto

#include "quic/tls_session.h"

#include "crypto/gnutls_handles.h"

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <string>

namespace wherry::quic {

using crypto::gnutlsError;

namespace {

constexpr std::string_view kAlpn = "libp2p";

} // namespace

Result<std::unique_ptr<TlsSession>> TlsSession::create(const crypto::TlsContext& context, link::Side side,
                                                       const crypto::PeerId& expected) {
    const bool server = side == link::Side::Listener;
    std::unique_ptr<TlsSession> tls(new TlsSession);
    tls->m_expected = expected;
    const unsigned flags =
        GNUTLS_NO_TICKETS | GNUTLS_NO_END_OF_EARLY_DATA |
        (server ? GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT);
    if (int rc = gnutls_init(&tls->m_session, flags); rc != 0) return gnutlsError("starting a TLS session", rc);
    gnutls_session_t session = tls->m_session;
    const int configured = server ? ngtcp2_crypto_gnutls_configure_server_session(session)
                                  : ngtcp2_crypto_gnutls_configure_client_session(session);
    if (configured != 0) return makeError(Errc::Internal, "configuring a TLS session for QUIC");
    if (int rc = gnutls_priority_set(session, context.priority()); rc != 0) return gnutlsError("TLS priorities", rc);
    if (int rc = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, context.credentials()); rc != 0)
        return gnutlsError("TLS credentials", rc);
    const gnutls_datum_t alpn = {reinterpret_cast<unsigned char*>(const_cast<char*>(kAlpn.data())), kAlpn.size()};
    if (int rc = gnutls_alpn_set_protocols(session, &alpn, 1, GNUTLS_ALPN_MANDATORY); rc != 0)
        return gnutlsError("TLS ALPN", rc);
    if (server) gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_function(session, verifyCallback);
    tls->m_reference.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
        return static_cast<TlsSession*>(reference->user_data)->m_conn;
    };
    tls->m_reference.user_data = tls.get();
    gnutls_session_set_ptr(session, &tls->m_reference);
    return tls;
}

TlsSession::~TlsSession() {
    if (m_session) gnutls_deinit(m_session);
}

int TlsSession::verifyCallback(gnutls_session_t session) {
    auto* reference = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
    auto* self = static_cast<TlsSession*>(reference->user_data);
    auto proven = self->verifyPeer();
    if (proven) {
        self->m_peer = *proven;
        return 0;
    }
    self->m_refusal = proven.error();
    return GNUTLS_E_CERTIFICATE_ERROR;
}

Result<crypto::PeerId> TlsSession::verifyPeer() const {
    // GNUTLS_ALPN_MANDATORY only judges a peer that sent the extension; without one there is no protocol at all.
    if (crypto::tlsProtocol(m_session) != kAlpn)
        return makeError(Errc::Unsupported, "the peer does not offer ALPN libp2p");
    TRY(const auto proven, crypto::verifyTlsPeer(m_session, m_expected, m_wall));
    return proven.peerId;
}

} // namespace wherry::quic

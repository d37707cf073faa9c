#include "quic/tls_session.h"

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <array>
#include <string>

namespace wherry::quic {

namespace {

constexpr std::string_view kAlpn = "libp2p";

/// AES first where the CPU has instructions for it (3.8 GB/s at packet size against 0.5 for ChaCha20). The server's
/// order wins, as rust and js clients put ChaCha20 first. The legacy session id of TLS 1.3 is forbidden in QUIC.
std::string priorityText() {
#if defined(__x86_64__) || defined(__i386__)
    const bool fastAes = __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#else
    const bool fastAes = true;
#endif
    const std::string ciphers =
        fastAes ? "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305" : "+CHACHA20-POLY1305:+AES-128-GCM:+AES-256-GCM";
    return "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:" + ciphers +
           ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%DISABLE_TLS13_COMPAT_MODE:%SERVER_PRECEDENCE";
}

Error gnutlsError(std::string_view doing, int code) {
    return makeError(Errc::Internal, std::string(doing) + ": " + gnutls_strerror(code));
}

gnutls_datum_t datum(const Bytes& bytes) {
    return {const_cast<unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

} // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::create(const crypto::TlsCertificate& certificate) {
    std::unique_ptr<TlsContext> context(new TlsContext);
    if (int rc = gnutls_certificate_allocate_credentials(&context->m_credentials); rc != 0)
        return gnutlsError("allocating TLS credentials", rc);
    const gnutls_datum_t chain = datum(certificate.certificate);
    const gnutls_datum_t key = datum(certificate.privateKey);
    if (int rc = gnutls_certificate_set_x509_key_mem(context->m_credentials, &chain, &key, GNUTLS_X509_FMT_DER); rc < 0)
        return gnutlsError("loading our TLS certificate", rc);
    if (int rc = gnutls_priority_init(&context->m_priority, priorityText().c_str(), nullptr); rc != 0)
        return gnutlsError("setting TLS priorities", rc);
    return context;
}

TlsContext::~TlsContext() {
    if (m_priority) gnutls_priority_deinit(m_priority);
    if (m_credentials) gnutls_certificate_free_credentials(m_credentials);
}

Result<std::unique_ptr<TlsSession>> TlsSession::create(const TlsContext& context, link::Side side,
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
    gnutls_datum_t alpn{};
    if (gnutls_alpn_get_selected_protocol(m_session, &alpn) != 0 ||
        std::string_view(reinterpret_cast<const char*>(alpn.data), alpn.size) != kAlpn)
        return makeError(Errc::Unsupported, "the peer does not offer ALPN libp2p");
    unsigned count = 0;
    const gnutls_datum_t* chain = gnutls_certificate_get_peers(m_session, &count);
    // Two are enough to tell that it is not one.
    std::array<ByteView, 2> views;
    const size_t seen = chain ? std::min<size_t>(count, views.size()) : 0;
    for (size_t i = 0; i < seen; ++i) views[i] = {chain[i].data, chain[i].size};
    TRY(const auto proven, crypto::verifyTlsCertificate(std::span(views.data(), seen), m_wall));
    if (!m_expected.empty() && proven.peerId != m_expected)
        return makeError(Errc::IdentityMismatch,
                         "expected peer " + m_expected.text() + ", but " + proven.peerId.text() + " answered");
    return proven.peerId;
}

} // namespace wherry::quic

#include "bytepipe/tls_channel.h"

#include "crypto/gnutls_handles.h"

namespace wherry::bytepipe {

using link::Side;

namespace {

/// What both offer who want to agree on the multiplexer later; always the last of the list.
constexpr std::string_view kPlainAlpn = "libp2p";

Result<void> offerProtocols(gnutls_session_t session, const std::vector<std::string>& muxers) {
    std::vector<gnutls_datum_t> protocols;
    for (const std::string& muxer : muxers) protocols.push_back(crypto::datumOf(asBytes(muxer)));
    protocols.push_back(crypto::datumOf(asBytes(kPlainAlpn)));
    const int rc = gnutls_alpn_set_protocols(session, protocols.data(), static_cast<unsigned>(protocols.size()),
                                             GNUTLS_ALPN_MANDATORY);
    if (rc != 0) return crypto::gnutlsError("TLS ALPN", rc);
    return {};
}

} // namespace

Result<std::unique_ptr<TlsChannel>> TlsChannel::create(Side side, const crypto::TlsContext& context,
                                                       const std::vector<std::string>& muxers,
                                                       const crypto::PeerId& expected) {
    std::unique_ptr<TlsChannel> channel(new TlsChannel);
    TlsChannel* self = channel.get();
    const bool server = side == Side::Listener;
    const unsigned flags = server ? GNUTLS_SERVER : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT;
    const TlsSession::Setup setup{flags, context.priority(), context.credentials()};
    const auto verify = [self, expected](gnutls_session_t session, UnixTime now) -> Result<void> {
        TRY(self->m_verified, crypto::verifyTlsPeer(session, expected, now));
        return {};
    };
    TRY(channel->m_session,
        TlsSession::create(setup, verify, [self](gnutls_session_t session) { return self->finish(session); }));
    TRY_OK(offerProtocols(channel->m_session->handle(), muxers));
    if (server) gnutls_certificate_server_set_request(channel->m_session->handle(), GNUTLS_CERT_REQUIRE);
    if (side == Side::Dialer) TRY_OK(channel->m_session->begin());
    return channel;
}

int TlsChannel::finish(gnutls_session_t session) {
    // GNUTLS_ALPN_MANDATORY only judges a peer that sent the extension; without one there is no protocol at all.
    const std::string_view protocol = crypto::tlsProtocol(session);
    if (protocol.empty() || !m_verified) return GNUTLS_E_NO_APPLICATION_PROTOCOL;
    m_proof = SecureProof{std::move(*m_verified), protocol == kPlainAlpn ? std::string() : std::string(protocol)};
    return 0;
}

} // namespace wherry::bytepipe

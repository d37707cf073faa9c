#include "bytepipe/wss_layer.h"

#include "codec/ip.h"
#include "crypto/gnutls_handles.h"

namespace wherry::bytepipe {

namespace {

/// WebSocket begins as HTTP/1.1 (RFC 7301 section 6). Who offers it is answered; who does not is not asked to.
Result<void> offerHttp(gnutls_session_t session) {
    const gnutls_datum_t protocol = crypto::datumOf(asBytes("http/1.1"));
    if (int rc = gnutls_alpn_set_protocols(session, &protocol, 1, 0); rc != 0)
        return crypto::gnutlsError("TLS ALPN", rc);
    return {};
}

int finish(gnutls_session_t) {
    return 0;
}

} // namespace

Result<std::unique_ptr<WssLayer>> WssLayer::listen(std::shared_ptr<const crypto::WebCertificate> ours) {
    auto layer = std::make_unique<WssLayer>();
    TRY(layer->m_session, TlsSession::create({GNUTLS_SERVER, ours->priority(), ours->credentials()}, {}, finish));
    TRY_OK(offerHttp(layer->m_session->handle()));
    layer->m_context = std::move(ours);
    return layer;
}

Result<std::unique_ptr<WssLayer>> WssLayer::dial(std::shared_ptr<const crypto::WebTrust> trust,
                                                 const std::string& serverName) {
    auto layer = std::make_unique<WssLayer>();
    const auto verify = [authorities = trust.get(), serverName](gnutls_session_t session, UnixTime now) {
        return authorities->verify(session, serverName, now);
    };
    TRY(layer->m_session, TlsSession::create({GNUTLS_CLIENT, trust->priority(), trust->credentials()}, verify, finish));
    layer->m_context = std::move(trust);
    gnutls_session_t session = layer->m_session->handle();
    TRY_OK(offerHttp(session));
    // Only names are asked for, never addresses (RFC 6066 section 3).
    if (!codec::parseIp(serverName)) {
        const int rc = gnutls_server_name_set(session, GNUTLS_NAME_DNS, serverName.data(), serverName.size());
        if (rc != 0) return makeError(Errc::InvalidArgument, "no name of a server: " + serverName);
    }
    TRY_OK(layer->m_session->begin());
    return layer;
}

} // namespace wherry::bytepipe

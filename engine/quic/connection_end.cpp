#include "quic/connection.h"

#include <algorithm>
#include <string>

namespace wherry::quic {

using link::Side;

namespace {

/// TLS alert "no application protocol" (RFC 7301).
constexpr uint8_t kAlertNoAlpn = 120;

Error tlsFailure(std::string_view who, uint8_t alert) {
    if (alert == kAlertNoAlpn) return makeError(Errc::Unsupported, "no common ALPN protocol");
    return makeError(Errc::ProtocolViolation, std::string(who) + " (TLS alert " + std::to_string(alert) + ")");
}

} // namespace

void Connection::fail(int code, Now now) {
    if (m_ended) return;
    if (code == NGTCP2_ERR_RETRY) m_wantsRetry = true;
    if (code == NGTCP2_ERR_DRAINING) {
        m_farewell.period = Duration(static_cast<int64_t>(3 * ngtcp2_conn_get_pto(m_conn.get())));
        uint64_t applicationCode = link::kNoError;
        Error error = describePeerClose(applicationCode);
        return end(std::move(error), true, applicationCode);
    }
    Error error = describeFailure(code);
    ngtcp2_ccerr reason;
    ngtcp2_ccerr_default(&reason);
    if (code == NGTCP2_ERR_CRYPTO)
        ngtcp2_ccerr_set_tls_alert(&reason, ngtcp2_conn_get_tls_alert(m_conn.get()), nullptr, 0);
    else
        ngtcp2_ccerr_set_liberr(&reason, code, nullptr, 0);
    closeWith(reason, now);
    end(std::move(error), false, link::kNoError);
}

/// Writes the close packet into the farewell; idle and silent ends have none.
void Connection::closeWith(const ngtcp2_ccerr& reason, Now now) {
    const bool speaks = reason.type == NGTCP2_CCERR_TYPE_TRANSPORT || reason.type == NGTCP2_CCERR_TYPE_APPLICATION;
    if (!speaks) return;
    m_farewell.period = Duration(static_cast<int64_t>(3 * ngtcp2_conn_get_pto(m_conn.get())));
    NativePath path;
    ngtcp2_pkt_info info{};
    Bytes packet(kMinInitialDatagram);
    const auto length = ngtcp2_conn_write_connection_close(m_conn.get(), path.get(), &info, packet.data(),
                                                           packet.size(), &reason, tick(now));
    if (length <= 0) return; // nothing was ever sent to this peer, or it may not be sent more
    packet.resize(static_cast<size_t>(length));
    m_farewell.packet = {fromNative(*path.get()), static_cast<uint8_t>(info.ecn), std::move(packet)};
}

void Connection::close(uint64_t code, std::string_view reason, Now now) {
    if (m_ended) return;
    reason = reason.substr(0, kMaxReason);
    ngtcp2_ccerr error;
    ngtcp2_ccerr_default(&error);
    ngtcp2_ccerr_set_application_error(&error, code, reinterpret_cast<const uint8_t*>(reason.data()), reason.size());
    closeWith(error, now);
    end(makeError(Errc::Cancelled, "closed by us"), false, code);
}

void Connection::abandon(Error error, uint64_t transportError, Now now) {
    if (m_ended) return;
    ngtcp2_ccerr reason;
    ngtcp2_ccerr_default(&reason);
    ngtcp2_ccerr_set_transport_error(&reason, transportError, nullptr, 0);
    closeWith(reason, now);
    end(std::move(error), false, link::kNoError);
}

void Connection::onUnreachable(const Path& path) {
    // ICMP and routes may be wrong for a moment: an established connection waits for its idle timeout.
    if (m_ended || m_opened || m_heardPeer || m_side != Side::Dialer || path.remote != m_path.remote) return;
    if (path.local.ip != m_path.local.ip) return; // another source may do
    end(makeError(Errc::Unreachable, "no route to " + path.remote.text()), false, link::kNoError);
}

Error Connection::describeFailure(int code) const {
    const std::string where = m_path.remote.text();
    if (m_flooded) return makeError(Errc::ProtocolViolation, where + " retires connection ids without end");
    switch (code) {
    case NGTCP2_ERR_CRYPTO:
        if (m_tls->refusal()) return *m_tls->refusal();
        return tlsFailure("the TLS handshake with " + where + " failed", ngtcp2_conn_get_tls_alert(m_conn.get()));
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
        return makeError(Errc::Timeout,
                         m_heardPeer ? "the handshake with " + where + " did not finish" : "no answer from " + where);
    case NGTCP2_ERR_IDLE_CLOSE:
        return makeError(Errc::Timeout,
                         m_heardPeer ? "nothing heard from " + where + " for too long" : "no answer from " + where);
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
    case NGTCP2_ERR_VERSION_NEGOTIATION_FAILURE:
        return makeError(Errc::Unsupported, where + " does not speak QUIC version 1");
    case NGTCP2_ERR_NO_VIABLE_PATH:
    case NGTCP2_ERR_PKT_NUM_EXHAUSTED:
    case NGTCP2_ERR_AEAD_LIMIT_REACHED:
        return makeError(Errc::ConnectionLost, where + ": " + ngtcp2_strerror(code));
    case NGTCP2_ERR_INTERNAL: // ngtcp2's only use of it: thousands of gaps in one stream
        return makeError(Errc::ProtocolViolation, where + " sends streams in too many pieces");
    case NGTCP2_ERR_NOMEM:
    case NGTCP2_ERR_CALLBACK_FAILURE:
        return makeError(Errc::Internal, where + ": " + ngtcp2_strerror(code));
    default:
        return makeError(Errc::ProtocolViolation, where + ": " + ngtcp2_strerror(code));
    }
}

Error Connection::describePeerClose(uint64_t& applicationCode) const {
    const std::string where = m_path.remote.text();
    if (m_resetByPeer)
        return makeError(Errc::ConnectionLost, where + " has forgotten the connection (stateless reset)");
    const ngtcp2_ccerr* reason = ngtcp2_conn_get_ccerr(m_conn.get());
    if (reason->type == NGTCP2_CCERR_TYPE_APPLICATION) {
        applicationCode = reason->error_code;
        return makeError(Errc::ConnectionLost, where + " closed the connection");
    }
    const uint64_t code = reason->error_code;
    if (code == NGTCP2_CONNECTION_REFUSED) return makeError(Errc::LimitReached, where + " refused the connection");
    if (code >= NGTCP2_CRYPTO_ERROR && code < NGTCP2_CRYPTO_ERROR + 0x100)
        return tlsFailure(where + " rejected our handshake", static_cast<uint8_t>(code - NGTCP2_CRYPTO_ERROR));
    if (code == NGTCP2_NO_ERROR || code == NGTCP2_APPLICATION_ERROR)
        return makeError(Errc::ConnectionLost, where + " closed the connection");
    return makeError(Errc::ProtocolViolation, where + " closed with transport error " + std::to_string(code));
}

void Connection::end(Error error, bool byPeer, uint64_t applicationCode) {
    m_ended = true;
    LOG(m_services.log, Debug, "quic", "link " << m_id.value << " ended: " << error.text());
    for (auto& [id, stream] : m_streams) {
        stream.transportClosed = true;
        stream.send.clear();
        stream.closedQueued = true; // the end of the link says it
    }
    m_announcedEnd = m_opened || m_side == Side::Dialer;
    if (m_announcedEnd) m_services.events.push_back(link::LinkClosed{m_id, std::move(error), byPeer, applicationCode});
    m_held.clear();
    m_ready.clear();
    m_waiting.clear();
    m_datagrams = {};
    m_buffered = 0;
    m_taken = 0;
    m_ids.removeResetTokens();
    m_conn.reset();
    m_tls.reset();
}

} // namespace wherry::quic

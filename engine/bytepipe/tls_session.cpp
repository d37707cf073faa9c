#include "bytepipe/tls_session.h"

#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"
#include "crypto/gnutls_handles.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace wherry::bytepipe {

Result<std::unique_ptr<TlsSession>> TlsSession::create(const Setup& setup, Verify verify, Finish finish) {
    std::unique_ptr<TlsSession> made(new TlsSession(std::move(verify), std::move(finish)));
    gnutls_session_t& session = made->m_session;
    unsigned flags = setup.flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    if ((flags & GNUTLS_SERVER) != 0) flags |= GNUTLS_NO_AUTO_SEND_TICKET;
    if (int rc = gnutls_init(&session, flags); rc != 0) return crypto::gnutlsError("starting a TLS session", rc);
    if (int rc = gnutls_priority_set(session, setup.priority); rc != 0)
        return crypto::gnutlsError("TLS priorities", rc);
    if (int rc = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, setup.credentials); rc != 0)
        return crypto::gnutlsError("TLS credentials", rc);
    if (made->m_verify) gnutls_session_set_verify_function(session, verifyPeer);
    gnutls_session_set_ptr(session, made.get());
    gnutls_transport_set_ptr(session, made.get());
    gnutls_transport_set_push_function(session, push);
    gnutls_transport_set_pull_function(session, pull);
    return made;
}

TlsSession::~TlsSession() {
    if (m_session) gnutls_deinit(m_session);
}

int TlsSession::verifyPeer(gnutls_session_t session) {
    auto* self = static_cast<TlsSession*>(gnutls_session_get_ptr(session));
    self->m_judged = self->m_verify(session, self->m_wall);
    return self->m_judged ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

ssize_t TlsSession::push(gnutls_transport_ptr_t self, const void* bytes, size_t count) {
    append(static_cast<TlsSession*>(self)->m_output, {static_cast<const uint8_t*>(bytes), count});
    return static_cast<ssize_t>(count);
}

ssize_t TlsSession::pull(gnutls_transport_ptr_t self, void* bytes, size_t count) {
    auto& session = *static_cast<TlsSession*>(self);
    if (session.m_input.empty()) {
        gnutls_transport_set_errno(session.m_session, EAGAIN);
        return -1;
    }
    count = std::min(count, session.m_input.size());
    std::memcpy(bytes, session.m_input.data(), count);
    session.m_input = session.m_input.subspan(count);
    return static_cast<ssize_t>(count);
}

Result<void> TlsSession::receive(ByteView in, Bytes& plain, Now now) {
    m_input = in;
    m_withoutData += in.size();
    m_wall = now.wall;
    auto outcome = m_open ? Result<void>() : advanceHandshake();
    if (outcome && m_open) outcome = readRecords(plain);
    ASSERT(!outcome || m_input.empty());
    m_input = {};
    if (outcome && m_withoutData > kMaxTlsWithoutData)
        return makeError(Errc::TooLarge, "TLS messages that carry nothing");
    return outcome;
}

Result<void> TlsSession::advanceHandshake() {
    const auto waits = [](int code) { return code < 0 && gnutls_error_is_fatal(code) == 0; };
    size_t before = 0;
    int rc = 0;
    do { // GnuTLS may come back after a part of a message, or a warning of the peer's, with more to be read
        before = m_input.size();
        rc = gnutls_handshake(m_session);
    } while (waits(rc) && !m_input.empty() && m_input.size() < before);
    if (waits(rc) && !m_input.empty()) return makeError(Errc::ProtocolViolation, "TLS: a record that leads nowhere");
    if (waits(rc)) return {};
    if (rc != 0) return failure(rc);
    if (rc = m_finish(m_session); rc != 0) return failure(rc);
    m_open = true;
    return {};
}

Result<void> TlsSession::readRecords(Bytes& plain) {
    std::array<uint8_t, 16 * 1024> record; // the largest that TLS has
    for (;;) {
        const size_t before = m_input.size();
        const ssize_t count = gnutls_record_recv(m_session, record.data(), record.size());
        if (count > 0) {
            append(plain, ByteView(record).first(static_cast<size_t>(count)));
            m_withoutData = m_input.size();
        } else if (count == 0) {
            return makeError(Errc::ConnectionLost, "the peer has ended the TLS channel");
        } else if (count == GNUTLS_E_AGAIN && m_input.empty()) {
            return {};
        } else if (gnutls_error_is_fatal(static_cast<int>(count)) != 0 || m_input.size() == before) {
            return failure(static_cast<int>(count));
        }
    }
}

/// Why the session has failed; what tells the peer is left in m_output.
Error TlsSession::failure(int code) {
    if (code != GNUTLS_E_FATAL_ALERT_RECEIVED) gnutls_alert_send_appropriate(m_session, code);
    if (!m_judged) return m_judged.error();
    switch (code) {
    case GNUTLS_E_NO_APPLICATION_PROTOCOL:
        return makeError(Errc::Unsupported, "no common ALPN protocol");
    case GNUTLS_E_FATAL_ALERT_RECEIVED: {
        const int alert = static_cast<int>(gnutls_alert_get(m_session)); // any byte that the peer has sent
        const Errc what = alert == GNUTLS_A_NO_APPLICATION_PROTOCOL ? Errc::Unsupported : Errc::ProtocolViolation;
        return makeError(what, "the peer rejects us (TLS alert " + std::to_string(alert) + ")");
    }
    case GNUTLS_E_DECRYPTION_FAILED:
        return makeError(Errc::VerificationFailed, "a TLS record");
    default:
        return makeError(Errc::ProtocolViolation, std::string("TLS: ") + gnutls_strerror(code));
    }
}

void TlsSession::seal(ByteView plain, Bytes& out) {
    ASSERT(m_open);
    m_output.swap(out); // push() appends to it
    while (!plain.empty()) {
        const ssize_t sent = gnutls_record_send(m_session, plain.data(), plain.size());
        if (sent <= 0) break; // push() takes all, so the session has failed: nothing more can be said
        plain = plain.subspan(static_cast<size_t>(sent));
    }
    m_output.swap(out);
}

void TlsSession::close(Bytes& out) {
    ASSERT(m_open);
    m_output.swap(out);
    gnutls_bye(m_session, GNUTLS_SHUT_WR);
    m_output.swap(out);
}

} // namespace wherry::bytepipe

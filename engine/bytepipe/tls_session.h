#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <gnutls/gnutls.h>

#include <functional>
#include <memory>
#include <utility>

namespace wherry::bytepipe {

/// A session of GnuTLS between the bytes of a pipe and plain ones: what libp2p's TLS and that of the web have in
/// common. Sans-I/O.
///
/// States: handshaking -> open -> failed. Held: at most one incomplete record, or kMaxTlsWithoutData bytes of an
/// incomplete message of TLS itself.
class TlsSession {
  public:
    struct Setup {
        unsigned flags = 0; ///< GNUTLS_SERVER or GNUTLS_CLIENT, and others; for a pipe in memory they are completed
        gnutls_priority_t priority = nullptr;
        gnutls_certificate_credentials_t credentials = nullptr;
    };
    /// What the peer's certificates prove; called in the handshake. Empty: the peer shows none.
    using Verify = std::function<Result<void>(gnutls_session_t, UnixTime)>;
    /// After the last message of the handshake: 0, or the code of GnuTLS by which it counts for nothing.
    using Finish = std::function<int(gnutls_session_t)>;

    /// What `setup` names outlives the session.
    static Result<std::unique_ptr<TlsSession>> create(const Setup& setup, Verify verify, Finish finish);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    /// For what is particular to one kind of TLS, before the first byte.
    gnutls_session_t handle() const { return m_session; }
    /// The dialler's first flight.
    Result<void> begin() { return advanceHandshake(); }
    /// Takes all of `in`; what it decrypts to is appended to `plain`. After an error nothing more may come in.
    Result<void> receive(ByteView in, Bytes& plain, Now now);
    bool open() const { return m_open; }
    /// Of the handshake, or an alert after a failure.
    Bytes takeOutput() { return std::exchange(m_output, {}); }
    bool hasOutput() const { return !m_output.empty(); }
    /// Appends to `out` what carries `plain`; when open(). After an error of receive() it may append nothing.
    void seal(ByteView plain, Bytes& out);
    /// Appends the alert that ends it in good order; when open().
    void close(Bytes& out);

  private:
    TlsSession(Verify verify, Finish finish) : m_verify(std::move(verify)), m_finish(std::move(finish)) {}
    static int verifyPeer(gnutls_session_t session);
    static ssize_t push(gnutls_transport_ptr_t self, const void* bytes, size_t count);
    static ssize_t pull(gnutls_transport_ptr_t self, void* bytes, size_t count);
    Result<void> advanceHandshake();
    Result<void> readRecords(Bytes& plain);
    Error failure(int code);

    const Verify m_verify;
    const Finish m_finish;
    gnutls_session_t m_session = nullptr;
    UnixTime m_wall{};
    Result<void> m_judged;
    bool m_open = false;
    ByteView m_input; // during receive(): what GnuTLS has not taken yet
    size_t m_withoutData = 0;
    Bytes m_output;
};

} // namespace wherry::bytepipe

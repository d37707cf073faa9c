#pragma once

#include "bytepipe/tls_session.h"
#include "crypto/web_tls.h"

#include <memory>
#include <string>

namespace wherry::bytepipe {

/// The TLS beneath a secure WebSocket (RFC 6455 section 3, libp2p/specs websockets): what browsers and proxies expect
/// of https. It lets a page of the web reach us and hides that it is libp2p; a peer's key is proved inside, by the
/// Upgrade.
///
/// States: those of its TlsSession.
class WssLayer {
  public:
    /// The listener's end.
    static Result<std::unique_ptr<WssLayer>> listen(std::shared_ptr<const crypto::WebCertificate> ours);
    /// The dialler's, to a server that must be `serverName`: a name, or an address as text.
    static Result<std::unique_ptr<WssLayer>> dial(std::shared_ptr<const crypto::WebTrust> trust,
                                                  const std::string& serverName);

    /// Takes all of `in`; what it decrypts to is appended to `plain`. VerificationFailed: the server's certificate does
    /// not hold. ProtocolViolation, also for what is no TLS; TooLarge; ConnectionLost: ended in good order.
    Result<void> receive(ByteView in, Bytes& plain, Now now) { return m_session->receive(in, plain, now); }
    Bytes takeOutput() { return m_session->takeOutput(); }
    bool hasOutput() const { return m_session->hasOutput(); }
    bool open() const { return m_session->open(); }
    /// When open(); takeOutput() goes first.
    void seal(ByteView plain, Bytes& out) { m_session->seal(plain, out); }
    void close(Bytes& out) { m_session->close(out); }

  private:
    std::shared_ptr<const crypto::WebTlsContext> m_context; // the session uses it
    std::unique_ptr<TlsSession> m_session;
};

} // namespace wherry::bytepipe

#pragma once

#include "base/result.h"
#include "base/time.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// TLS as the web has it: servers with a certificate for a name, signed by an authority that clients trust. For the
/// outer layer of secure WebSockets alone: who a peer is, is proved inside.
namespace wherry::crypto {

/// Cipher preferences and certificates of one side.
class WebTlsContext {
  public:
    WebTlsContext(const WebTlsContext&) = delete;
    WebTlsContext& operator=(const WebTlsContext&) = delete;
    ~WebTlsContext();

    gnutls_certificate_credentials_t credentials() const { return m_credentials; }
    gnutls_priority_t priority() const { return m_priority; }

  protected:
    WebTlsContext() = default;
    Result<void> open();

  private:
    gnutls_certificate_credentials_t m_credentials = nullptr;
    gnutls_priority_t m_priority = nullptr;
};

/// What a listener shows.
class WebCertificate final : public WebTlsContext {
  public:
    /// PEM, at most kMaxWebPemBytes each: the certificate, behind it those that lead to its authority, and its key. A
    /// Malformed one says which of them, and whether they do not belong together.
    static Result<std::shared_ptr<const WebCertificate>> fromPem(std::string_view chain, std::string_view key);
    /// makeLocalhostPem() as one.
    static Result<std::shared_ptr<const WebCertificate>> forLocalhost(UnixTime now);

    /// The certificate, without its key: for others to trust.
    const std::string& pem() const { return m_pem; }
    UnixTime expires() const { return m_expires; }
    /// Whom it is for: the first kMaxWebNames of its DNS names as they stand there, wildcards too.
    const std::vector<std::string>& dnsNames() const { return m_dnsNames; }

  private:
    WebCertificate() = default;
    Result<void> readLeaf(const gnutls_datum_t& chainPem);

    std::string m_pem;
    UnixTime m_expires{};
    std::vector<std::string> m_dnsNames;
};

/// A certificate for localhost, 127.0.0.1 and ::1, signed by itself, for kLocalhostCertificateLife, and behind it its
/// key. PEM.
Result<std::string> makeLocalhostPem(UnixTime now);

/// Whom a dialler believes.
class WebTrust final : public WebTlsContext {
  public:
    /// The authorities that the system trusts. NotFound: it has none. Reads its files.
    static Result<std::shared_ptr<const WebTrust>> ofSystem();
    /// Authorities, or certificates of servers themselves.
    static Result<std::shared_ptr<const WebTrust>> fromPem(std::string_view certificates);
    ~WebTrust();

    /// Whether what the server has shown in this handshake is for `serverName` (a name, or an address as text), valid
    /// now and vouched for. VerificationFailed says why not. For the verify function of a session.
    Result<void> verify(gnutls_session_t session, const std::string& serverName, UnixTime now) const;

  private:
    WebTrust() = default;
    gnutls_x509_trust_list_t m_list = nullptr;
};

} // namespace wherry::crypto

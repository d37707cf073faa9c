#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <memory>
#include <type_traits>

namespace wherry::crypto {

/// One owner per GnuTLS handle.
template <auto Release> struct GnutlsDeleter {
    template <typename Handle> void operator()(Handle* handle) const { Release(handle); }
};
using CertificateHandle =
    std::unique_ptr<std::remove_pointer_t<gnutls_x509_crt_t>, GnutlsDeleter<gnutls_x509_crt_deinit>>;
using CertificateKeyHandle =
    std::unique_ptr<std::remove_pointer_t<gnutls_x509_privkey_t>, GnutlsDeleter<gnutls_x509_privkey_deinit>>;
using PublicKeyHandle = std::unique_ptr<std::remove_pointer_t<gnutls_pubkey_t>, GnutlsDeleter<gnutls_pubkey_deinit>>;

/// Bytes that GnuTLS has allocated.
class GnutlsDatum {
  public:
    GnutlsDatum() = default;
    ~GnutlsDatum() { gnutls_free(m_datum.data); }
    GnutlsDatum(const GnutlsDatum&) = delete;
    GnutlsDatum& operator=(const GnutlsDatum&) = delete;
    gnutls_datum_t* out() { return &m_datum; }
    ByteView view() const { return {m_datum.data, m_datum.size}; }

  private:
    gnutls_datum_t m_datum{nullptr, 0};
};

/// GnuTLS takes inputs through a pointer that is not const, and does not write to them.
inline gnutls_datum_t datumOf(ByteView bytes) {
    return {const_cast<uint8_t*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

/// A failure of GnuTLS that only a bug or a lack of memory explains: "doing: what it says".
Error gnutlsError(std::string_view doing, int code);

/// Never nullptr.
CertificateHandle newCertificate();
CertificateKeyHandle newCertificateKey();
PublicKeyHandle newPublicKey();

} // namespace wherry::crypto

#include "crypto/gnutls_handles.h"

#include "base/assert.h"

namespace wherry::crypto {

namespace {

template <typename Owner, typename Handle> Owner own(int (*create)(Handle*)) {
    Handle handle = nullptr;
    ASSERT(create(&handle) == GNUTLS_E_SUCCESS);
    return Owner(handle);
}

} // namespace

Error gnutlsError(std::string_view doing, int code) {
    return makeError(Errc::Internal, std::string(doing) + ": " + gnutls_strerror(code));
}

CertificateHandle newCertificate() {
    return own<CertificateHandle>(gnutls_x509_crt_init);
}

CertificateKeyHandle newCertificateKey() {
    return own<CertificateKeyHandle>(gnutls_x509_privkey_init);
}

PublicKeyHandle newPublicKey() {
    return own<PublicKeyHandle>(gnutls_pubkey_init);
}

} // namespace wherry::crypto

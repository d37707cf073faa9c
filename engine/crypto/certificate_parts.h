#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::crypto {

/// Content octets of OID 1.3.6.1.4.1.53594.1.1, the libp2p TLS extension.
inline constexpr uint8_t kLibp2pExtensionOid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xa2, 0x5a, 0x01, 0x01};

/// The pieces of a libp2p certificate as they stand in its DER; views into it.
struct CertificateParts {
    ByteView toBeSigned;
    ByteView subjectPublicKeyInfo;
    ByteView signature;     ///< content of the BIT STRING, without its count of unused bits
    ByteView hostKey;       ///< from the extension: serialised PublicKey
    ByteView hostSignature; ///< from the extension
};

/// Slices an X.509 v3 certificate (RFC 5280 4.1) and its libp2p extension (libp2p/specs tls.md). Malformed: not DER of
/// that shape, the extension missing or double, another critical extension, unique ids, two different signature
/// algorithms, bytes behind the end.
Result<CertificateParts> sliceCertificate(ByteView der);

} // namespace wherry::crypto

#pragma once

#include <cstddef>
#include <cstdint>

namespace wherry::crypto {

/// Bits of an RSA key, of a host or of a certificate. Below 2048 it can be factored; above 8192 one verification costs
/// more than ten milliseconds, which a stranger could ask for again and again (CVE-2023-39533).
inline constexpr unsigned kMinRsaBits = 2048;
inline constexpr unsigned kMaxRsaBits = 8192;
/// Bytes of an RSA public exponent: everybody uses 65537; a long one makes verifying as slow as signing.
inline constexpr size_t kMaxRsaExponentBytes = 4;
/// Bytes of a serialised public key: an 8192-bit RSA key takes about 1070.
inline constexpr size_t kMaxPublicKeyBytes = 1280;
/// Bytes of a serialised private key of ours (Ed25519; the old form of 96 bytes takes 100).
inline constexpr size_t kMaxPrivateKeyBytes = 128;
/// Fields in a key message: type and data.
inline constexpr size_t kKeyFields = 2;
/// Bytes of a signature: RSA of 8192 bits has 1024.
inline constexpr size_t kMaxSignatureBytes = 1024;

/// Bytes of a peer's certificate: RSA keys and signatures of 8192 bits both in the certificate and in its extension
/// come to about 4.4 KiB, and names and foreign extensions need some room.
inline constexpr size_t kMaxCertificateBytes = 8 * 1024;
/// Extensions in a certificate; ours has one, others a handful.
inline constexpr size_t kMaxCertificateExtensions = 32;

/// Bytes of a signed envelope: a peer record with 64 addresses of 128 bytes and an RSA key fits.
inline constexpr size_t kMaxEnvelopeBytes = 16 * 1024;
/// Addresses in a signed peer record (CVE-2023-40583: records that stuff the peer book).
inline constexpr size_t kMaxRecordAddresses = 64;

/// Bytes of one message that sha256Leaves puts on several lanes: a Merkle leaf.
inline constexpr size_t kMaxLaneMessageBytes = 32 * 1024;

} // namespace wherry::crypto

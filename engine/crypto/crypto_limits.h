#pragma once

#include <chrono>
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

/// Bytes of a certificate chain or key in PEM, which the user gives: a dozen certificates; a bundle of authorities has
/// some 250 KiB.
inline constexpr size_t kMaxWebPemBytes = 1024 * 1024;
/// Certificates that a web server shows: its own and two or three that lead to its authority.
inline constexpr unsigned kMaxWebChain = 8;
/// Names of a server's certificate that are looked at (authorities give out a hundred at most), and bytes of one with its
/// end: of DNS.
inline constexpr unsigned kMaxWebNames = 100;
inline constexpr size_t kMaxWebName = 256;
/// How long a certificate that we made for localhost holds: what browsers accept at most (825 days), rounded down.
inline constexpr std::chrono::hours kLocalhostCertificateLife{800 * 24};

/// Bytes of a signed envelope: a peer record with 64 addresses of 128 bytes and an RSA key fits.
inline constexpr size_t kMaxEnvelopeBytes = 16 * 1024;
/// Addresses in a signed peer record (CVE-2023-40583: records that stuff the peer book).
inline constexpr size_t kMaxRecordAddresses = 64;

/// Bytes of one message that sha256Leaves puts on several lanes: a Merkle leaf.
inline constexpr size_t kMaxLaneMessageBytes = 32 * 1024;

} // namespace wherry::crypto

#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/identity.h"
#include "crypto/peer_id.h"

#include <cstdint>

namespace wherry::crypto {

/// The numbers of libp2p's key types (libp2p/specs peer-ids).
enum class KeyType : uint8_t { Rsa = 0, Ed25519 = 1, Secp256k1 = 2, Ecdsa = 3 };

/// A host's public key that we can verify with: Ed25519, RSA of 2048 to 8192 bits, ECDSA on P-256.
class PublicKey {
  public:
    /// libp2p PublicKey protobuf in its deterministic encoding. Malformed; TooLarge; Unsupported, with the kind in the
    /// context: Secp256k1, another curve, an RSA key outside the bounds.
    static Result<PublicKey> decode(ByteView protobuf);
    static PublicKey ofEd25519(const Ed25519Public& key);

    KeyType type() const { return m_type; }
    /// Ed25519: 32 bytes. RSA, ECDSA: DER SubjectPublicKeyInfo.
    ByteView data() const { return m_data; }
    Bytes encode() const;
    PeerId peerId() const;
    /// Ed25519 over the bytes themselves; RSA PKCS#1 v1.5 and DER ECDSA over their SHA-256.
    bool verify(ByteView message, ByteView signature) const;

  private:
    PublicKey(KeyType type, Bytes data) : m_type(type), m_data(std::move(data)) {}
    KeyType m_type;
    Bytes m_data;
};

/// The DER SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
Bytes ed25519SubjectPublicKeyInfo(const Ed25519Public& key);

} // namespace wherry::crypto

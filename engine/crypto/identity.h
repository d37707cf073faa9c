#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/peer_id.h"

#include <array>
#include <string>
#include <string_view>

namespace wherry::crypto {

using Ed25519Public = std::array<uint8_t, 32>;
using Ed25519Signature = std::array<uint8_t, 64>;

/// This node's Ed25519 key pair. Movable, wiped on destruction, never copied by accident.
class Identity {
  public:
    static Identity generate(Random& random);
    static Identity fromSeed(const std::array<uint8_t, 32>& seed);
    /// libp2p PrivateKey protobuf (Type Ed25519, Data seed || public); the form that the key store keeps.
    static Result<Identity> decode(ByteView privateKeyProtobuf);
    Bytes encode() const;

    Identity(Identity&& other) noexcept;
    Identity& operator=(Identity&& other) noexcept;
    ~Identity();
    /// An explicit second copy, for a second owner (the QUIC endpoint).
    Identity clone() const;

    const Ed25519Public& publicKey() const { return m_public; }
    const PeerId& peerId() const { return m_peerId; }
    Ed25519Signature sign(ByteView message) const;
    /// 32 bytes by HKDF-SHA-256 of the seed with `label` as info: for Retry, reset and similar local keys.
    std::array<uint8_t, 32> deriveKey(std::string_view label) const;

  private:
    Identity() = default;
    std::array<uint8_t, 32> m_seed{};
    Ed25519Public m_public{};
    PeerId m_peerId;
};

/// The three names of a key (MISSION A and D).
struct KeyNames {
    std::string peerId;      ///< 12D3Koo...
    std::string i6pId;       ///< hexadecimal SHA-256 of the 32-byte public key
    std::string registryKey; ///< key_<base58btc(key || first 4 bytes of SHA-256("wherry-key" || key))>
    std::string publicKey;   ///< hexadecimal of the 32-byte public key
};
KeyNames keyNames(const Ed25519Public& key);
/// Accepts key_... with checksum, and the bare 32-byte form without. A wrong checksum is InvalidArgument and says so.
Result<Ed25519Public> parseRegistryKey(std::string_view text);
PeerId peerIdOf(const Ed25519Public& key);
bool verifyEd25519(const Ed25519Public& key, ByteView message, const Ed25519Signature& signature);

} // namespace wherry::crypto

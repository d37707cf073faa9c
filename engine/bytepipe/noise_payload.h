#pragma once

#include "crypto/identity.h"
#include "crypto/tls_certificate.h"
#include "crypto/x25519.h"

#include <span>
#include <string>
#include <vector>

/// What libp2p puts into the second and third message of a Noise handshake (libp2p/specs noise, "libp2p data in
/// handshake messages"): the proof that the static key belongs to the host key, and the multiplexers that the sender
/// speaks.
namespace wherry::bytepipe {

struct NoisePayload {
    crypto::ProvenPeer peer;
    /// The preferred one first; empty: the multiplexer is negotiated afterwards.
    std::vector<std::string> muxers;
};

Bytes makeNoisePayload(const crypto::Identity& identity, const crypto::X25519Public& staticKey,
                       std::span<const std::string> muxers);
/// Malformed, TooLarge: not such a payload. Unsupported: a kind of key that we cannot verify. VerificationFailed: the
/// signature does not bind `staticKey` to the key.
Result<NoisePayload> readNoisePayload(ByteView payload, const crypto::X25519Public& staticKey);

} // namespace wherry::bytepipe

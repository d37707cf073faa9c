#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/identity.h"
#include "crypto/peer_id.h"

namespace wherry::crypto {

/// A self-signed libp2p TLS certificate and its key, both DER (libp2p/specs tls.md).
struct TlsCertificate {
    Bytes certificate;
    Bytes privateKey;
};

/// Makes a P-256 certificate whose non-critical extension 1.3.6.1.4.1.53594.1.1 is signed by the identity. Its
/// dates hold for whatever a clock says: from 1970 without end (RFC 5280 section 4.1.2.5).
Result<TlsCertificate> makeTlsCertificate(const Identity& identity);

/// What a peer's certificate chain proves. Errors: Malformed (not a libp2p certificate, chain of other than one,
/// unknown critical extension, double extension, bad self-signature), VerificationFailed (bad host signature, expired,
/// not yet valid), Unsupported (host key type without verifier). Host keys: Ed25519, RSA (2048 to 8192 bit), ECDSA
/// P-256.
struct ProvenPeer {
    PeerId peerId;
    Bytes publicKey; ///< serialised libp2p PublicKey
};
Result<ProvenPeer> verifyTlsCertificate(std::span<const ByteView> chainDer, UnixTime now);

} // namespace wherry::crypto

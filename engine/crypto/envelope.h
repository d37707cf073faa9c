#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"

#include <span>
#include <string_view>

namespace wherry::crypto {

/// What an envelope is about: its domain is signed but not sent, its type is both (libp2p RFC 0002).
struct EnvelopeKind {
    std::string_view domain;
    ByteView payloadType;
};

/// An envelope whose signature has been verified.
struct OpenedEnvelope {
    PublicKey signer;
    Bytes payload;
    size_t kind; ///< which of the offered kinds it is
};

/// A signed envelope of `payload`, serialised.
Bytes sealEnvelope(const Identity& signer, const EnvelopeKind& kind, ByteView payload);

/// Opens an envelope of one of these kinds. Malformed; TooLarge above kMaxEnvelopeBytes; Unsupported: another payload
/// type, or a host key without verifier; VerificationFailed: bad signature (also one made for another domain).
Result<OpenedEnvelope> openEnvelope(ByteView envelope, std::span<const EnvelopeKind> kinds);

} // namespace wherry::crypto

#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/identity.h"
#include "crypto/peer_id.h"
#include "kad/kad_limits.h"
#include "kad/key.h"

#include <cstdint>
#include <optional>

namespace wherry::kad {

/// What a publisher says under a key of /wherry/kad/1.0.0 (wire/kad.proto, KadSignedRecord).
struct SignedRecord {
    Key key;
    Bytes content;
    uint64_t version = 0; ///< Lamport: one more than the highest seen
    int64_t issued = 0;   ///< seconds since 1970 UTC
    int64_t ttl = 0;      ///< seconds
    /// `key` is the publisher's own one of this (ownKey); else everybody may put under it.
    std::optional<Key> openKey{};
    bool operator==(const SignedRecord&) const = default;
};
/// One whose signature has been verified.
struct OpenedRecord {
    SignedRecord record;
    crypto::PeerId publisher;
    UnixTime expires;
    unsigned workBits = 0; ///< that its proof has
};

/// Under this key `publisher` alone says what the value of `openKey` is: records of others do not count there, whatever
/// their version (BEP 44, whose targets hold the publisher's key, has mutable items so).
Key ownKey(const crypto::PeerId& publisher, const Key& openKey);
/// The highest version that a record may have now: never so high that nobody comes after it.
uint64_t highestVersion(Now now);

/// The record as a signed envelope, within the bounds of kad_limits.h (a bug of the caller otherwise).
Bytes sealRecord(const crypto::Identity& publisher, const SignedRecord& record);

/// Bits of work that `nonce` proves for this envelope: leading zeros of SHA-256("wherry-kad-work" || SHA-256(envelope)
/// || nonce).
unsigned workOf(ByteView envelope, uint64_t nonce);
/// Tries `tries` nonces from `from` on; the first that proves at least `bits`, if any. A search of many bits is many
/// calls, so that a job can be cancelled.
std::optional<uint64_t> findWork(ByteView envelope, unsigned bits, uint64_t from, uint64_t tries);
/// Envelope and proof: the value of a record on the wire.
Bytes withWork(ByteView envelope, uint64_t nonce);

/// Opens the value of a record under `key`. The cheap checks come first: a proof below `minBits` is PermissionDenied
/// before the signature is looked at. Malformed: no signed record, or about another key. TooLarge. VerificationFailed:
/// its signature, or an own key of somebody else. InvalidArgument: expired, from the future, a ttl or version beyond
/// the bounds (SECURITY D6).
Result<OpenedRecord> openRecord(ByteView value, const Key& key, unsigned minBits, Now now);

} // namespace wherry::kad

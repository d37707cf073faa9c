#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/peer_id.h"

namespace wherry::kad {

/// What the holder of a key says under /ipns/ and its peer id.
struct IpnsRecord {
    Bytes value; ///< a content path
    uint64_t sequence = 0;
    UnixTime validity; ///< until then
};

/// Verifies the value of a record under the name (IPNS Record and Protocol, "Record Verification"; signatures of
/// version 2 only). TooLarge: above kMaxValueBytes. Malformed. VerificationFailed: its signature, the key of another
/// name, or copies for old readers that differ from what is signed. InvalidArgument: expired. Unsupported: a kind of
/// key or of validity.
Result<IpnsRecord> openIpnsRecord(ByteView value, const crypto::PeerId& name, Now now);

} // namespace wherry::kad

#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace wherry::codec {

/// Multicodecs of content that we name.
inline constexpr uint64_t kCodecDagPb = 0x70;
inline constexpr uint64_t kCodecLibp2pKey = 0x72;
inline constexpr uint64_t kCodecRaw = 0x55;

/// A content identifier: what the content is, and the multihash of it (multiformats/cid).
struct Cid {
    uint64_t codec = kCodecRaw;
    Bytes multihash;
    bool operator==(const Cid&) const = default;
};

/// CIDv1 in binary; all of `in`. Malformed: another version or no valid multihash.
Result<Cid> decodeCid(ByteView in);
Bytes encodeCid(const Cid& cid);
/// CIDv1 in multibase, or CIDv0 (base58btc of a sha2-256 multihash, "Qm..."), which reads as codec dag-pb.
Result<Cid> parseCid(std::string_view text);
/// CIDv1 in base32.
std::string cidText(const Cid& cid);

} // namespace wherry::codec

#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace wherry::codec {

/// Codes of the multicodec table that peer ids and records use.
inline constexpr uint64_t kHashIdentity = 0x00;
inline constexpr uint64_t kHashSha256 = 0x12;

/// A hash that names its function: varint code, varint length, digest (multiformats/multihash).
struct Multihash {
    uint64_t code = 0;
    Bytes digest;
    bool operator==(const Multihash&) const = default;
};

/// All of `in` must be one multihash. Malformed; TooLarge for a digest above kMaxDigestBytes.
Result<Multihash> decodeMultihash(ByteView in);
Bytes encodeMultihash(uint64_t code, ByteView digest);

/// Whether `in` can be a peer id: sha2-256 with 32 bytes, or identity around a serialised key of at most
/// kMaxInlineKeyBytes (libp2p/specs peer-ids). Whether it is a good key is crypto's matter.
bool isPeerMultihash(ByteView in);
/// The multihash in a peer id's text: base58btc ("12D3Koo...", "Qm...") or a CIDv1 with codec libp2p-key in multibase.
/// InvalidArgument for everything else.
Result<Bytes> parsePeerMultihash(std::string_view text);

} // namespace wherry::codec

#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// Frames of the data streams of /wherry/transfer/1. Bulk bytes are never protobuf: a frame is a fixed big-endian
/// header, hashes, payload.
///
///   chunk  u8 type = 1 | u8 flags (bit 0: LZ4, bit 1: continued) | u16 proofCount | u32 entry | u32 chunk |
///          u32 wireLength | u32 plainLength | 32 groupRoot | u32 from (only when continued) | proofCount * 32 |
///          payload (wireLength bytes; when continued without the first `from` of them, which an Accept has claimed:
///          HavePart in wire/transfer.proto)
///   batch  u8 type = 2 | u8 flags | u16 count | u32 wireLength | u32 plainLength |
///          count * { u32 entry | u32 size | 32 digest } |
///          payload (wireLength bytes; the contents one after another, LZ4-compressed as one block when flagged)
namespace wherry::transfer {

struct ChunkHeader {
    uint32_t entry = 0; ///< index in the manifest
    uint32_t chunk = 0; ///< index in the file
    uint32_t wireLength = 0;
    uint32_t plainLength = 0;
    bool compressed = false;
    uint32_t from = 0; ///< of wireLength, what the receiver has already and the frame leaves out
    crypto::Digest groupRoot{};
    std::vector<crypto::Digest> proof; ///< siblings from the chunk's subtree up to the group root, lowest first
    bool operator==(const ChunkHeader&) const = default;
};

struct BatchFile {
    uint32_t entry = 0;
    uint32_t size = 0;
    crypto::Digest digest{}; ///< file digest: SHA-256(0x02 || size u64 BE || Merkle root)
    bool operator==(const BatchFile&) const = default;
};

struct BatchHeader {
    uint32_t wireLength = 0;
    uint32_t plainLength = 0;
    bool compressed = false;
    std::vector<BatchFile> files;
    bool operator==(const BatchHeader&) const = default;
};

/// The first bytes of a chunk's payload as it was on the wire before, which the receiver has kept.
struct HeldPart {
    uint32_t bytes = 0;
    crypto::Digest digest{}; ///< SHA-256 of them
};

using FrameHeader = std::variant<ChunkHeader, BatchHeader>;

/// Bytes of the fixed beginning that tells how long the header is.
inline constexpr size_t kFramePrefixSize = 12;

/// How long the whole header is, from its first kFramePrefixSize bytes. Malformed when the type is unknown or a count is above its bound.
Result<size_t> frameHeaderSize(ByteView prefix);
/// Decodes a whole header. Every length and count is checked against transfer_limits.h before anything is allocated.
Result<FrameHeader> decodeFrameHeader(ByteView header);
Bytes encodeFrameHeader(const FrameHeader& header);

} // namespace wherry::transfer

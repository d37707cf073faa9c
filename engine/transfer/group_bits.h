#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "transfer/merkle.h"

#include <bitset>

namespace wherry::transfer {

/// Which chunks of one group: bit i is chunk i. On the wire and in the store: bit i of byte i/8, as many bytes as the
/// group needs.
using GroupBits = std::bitset<kChunksPerGroup>;

inline GroupBits firstBits(uint32_t count) {
    return count >= kChunksPerGroup ? ~GroupBits() : ~(~GroupBits() << count);
}

inline Bytes encodeBits(const GroupBits& bits, uint32_t count) {
    Bytes out((count + 7) / 8);
    for (uint32_t i = 0; i < count; ++i)
        if (bits[i]) out[i / 8] |= static_cast<uint8_t>(1u << (i % 8));
    return out;
}

/// Malformed: not exactly the bytes of `count` chunks, or a bit beyond the last.
inline Result<GroupBits> decodeBits(ByteView bytes, uint32_t count) {
    if (bytes.size() != (count + 7) / 8) return makeError(Errc::Malformed, "chunk bitmap");
    GroupBits bits;
    for (size_t i = 0; i < bytes.size() * 8; ++i) {
        if ((bytes[i / 8] >> (i % 8) & 1) == 0) continue;
        if (i >= count) return makeError(Errc::Malformed, "chunk bitmap");
        bits.set(i);
    }
    return bits;
}

} // namespace wherry::transfer

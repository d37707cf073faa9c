#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>

namespace wherry::codec {

/// A decoded number and how many bytes it took.
struct Varint {
    uint64_t value = 0;
    size_t length = 0;
    bool operator==(const Varint&) const = default;
};

/// The largest number that 9 bytes hold: 2^63 - 1.
inline constexpr uint64_t kMaxVarint = (uint64_t{1} << 63) - 1;

/// Reads an unsigned varint (LEB128) from the front of `in`; multiformats/unsigned-varint: at most 9 bytes, minimal.
/// nullopt: `in` ends before the number does. Malformed: longer than 9 bytes, or not minimal.
Result<std::optional<Varint>> decodeVarint(ByteView in);
/// As decodeVarint, for input that is complete: a cut number is Malformed too.
Result<Varint> requireVarint(ByteView in);

/// value <= kMaxVarint.
void appendVarint(Bytes& out, uint64_t value);
/// How many bytes appendVarint adds.
size_t varintLength(uint64_t value);

} // namespace wherry::codec

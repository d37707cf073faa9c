#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>

namespace wherry::codec {

/// The most bytes that a compressed form of `contentSize` bytes may have to be worth sending: at least 1/16 less.
size_t lz4Room(size_t contentSize);

/// Compresses into the front of `out` (at least lz4Room(content.size()) bytes) as one LZ4 block. Returns its length, or
/// nullopt when the content does not shrink by at least 1/16; `out` holds rubbish then.
/// 1 <= content.size() <= kMaxLz4ContentBytes.
std::optional<size_t> lz4Compress(ByteView content, MutableBytes out);

/// Decompresses one LZ4 block to exactly `out.size()` bytes, the length that the sender has committed to (SECURITY F6).
/// Malformed: no such block, or content of another length; nothing is written beyond `out` in any case.
Result<void> lz4Decompress(ByteView block, MutableBytes out);

} // namespace wherry::codec

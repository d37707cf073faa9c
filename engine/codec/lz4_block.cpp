#include "codec/lz4_block.h"

#include "codec/codec_limits.h"

#include <lz4.h>

namespace wherry::codec {

namespace {

const char* asChars(ByteView bytes) {
    return reinterpret_cast<const char*>(bytes.data());
}

char* asChars(MutableBytes bytes) {
    return reinterpret_cast<char*>(bytes.data());
}

} // namespace

size_t lz4Room(size_t contentSize) {
    return contentSize - (contentSize + kLz4WorthwhileShare - 1) / kLz4WorthwhileShare;
}

std::optional<size_t> lz4Compress(ByteView content, MutableBytes out) {
    ASSERT(!content.empty() && content.size() <= kMaxLz4ContentBytes);
    const size_t room = lz4Room(content.size());
    ASSERT(out.size() >= room);
    if (room == 0) return std::nullopt;
    const int length =
        LZ4_compress_default(asChars(content), asChars(out), static_cast<int>(content.size()), static_cast<int>(room));
    return length > 0 ? std::optional(static_cast<size_t>(length)) : std::nullopt;
}

Result<void> lz4Decompress(ByteView block, MutableBytes out) {
    if (out.empty() || out.size() > kMaxLz4ContentBytes) return makeError(Errc::TooLarge, "LZ4 content length");
    // A block that is no shorter than its content would have been sent as it is.
    if (block.empty() || block.size() > out.size()) return makeError(Errc::Malformed, "LZ4 block length");
    const int length =
        LZ4_decompress_safe(asChars(block), asChars(out), static_cast<int>(block.size()), static_cast<int>(out.size()));
    if (length < 0 || static_cast<size_t>(length) != out.size())
        return makeError(Errc::Malformed, "LZ4 block does not hold the committed number of bytes");
    return {};
}

} // namespace wherry::codec

#include "codec/varint.h"

#include "codec/codec_limits.h"

namespace wherry::codec {

Result<std::optional<Varint>> decodeVarint(ByteView in) {
    uint64_t value = 0;
    for (size_t i = 0; i < in.size(); ++i) {
        if (i == kMaxVarintBytes) return makeError(Errc::Malformed, "varint longer than 9 bytes");
        value |= static_cast<uint64_t>(in[i] & 0x7f) << (7 * i);
        if (in[i] & 0x80) continue;
        if (in[i] == 0 && i > 0) return makeError(Errc::Malformed, "varint is not minimal");
        return std::optional(Varint{value, i + 1});
    }
    if (in.size() >= kMaxVarintBytes) return makeError(Errc::Malformed, "varint longer than 9 bytes");
    return std::optional<Varint>();
}

Result<Varint> requireVarint(ByteView in) {
    TRY(const std::optional<Varint> number, decodeVarint(in));
    if (!number) return makeError(Errc::Malformed, "varint is cut");
    return *number;
}

void appendVarint(Bytes& out, uint64_t value) {
    ASSERT(value <= kMaxVarint);
    while (value >= 0x80) {
        out.push_back(static_cast<uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<uint8_t>(value));
}

size_t varintLength(uint64_t value) {
    size_t length = 1;
    while (value >>= 7) ++length;
    return length;
}

} // namespace wherry::codec

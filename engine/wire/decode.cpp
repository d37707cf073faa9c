#include "wire/decode.h"

#include <algorithm>

namespace wherry::wire {

namespace {

/// Protobuf's own varint: up to 10 bytes for 64 bits, and not necessarily minimal.
constexpr size_t kMaxProtobufVarintBytes = 10;

bool takeVarint(ByteView& in, uint64_t& value) {
    value = 0;
    for (size_t i = 0; i < in.size() && i < kMaxProtobufVarintBytes; ++i) {
        value |= static_cast<uint64_t>(in[i] & 0x7f) << (7 * i);
        if (in[i] & 0x80) continue;
        in = in.subspan(i + 1);
        return true;
    }
    return false;
}

class Scanner {
  public:
    explicit Scanner(const DecodeLimits& limits) : m_limits(limits), m_fieldsLeft(limits.maxFields) {}

    Result<void> walk(ByteView in, int depth) {
        if (depth > kMaxDecodeDepth) return malformed("nested too deeply");
        while (!in.empty()) {
            if (m_fieldsLeft == 0) return makeError(Errc::TooLarge, std::string(m_limits.what) + ": too many fields");
            --m_fieldsLeft;
            TRY_OK(walkField(in, depth));
        }
        return {};
    }

  private:
    Result<void> walkField(ByteView& in, int depth) {
        uint64_t tag = 0;
        if (!takeVarint(in, tag) || tag >> 3 == 0 || tag >> 32 != 0) return malformed("bad tag");
        uint64_t size = 0;
        switch (tag & 7) {
        case 0:
            return takeVarint(in, size) ? Result<void>() : malformed("bad number");
        case 1:
            size = 8;
            break;
        case 5:
            size = 4;
            break;
        case 2:
            if (!takeVarint(in, size)) return malformed("bad length");
            break;
        default:
            return malformed("group or unknown wire type");
        }
        if (size > in.size()) return malformed("cut");
        const ByteView value = in.first(static_cast<size_t>(size));
        in = in.subspan(value.size());
        return (tag & 7) == 2 && isNested(tag >> 3) ? walk(value, depth + 1) : Result<void>();
    }

    bool isNested(uint64_t field) const {
        return std::find(m_limits.nested.begin(), m_limits.nested.end(), field) != m_limits.nested.end();
    }
    Result<void> malformed(std::string_view how) const {
        return makeError(Errc::Malformed, std::string(m_limits.what).append(": ").append(how));
    }

    const DecodeLimits& m_limits;
    size_t m_fieldsLeft;
};

} // namespace

Result<void> scan(ByteView in, const DecodeLimits& limits) {
    if (in.size() > limits.maxBytes)
        return makeError(Errc::TooLarge, std::string(limits.what) + ": " + std::to_string(in.size()) + " bytes");
    return Scanner(limits).walk(in, 0);
}

} // namespace wherry::wire

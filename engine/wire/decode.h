#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace wherry::wire {

/// What a received message may cost. Protobuf makes an object of every element, so a few bytes on the wire can become a
/// hundred in memory: bytes and elements are bounded, both before anything is allocated.
struct DecodeLimits {
    /// Name of the message, for errors.
    std::string_view what;
    size_t maxBytes = 0;
    /// Fields in all, counting every occurrence on every level that `nested` names.
    size_t maxFields = 0;
    /// Numbers of the fields that hold messages with repeated fields of their own, on any level.
    std::span<const uint32_t> nested = {};
};

/// Messages inside messages, at most so deep: the deepest of ours is three.
inline constexpr int kMaxDecodeDepth = 8;

/// Walks over the fields without allocating. Malformed: not protobuf, a group (no message of ours has one), or deeper
/// than kMaxDecodeDepth. TooLarge: more bytes or fields than allowed.
Result<void> scan(ByteView in, const DecodeLimits& limits);

/// Parses a whole message within its limits. Malformed also when a required field is missing.
template <typename Message> Result<Message> decode(ByteView in, const DecodeLimits& limits) {
    TRY_OK(scan(in, limits));
    Message message;
    // Not ParseFromArray: it writes to standard error when a required field is missing, and a peer could ask for that.
    if (!message.ParsePartialFromArray(in.data(), static_cast<int>(in.size())) || !message.IsInitialized())
        return makeError(Errc::Malformed, std::string(limits.what));
    return message;
}

template <typename Message> Bytes encode(const Message& message) {
    const size_t size = message.ByteSizeLong();
    ASSERT(size <= static_cast<size_t>(std::numeric_limits<int>::max()));
    Bytes out(size);
    message.SerializeWithCachedSizesToArray(out.data());
    return out;
}

} // namespace wherry::wire

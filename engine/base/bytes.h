#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wherry {

/// Owned bytes.
using Bytes = std::vector<uint8_t>;
/// Borrowed bytes; valid only for the length of the call that they are passed to.
using ByteView = std::span<const uint8_t>;
/// Borrowed memory to be written to.
using MutableBytes = std::span<uint8_t>;

inline ByteView asBytes(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view asText(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes toBytes(ByteView view) {
    return {view.begin(), view.end()};
}

inline void append(Bytes& to, ByteView what) {
    to.insert(to.end(), what.begin(), what.end());
}

inline bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Big-endian integers, as network formats of our own use them. The span must be at least as long as the integer.
template <typename Unsigned> void putBigEndian(MutableBytes out, Unsigned value) {
    for (size_t i = 0; i < sizeof(Unsigned); ++i)
        out[i] = static_cast<uint8_t>(value >> (8 * (sizeof(Unsigned) - 1 - i)));
}

template <typename Unsigned> Unsigned getBigEndian(ByteView in) {
    Unsigned value = 0;
    for (size_t i = 0; i < sizeof(Unsigned); ++i) value = static_cast<Unsigned>(value << 8 | in[i]);
    return value;
}

/// Lower-case hexadecimal.
std::string toHex(ByteView bytes);
/// Empty when `text` has an odd length or a character that is not a hexadecimal digit.
Bytes fromHex(std::string_view text);

} // namespace wherry

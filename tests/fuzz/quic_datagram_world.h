#pragma once

#include "unit/quic/hostile_client.h"

#include <optional>

/// What an input of the quic_datagram target is: a mode, then records, each with two bytes of length before it.
namespace wherry::fuzz {

enum class QuicMode : uint8_t {
    Stranger, ///< records are datagrams from nowhere to a node that listens
    Live,     ///< records are a direction and a datagram, on the path of an open link
    Meddler,  ///< records say which datagrams of a handshake and an upload are changed, and how
    Frames,   ///< records are frames that an authenticated peer sends, each in a packet of its own
};
inline constexpr uint8_t kQuicModes = 4;

/// Flags of a Live record: whom it goes to, and whether it carries the connection id that is in use.
inline constexpr uint8_t kToClient = 1;
inline constexpr uint8_t kWithRealId = 2;

/// A Meddler record: the number of the datagram, an operation, an offset and a value.
inline constexpr size_t kChangeBytes = 5;
enum class Change : uint8_t { Flip, Cut, Repeat, Grow, Swallow };
inline constexpr uint8_t kChanges = 5;

/// Takes the next record off `in`.
inline std::optional<ByteView> takeRecord(ByteView& in) {
    if (in.size() < 2) return std::nullopt;
    const size_t announced = size_t(in[0]) << 8 | in[1];
    const size_t length = std::min(announced, in.size() - 2);
    const ByteView record = in.subspan(2, length);
    in = in.subspan(2 + length);
    return record;
}

inline void putRecord(Bytes& out, ByteView record) {
    out.push_back(static_cast<uint8_t>(record.size() >> 8));
    out.push_back(static_cast<uint8_t>(record.size()));
    append(out, record);
}

} // namespace wherry::fuzz

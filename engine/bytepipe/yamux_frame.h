#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>

/// The frames of Yamux (libp2p/specs yamux): a header of twelve bytes in network order, and for data frames a payload.
namespace wherry::bytepipe {

inline constexpr size_t kYamuxHeaderBytes = 12;

enum class YamuxType : uint8_t { Data = 0, WindowUpdate = 1, Ping = 2, GoAway = 3 };

namespace yamux_flag {
inline constexpr uint16_t kSyn = 1;
inline constexpr uint16_t kAck = 2;
inline constexpr uint16_t kFin = 4;
inline constexpr uint16_t kRst = 8;
} // namespace yamux_flag

/// Why a session goes away; what a peer says may be any number.
enum class YamuxGoAway : uint32_t { Normal = 0, ProtocolError = 1, InternalError = 2 };

struct YamuxHeader {
    YamuxType type = YamuxType::Data;
    uint16_t flags = 0;
    /// Zero: the session. Odd: opened by the dialler.
    uint32_t stream = 0;
    /// Data: bytes of payload. WindowUpdate: further bytes that may be sent. Ping: an opaque value. GoAway: the reason.
    uint32_t length = 0;

    bool has(uint16_t flag) const { return (flags & flag) != 0; }
    bool operator==(const YamuxHeader&) const = default;
};

void appendYamuxHeader(Bytes& out, const YamuxHeader& header);
/// `in` has kYamuxHeaderBytes. ProtocolViolation: another version or type; a stream where the session belongs or the
/// other way round; a ping that neither asks nor answers.
Result<YamuxHeader> readYamuxHeader(ByteView in);

} // namespace wherry::bytepipe

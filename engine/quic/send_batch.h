#pragma once

#include "base/bytes.h"
#include "link/link.h"
#include "quic/path.h"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace wherry::quic {

/// The first `length` bytes of the caller's buffer: one UDP GSO send. All segments have `segmentSize` bytes, the last
/// may have fewer; one segment when segmentSize == length.
struct SendBatch {
    Path path;
    /// ECN codepoint of the IP header (0 to 3).
    uint8_t ecn = 0;
    size_t segmentSize = 0;
    size_t length = 0;
    /// A path MTU probe, alone in its batch: MessageTooBig is its normal failure.
    bool mtuProbe = false;
};

/// Whether the socket that serves a path takes datagrams now. Empty: every socket does.
using CanSend = std::function<bool(const Path&)>;

/// A single datagram that is complete already and waits to be sent.
struct ReadyPacket {
    Path path;
    uint8_t ecn = 0;
    Bytes bytes;
    bool mtuProbe = false;
};

/// Why the operating system did not take a datagram.
enum class SendFailure : uint8_t {
    MessageTooBig, ///< EMSGSIZE
    Unreachable,   ///< ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL: no route from here
    Other,
};

/// A DATAGRAM frame (RFC 9221) that has arrived.
struct ReceivedDatagram {
    link::LinkId link;
    Bytes bytes;
};

} // namespace wherry::quic

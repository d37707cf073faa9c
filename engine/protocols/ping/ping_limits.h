#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

namespace wherry::ping {

/// Bytes of one ping (libp2p/specs ping).
inline constexpr size_t kPingBytes = 32;
/// Inbound streams a peer may have at once: the specification's two, so that a new stream can open before the old one
/// has closed.
inline constexpr size_t kMaxInboundStreams = 2;
/// Bytes of echoes that a peer has not acknowledged: one ping at a time is usual, so 64 of them are plenty on any path.
inline constexpr size_t kMaxUntakenEchoes = 64 * kPingBytes;
/// An echo that has not come by then never will; the value that go, rust and js use.
inline constexpr Duration kPingTimeout = std::chrono::seconds(10);
/// Pings that one request may ask for: an hour of one every second.
inline constexpr uint32_t kMaxCount = 3600;
/// Requests that run or wait at once, in all: they come from the person, each costs about 200 bytes.
inline constexpr size_t kMaxRequests = 256;

} // namespace wherry::ping

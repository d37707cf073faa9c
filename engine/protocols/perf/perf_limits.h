#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

namespace wherry::perf {

/// Streams of one measurement: eight fill any path that one connection fills, more only cost memory.
inline constexpr uint32_t kMaxStreams = 16;
/// Streams that one peer may have us serve at once: a hundred parallel measurements, as other libp2p programs test with.
/// Each costs the carrier's stream (QUIC: 1.4 kB) and little more; what it may queue counts against the connection's
/// send buffer.
inline constexpr size_t kMaxServedPerPeer = 100;
/// Measurements under way: they come from the person.
inline constexpr size_t kMaxMeasurements = 16;
/// A measurement in which no byte moves for so long has failed; as long as QUIC's own idle time-out.
inline constexpr Duration kStallTimeout = std::chrono::seconds(30);
/// Bytes of one write. The stream's sender keeps the Slice, not the bytes, so one Block serves all.
inline constexpr size_t kPatternBytes = 256 * 1024;

} // namespace wherry::perf

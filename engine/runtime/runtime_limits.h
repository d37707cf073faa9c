#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of the impure floor, with its unit and where it comes from.
namespace wherry::runtime {

/// Worker threads: two, so that one file's read does not stop another's hash; above eight QUIC on its one thread is the
/// bound.
inline constexpr size_t kMinWorkers = 2;
inline constexpr size_t kMaxWorkers = 8;

/// Bytes. One receive takes the largest UDP datagram, or what the system has joined into one of that size.
inline constexpr size_t kReceiveBuffer = 64 * 1024;
/// Bytes asked for as the system's send and receive buffers: 30 ms at 1 Gbit/s, while the network thread does something else.
/// Systems cap it (Linux: net.core.rmem_max); it is not forced.
inline constexpr int kSocketBuffer = 4 * 1024 * 1024;
/// Receive calls and failed receive calls per socket and wake; more work waits for the next turn of the loop.
inline constexpr int kReceivesPerWake = 16;
inline constexpr int kReceiveErrorsPerWake = 16;

/// Space for a part file is reserved from this many bytes on; below it the write itself follows at once and finds out.
inline constexpr uint64_t kReserveFrom = 1024 * 1024;
/// Volumes that hang below one download folder (mounts inside it) and are synced with it. People have one or two.
inline constexpr size_t kMaxVolumes = 16;

} // namespace wherry::runtime

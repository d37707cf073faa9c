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

/// Space for a part file is reserved from this many bytes on; below it the write itself follows at once and finds out.
inline constexpr uint64_t kReserveFrom = 1024 * 1024;
/// Volumes that hang below one download folder (mounts inside it) and are synced with it. People have one or two.
inline constexpr size_t kMaxVolumes = 16;

} // namespace wherry::runtime

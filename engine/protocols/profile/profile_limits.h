#pragma once

#include "base/time.h"
#include "peers/peers_limits.h"

#include <cstddef>

/// Bounds of /wherry/profile/1, with their units.
namespace wherry::profile {

/// Bytes of one message: a full name and policy with their framing are 1.3 kB; the rest is for fields of later
/// versions.
inline constexpr size_t kMaxMessageBytes = 2048;
static_assert(peers::kMaxAliasBytes + peers::kMaxPolicyBytes + 32 <= kMaxMessageBytes);
/// Fields of one message: three, and those of later versions.
inline constexpr size_t kMaxFields = 32;
/// Profiles that one peer may be telling us at once: one, and one that replaces it.
inline constexpr size_t kMaxInboundPerPeer = 2;
/// From opening a stream to its end.
inline constexpr Duration kExchangeTimeout = std::chrono::seconds(10);
/// Between two profiles that we tell one peer; changes meanwhile go together.
inline constexpr Duration kTellInterval = std::chrono::seconds(2);
/// Profiles taken of one peer: twice as often as an honest one tells, so that none of its changes is lost.
inline constexpr uint64_t kHearPerSecond = 1;
inline constexpr uint64_t kHearBurst = 8;
/// Peers whose rate is remembered, also when they are gone: 100 bytes each. It recovers within 8 s.
inline constexpr size_t kMaxRates = 1024;

} // namespace wherry::profile

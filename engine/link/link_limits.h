#pragma once

#include "base/time.h"

#include <cstdint>

/// Every bound of links in general, with its unit and where it comes from.
namespace wherry::link {

/// What a limit that was not used may catch up with: more than a timer is late, and 0.2 % of ten seconds.
inline constexpr Duration kBandwidthBurst = std::chrono::milliseconds(20);
/// How much of the rate one turn is worth: 200 wakes a second at most, and small steps for everybody.
inline constexpr Duration kBandwidthTurn = std::chrono::milliseconds(5);
/// Bytes. No turn is worth less than a datagram on an Ethernet, nor more than 16 of the largest batches.
inline constexpr uint64_t kMinBandwidthTurn = 1500;
inline constexpr uint64_t kMaxBandwidthTurn = 1024 * 1024;

} // namespace wherry::link

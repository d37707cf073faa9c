#pragma once

#include "base/time.h"

#include <algorithm>
#include <cstddef>
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

/// Links in all: about 95 kB of QUIC and TLS state each, so 97 MB at the very worst. Holds for each carrier by itself
/// and, in the swarm, for all of them together: a carrier spends memory on a connection before the swarm hears of it.
inline constexpr size_t kMaxLinks = 1024;
/// Links that one budget prefix (an IPv4 address or an IPv6 /64) may have opened to us, counted in the same two places:
/// a household or an office behind one address fits, one attacker does not fill the table.
inline constexpr size_t kMaxInboundLinksPerPrefix = 64;
/// How many of `total` links others may open: the rest is for those that we dial, so that strangers never take the way
/// out.
constexpr size_t inboundShare(size_t total) {
    return total - std::min<size_t>(total / 8, 128);
}

} // namespace wherry::link

#pragma once

#include "base/bytes.h"
#include "codec/ip.h"

#include <string_view>

namespace wherry::sim {

/// One UDP datagram under way.
struct Datagram {
    codec::SocketAddress source;
    codec::SocketAddress destination;
    uint8_t ecn = 0; ///< the two ECN bits
    Bytes payload;
    uint8_t hops = 0;

    /// Bytes at the IP layer: what MTUs, rates and queues count.
    size_t wireSize() const { return payload.size() + (destination.ip.isV4() ? 28 : 48); }
};

/// Why a datagram went no further.
enum class Drop : uint8_t { Loss, QueueFull, TooBig, LinkDown, NoRoute, NoMapping, Filtered, NoSocket, HopLimit };
std::string_view dropName(Drop reason);

/// Hops after which a datagram is caught in a routing loop.
inline constexpr uint8_t kHopLimit = 32;

} // namespace wherry::sim

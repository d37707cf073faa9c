#pragma once

#include "protocols/relay/relay_limits.h"

#include <cstdint>

namespace wherry::relay {

/// Who may use a relay.
enum class Access : uint8_t { Everybody, Trusted };

/// What a relay grants.
struct RelayServerConfig {
    Access access = Access::Everybody;
    uint32_t reservations = kReservations;
    uint32_t reservationsPerPrefix = kReservationsPerPrefix;
    uint32_t circuits = kCircuits;
    uint32_t circuitsPerPeer = kCircuitsPerPeer;
    uint64_t circuitBytes = kCircuitBytes; ///< in each direction
    Duration circuitDuration = kCircuitDuration;
    Duration reservationTtl = kReservationTtl;
};

} // namespace wherry::relay

#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is said over hop and stop streams (libp2p/specs relay, circuit-v2; wire/relay.proto).
namespace wherry::relay {

inline constexpr char kHopId[] = "/libp2p/circuit/relay/0.2.0/hop";
inline constexpr char kStopId[] = "/libp2p/circuit/relay/0.2.0/stop";

namespace status {
inline constexpr uint32_t kOk = 100;
inline constexpr uint32_t kReservationRefused = 200;
inline constexpr uint32_t kResourceLimitExceeded = 201;
inline constexpr uint32_t kPermissionDenied = 202;
inline constexpr uint32_t kConnectionFailed = 203;
inline constexpr uint32_t kNoReservation = 204;
inline constexpr uint32_t kMalformedMessage = 400;
inline constexpr uint32_t kUnexpectedMessage = 401;
} // namespace status

/// "it holds no reservation for that device (NO_RESERVATION)": what a relay means by it, to end a sentence that names
/// the relay.
std::string statusText(uint32_t status);

/// What a circuit may carry; 0: without limit. js writes milliseconds for the duration.
struct Limit {
    uint32_t seconds = 0;
    uint64_t bytes = 0; ///< in each direction
    bool operator==(const Limit&) const = default;
};
struct Reservation {
    uint64_t expire = 0;                     ///< seconds since 1970, as the relay says
    std::vector<codec::Multiaddr> addresses; ///< of the relay; those that do not parse are dropped
    Bytes voucher;                           ///< empty: none
    bool operator==(const Reservation&) const = default;
};

struct HopReserve {
    bool operator==(const HopReserve&) const = default;
};
struct HopConnect {
    crypto::PeerId peer;
    bool operator==(const HopConnect&) const = default;
};
struct HopStatus {
    uint32_t status = status::kOk;
    std::optional<Reservation> reservation;
    std::optional<Limit> limit;
    bool operator==(const HopStatus&) const = default;
};
using HopMessage = std::variant<HopReserve, HopConnect, HopStatus>;

struct StopConnect {
    crypto::PeerId peer;
    std::optional<Limit> limit;
    bool operator==(const StopConnect&) const = default;
};
struct StopStatus {
    uint32_t status = status::kOk;
    bool operator==(const StopStatus&) const = default;
};
using StopMessage = std::variant<StopConnect, StopStatus>;

/// Addresses of a reservation that would make it longer than kMaxMessageBytes are left out, the last first.
Bytes encodeHop(const HopMessage& message);
/// Malformed: no type, an unknown one, or its content is missing. TooLarge.
Result<HopMessage> decodeHop(ByteView in);
Bytes encodeStop(const StopMessage& message);
/// Likewise.
Result<StopMessage> decodeStop(ByteView in);

} // namespace wherry::relay

#pragma once

#include <chrono>
#include <cstdint>

namespace wherry {

using Duration = std::chrono::nanoseconds;

/// The engine's monotonic clock. It cannot be read: time comes in through `Now` with every input.
struct EngineClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<EngineClock>;
    static constexpr bool is_steady = true;
    static time_point now() = delete;
};

/// A point on the monotonic clock, which counts time in suspend.
using Instant = EngineClock::time_point;
/// "No deadline".
inline constexpr Instant kNever = Instant::max();

/// Wall time: nanoseconds since 1970-01-01 UTC. For records, certificates and tickets; never for timers.
struct UnixTime {
    int64_t nanoseconds = 0;
    auto operator<=>(const UnixTime&) const = default;
    int64_t seconds() const { return nanoseconds / 1'000'000'000; }
    static constexpr UnixTime fromSeconds(int64_t seconds) { return {seconds * 1'000'000'000}; }
};

/// Both clocks, read once per input by runtime or the simulator.
struct Now {
    Instant mono{};
    UnixTime wall{};
};

} // namespace wherry

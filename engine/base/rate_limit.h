#pragma once

#include "base/time.h"

#include <algorithm>
#include <cstdint>

namespace wherry {

/// At most `perSecond` events a second in the long run and `burst` at once (the generic cell rate algorithm). An event
/// may cost as much as several.
class RateLimit {
  public:
    RateLimit(uint64_t perSecond, uint64_t burst)
        : RateLimit(Duration(std::chrono::seconds(1)) / static_cast<int64_t>(perSecond), burst) {}
    /// For rates below one a second.
    RateLimit(Duration interval, uint64_t burst)
        : m_interval(interval),
          m_tolerance(m_interval * static_cast<int64_t>(burst - 1)) {}

    /// Whether an event of this cost is within the rate; if so, it is counted. What costs more than the burst never is;
    /// what costs nothing always is. The cost times the interval is a Duration.
    bool allow(Instant now, uint64_t cost = 1) {
        if (cost == 0) return true;
        const Duration ahead = std::max(m_due, now) - now;
        if (ahead + m_interval * static_cast<int64_t>(cost - 1) > m_tolerance) return false;
        spend(now, cost);
        return true;
    }
    /// Counts what has happened anyway, also beyond the rate.
    void spend(Instant now, uint64_t cost = 1) {
        m_due = std::max(m_due, now) + m_interval * static_cast<int64_t>(cost);
    }

    /// From when on one more event of cost one is within the rate.
    Instant allowsAt() const { return m_due - m_tolerance; }
    /// From when on it allows as much as a new one.
    Instant recoveredAt() const { return m_due; }

  private:
    Duration m_interval;
    Duration m_tolerance;
    Instant m_due{};
};

} // namespace wherry

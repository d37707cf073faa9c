#pragma once

#include "base/time.h"

#include <algorithm>
#include <cstdint>

namespace wherry {

/// At most `perSecond` events a second in the long run and `burst` at once (the generic cell rate algorithm).
class RateLimit {
  public:
    RateLimit(uint64_t perSecond, uint64_t burst)
        : RateLimit(Duration(std::chrono::seconds(1)) / static_cast<int64_t>(perSecond), burst) {}
    /// For rates below one a second.
    RateLimit(Duration interval, uint64_t burst)
        : m_interval(interval),
          m_tolerance(m_interval * static_cast<int64_t>(burst - 1)) {}

    /// Whether one more event is within the rate; if so, it is counted.
    bool allow(Instant now) {
        const Instant due = std::max(m_due, now);
        if (due - now > m_tolerance) return false;
        m_due = due + m_interval;
        return true;
    }

    /// From when on it allows as much as a new one.
    Instant recoveredAt() const { return m_due; }

  private:
    Duration m_interval;
    Duration m_tolerance;
    Instant m_due{};
};

} // namespace wherry

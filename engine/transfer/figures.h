#pragma once

#include "base/time.h"
#include "transfer/transfer_types.h"

namespace wherry::transfer {

/// Bytes a second, smoothed over about three seconds, and what it says about the end.
class RateMeter {
  public:
    void start(uint64_t bytes, Instant now);
    /// Takes a new reading; call it as often as events come.
    void update(uint64_t bytes, Instant now);
    double rate() const { return m_seen > 0 ? m_mean / m_seen : 0; }
    double secondsLeft(uint64_t bytesLeft) const { return rate() > 1 ? double(bytesLeft) / rate() : 0; }

  private:
    uint64_t m_bytes = 0;
    Instant m_at{};
    double m_mean = 0; ///< exponential, as if nothing had moved before the start
    double m_seen = 0; ///< how much of the mean's weight lies after the start: without the division by it a burst at the beginning would pass for the rate
};

/// Makes the progress events of one transfer, at most one per kProgressInterval.
class ProgressTeller {
  public:
    void start(uint64_t bytes, Instant now);
    bool due(Instant now) const;
    /// When it last told, or started.
    Instant last() const { return m_last; }
    /// `movedAt`: when the other side was last heard of with something that belongs to it.
    TransferProgress tell(TransferId transfer, bool incoming, const TransferFigures& figures, Instant movedAt,
                          Instant now);
    /// When to tell that it does not move any more; kNever: that is said.
    Instant stillAt(Instant movedAt) const;

  private:
    RateMeter m_meter;
    Instant m_last{};
};

double secondsBetween(Instant from, Instant to);

} // namespace wherry::transfer

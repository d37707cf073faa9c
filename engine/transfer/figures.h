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
    double rate() const { return m_rate; }
    double secondsLeft(uint64_t bytesLeft) const { return m_rate > 1 ? double(bytesLeft) / m_rate : 0; }

  private:
    uint64_t m_bytes = 0;
    Instant m_at{};
    double m_rate = 0;
};

/// Makes the progress events of one transfer, at most one per kProgressInterval.
class ProgressTeller {
  public:
    void start(uint64_t bytes, Instant now);
    bool due(Instant now) const;
    /// When it last told, or started.
    Instant last() const { return m_last; }
    TransferProgress tell(TransferId transfer, bool incoming, const TransferFigures& figures, Instant now);

  private:
    RateMeter m_meter;
    Instant m_last{};
};

double secondsBetween(Instant from, Instant to);

} // namespace wherry::transfer

#include "transfer/figures.h"

#include "transfer/machine_limits.h"

#include <algorithm>
#include <cmath>

namespace wherry::transfer {

namespace {
constexpr double kRateMemorySeconds = 3;
}

double secondsBetween(Instant from, Instant to) {
    return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

void RateMeter::start(uint64_t bytes, Instant now) {
    m_bytes = bytes;
    m_at = now;
    m_mean = 0;
    m_seen = 0;
}

void RateMeter::update(uint64_t bytes, Instant now) {
    const double seconds = secondsBetween(m_at, now);
    if (seconds <= 0 || bytes < m_bytes) return;
    const double latest = double(bytes - m_bytes) / seconds;
    const double kept = std::exp(-seconds / kRateMemorySeconds);
    m_mean = latest + (m_mean - latest) * kept;
    m_seen = 1 + (m_seen - 1) * kept;
    m_bytes = bytes;
    m_at = now;
}

void ProgressTeller::start(uint64_t bytes, Instant now) {
    m_meter.start(bytes, now);
    m_last = now;
}

bool ProgressTeller::due(Instant now) const {
    return now - m_last >= kProgressInterval;
}

Instant ProgressTeller::stillAt(Instant movedAt) const {
    return m_meter.rate() > 0 ? std::max(movedAt + kStillAfter, m_last + kProgressInterval) : kNever;
}

TransferProgress ProgressTeller::tell(TransferId transfer, bool incoming, const TransferFigures& figures,
                                      Instant movedAt, Instant now) {
    m_last = now;
    if (now >= movedAt + kStillAfter)
        m_meter.start(figures.bytesVerified, now); // what it was is no rate any more
    else
        m_meter.update(figures.bytesVerified, now);
    const uint64_t left = figures.bytesTotal - std::min(figures.bytesTotal, figures.bytesVerified);
    return {transfer, incoming, figures, m_meter.rate(), m_meter.secondsLeft(left)};
}

} // namespace wherry::transfer

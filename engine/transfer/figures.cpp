#include "transfer/figures.h"

#include "transfer/machine_limits.h"

#include <algorithm>
#include <cmath>

namespace wherry::transfer {

double secondsBetween(Instant from, Instant to) {
    return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

void RateMeter::start(uint64_t bytes, Instant now) {
    m_bytes = bytes;
    m_at = now;
    m_rate = 0;
}

void RateMeter::update(uint64_t bytes, Instant now) {
    const double seconds = secondsBetween(m_at, now);
    if (seconds <= 0 || bytes < m_bytes) return;
    const double latest = double(bytes - m_bytes) / seconds;
    const double weight = m_rate == 0 ? 1 : 1 - std::exp(-seconds / 3);
    m_rate += (latest - m_rate) * weight;
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

TransferProgress ProgressTeller::tell(TransferId transfer, bool incoming, const TransferFigures& figures, Instant now) {
    m_last = now;
    m_meter.update(figures.bytesVerified, now);
    const uint64_t left = figures.bytesTotal - std::min(figures.bytesTotal, figures.bytesVerified);
    return {transfer, incoming, figures, m_meter.rate(), m_meter.secondsLeft(left)};
}

} // namespace wherry::transfer

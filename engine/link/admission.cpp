#include "link/admission.h"

#include "base/assert.h"

#include <algorithm>

namespace wherry::link {

Admission::Verdict Admission::judge(const codec::IpAddress& remote, bool proven) const {
    const Counts prefix = countsOf(remote);
    if (m_connections >= m_limits.maxConnections) return Verdict::Refuse;
    if (m_connections - m_dialled >= inboundShare(m_limits.maxConnections)) return Verdict::Refuse;
    if (!proven) {
        // Spoofed addresses must not use up the budget of the real ones: who has no token gets a Retry and no state.
        const bool busy = m_total.unproven >= m_limits.retryThreshold ||
                          prefix.unproven >= m_limits.retryThresholdPerPrefix ||
                          prefix.connections >= m_limits.maxConnectionsPerPrefix || halfOpen() >= m_limits.maxHalfOpen;
        return busy ? Verdict::Retry : Verdict::Accept;
    }
    if (isFull(prefix)) return prefix.halfOpen() > 0 ? Verdict::Crowded : Verdict::Refuse;
    return halfOpen() >= m_limits.maxHalfOpen ? Verdict::Crowded : Verdict::Accept;
}

Admission::Counts Admission::countsOf(const codec::IpAddress& remote) const {
    const auto found = m_prefixes.find(remote.budgetPrefix());
    return found == m_prefixes.end() ? Counts{} : found->second;
}

bool Admission::isFull(const Counts& prefix) const {
    return prefix.connections >= m_limits.maxConnectionsPerPrefix || prefix.proven >= m_limits.maxHalfOpenPerPrefix;
}

void Admission::addAccepted(const codec::IpAddress& remote, bool proven) {
    Counts& prefix = m_prefixes[remote.budgetPrefix()];
    ++m_connections;
    ++prefix.connections;
    ++(proven ? prefix.proven : prefix.unproven);
    ++(proven ? m_total.proven : m_total.unproven);
}

void Admission::handshakeDone(const codec::IpAddress& remote, bool proven) {
    const auto found = m_prefixes.find(remote.budgetPrefix());
    ASSERT(found != m_prefixes.end());
    --(proven ? found->second.proven : found->second.unproven);
    --(proven ? m_total.proven : m_total.unproven);
}

size_t Admission::halfOpen(const codec::IpAddress& remote) const {
    return countsOf(remote).halfOpen();
}

size_t Admission::mostHalfOpen() const {
    size_t most = 0;
    for (const auto& [prefix, counts] : m_prefixes) most = std::max(most, counts.halfOpen());
    return most;
}

void Admission::removeAccepted(const codec::IpAddress& remote) {
    const auto found = m_prefixes.find(remote.budgetPrefix());
    ASSERT(found != m_prefixes.end());
    --m_connections;
    if (--found->second.connections == 0) m_prefixes.erase(found);
}

} // namespace wherry::link

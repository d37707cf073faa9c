#include "quic/admission.h"

#include "base/assert.h"

namespace wherry::quic {

Admission::Verdict Admission::judge(const codec::IpAddress& remote, bool proven) const {
    const auto found = m_prefixes.find(remote.budgetPrefix());
    const Counts prefix = found == m_prefixes.end() ? Counts{} : found->second;
    if (m_connections >= m_config.maxConnections) return Verdict::Refuse;
    if (!proven) {
        // Spoofed addresses must not use up the budget of the real ones: who has no token gets a Retry and no state.
        const bool busy = m_total.unproven >= m_config.retryThreshold ||
                          prefix.unproven >= m_config.retryThresholdPerPrefix ||
                          prefix.connections >= m_config.maxConnectionsPerPrefix || halfOpen() >= m_config.maxHalfOpen;
        return busy ? Verdict::Retry : Verdict::Accept;
    }
    const bool full = prefix.connections >= m_config.maxConnectionsPerPrefix || halfOpen() >= m_config.maxHalfOpen ||
                      prefix.proven >= m_config.maxHalfOpenPerPrefix;
    return full ? Verdict::Refuse : Verdict::Accept;
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

void Admission::removeAccepted(const codec::IpAddress& remote) {
    const auto found = m_prefixes.find(remote.budgetPrefix());
    ASSERT(found != m_prefixes.end());
    --m_connections;
    if (--found->second.connections == 0) m_prefixes.erase(found);
}

} // namespace wherry::quic

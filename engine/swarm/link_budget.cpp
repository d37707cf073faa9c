#include "swarm/link_budget.h"

#include "base/assert.h"
#include "link/link_limits.h"

namespace wherry::swarm {

bool LinkBudget::admitsInbound(const std::optional<codec::IpAddress>& ip) const {
    if (m_links >= m_total || m_inbound >= link::inboundShare(m_total)) return false;
    if (!ip) return true;
    const auto found = m_prefixes.find(ip->budgetPrefix());
    return found == m_prefixes.end() || found->second < m_perPrefix;
}

void LinkBudget::add(const std::optional<codec::IpAddress>& inboundFrom) {
    ++m_links;
    if (!inboundFrom) return;
    ++m_inbound;
    ++m_prefixes[inboundFrom->budgetPrefix()];
}

void LinkBudget::remove(const std::optional<codec::IpAddress>& inboundFrom) {
    ASSERT(m_links > 0);
    --m_links;
    if (!inboundFrom) return;
    --m_inbound;
    const auto found = m_prefixes.find(inboundFrom->budgetPrefix());
    ASSERT(found != m_prefixes.end());
    if (--found->second == 0) m_prefixes.erase(found);
}

} // namespace wherry::swarm

#pragma once

#include "codec/ip.h"
#include "crypto/peer_id.h"

#include <cstddef>
#include <map>
#include <optional>

namespace wherry::swarm {

/// Counts links in all and, for those that others have opened, per budget prefix (SECURITY.md rule 5).
class LinkBudget {
  public:
    LinkBudget(size_t total, size_t perPrefix) : m_total(total), m_perPrefix(perPrefix) {}

    /// Whether one more inbound link from `ip` fits (nullopt: a carrier without IP addresses; only the total counts).
    bool admitsInbound(const std::optional<codec::IpAddress>& ip) const;
    bool admitsOutbound() const { return m_links < m_total; }
    void add(const std::optional<codec::IpAddress>& inboundFrom);
    void remove(const std::optional<codec::IpAddress>& inboundFrom);
    size_t links() const { return m_links; }

  private:
    size_t m_total;
    size_t m_perPrefix;
    size_t m_links = 0;
    size_t m_inbound = 0;
    std::map<codec::IpAddress, size_t> m_prefixes;
};

} // namespace wherry::swarm

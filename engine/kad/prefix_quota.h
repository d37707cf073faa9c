#pragma once

#include "codec/ip.h"
#include "kad/kad_limits.h"

#include <map>
#include <optional>
#include <utility>

namespace wherry::kad {

/// Counts addresses by prefix and says which prefix is full: /64, /48 and /32 of IPv6, /24 and /16 of IPv4 (SECURITY
/// D11). Private addresses do not count: who has one stands in our own network. An IPv4 address in IPv6 counts as IPv4.
class PrefixQuota {
  public:
    explicit PrefixQuota(PrefixCaps caps) : m_caps(caps) {}

    bool admits(const std::optional<codec::IpAddress>& ip) const;
    void add(const std::optional<codec::IpAddress>& ip);
    /// Added before.
    void remove(const std::optional<codec::IpAddress>& ip);
    bool empty() const { return m_counts.empty(); }

  private:
    using Prefix = std::pair<unsigned, codec::IpAddress>;
    template <typename Visit> void forEachPrefix(const std::optional<codec::IpAddress>& ip, Visit visit) const;

    PrefixCaps m_caps;
    std::map<Prefix, size_t> m_counts;
};

} // namespace wherry::kad

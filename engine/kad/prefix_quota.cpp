#include "kad/prefix_quota.h"

#include "base/assert.h"

#include <algorithm>

namespace wherry::kad {

using codec::IpAddress;

namespace {
constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

IpAddress withoutMapping(const IpAddress& ip) {
    const auto& o = ip.octets;
    if (ip.isV4() || !std::equal(kMapped.begin(), kMapped.end(), o.begin())) return ip;
    return IpAddress::v4({o[12], o[13], o[14], o[15]});
}

/// Its first `bytes` bytes, the rest zero.
IpAddress cut(IpAddress ip, size_t bytes) {
    std::fill(ip.octets.begin() + static_cast<ptrdiff_t>(bytes), ip.octets.end(), uint8_t{0});
    return ip;
}
} // namespace

template <typename Visit> void PrefixQuota::forEachPrefix(const std::optional<IpAddress>& ip, Visit visit) const {
    if (!ip || ip->isPrivate()) return;
    const IpAddress plain = withoutMapping(*ip);
    const auto level = [&](unsigned bits, size_t cap) { visit(Prefix(bits, cut(plain, bits / 8)), cap); };
    if (plain.isV4()) {
        level(24, m_caps.v4Slash24);
        level(16, m_caps.v4Slash16);
        return;
    }
    level(64, m_caps.v6Slash64);
    level(48, m_caps.v6Slash48);
    level(32, m_caps.v6Slash32);
}

bool PrefixQuota::admits(const std::optional<IpAddress>& ip) const {
    bool room = true;
    forEachPrefix(ip, [&](const Prefix& prefix, size_t cap) {
        const auto found = m_counts.find(prefix);
        if (found != m_counts.end() && found->second >= cap) room = false;
    });
    return room;
}

void PrefixQuota::add(const std::optional<IpAddress>& ip) {
    forEachPrefix(ip, [&](const Prefix& prefix, size_t) { ++m_counts[prefix]; });
}

void PrefixQuota::remove(const std::optional<IpAddress>& ip) {
    forEachPrefix(ip, [&](const Prefix& prefix, size_t) {
        const auto found = m_counts.find(prefix);
        ASSERT(found != m_counts.end());
        if (--found->second == 0) m_counts.erase(found);
    });
}

} // namespace wherry::kad

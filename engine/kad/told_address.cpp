#include "kad/told_address.h"

#include "base/bytes.h"
#include "kad/prefix_quota.h"

#include <algorithm>

namespace wherry::kad {

namespace {
enum class Reach : uint8_t { Loopback, Local, Global };

std::optional<Reach> reachOf(const codec::IpAddress& ip) {
    if (ip.isLoopback()) return Reach::Loopback;
    if (ip.isPrivate()) return Reach::Local;
    return ip.isPublic() ? std::optional(Reach::Global) : std::nullopt;
}

/// Below 1024 are mail, name service and the like; the two of the web are used to get through firewalls.
bool isUsualPort(uint16_t port) {
    return port >= 1024 || port == 80 || port == 443;
}

std::optional<uint16_t> portOf(const codec::Multiaddr& address) {
    for (const codec::AddrPart& part : address.parts())
        if (part.code == codec::AddrCode::Udp || part.code == codec::AddrCode::Tcp)
            return getBigEndian<uint16_t>(part.value);
    return std::nullopt;
}
} // namespace

bool mayBeTold(const std::optional<codec::IpAddress>& other, const codec::Multiaddr& address) {
    const auto ip = ipOf(address);
    const auto reach = ip ? reachOf(*ip) : std::nullopt;
    if (!reach || (!ip->isV4() && ip->isLinkLocal())) return false; // a zone is a number of one device
    const auto port = portOf(address);
    if (!port || !isUsualPort(*port)) return false;
    return *reach >= (other ? reachOf(*other).value_or(Reach::Global) : Reach::Global);
}

std::vector<codec::Multiaddr> mayPass(const std::optional<codec::IpAddress>& other,
                                      const std::vector<codec::Multiaddr>& addresses) {
    std::vector<codec::Multiaddr> out;
    std::ranges::copy_if(addresses, std::back_inserter(out), [&](const auto& one) { return mayBeTold(other, one); });
    return out;
}

} // namespace wherry::kad

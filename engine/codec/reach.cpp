#include "codec/reach.h"

#include "base/bytes.h"

#include <algorithm>

namespace wherry::codec {

namespace {
/// Below 1024 are mail, name service and the like; the two of the web are used to get through firewalls.
bool isUsualPort(uint16_t port) {
    return port >= 1024 || port == 80 || port == 443;
}

std::optional<uint16_t> portOf(const Multiaddr& address) {
    for (const AddrPart& part : address.parts())
        if (part.code == AddrCode::Udp || part.code == AddrCode::Tcp) return getBigEndian<uint16_t>(part.value);
    return std::nullopt;
}

bool isName(const Multiaddr& address) {
    if (address.empty()) return false;
    const AddrCode first = address.parts().front().code;
    return first == AddrCode::Dns || first == AddrCode::Dns4 || first == AddrCode::Dns6 || first == AddrCode::DnsAddr;
}

/// The Internet, where nothing else is known.
Reach placeAt(const std::optional<IpAddress>& ip) {
    return ip ? reachOf(*ip).value_or(Reach::Global) : Reach::Global;
}
} // namespace

std::optional<Reach> reachOf(const IpAddress& ip) {
    if (ip.isLoopback()) return Reach::Loopback;
    if (ip.isPrivate()) return Reach::Local;
    return ip.isPublic() ? std::optional(Reach::Global) : std::nullopt;
}

std::optional<IpAddress> ipOf(const Multiaddr& address) {
    for (const AddrPart& part : address.parts()) {
        if (part.code == AddrCode::Ip6Zone) continue;
        IpAddress ip;
        if (part.code == AddrCode::Ip4)
            ip.family = IpAddress::Family::V4;
        else if (part.code != AddrCode::Ip6)
            return std::nullopt;
        std::ranges::copy(part.value, ip.octets.begin());
        return ip;
    }
    return std::nullopt;
}

Reach placeOf(const Multiaddr& remote) {
    return remote.isCircuit() ? Reach::Global : placeAt(ipOf(remote));
}

bool leadsFrom(Reach place, const Multiaddr& address) {
    const auto ip = ipOf(address);
    if (!ip) return isName(address);
    const auto reach = reachOf(*ip);
    if (!ip->isV4() && ip->isLinkLocal()) return false; // a zone is a number of one device
    return reach && *reach >= place;
}

bool mayBeTold(Reach place, const Multiaddr& address) {
    const auto port = portOf(address);
    return ipOf(address) && port && isUsualPort(*port) && leadsFrom(place, address);
}

bool mayBeTold(const std::optional<IpAddress>& other, const Multiaddr& address) {
    return mayBeTold(placeAt(other), address);
}

std::vector<Multiaddr> mayPass(Reach place, const std::vector<Multiaddr>& addresses) {
    std::vector<Multiaddr> out;
    std::ranges::copy_if(addresses, std::back_inserter(out), [&](const auto& one) { return mayBeTold(place, one); });
    return out;
}

std::vector<Multiaddr> mayPass(const std::optional<IpAddress>& other, const std::vector<Multiaddr>& addresses) {
    return mayPass(placeAt(other), addresses);
}

std::optional<Reach> farthestFor(const std::vector<Multiaddr>& addresses) {
    std::optional<Reach> farthest;
    if (addresses.empty()) return farthest;
    for (const Reach place : kReaches)
        if (std::ranges::all_of(addresses, [&](const auto& one) { return mayBeTold(place, one); })) farthest = place;
    return farthest;
}

} // namespace wherry::codec

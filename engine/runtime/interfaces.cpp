#include "runtime/interfaces.h"

#include <QHostAddress>
#include <QNetworkInterface>
#include <algorithm>

namespace wherry::runtime {

using codec::IpAddress;
using codec::SocketAddress;
using quic::LocalAddress;

static std::optional<IpAddress> addressOf(const QHostAddress& address) {
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        std::array<uint8_t, 4> octets{};
        putBigEndian<uint32_t>(octets, address.toIPv4Address());
        return IpAddress::v4(octets);
    }
    if (address.protocol() != QAbstractSocket::IPv6Protocol) return std::nullopt;
    Q_IPV6ADDR raw = address.toIPv6Address();
    std::array<uint8_t, 16> octets{};
    std::copy_n(raw.c, 16, octets.begin());
    return IpAddress::v6(octets);
}

std::vector<LocalAddress> interfaceAddresses() {
    std::vector<LocalAddress> found;
    for (const QNetworkInterface& interface : QNetworkInterface::allInterfaces()) {
        const auto flags = interface.flags();
        if (!(flags & QNetworkInterface::IsUp) || !(flags & QNetworkInterface::IsRunning)) continue;
        for (const QNetworkAddressEntry& entry : interface.addressEntries()) {
            auto ip = addressOf(entry.ip());
            if (!ip || ip->isMulticast() || ip->isUnspecified()) continue;
            LocalAddress local;
            local.address.ip = *ip;
            local.address.scope = !ip->isV4() && ip->isLinkLocal() ? uint32_t(interface.index()) : 0;
            if (interface.maximumTransmissionUnit() > 0) local.linkMtu = size_t(interface.maximumTransmissionUnit());
            found.push_back(local);
        }
    }
    return found;
}

static bool serves(const UdpSocket& socket, const IpAddress& ip) {
    switch (socket.families()) {
    case UdpFamilies::Both:
        return true;
    case UdpFamilies::Ipv4:
        return ip.isV4();
    case UdpFamilies::Ipv6:
        return !ip.isV4();
    }
    return false;
}

static int rank(const IpAddress& ip) {
    return ip.isLoopback() ? 2 : ip.isLinkLocal() ? 1 : 0;
}

std::vector<LocalAddress> listeningAddresses(const std::vector<LocalAddress>& interfaces,
                                             const std::vector<std::unique_ptr<UdpSocket>>& sockets) {
    std::vector<LocalAddress> all;
    for (const auto& socket : sockets) {
        const SocketAddress bound = socket->localAddress();
        bool known = false;
        for (LocalAddress local : interfaces) {
            bool matches = bound.ip.isUnspecified() ? serves(*socket, local.address.ip) : local.address.ip == bound.ip;
            if (!matches) continue;
            known = true;
            local.address.port = bound.port;
            if (std::ranges::find(all, local.address, &LocalAddress::address) == all.end()) all.push_back(local);
        }
        // A bound address that no interface lists, as 127.0.0.2 on Linux.
        if (!known && !bound.ip.isUnspecified()) all.push_back({bound});
    }
    bool better = std::ranges::any_of(all, [](const LocalAddress& local) { return rank(local.address.ip) == 0; });
    if (better) std::erase_if(all, [](const LocalAddress& local) { return rank(local.address.ip) == 1; });
    std::ranges::stable_sort(all, {}, [](const LocalAddress& local) { return rank(local.address.ip); });
    return all;
}

static std::vector<SocketAddress> reachedAt(const std::vector<discovery::OwnAddress>& addresses,
                                            const std::vector<std::unique_ptr<UdpSocket>>& sockets) {
    std::vector<SocketAddress> reach;
    for (const auto& own : addresses) {
        for (const auto& socket : sockets) {
            const SocketAddress bound = socket->localAddress();
            const bool matches = bound.ip.isUnspecified() ? serves(*socket, own.ip) : own.ip == bound.ip;
            const SocketAddress address{own.ip, bound.port, 0};
            if (matches && std::ranges::find(reach, address) == reach.end()) reach.push_back(address);
        }
    }
    std::ranges::stable_sort(reach, {}, [](const SocketAddress& address) { return rank(address.ip); });
    return reach;
}

std::vector<discovery::LocalLink> multicastLinks(const std::vector<std::unique_ptr<UdpSocket>>& sockets) {
    std::vector<discovery::LocalLink> links;
    for (const QNetworkInterface& interface : QNetworkInterface::allInterfaces()) {
        const auto flags = interface.flags();
        const auto needed = QNetworkInterface::IsUp | QNetworkInterface::IsRunning | QNetworkInterface::CanMulticast;
        if ((flags & needed) != needed) continue;
        if (flags & (QNetworkInterface::IsLoopBack | QNetworkInterface::IsPointToPoint)) continue;
        discovery::LocalLink link;
        link.interface = static_cast<uint32_t>(interface.index());
        for (const QNetworkAddressEntry& entry : interface.addressEntries()) {
            const auto ip = addressOf(entry.ip());
            if (!ip || ip->isMulticast() || ip->isUnspecified() || ip->isLoopback()) continue;
            link.addresses.push_back({*ip, static_cast<uint8_t>(std::max(entry.prefixLength(), 0))});
        }
        if (link.addresses.empty()) continue;
        link.reach = reachedAt(link.addresses, sockets);
        if (link.reach.empty()) continue; // who listens on loopback alone has nothing to do with the network
        links.push_back(std::move(link));
    }
    return links;
}

} // namespace wherry::runtime

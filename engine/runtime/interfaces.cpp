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

static bool serves(const BoundAt& socket, const IpAddress& ip) {
    switch (socket.families) {
    case SocketFamilies::Both:
        return true;
    case SocketFamilies::Ipv4:
        return ip.isV4();
    case SocketFamilies::Ipv6:
        return !ip.isV4();
    }
    return false;
}

static int rank(const IpAddress& ip) {
    return ip.isLoopback() ? 2 : ip.isLinkLocal() ? 1 : 0;
}

std::vector<LocalAddress> listeningAddresses(const std::vector<LocalAddress>& interfaces,
                                             const std::vector<BoundAt>& sockets) {
    std::vector<LocalAddress> all;
    for (const BoundAt& socket : sockets) {
        const SocketAddress& bound = socket.address;
        bool known = false;
        for (LocalAddress local : interfaces) {
            bool matches = bound.ip.isUnspecified() ? serves(socket, local.address.ip) : local.address.ip == bound.ip;
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

/// A browser reaches no other one than the first, or one on this device.
static std::vector<codec::Multiaddr> namedAddresses(const std::vector<LocalAddress>& all, const std::string& webName) {
    std::vector<codec::Multiaddr> named;
    for (const LocalAddress& local : all) {
        const std::string port = std::to_string(local.address.port);
        const auto byName = codec::Multiaddr::parse("/dns/" + webName + "/tcp/" + port + "/tls/ws");
        const bool others = rank(local.address.ip) == 0;
        if (byName && others && std::ranges::find(named, *byName) == named.end()) named.push_back(*byName);
    }
    for (const LocalAddress& local : all) named.push_back(codec::Multiaddr::wss({local.address, webName}));
    return named;
}

static std::vector<BoundAt> boundOfKind(const std::vector<PipeListener>& listeners, bytepipe::PipeKind kind) {
    std::vector<BoundAt> bound;
    for (const PipeListener& listener : listeners)
        if (listener.kind == kind) bound.push_back({listener.socket->localAddress(), listener.socket->families()});
    return bound;
}

std::vector<codec::Multiaddr> pipeAddresses(const std::vector<LocalAddress>& interfaces,
                                            const std::vector<PipeListener>& listeners, const std::string& webName) {
    std::vector<codec::Multiaddr> all;
    using bytepipe::PipeKind;
    using codec::Transport;
    const std::pair<PipeKind, Transport> kinds[] = {{PipeKind::Tcp, Transport::Tcp},
                                                    {PipeKind::WebSocket, Transport::WebSocket},
                                                    {PipeKind::SecureWebSocket, Transport::SecureWebSocket}};
    for (const auto& [kind, transport] : kinds) {
        const std::vector<LocalAddress> listening = listeningAddresses(interfaces, boundOfKind(listeners, kind));
        if (kind == PipeKind::SecureWebSocket && !webName.empty()) {
            const auto named = namedAddresses(listening, webName);
            all.insert(all.end(), named.begin(), named.end());
            continue;
        }
        for (const LocalAddress& local : listening) all.push_back(codec::Multiaddr::of({transport, local.address}));
    }
    return all;
}

static std::vector<SocketAddress> socketsAt(const std::vector<discovery::OwnAddress>& addresses,
                                            const std::vector<BoundAt>& sockets) {
    std::vector<SocketAddress> reach;
    for (const auto& own : addresses) {
        for (const BoundAt& socket : sockets) {
            const SocketAddress& bound = socket.address;
            const bool matches = bound.ip.isUnspecified() ? serves(socket, own.ip) : own.ip == bound.ip;
            const SocketAddress address{own.ip, bound.port, 0};
            if (matches && std::ranges::find(reach, address) == reach.end()) reach.push_back(address);
        }
    }
    std::ranges::stable_sort(reach, {}, [](const SocketAddress& address) { return rank(address.ip); });
    return reach;
}

std::vector<discovery::LocalLink> multicastLinks(const std::vector<BoundAt>& datagrams,
                                                 const std::vector<PipeListener>& listeners) {
    using codec::Transport;
    const std::pair<Transport, std::vector<BoundAt>> ways[] = {
        {Transport::Quic, datagrams},
        {Transport::Tcp, boundOfKind(listeners, bytepipe::PipeKind::Tcp)},
        {Transport::WebSocket, boundOfKind(listeners, bytepipe::PipeKind::WebSocket)}};
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
        for (const auto& [transport, bound] : ways)
            for (const SocketAddress& socket : socketsAt(link.addresses, bound))
                link.reach.push_back({transport, socket});
        if (link.reach.empty()) continue; // who listens on loopback alone has nothing to do with the network
        links.push_back(std::move(link));
    }
    return links;
}

} // namespace wherry::runtime

#include "runtime/socket_set.h"

#include "runtime/runtime_limits.h"

namespace wherry::runtime {

using codec::Multiaddr;
using codec::SocketAddress;

static bool speaks(const UdpSocket& socket, const codec::IpAddress& ip) {
    return socket.families() == UdpFamilies::Both || (socket.families() == UdpFamilies::Ipv4) == ip.isV4();
}

UdpSocket* BoundSockets::socketFor(const quic::Path& path) const {
    UdpSocket* best = nullptr;
    int bestRank = 0;
    for (const auto& socket : sockets) {
        if (!speaks(*socket, path.remote.ip)) continue;
        const SocketAddress bound = socket->localAddress();
        bool samePort = path.local.port == bound.port;
        bool sameIp = bound.ip == path.local.ip;
        int rank = 1 + (samePort ? 1 : 0) + (bound.ip.isUnspecified() ? 2 : 0) + (sameIp ? 4 : 0);
        // A socket bound to one address cannot send from another.
        bool foreign = !bound.ip.isUnspecified() && !path.local.ip.isUnspecified() && !sameIp;
        if (foreign || rank <= bestRank) continue;
        best = socket.get();
        bestRank = rank;
    }
    return best;
}

static Result<UdpBinding> bindingOf(const Multiaddr& address) {
    auto target = address.quicAddress();
    if (!target)
        return makeError(Errc::InvalidArgument,
                         "listen address '" + address.text() +
                             "': only /ip4/ADDRESS/udp/PORT/quic-v1 and /ip6/... can be listened on");
    UdpBinding binding;
    binding.families = target->ip.isV4() ? UdpFamilies::Ipv4 : UdpFamilies::Ipv6;
    binding.ip = target->ip;
    binding.port = target->port;
    binding.scope = target->scope;
    return binding;
}

static void noteFamilies(BoundSockets& set) {
    for (const auto& socket : set.sockets) {
        set.ipv4 = set.ipv4 || socket->families() != UdpFamilies::Ipv6;
        set.ipv6 = set.ipv6 || socket->families() != UdpFamilies::Ipv4;
    }
}

/// One socket for every address, or one per family where the system needs that; the second takes the port of the first.
static Result<std::vector<std::unique_ptr<UdpSocket>>> openEverywhere(uint16_t port) {
    std::vector<std::unique_ptr<UdpSocket>> sockets;
    if (UdpSocket::canSpanFamilies()) {
        TRY(auto both, UdpSocket::open({UdpFamilies::Both, {}, port, 0}));
        sockets.push_back(std::move(both));
        return sockets;
    }
    auto v6 = UdpSocket::open({UdpFamilies::Ipv6, {}, port, 0});
    if (v6) sockets.push_back(std::move(*v6));
    auto v4 = UdpSocket::open({UdpFamilies::Ipv4, {}, sockets.empty() ? port : sockets[0]->localAddress().port, 0});
    if (v4) sockets.push_back(std::move(*v4));
    if (sockets.empty()) return v4.error();
    return sockets;
}

Result<BoundSockets> bindSockets(const std::vector<Multiaddr>& listen, uint16_t lastPort, const Log& log) {
    BoundSockets set;
    if (listen.size() > kMaxSockets)
        return makeError(Errc::InvalidArgument, "more than " + std::to_string(kMaxSockets) + " listen addresses");
    for (const Multiaddr& address : listen) {
        TRY(UdpBinding binding, bindingOf(address));
        TRY(auto socket, UdpSocket::open(binding));
        set.sockets.push_back(std::move(socket));
    }
    if (listen.empty()) {
        auto sockets = openEverywhere(lastPort);
        if (!sockets && lastPort != 0) {
            LOG(log, Info, "runtime", "the port of last time is not to be had: " << sockets.error().text());
            sockets = openEverywhere(0);
        }
        if (!sockets) return sockets.error();
        set.sockets = std::move(*sockets);
    }
    noteFamilies(set);
    for (const auto& socket : set.sockets)
        LOG(log, Info, "runtime",
            "listening on UDP " << socket->localAddress().text() << (socket->joinsSends() ? ", GSO" : ""));
    return set;
}

} // namespace wherry::runtime

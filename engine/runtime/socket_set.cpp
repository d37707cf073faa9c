#include "runtime/socket_set.h"

#include "runtime/runtime_limits.h"

namespace wherry::runtime {

using bytepipe::PipeKind;
using codec::Multiaddr;
using codec::SocketAddress;

static bool speaks(const UdpSocket& socket, const codec::IpAddress& ip) {
    return socket.families() == SocketFamilies::Both || (socket.families() == SocketFamilies::Ipv4) == ip.isV4();
}

UdpSocket* BoundSockets::socketFor(const quic::Path& path) const {
    // It serves its own port and no other.
    if (dialBack && path.local.port == dialBack->localAddress().port)
        return speaks(*dialBack, path.remote.ip) ? dialBack.get() : nullptr;
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

static Result<void> bindOne(BoundSockets& set, const Multiaddr& address) {
    const auto target = address.transportAddress();
    if (!target)
        return makeError(Errc::InvalidArgument,
                         "listen address '" + address.text() +
                             "': only /ip4/ADDRESS and /ip6/ADDRESS with /udp/PORT/quic-v1, /tcp/PORT, /tcp/PORT/ws "
                             "or /tcp/PORT/tls/ws can be listened on");
    const SocketAddress& at = target->socket;
    const SocketBinding binding{at.ip.isV4() ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6, at.ip, at.port, at.scope};
    if (target->transport == codec::Transport::Quic) {
        TRY(auto socket, UdpSocket::open(binding));
        set.sockets.push_back(std::move(socket));
        return {};
    }
    TRY(auto listener, TcpListener::open(binding));
    const PipeKind kind = target->transport == codec::Transport::SecureWebSocket ? PipeKind::SecureWebSocket
                          : target->transport == codec::Transport::WebSocket     ? PipeKind::WebSocket
                                                                                 : PipeKind::Tcp;
    set.listeners.push_back({std::move(listener), kind});
    return {};
}

static void noteFamilies(BoundSockets& set) {
    for (const auto& socket : set.sockets) {
        set.ipv4 = set.ipv4 || socket->families() != SocketFamilies::Ipv6;
        set.ipv6 = set.ipv6 || socket->families() != SocketFamilies::Ipv4;
    }
}

/// One socket for every address, or one per family where the system needs that; the second takes the port of the first.
template <typename Socket> static Result<std::vector<std::unique_ptr<Socket>>> openEverywhere(uint16_t port) {
    std::vector<std::unique_ptr<Socket>> sockets;
    if (Socket::canSpanFamilies()) {
        TRY(auto both, Socket::open({SocketFamilies::Both, {}, port, 0}));
        sockets.push_back(std::move(both));
        return sockets;
    }
    auto v6 = Socket::open({SocketFamilies::Ipv6, {}, port, 0});
    if (v6) sockets.push_back(std::move(*v6));
    auto v4 = Socket::open({SocketFamilies::Ipv4, {}, sockets.empty() ? port : sockets[0]->localAddress().port, 0});
    if (v4) sockets.push_back(std::move(*v4));
    if (sockets.empty()) return v4.error();
    return sockets;
}

static Result<void> bindEverywhere(BoundSockets& set, uint16_t lastPort, const Log& log) {
    auto sockets = openEverywhere<UdpSocket>(lastPort);
    if (!sockets && lastPort != 0) {
        LOG(log, Info, "runtime", "the port of last time is not to be had: " << sockets.error().text());
        sockets = openEverywhere<UdpSocket>(0);
    }
    if (!sockets) return sockets.error();
    set.sockets = std::move(*sockets);
    auto listeners = openEverywhere<TcpListener>(set.port());
    if (!listeners) listeners = openEverywhere<TcpListener>(0);
    if (!listeners) {
        LOG(log, Warning, "runtime", "nobody can connect by TCP: " << listeners.error().text());
        return {};
    }
    for (auto& listener : *listeners) set.listeners.push_back({std::move(listener), PipeKind::Tcp});
    return {};
}

Result<BoundSockets> bindSockets(const std::vector<Multiaddr>& listen, uint16_t lastPort, const Log& log) {
    BoundSockets set;
    if (listen.size() > kMaxSockets)
        return makeError(Errc::InvalidArgument, "more than " + std::to_string(kMaxSockets) + " listen addresses");
    for (const Multiaddr& address : listen) TRY_OK(bindOne(set, address));
    if (listen.empty()) TRY_OK(bindEverywhere(set, lastPort, log));
    noteFamilies(set);
    for (const auto& socket : set.sockets)
        LOG(log, Info, "runtime",
            "listening on UDP " << socket->localAddress().text() << (socket->joinsSends() ? ", GSO" : ""));
    for (const PipeListener& listener : set.listeners)
        LOG(log, Info, "runtime",
            "listening on TCP " << listener.socket->localAddress().text()
                                << (listener.kind != PipeKind::Tcp ? " for WebSocket" : ""));
    return set;
}

Result<std::unique_ptr<UdpSocket>> bindDialBackSocket(const BoundSockets& listening) {
    bool ipv4 = listening.ipv4, ipv6 = listening.ipv6;
    if (!ipv4 && !ipv6) {
        for (const PipeListener& one : listening.listeners) {
            ipv4 = ipv4 || one.socket->families() != SocketFamilies::Ipv6;
            ipv6 = ipv6 || one.socket->families() != SocketFamilies::Ipv4;
        }
    }
    SocketFamilies families = ipv4 || !ipv6 ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6;
    if (ipv4 && ipv6 && UdpSocket::canSpanFamilies()) families = SocketFamilies::Both;
    return UdpSocket::open({families, {}, 0, 0});
}

} // namespace wherry::runtime

#pragma once

#include "base/log.h"
#include "bytepipe/pipe.h"
#include "codec/multiaddr.h"
#include "quic/send_batch.h"
#include "runtime/tcp_socket.h"
#include "runtime/udp_socket.h"

#include <memory>
#include <optional>
#include <vector>

namespace wherry::runtime {

/// A TCP port where links begin, with or without WebSocket around them.
struct PipeListener {
    std::unique_ptr<TcpListener> socket;
    bytepipe::PipeKind kind = bytepipe::PipeKind::Tcp;
};

/// What a set of sockets is bound to: at least one of one kind. Without a UDP socket QUIC neither listens nor dials.
struct BoundSockets {
    std::vector<std::unique_ptr<UdpSocket>> sockets;
    std::vector<PipeListener> listeners;
    /// What dials for peers that ask whether they can be reached; nobody is told of it. nullptr: nothing does.
    std::unique_ptr<UdpSocket> dialBack;
    bool ipv4 = false; ///< QUIC can dial it
    bool ipv6 = false;

    /// The port of the first, which is remembered for the next start.
    uint16_t port() const {
        return sockets.empty() ? listeners.front().socket->localAddress().port : sockets.front()->localAddress().port;
    }
    /// The socket for datagrams from `path.local` to `path.remote`: the one bound to that very address, else a wildcard
    /// of the family with that port, else any of the family that listens. nullptr: none speaks the family.
    UdpSocket* socketFor(const quic::Path& path) const;
};

/// Binds one socket per listen address. When none is named, UDP and TCP for everything: UDP at `lastPort`, or any port
/// when that is taken or 0, and TCP at the same number, or any when that is taken. InvalidArgument: an address that is
/// not /ip4|ip6/... and /udp/PORT/quic-v1, /tcp/PORT or /tcp/PORT/ws. Busy: a named port is taken.
Result<BoundSockets> bindSockets(const std::vector<codec::Multiaddr>& listen, uint16_t lastPort, const Log& log);

/// A socket at a port that the system chooses, for the families that QUIC listens on. InvalidArgument: it does not.
Result<std::unique_ptr<UdpSocket>> bindDialBackSocket(const BoundSockets& listening);

} // namespace wherry::runtime

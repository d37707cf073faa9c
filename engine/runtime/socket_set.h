#pragma once

#include "base/log.h"
#include "codec/multiaddr.h"
#include "quic/send_batch.h"
#include "runtime/udp_socket.h"

#include <memory>
#include <optional>
#include <vector>

namespace wherry::runtime {

/// What a set of sockets is bound to.
struct BoundSockets {
    std::vector<std::unique_ptr<UdpSocket>> sockets; ///< at least one
    bool ipv4 = false;
    bool ipv6 = false;

    /// The port of the first, which is remembered for the next start.
    uint16_t port() const { return sockets.front()->localAddress().port; }
    /// The socket for datagrams from `path.local` to `path.remote`: the one bound to that very address, else a wildcard
    /// of the family with that port, else any of the family. nullptr: none speaks the family.
    UdpSocket* socketFor(const quic::Path& path) const;
};

/// Binds one socket per listen address, or one for everything when none is named: to `lastPort`, or any port when that
/// is taken or 0. InvalidArgument: an address that is not /ip4|ip6/.../udp/.../quic-v1. Busy: a named port is taken.
Result<BoundSockets> bindSockets(const std::vector<codec::Multiaddr>& listen, uint16_t lastPort, const Log& log);

} // namespace wherry::runtime

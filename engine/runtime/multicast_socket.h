#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/ip.h"
#include "runtime/udp_socket.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace wherry::runtime {

/// A socket that belongs to one multicast group on one interface, shares its port with other programs, and does not
/// block. What it sends reaches the link only, and other programs of this machine (TTL 255, RFC 6762 11). Implemented
/// once per system in platform/.
class MulticastSocket {
  public:
    struct Received {
        codec::SocketAddress source;
        bool toGroup = false; ///< known to have been sent to the group
        ByteView bytes;       ///< valid until the next receive
    };

    /// Errors: Busy (another program does not share the port), VolumeGone or Io (no such interface), Unsupported (the
    /// system lacks the family).
    static Result<std::unique_ptr<MulticastSocket>> open(uint32_t interfaceIndex, const codec::SocketAddress& group);
    virtual ~MulticastSocket() = default;

    /// For the event loop.
    virtual NativeSocket native() const = 0;
    /// nullopt: nothing waits. Datagrams longer than a DNS message may be are skipped.
    virtual std::optional<Received> receive() = 0;
    /// To the group. False: it is lost, as datagrams may be.
    virtual bool send(ByteView bytes) = 0;
};

} // namespace wherry::runtime

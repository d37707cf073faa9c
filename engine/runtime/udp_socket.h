#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/ip.h"
#include "quic/path.h"
#include "runtime/socket_binding.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace wherry::runtime {

/// What one receive call has brought: one datagram, or several of one path that the system has joined (GRO). All
/// segments have `segmentSize` bytes but the last, which may have fewer. `bytes` is valid until the next receive.
struct ReceivedBatch {
    quic::Path path;
    uint8_t ecn = 0;
    size_t segmentSize = 0;
    ByteView bytes;
};

enum class SendOutcome : uint8_t {
    Sent,
    WouldBlock,    ///< the send buffer is full: try the rest when the socket is writable
    MessageTooBig, ///< a segment is larger than the interface allows (EMSGSIZE)
    Unreachable,   ///< no route or no such local address
    Failed,        ///< anything else; the datagram is lost, as datagrams may be
};

/// One UDP socket that does not block. Implemented once per system in platform/.
///
/// Datagrams carry ECN codepoints both ways and are never fragmented (DF); the local address of each is known, and each
/// can be sent from a chosen one. IPv4 on a socket for both families shows as IPv4, never as mapped addresses.
class UdpSocket {
  public:
    /// Whether one socket can speak both families fully (Linux); elsewhere each family needs its own, and Both is
    /// Unsupported.
    static bool canSpanFamilies();
    /// Busy: the port is taken. InvalidArgument: the address is not of this machine.
    static Result<std::unique_ptr<UdpSocket>> open(const SocketBinding& binding);
    virtual ~UdpSocket() = default;

    /// For the event loop.
    virtual NativeSocket native() const = 0;
    virtual codec::SocketAddress localAddress() const = 0;
    virtual SocketFamilies families() const = 0;
    /// nullopt: nothing waits. Errors of earlier sends that the system reports here are skipped.
    virtual std::optional<ReceivedBatch> receive() = 0;
    /// Sends `bytes` as datagrams of `segmentSize` (the last may be shorter) in as few calls as the system can. An
    /// unspecified local address leaves the choice to the system. `sent` counts the bytes that are out, also when the
    /// outcome is not Sent.
    virtual SendOutcome send(const quic::Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize, size_t& sent) = 0;
    /// Whether several datagrams go out in one call (GSO), for logs and tests.
    virtual bool joinsSends() const = 0;
};

} // namespace wherry::runtime

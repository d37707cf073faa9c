#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/socket_binding.h"

#include <memory>

namespace wherry::runtime {

/// What one read has brought. Neither bytes nor the end: nothing waits.
struct TcpRead {
    size_t bytes = 0;
    bool ended = false; ///< the other side has shut down its half, and everything before that has been read
};

/// One TCP connection that does not block. Implemented once per system in platform/.
///
/// Small pieces leave at once (no Nagle), and the system keeps at most about kTcpUnsent bytes that have not left yet:
/// what is to be said next does not stand behind megabytes. IPv4 over a socket for both families shows as IPv4.
/// Errors name the other side's address.
class TcpSocket {
  public:
    /// Begins to connect; the socket becomes writable when the outcome is there: ask finishConnect(). Unreachable: no
    /// route, or refused at once. LimitReached: no more descriptors.
    /// `from`: where a listener of this process listens, whose port it is to leave from; where that cannot be (another
    /// connection leads from there to `remote`, or the system has no such thing), it leaves from any.
    static Result<std::unique_ptr<TcpSocket>> connect(const codec::SocketAddress& remote,
                                                      const codec::SocketAddress* from = nullptr);
    virtual ~TcpSocket() = default;

    /// For the event loop.
    virtual NativeSocket native() const = 0;
    /// Where it is connected from; of a socket that connects, once finishConnect() has said so.
    virtual codec::SocketAddress localAddress() const = 0;
    virtual codec::SocketAddress remoteAddress() const = 0;
    /// Once it is writable. Unreachable (refused, no route), Timeout.
    virtual Result<void> finishConnect() = 0;
    /// ConnectionLost, Timeout: over, without the other side's word.
    virtual Result<TcpRead> read(MutableBytes into) = 0;
    /// How many of `bytes` the system has taken; fewer than all: go on when the socket is writable.
    virtual Result<size_t> write(ByteView bytes) = 0;
    /// Everything written goes out, then the other side sees the end. Reading goes on.
    virtual void endWriting() = 0;
};

/// A TCP socket that others connect to. Implemented once per system in platform/.
class TcpListener {
  public:
    /// As of UdpSocket.
    static bool canSpanFamilies();
    /// Busy: the port is taken. InvalidArgument: the address is not of this machine.
    static Result<std::unique_ptr<TcpListener>> open(const SocketBinding& binding);
    virtual ~TcpListener() = default;

    /// For the event loop.
    virtual NativeSocket native() const = 0;
    virtual codec::SocketAddress localAddress() const = 0;
    virtual SocketFamilies families() const = 0;
    /// nullptr: nobody waits. LimitReached: somebody does, and the process has no descriptor or memory for it; the
    /// socket stays readable, so look away for a while.
    virtual Result<std::unique_ptr<TcpSocket>> accept() = 0;
};

} // namespace wherry::runtime

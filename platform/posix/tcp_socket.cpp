#include "runtime/tcp_socket.h"

#include "platform/posix/socket_address.h"
#include "runtime/file.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace wherry::platform {

using codec::SocketAddress;
using runtime::File;
using runtime::SocketBinding;
using runtime::SocketFamilies;
using runtime::TcpRead;

namespace {

template <typename Value> int setOption(int socket, int level, int option, Value value) {
    return setsockopt(socket, level, option, &value, sizeof(value));
}

bool makeNonBlocking(int socket) {
    return fcntl(socket, F_SETFL, O_NONBLOCK) == 0 && fcntl(socket, F_SETFD, FD_CLOEXEC) == 0;
}

Error tcpError(int number, Errc otherwise, std::string_view doing, const SocketAddress& address) {
    const Errc known = runtime::osErrorCode(number);
    const Errc code = number == ETIMEDOUT ? Errc::Timeout : known == Errc::LimitReached ? known : otherwise;
    return makeError(code, runtime::osError(number, doing, address.text()).context);
}

SocketAddress addressOf(int socket, int (*ask)(int, sockaddr*, socklen_t*)) {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    if (ask(socket, reinterpret_cast<sockaddr*>(&storage), &length) < 0) return {};
    return fromSystem(reinterpret_cast<sockaddr*>(&storage));
}

class PosixTcpSocket final : public runtime::TcpSocket {
  public:
    PosixTcpSocket(File handle, const SocketAddress& remote) : m_handle(std::move(handle)), m_remote(remote) {
        const int socket = m_handle.native();
        // All of these are better than nothing and no reason to fail.
        (void)setOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
        (void)setOption(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, runtime::kTcpUnsent);
#ifdef SO_NOSIGPIPE
        (void)setOption(socket, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
    }

    runtime::NativeSocket native() const override {
        return m_handle.native();
    }
    SocketAddress localAddress() const override {
        return addressOf(m_handle.native(), getsockname);
    }
    SocketAddress remoteAddress() const override {
        return m_remote;
    }

    /// The port of a listener of this process, which has allowed it. Whether it could be had.
    bool bindBeside(const SocketAddress& listener) {
        const int socket = m_handle.native();
        if (setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1) < 0 || setOption(socket, SOL_SOCKET, SO_REUSEPORT, 1) < 0)
            return false;
        SocketAddress local = listener;
        if (local.ip.family != m_remote.ip.family)
            local.ip = m_remote.ip.isV4() ? codec::IpAddress::v4({}) : codec::IpAddress::v6({});
        sockaddr_storage at;
        const socklen_t length = toSystem(local, MappedIpv4::No, at);
        return bind(socket, reinterpret_cast<sockaddr*>(&at), length) == 0;
    }

    Result<void> startConnect() {
        sockaddr_storage to;
        const socklen_t length = toSystem(m_remote, MappedIpv4::No, to);
        if (::connect(m_handle.native(), reinterpret_cast<sockaddr*>(&to), length) == 0) return {};
        // A connect that a signal interrupts goes on.
        if (errno == EINPROGRESS || errno == EINTR) return {};
        return tcpError(errno, Errc::Unreachable, "connecting to", m_remote);
    }

    Result<void> finishConnect() override {
        int problem = 0;
        socklen_t length = sizeof(problem);
        if (getsockopt(m_handle.native(), SOL_SOCKET, SO_ERROR, &problem, &length) < 0) problem = errno;
        if (problem != 0) return tcpError(problem, Errc::Unreachable, "connecting to", m_remote);
        return {};
    }

    Result<TcpRead> read(MutableBytes into) override {
        ssize_t count;
        do count = recv(m_handle.native(), into.data(), into.size(), 0);
        while (count < 0 && errno == EINTR);
        if (count > 0) return TcpRead{static_cast<size_t>(count), false};
        if (count == 0) return TcpRead{0, !into.empty()};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return TcpRead{};
        return tcpError(errno, Errc::ConnectionLost, "reading from", m_remote);
    }

    Result<size_t> write(ByteView bytes) override {
#ifdef MSG_NOSIGNAL
        constexpr int kFlags = MSG_NOSIGNAL;
#else
        constexpr int kFlags = 0;
#endif
        ssize_t count;
        do count = send(m_handle.native(), bytes.data(), bytes.size(), kFlags);
        while (count < 0 && errno == EINTR);
        if (count >= 0) return static_cast<size_t>(count);
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return size_t{0};
        return tcpError(errno, Errc::ConnectionLost, "writing to", m_remote);
    }

    void endWriting() override {
        (void)shutdown(m_handle.native(), SHUT_WR);
    }

  private:
    File m_handle;
    SocketAddress m_remote;
};

/// Closed by whoever asks for something that its system refuses.
Result<File> openSocket(int family) {
    File handle(::socket(family, SOCK_STREAM, IPPROTO_TCP), "TCP socket");
    if (!handle.isOpen() || !makeNonBlocking(handle.native()))
        return runtime::osError(errno, "opening", "a TCP socket");
    return handle;
}

class PosixTcpListener final : public runtime::TcpListener {
  public:
    PosixTcpListener(File handle, SocketFamilies families) : m_handle(std::move(handle)), m_families(families) {}

    Result<void> listenAt(const SocketBinding& binding, int family) {
        const int socket = m_handle.native();
        // Connections of the process before, which linger, do not keep the port.
        (void)setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
        if (family == AF_INET6 &&
            setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, int(m_families == SocketFamilies::Ipv6)) < 0)
            return runtime::osError(errno, "configuring", "the TCP socket");
        SocketAddress address{binding.ip, binding.port, binding.scope};
        if (m_families == SocketFamilies::Both || binding.ip.isUnspecified())
            address = {family == AF_INET ? codec::IpAddress::v4({}) : codec::IpAddress::v6({}), binding.port, 0};
        sockaddr_storage storage;
        const socklen_t length = toSystem(address, MappedIpv4::No, storage);
        if (bind(socket, reinterpret_cast<sockaddr*>(&storage), length) < 0 || listen(socket, runtime::kTcpBacklog) < 0)
            return runtime::osError(errno, "listening on", address.text());
        // From now on connections of this user may leave from the port; listen there nobody else can, who would have had
        // to find it so when binding.
        (void)setOption(socket, SOL_SOCKET, SO_REUSEPORT, 1);
        m_local = addressOf(socket, getsockname);
        return {};
    }

    runtime::NativeSocket native() const override { return m_handle.native(); }
    SocketAddress localAddress() const override { return m_local; }
    SocketFamilies families() const override { return m_families; }

    Result<std::unique_ptr<runtime::TcpSocket>> accept() override {
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            sockaddr_storage from{};
            socklen_t length = sizeof(from);
            File handle(::accept(m_handle.native(), reinterpret_cast<sockaddr*>(&from), &length), "TCP connection");
            if (handle.isOpen() && makeNonBlocking(handle.native()))
                return std::unique_ptr<runtime::TcpSocket>(std::make_unique<PosixTcpSocket>(
                    std::move(handle), fromSystem(reinterpret_cast<sockaddr*>(&from))));
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
            if (runtime::osErrorCode(errno) == Errc::LimitReached)
                return runtime::osError(errno, "accepting a connection at", m_local.text());
            // Anything else is about one connection that is gone already (accept(2) on Linux), or about a signal.
        }
        return std::unique_ptr<runtime::TcpSocket>();
    }

  private:
    File m_handle;
    SocketFamilies m_families;
    SocketAddress m_local;
};

Result<std::unique_ptr<runtime::TcpListener>> openListener(const SocketBinding& binding, SocketFamilies families,
                                                         int family) {
    TRY(File handle, openSocket(family));
    auto listener = std::make_unique<PosixTcpListener>(std::move(handle), families);
    TRY_OK(listener->listenAt(binding, family));
    return std::unique_ptr<runtime::TcpListener>(std::move(listener));
}

Result<std::unique_ptr<runtime::TcpSocket>> startConnecting(const SocketAddress& remote, const SocketAddress* from) {
    auto handle = openSocket(remote.ip.isV4() ? AF_INET : AF_INET6);
    if (!handle) return handle.error().within("connecting to " + remote.text());
    auto socket = std::make_unique<PosixTcpSocket>(std::move(*handle), remote);
    if (from && !socket->bindBeside(*from)) return makeError(Errc::Busy, from->text());
    TRY_OK(socket->startConnect());
    return std::unique_ptr<runtime::TcpSocket>(std::move(socket));
}

} // namespace
} // namespace wherry::platform

namespace wherry::runtime {

Result<std::unique_ptr<TcpSocket>> TcpSocket::connect(const codec::SocketAddress& remote,
                                                      const codec::SocketAddress* from) {
    if (from)
        if (auto socket = platform::startConnecting(remote, from)) return socket;
    return platform::startConnecting(remote, nullptr);
}

bool TcpListener::canSpanFamilies() {
    return true;
}

Result<std::unique_ptr<TcpListener>> TcpListener::open(const SocketBinding& binding) {
    if (binding.families == SocketFamilies::Ipv4) return platform::openListener(binding, SocketFamilies::Ipv4, AF_INET);
    auto listener = platform::openListener(binding, binding.families, AF_INET6);
    if (listener || binding.families == SocketFamilies::Ipv6) return listener;
    const Errc code = listener.error().code;
    const bool noIpv6 = code == Errc::Unsupported || code == Errc::InvalidArgument; // as in UdpSocket::open()
    return noIpv6 ? platform::openListener(binding, SocketFamilies::Ipv4, AF_INET) : std::move(listener);
}

} // namespace wherry::runtime

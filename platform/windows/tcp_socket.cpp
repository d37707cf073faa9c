#ifdef _WIN32
#include "runtime/tcp_socket.h"

#include "platform/posix/socket_address.h"
#include "platform/windows/winsock.h"
#include "runtime/runtime_limits.h"

#include <string>

/// Windows: one socket per family, as with UDP.
namespace wherry::platform {

using codec::SocketAddress;
using runtime::SocketBinding;
using runtime::SocketFamilies;
using runtime::TcpRead;

namespace {

Error tcpError(int number, Errc otherwise, std::string_view doing, const SocketAddress& address) {
    Error error = socketError(number, doing, address.text());
    if (number == WSAETIMEDOUT)
        error.code = Errc::Timeout;
    else if (error.code != Errc::LimitReached)
        error.code = otherwise;
    return error;
}

SocketAddress localOf(SOCKET socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
    return fromSystem(reinterpret_cast<sockaddr*>(&storage));
}

class WindowsTcpSocket final : public runtime::TcpSocket {
  public:
    WindowsTcpSocket(SocketHandle handle, const SocketAddress& remote) : m_handle(std::move(handle)), m_remote(remote) {
        (void)setOption(m_handle.native(), IPPROTO_TCP, TCP_NODELAY, DWORD(1));
        (void)setOption(m_handle.native(), SOL_SOCKET, SO_SNDBUF, int(runtime::kTcpUnsent));
    }

    runtime::NativeSocket native() const override { return m_handle.native(); }
    SocketAddress localAddress() const override { return localOf(m_handle.native()); }
    SocketAddress remoteAddress() const override { return m_remote; }

    /// Windows has it only for ports that their listener shares, which ours does not: anybody could take them over.
    bool bindBeside(const SocketAddress& listener) {
        (void)setOption(m_handle.native(), SOL_SOCKET, SO_REUSEADDR, BOOL(TRUE));
        SocketAddress local = listener;
        if (local.ip.family != m_remote.ip.family)
            local.ip = m_remote.ip.isV4() ? codec::IpAddress::v4({}) : codec::IpAddress::v6({});
        sockaddr_storage at;
        const socklen_t length = toSystem(local, MappedIpv4::No, at);
        return bind(m_handle.native(), reinterpret_cast<sockaddr*>(&at), length) == 0;
    }

    Result<void> startConnect() {
        sockaddr_storage to;
        const socklen_t length = toSystem(m_remote, MappedIpv4::No, to);
        if (::connect(m_handle.native(), reinterpret_cast<sockaddr*>(&to), length) == 0) return {};
        if (WSAGetLastError() == WSAEWOULDBLOCK) return {};
        return tcpError(WSAGetLastError(), Errc::Unreachable, "connecting to", m_remote);
    }

    Result<void> finishConnect() override {
        int problem = 0;
        int length = sizeof(problem);
        if (getsockopt(m_handle.native(), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&problem), &length) != 0)
            problem = WSAGetLastError();
        if (problem != 0) return tcpError(problem, Errc::Unreachable, "connecting to", m_remote);
        return {};
    }

    Result<TcpRead> read(MutableBytes into) override {
        const int count = recv(m_handle.native(), reinterpret_cast<char*>(into.data()), int(into.size()), 0);
        if (count > 0) return TcpRead{static_cast<size_t>(count), false};
        if (count == 0) return TcpRead{0, !into.empty()};
        if (WSAGetLastError() == WSAEWOULDBLOCK) return TcpRead{};
        return tcpError(WSAGetLastError(), Errc::ConnectionLost, "reading from", m_remote);
    }

    Result<size_t> write(ByteView bytes) override {
        const int count = send(m_handle.native(), reinterpret_cast<const char*>(bytes.data()), int(bytes.size()), 0);
        if (count >= 0) return static_cast<size_t>(count);
        if (WSAGetLastError() == WSAEWOULDBLOCK || WSAGetLastError() == WSAENOBUFS) return size_t{0};
        return tcpError(WSAGetLastError(), Errc::ConnectionLost, "writing to", m_remote);
    }

    void endWriting() override { (void)shutdown(m_handle.native(), SD_SEND); }

  private:
    SocketHandle m_handle;
    SocketAddress m_remote;
};

Result<SocketHandle> openSocket(int family) {
    SocketHandle handle;
    handle.adopt(
        WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    if (!handle.isOpen()) return socketError(WSAGetLastError(), "opening", "a TCP socket");
    u_long on = 1;
    ioctlsocket(handle.native(), FIONBIO, &on);
    return handle;
}

class WindowsTcpListener final : public runtime::TcpListener {
  public:
    WindowsTcpListener(SocketHandle handle, int family) : m_handle(std::move(handle)), m_family(family) {}

    Result<void> listenAt(const SocketBinding& binding) {
        const SOCKET socket = m_handle.native();
        // What SO_REUSEADDR means elsewhere Windows does by itself; there it would let others take the port over.
        (void)setOption(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, BOOL(TRUE));
        if (m_family == AF_INET6 && !setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, DWORD(1)))
            return socketError(WSAGetLastError(), "configuring", "the TCP socket");
        SocketAddress address{binding.ip, binding.port, binding.scope};
        if (binding.ip.isUnspecified())
            address = {m_family == AF_INET ? codec::IpAddress::v4({}) : codec::IpAddress::v6({}), binding.port, 0};
        sockaddr_storage storage;
        const socklen_t length = toSystem(address, MappedIpv4::No, storage);
        if (bind(socket, reinterpret_cast<sockaddr*>(&storage), length) != 0 ||
            listen(socket, runtime::kTcpBacklog) != 0)
            return socketError(WSAGetLastError(), "listening on", address.text());
        m_local = localOf(socket);
        return {};
    }

    runtime::NativeSocket native() const override { return m_handle.native(); }
    SocketAddress localAddress() const override { return m_local; }
    SocketFamilies families() const override {
        return m_family == AF_INET ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6;
    }

    Result<std::unique_ptr<runtime::TcpSocket>> accept() override {
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            sockaddr_storage from{};
            socklen_t length = sizeof(from);
            SocketHandle handle;
            handle.adopt(::accept(m_handle.native(), reinterpret_cast<sockaddr*>(&from), &length));
            if (handle.isOpen()) {
                u_long on = 1;
                ioctlsocket(handle.native(), FIONBIO, &on);
                return std::unique_ptr<runtime::TcpSocket>(std::make_unique<WindowsTcpSocket>(
                    std::move(handle), fromSystem(reinterpret_cast<sockaddr*>(&from))));
            }
            const int problem = WSAGetLastError();
            if (problem == WSAEWOULDBLOCK) break;
            Error error = socketError(problem, "accepting a connection at", m_local.text());
            if (error.code == Errc::LimitReached) return error;
        }
        return std::unique_ptr<runtime::TcpSocket>();
    }

  private:
    SocketHandle m_handle;
    int m_family;
    SocketAddress m_local;
};

Result<std::unique_ptr<runtime::TcpSocket>> startConnecting(const SocketAddress& remote, const SocketAddress* from) {
    auto handle = openSocket(remote.ip.isV4() ? AF_INET : AF_INET6);
    if (!handle) return handle.error().within("connecting to " + remote.text());
    auto socket = std::make_unique<WindowsTcpSocket>(std::move(*handle), remote);
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
    return false;
}

Result<std::unique_ptr<TcpListener>> TcpListener::open(const SocketBinding& binding) {
    if (binding.families == SocketFamilies::Both)
        return makeError(Errc::Unsupported, "one TCP socket for both families");
    const int family = binding.families == SocketFamilies::Ipv4 ? AF_INET : AF_INET6;
    TRY(auto handle, platform::openSocket(family));
    auto listener = std::make_unique<platform::WindowsTcpListener>(std::move(handle), family);
    TRY_OK(listener->listenAt(binding));
    return std::unique_ptr<TcpListener>(std::move(listener));
}

} // namespace wherry::runtime
#endif

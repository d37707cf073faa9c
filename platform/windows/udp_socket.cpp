#ifdef _WIN32
#include "runtime/udp_socket.h"

#include "platform/posix/socket_address.h"
#include "platform/windows/winsock.h"
#include "runtime/runtime_limits.h"

#include <mswsock.h>
#include <winsock2.h>
#include <ws2ipdef.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>
#include <vector>

// Newer than some toolchains' headers; Windows 10 2004 and later know them (ws2ipdef.h).
#ifndef UDP_SEND_MSG_SIZE
#define UDP_SEND_MSG_SIZE 2
#endif
#ifndef UDP_RECV_MAX_COALESCED_SIZE
#define UDP_RECV_MAX_COALESCED_SIZE 3
#endif
#ifndef UDP_COALESCED_INFO
#define UDP_COALESCED_INFO 3
#endif
#ifndef IP_RECVECN
#define IP_RECVECN 50
#endif
#ifndef IP_ECN
#define IP_ECN 50
#endif
#ifndef IPV6_RECVECN
#define IPV6_RECVECN 50
#endif
#ifndef IPV6_ECN
#define IPV6_ECN 50
#endif
#ifndef IP_MTU_DISCOVER
#define IP_MTU_DISCOVER 71
#endif
#ifndef IPV6_MTU_DISCOVER
#define IPV6_MTU_DISCOVER 71
#endif

/// Windows: WSASendMsg and WSARecvMsg with send offload (USO) and receive coalescing (URO), one socket per family.
namespace wherry::platform {

using codec::SocketAddress;
using quic::Path;
using runtime::ReceivedBatch;
using runtime::SendOutcome;
using runtime::SocketBinding;
using runtime::SocketFamilies;

namespace {

constexpr size_t kMaxBytesPerSend = 65'000;
constexpr int kPathMtuProbe = 3; // IP_PMTUDISC_PROBE: DF is set and the system's own idea of the path is not asked

template <typename Function> Function extension(SOCKET socket, GUID id) {
    Function function = nullptr;
    DWORD length = 0;
    WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function), &length, nullptr,
             nullptr);
    return function;
}

class WindowsUdpSocket final : public runtime::UdpSocket {
  public:
    explicit WindowsUdpSocket(int family) : m_family(family), m_buffer(runtime::kReceiveBuffer) {}
    ~WindowsUdpSocket() override {
        if (m_socket != INVALID_SOCKET) closesocket(m_socket);
    }

    Result<void> open() {
        m_socket =
            WSASocketW(m_family, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
        if (m_socket == INVALID_SOCKET) return socketError(WSAGetLastError(), "opening", "a UDP socket");
        u_long on = 1;
        ioctlsocket(m_socket, FIONBIO, &on);
        // Without this an ICMP "port unreachable" ends later receives.
        BOOL report = FALSE;
        DWORD ignored = 0;
        WSAIoctl(m_socket, _WSAIOW(IOC_VENDOR, 12), &report, sizeof(report), nullptr, 0, &ignored, nullptr, nullptr);

        bool good = true;
        if (m_family == AF_INET6) {
            good = setOption(m_socket, IPPROTO_IPV6, IPV6_V6ONLY, DWORD(1)) && good;
            good = setOption(m_socket, IPPROTO_IPV6, IPV6_PKTINFO, DWORD(1)) && good;
            (void)setOption(m_socket, IPPROTO_IPV6, IPV6_RECVECN, DWORD(1));
            (void)setOption(m_socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, DWORD(kPathMtuProbe));
        } else {
            good = setOption(m_socket, IPPROTO_IP, IP_PKTINFO, DWORD(1)) && good;
            (void)setOption(m_socket, IPPROTO_IP, IP_RECVECN, DWORD(1));
            if (!setOption(m_socket, IPPROTO_IP, IP_MTU_DISCOVER, DWORD(kPathMtuProbe)))
                (void)setOption(m_socket, IPPROTO_IP, IP_DONTFRAGMENT, DWORD(1));
        }
        m_receive = extension<LPFN_WSARECVMSG>(m_socket, WSAID_WSARECVMSG);
        m_send = extension<LPFN_WSASENDMSG>(m_socket, WSAID_WSASENDMSG);
        if (!good || !m_receive || !m_send) return socketError(WSAGetLastError(), "configuring", "the UDP socket");
        (void)setOption(m_socket, SOL_SOCKET, SO_RCVBUF, runtime::kSocketBuffer);
        (void)setOption(m_socket, SOL_SOCKET, SO_SNDBUF, runtime::kSocketBuffer);
        (void)setOption(m_socket, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE, DWORD(runtime::kReceiveBuffer - 1));
        m_joins = setOption(m_socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE, DWORD(0));
        return {};
    }

    Result<void> bindTo(const SocketBinding& binding) {
        SocketAddress address{binding.ip, binding.port, binding.scope};
        if (binding.ip.isUnspecified())
            address = {m_family == AF_INET ? codec::IpAddress::v4({}) : codec::IpAddress::v6({}), binding.port, 0};
        sockaddr_storage storage;
        socklen_t length = toSystem(address, MappedIpv4::No, storage);
        if (bind(m_socket, reinterpret_cast<sockaddr*>(&storage), length) != 0)
            return socketError(WSAGetLastError(), "listening on", address.text());
        length = sizeof(storage);
        if (getsockname(m_socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
            return socketError(WSAGetLastError(), "asking for the address of", address.text());
        m_local = fromSystem(reinterpret_cast<sockaddr*>(&storage));
        return {};
    }

    runtime::NativeSocket native() const override { return m_socket; }
    SocketAddress localAddress() const override { return m_local; }
    SocketFamilies families() const override {
        return m_family == AF_INET ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6;
    }
    bool joinsSends() const override { return m_joins; }

    std::optional<ReceivedBatch> receive() override {
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            sockaddr_storage from;
            WSABUF piece{ULONG(m_buffer.size()), reinterpret_cast<char*>(m_buffer.data())};
            alignas(WSACMSGHDR) char control[256];
            WSAMSG message{};
            message.name = reinterpret_cast<sockaddr*>(&from);
            message.namelen = sizeof(from);
            message.lpBuffers = &piece;
            message.dwBufferCount = 1;
            message.Control = WSABUF{sizeof(control), control};
            DWORD count = 0;
            if (m_receive(m_socket, &message, &count, nullptr, nullptr) != 0) {
                if (WSAGetLastError() == WSAEWOULDBLOCK) return std::nullopt;
                continue;
            }
            if (message.dwFlags & MSG_TRUNC) continue;
            ReceivedBatch batch;
            batch.path.remote = fromSystem(message.name);
            batch.path.local = m_local;
            batch.bytes = ByteView(m_buffer.data(), count);
            batch.segmentSize = count;
            readControl(message, batch);
            return batch;
        }
        return std::nullopt;
    }

    SendOutcome send(const Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize, size_t& sent) override {
        sent = 0;
        while (sent < bytes.size()) {
            size_t length = std::min(bytes.size() - sent, segmentSize);
            if (m_joins && length < bytes.size() - sent)
                length =
                    std::min(bytes.size() - sent, std::max(kMaxBytesPerSend / segmentSize, size_t(1)) * segmentSize);
            SendOutcome outcome = sendOnce(path, ecn, bytes.subspan(sent, length), segmentSize);
            if (outcome == SendOutcome::Failed && length > segmentSize) {
                m_joins = false; // a driver that cannot, or a segment too large, which one alone tells
                continue;
            }
            if (outcome != SendOutcome::Sent) return outcome;
            sent += length;
        }
        return SendOutcome::Sent;
    }

  private:
    template <typename Value> static Value controlValue(WSACMSGHDR* header) {
        Value value{};
        std::memcpy(&value, WSA_CMSG_DATA(header), sizeof(value));
        return value;
    }

    static void readControl(WSAMSG& message, ReceivedBatch& batch) {
        for (WSACMSGHDR* header = WSA_CMSG_FIRSTHDR(&message); header; header = WSA_CMSG_NXTHDR(&message, header)) {
            if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
                auto info = controlValue<in6_pktinfo>(header);
                batch.path.local.ip = fromSystem(info.ipi6_addr);
                batch.path.local.scope = batch.path.local.ip.isLinkLocal() ? info.ipi6_ifindex : 0;
            } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
                batch.path.local.ip = fromSystem(controlValue<in_pktinfo>(header).ipi_addr);
            } else if ((header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_ECN) ||
                       (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_ECN)) {
                batch.ecn = static_cast<uint8_t>(controlValue<INT>(header) & 3);
            } else if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_COALESCED_INFO) {
                if (auto size = controlValue<DWORD>(header); size > 0) batch.segmentSize = size;
            }
        }
    }

    template <typename Value>
    static void addControl(WSAMSG& message, size_t capacity, int level, int type, const Value& value) {
        size_t used = message.Control.len;
        if (used + WSA_CMSG_SPACE(sizeof(value)) > capacity) return;
        auto* header = reinterpret_cast<WSACMSGHDR*>(message.Control.buf + used);
        header->cmsg_level = level;
        header->cmsg_type = type;
        header->cmsg_len = WSA_CMSG_LEN(sizeof(value));
        std::memcpy(WSA_CMSG_DATA(header), &value, sizeof(value));
        message.Control.len = ULONG(used + WSA_CMSG_SPACE(sizeof(value)));
    }

    SendOutcome sendOnce(const Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize) const {
        const bool v4 = m_family == AF_INET;
        if (path.remote.ip.isV4() != v4) return SendOutcome::Unreachable;
        sockaddr_storage to;
        alignas(WSACMSGHDR) char control[256]{};
        WSABUF piece{ULONG(bytes.size()), reinterpret_cast<char*>(const_cast<uint8_t*>(bytes.data()))};
        WSAMSG message{};
        message.namelen = toSystem(path.remote, MappedIpv4::No, to);
        message.name = reinterpret_cast<sockaddr*>(&to);
        message.lpBuffers = &piece;
        message.dwBufferCount = 1;
        message.Control = WSABUF{0, control};
        if (!path.local.ip.isUnspecified() && path.local.ip.isV4() == v4) {
            if (v4) {
                in_pktinfo info{};
                info.ipi_addr = toSystem4(path.local.ip);
                addControl(message, sizeof(control), IPPROTO_IP, IP_PKTINFO, info);
            } else {
                in6_pktinfo info{};
                info.ipi6_addr = toSystem6(path.local.ip);
                info.ipi6_ifindex = path.local.scope;
                addControl(message, sizeof(control), IPPROTO_IPV6, IPV6_PKTINFO, info);
            }
        }
        if (ecn != 0)
            addControl(message, sizeof(control), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_ECN : IPV6_ECN, INT(ecn));
        if (bytes.size() > segmentSize)
            addControl(message, sizeof(control), IPPROTO_UDP, UDP_SEND_MSG_SIZE, DWORD(segmentSize));
        if (message.Control.len == 0) message.Control.buf = nullptr;
        DWORD count = 0;
        if (m_send(m_socket, &message, 0, &count, nullptr, nullptr) == 0) return SendOutcome::Sent;
        switch (WSAGetLastError()) {
        case WSAEWOULDBLOCK:
            return SendOutcome::WouldBlock;
        case WSAEMSGSIZE:
            return SendOutcome::MessageTooBig;
        case WSAENETUNREACH:
        case WSAEHOSTUNREACH:
        case WSAEADDRNOTAVAIL:
        case WSAENETDOWN:
            return SendOutcome::Unreachable;
        default:
            return SendOutcome::Failed;
        }
    }

    Winsock m_winsock; // first: it outlives the socket
    int m_family;
    SOCKET m_socket = INVALID_SOCKET;
    LPFN_WSARECVMSG m_receive = nullptr;
    LPFN_WSASENDMSG m_send = nullptr;
    bool m_joins = false;
    SocketAddress m_local;
    std::vector<uint8_t> m_buffer;
};

} // namespace
} // namespace wherry::platform

namespace wherry::runtime {

bool UdpSocket::canSpanFamilies() {
    return false;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const SocketBinding& binding) {
    if (binding.families == SocketFamilies::Both)
        return makeError(Errc::Unsupported, "one UDP socket for both families");
    auto udp =
        std::make_unique<platform::WindowsUdpSocket>(binding.families == SocketFamilies::Ipv4 ? AF_INET : AF_INET6);
    TRY_OK(udp->open());
    TRY_OK(udp->bindTo(binding));
    return std::unique_ptr<UdpSocket>(std::move(udp));
}

} // namespace wherry::runtime
#endif

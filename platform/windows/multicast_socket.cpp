#include "runtime/multicast_socket.h"

#include "codec/dns_limits.h"
#include "platform/posix/socket_address.h"
#include "platform/windows/winsock.h"
#include "runtime/runtime_limits.h"

#include <array>
#include <system_error>

/// Windows binds no socket to a group, so this one may also get unicast datagrams to its port: what it receives does
/// not count as sent to the group.
namespace wherry::platform {

using codec::SocketAddress;

namespace {

constexpr DWORD kTtl = 255;
/// Room for one byte more than allowed shows what is too long.
constexpr size_t kBufferBytes = codec::kMaxDnsMessageBytes + 1;

class WindowsMulticastSocket final : public runtime::MulticastSocket {
  public:
    WindowsMulticastSocket(uint32_t interfaceIndex, const SocketAddress& group)
        : m_interface(interfaceIndex),
          m_group(group) {
        m_toLength = toSystem(m_group, MappedIpv4::No, m_to);
    }
    ~WindowsMulticastSocket() override {
        if (m_socket != INVALID_SOCKET) closesocket(m_socket);
    }

    Result<void> open() {
        const bool v4 = m_group.ip.isV4();
        m_socket = WSASocketW(v4 ? AF_INET : AF_INET6, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0,
                              WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
        if (m_socket == INVALID_SOCKET) return failure("opening");
        u_long on = 1;
        ioctlsocket(m_socket, FIONBIO, &on);
        if (!set(SOL_SOCKET, SO_REUSEADDR, BOOL(TRUE))) return failure("sharing");
        if (!(v4 ? configure4() : configure6())) return failure("configuring");
        SocketAddress any{v4 ? codec::IpAddress::v4({}) : codec::IpAddress::v6({}), m_group.port, 0};
        sockaddr_storage storage;
        const socklen_t length = toSystem(any, MappedIpv4::No, storage);
        if (bind(m_socket, reinterpret_cast<sockaddr*>(&storage), length) != 0) return failure("listening on");
        if (!join()) return failure("joining");
        return {};
    }

    runtime::NativeSocket native() const override { return m_socket; }

    std::optional<Received> receive() override {
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            sockaddr_storage from;
            int fromLength = sizeof(from);
            const int count = recvfrom(m_socket, reinterpret_cast<char*>(m_buffer.data()), int(m_buffer.size()), 0,
                                       reinterpret_cast<sockaddr*>(&from), &fromLength);
            if (count < 0 && WSAGetLastError() == WSAEWOULDBLOCK) return std::nullopt;
            if (count < 0 || size_t(count) == kBufferBytes) continue;
            return Received{fromSystem(reinterpret_cast<const sockaddr*>(&from)), false,
                            ByteView(m_buffer).first(size_t(count))};
        }
        return std::nullopt;
    }

    bool send(ByteView bytes) override {
        return sendto(m_socket, reinterpret_cast<const char*>(bytes.data()), int(bytes.size()), 0,
                      reinterpret_cast<const sockaddr*>(&m_to), m_toLength) >= 0;
    }

  private:
    template <typename Value> bool set(int level, int option, const Value& value) {
        return setsockopt(m_socket, level, option, reinterpret_cast<const char*>(&value), sizeof(value)) == 0;
    }

    Error failure(std::string_view doing) const {
        const int number = WSAGetLastError();
        const Errc code = number == WSAEADDRINUSE || number == WSAEACCES ? Errc::Busy
                          : number == WSAEAFNOSUPPORT                    ? Errc::Unsupported
                                                                         : Errc::Io;
        return makeError(code,
                         std::string(doing) + " '" + m_group.text() + "': " + std::system_category().message(number));
    }

    bool configure4() {
        // An interface index stands where an address of the interface may stand, in network byte order.
        return set(IPPROTO_IP, IP_MULTICAST_TTL, kTtl) && set(IPPROTO_IP, IP_MULTICAST_LOOP, DWORD(1)) &&
               set(IPPROTO_IP, IP_MULTICAST_IF, DWORD(htonl(m_interface)));
    }

    bool configure6() {
        return set(IPPROTO_IPV6, IPV6_V6ONLY, DWORD(1)) && set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kTtl) &&
               set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, DWORD(1)) &&
               set(IPPROTO_IPV6, IPV6_MULTICAST_IF, DWORD(m_interface));
    }

    bool join() {
        if (m_group.ip.isV4()) {
            ip_mreq request{};
            request.imr_multiaddr = toSystem4(m_group.ip);
            request.imr_interface.s_addr = htonl(m_interface);
            return set(IPPROTO_IP, IP_ADD_MEMBERSHIP, request);
        }
        ipv6_mreq request{};
        request.ipv6mr_multiaddr = toSystem6(m_group.ip);
        request.ipv6mr_interface = m_interface;
        return set(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, request);
    }

    Winsock m_winsock; // first: it outlives the socket
    uint32_t m_interface;
    SocketAddress m_group;
    SOCKET m_socket = INVALID_SOCKET;
    sockaddr_storage m_to{};
    socklen_t m_toLength = 0;
    std::array<uint8_t, kBufferBytes> m_buffer;
};

} // namespace
} // namespace wherry::platform

namespace wherry::runtime {

Result<std::unique_ptr<MulticastSocket>> MulticastSocket::open(uint32_t interfaceIndex,
                                                               const codec::SocketAddress& group) {
    codec::SocketAddress onLink = group;
    onLink.scope = group.ip.isV4() ? 0 : interfaceIndex;
    auto made = std::make_unique<platform::WindowsMulticastSocket>(interfaceIndex, onLink);
    TRY_OK(made->open());
    return std::unique_ptr<MulticastSocket>(std::move(made));
}

} // namespace wherry::runtime

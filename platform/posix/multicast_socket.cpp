#include "runtime/multicast_socket.h"

#include "codec/dns_limits.h"
#include "platform/posix/socket_address.h"
#include "runtime/file.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

/// Bound to the group's address, so that it never takes unicast datagrams from another program that has the same port.
namespace wherry::platform {

using codec::SocketAddress;

namespace {

constexpr unsigned char kTtl = 255;
/// Room for one byte more than allowed shows what is too long.
constexpr size_t kBufferBytes = codec::kMaxDnsMessageBytes + 1;

class PosixMulticastSocket final : public runtime::MulticastSocket {
  public:
    PosixMulticastSocket(runtime::File handle, uint32_t interface, const SocketAddress& group)
        : m_handle(std::move(handle)),
          m_interface(interface),
          m_group(group) {
        m_toLength = toSystem(m_group, MappedIpv4::No, m_to);
    }

    Result<void> configure() {
        fcntl(m_handle.native(), F_SETFD, FD_CLOEXEC);
        fcntl(m_handle.native(), F_SETFL, O_NONBLOCK);
        if (!set(SOL_SOCKET, SO_REUSEADDR, 1)) return failure("sharing");
#ifdef SO_REUSEPORT
        (void)set(SOL_SOCKET, SO_REUSEPORT, 1); // as other responders do, which lets us in only then
#endif
        const bool configured = m_group.ip.isV4() ? configure4() : configure6();
        if (!configured) return failure("configuring");
        if (bind(m_handle.native(), reinterpret_cast<const sockaddr*>(&m_to), m_toLength) < 0)
            return failure("listening on");
        if (!join()) return failure("joining");
        return {};
    }

    runtime::NativeSocket native() const override {
        return m_handle.native();
    }

    std::optional<Received> receive() override {
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            sockaddr_storage from;
            socklen_t fromLength = sizeof(from);
            const ssize_t count = recvfrom(m_handle.native(), m_buffer.data(), m_buffer.size(), MSG_DONTWAIT,
                                           reinterpret_cast<sockaddr*>(&from), &fromLength);
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
            if (count < 0 || static_cast<size_t>(count) == kBufferBytes) continue;
            return Received{fromSystem(reinterpret_cast<const sockaddr*>(&from)), true,
                            ByteView(m_buffer).first(static_cast<size_t>(count))};
        }
        return std::nullopt;
    }

    bool send(ByteView bytes) override {
        return sendto(m_handle.native(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                      reinterpret_cast<const sockaddr*>(&m_to), m_toLength) >= 0;
    }

  private:
    template <typename Value> bool set(int level, int option, const Value& value) {
        return setsockopt(m_handle.native(), level, option, &value, sizeof(value)) == 0;
    }

    Error failure(std::string_view doing) const {
        return runtime::osError(errno, doing, m_group.text());
    }

    ip_mreqn request4() const {
        ip_mreqn request{};
        request.imr_multiaddr = toSystem4(m_group.ip);
        request.imr_ifindex = static_cast<int>(m_interface);
        return request;
    }

    bool configure4() {
#ifdef IP_MULTICAST_ALL
        // Otherwise Linux delivers what any program has joined on any interface.
        if (!set(IPPROTO_IP, IP_MULTICAST_ALL, 0)) return false;
#endif
        return set(IPPROTO_IP, IP_MULTICAST_TTL, kTtl) &&
               set(IPPROTO_IP, IP_MULTICAST_LOOP, static_cast<unsigned char>(1)) &&
               set(IPPROTO_IP, IP_MULTICAST_IF, request4());
    }

    bool configure6() {
        return set(IPPROTO_IPV6, IPV6_V6ONLY, 1) && set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int(kTtl)) &&
               set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1u) && set(IPPROTO_IPV6, IPV6_MULTICAST_IF, m_interface);
    }

    bool join() {
        if (m_group.ip.isV4()) return set(IPPROTO_IP, IP_ADD_MEMBERSHIP, request4());
        ipv6_mreq request{};
        request.ipv6mr_multiaddr = toSystem6(m_group.ip);
        request.ipv6mr_interface = m_interface;
        return set(IPPROTO_IPV6, IPV6_JOIN_GROUP, request);
    }

    runtime::File m_handle;
    uint32_t m_interface;
    SocketAddress m_group;
    sockaddr_storage m_to{};
    socklen_t m_toLength = 0;
    std::array<uint8_t, kBufferBytes> m_buffer;
};

} // namespace
} // namespace wherry::platform

namespace wherry::runtime {

Result<std::unique_ptr<MulticastSocket>> MulticastSocket::open(uint32_t interface, const codec::SocketAddress& group) {
    const int handle = socket(group.ip.isV4() ? AF_INET : AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    if (handle < 0) return osError(errno, "opening", "a multicast socket");
    codec::SocketAddress onLink = group;
    onLink.scope = group.ip.isV4() ? 0 : interface;
    auto made = std::make_unique<platform::PosixMulticastSocket>(File(handle, "multicast socket"), interface, onLink);
    TRY_OK(made->configure());
    return std::unique_ptr<MulticastSocket>(std::move(made));
}

} // namespace wherry::runtime

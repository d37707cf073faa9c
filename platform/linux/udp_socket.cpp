#include "runtime/udp_socket.h"

#include "platform/posix/posix_udp_socket.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace wherry::platform {

using quic::Path;
using runtime::ReceivedBatch;
using runtime::SendOutcome;
using runtime::SocketBinding;
using runtime::SocketFamilies;

namespace {

/// The kernel's bounds of one GSO send: segments (UDP_MAX_SEGMENTS was 64 until Linux 6.9), and bytes of one IP packet.
constexpr size_t kMaxSegmentsPerSend = 64;
constexpr size_t kMaxBytesPerSend = 65'000;

class LinuxUdpSocket final : public PosixUdpSocket {
  public:
    LinuxUdpSocket(runtime::File handle, SocketFamilies families, int family)
        : PosixUdpSocket(std::move(handle), families, family) {}

    Result<void> configure() {
        const int socket = native();
        const bool v6 = family() == AF_INET6;
        const bool v4 = families() != SocketFamilies::Ipv6;
        bool good = true;
        if (v6) {
            good = setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, int(!v4)) == 0 && good;
            good = setOption(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, int(IPV6_PMTUDISC_PROBE)) == 0 && good;
        }
        if (v4) { // also on an IPv6 socket, for the IPv4 datagrams that come to it
            if (!v6) good = setOption(socket, IPPROTO_IP, IP_PKTINFO, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IP, IP_RECVTOS, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IP, IP_MTU_DISCOVER, int(IP_PMTUDISC_PROBE)) == 0 && good;
        }
        if (!good) return runtime::osError(errno, "configuring", "the UDP socket");
        // All of these are better than nothing and no reason to fail.
        (void)setOption(socket, SOL_SOCKET, SO_RCVBUF, runtime::kSocketBuffer);
        (void)setOption(socket, SOL_SOCKET, SO_SNDBUF, runtime::kSocketBuffer);
        (void)setOption(socket, SOL_UDP, UDP_GRO, 1);
        m_joins = setOption(socket, SOL_UDP, UDP_SEGMENT, 0) == 0;
        return {};
    }

    bool joinsSends() const override { return m_joins; }

    SendOutcome send(const Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize, size_t& sent) override {
        sent = 0;
        while (sent < bytes.size()) {
            size_t length = std::min(bytes.size() - sent, segmentSize);
            if (m_joins && length < bytes.size() - sent) {
                size_t segments = std::clamp(kMaxBytesPerSend / segmentSize, size_t(1), kMaxSegmentsPerSend);
                length = std::min(bytes.size() - sent, segments * segmentSize);
            }
            SendOutcome outcome = sendOnce(path, ecn, bytes.subspan(sent, length), segmentSize);
            if (outcome == SendOutcome::Failed && length > segmentSize && (errno == EIO || errno == EINVAL)) {
                // EIO: this route's device cannot do it, and may not be the only one. EINVAL: the segment exceeds the
                // interface, which sending one alone turns into EMSGSIZE.
                if (errno == EIO) m_joins = false;
                outcome = sendOnce(path, ecn, bytes.subspan(sent, segmentSize), segmentSize);
                length = segmentSize;
            }
            if (outcome != SendOutcome::Sent) return outcome;
            sent += length;
        }
        return SendOutcome::Sent;
    }

  private:
    void readOwnControl(const cmsghdr& header, ReceivedBatch& batch) const override {
        if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_TOS) {
            batch.ecn = controlValue<uint8_t>(header) & 3;
        } else if (header.cmsg_level == SOL_UDP && header.cmsg_type == UDP_GRO) {
            const int size = controlValue<int>(header);
            if (size > 0) batch.segmentSize = static_cast<size_t>(size);
        }
    }

    SendOutcome sendOnce(const Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize) const {
        const bool joined = bytes.size() > segmentSize;
        const SendOutcome outcome = sendMessage(path, bytes, [&](ControlWriter& control) {
            const bool v4 = path.remote.ip.isV4();
            if (ecn != 0) control.add(v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, int(ecn));
            if (joined) control.add(SOL_UDP, UDP_SEGMENT, static_cast<uint16_t>(segmentSize));
        });
        // Without GSO the only invalid thing can be a local address that is not ours any more.
        return outcome == SendOutcome::Failed && errno == EINVAL && !joined ? SendOutcome::Unreachable : outcome;
    }

    bool m_joins = false;
};

Result<std::unique_ptr<runtime::UdpSocket>> openFamily(const SocketBinding& binding, SocketFamilies families,
                                                       int family) {
    int handle = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
    if (handle < 0) return runtime::osError(errno, "opening", "a UDP socket");
    auto udp = std::make_unique<LinuxUdpSocket>(runtime::File(handle, "UDP socket"), families, family);
    TRY_OK(udp->configure());
    TRY_OK(udp->bindTo(binding));
    return std::unique_ptr<runtime::UdpSocket>(std::move(udp));
}

} // namespace
} // namespace wherry::platform

namespace wherry::runtime {

bool UdpSocket::canSpanFamilies() {
    return true;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const SocketBinding& binding) {
    if (binding.families == SocketFamilies::Ipv4) return platform::openFamily(binding, SocketFamilies::Ipv4, AF_INET);
    auto socket = platform::openFamily(binding, binding.families, AF_INET6);
    if (socket || binding.families == SocketFamilies::Ipv6) return socket;
    Errc code = socket.error().code;
    bool noIpv6 =
        code == Errc::Unsupported || code == Errc::InvalidArgument; // EAFNOSUPPORT; EADDRNOTAVAIL when switched off
    return noIpv6 ? platform::openFamily(binding, SocketFamilies::Ipv4, AF_INET) : std::move(socket);
}

} // namespace wherry::runtime

#include "runtime/udp_socket.h"

#include "platform/posix/posix_udp_socket.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

/// macOS has neither GSO nor GRO for UDP, so a datagram is a call. One difference to Linux decides the shape: IPv4
/// datagrams on an IPv6 socket come without packet info and ECN of their own, so there is one socket per family.
namespace wherry::platform {

using quic::Path;
using runtime::ReceivedBatch;
using runtime::SendOutcome;
using runtime::SocketBinding;
using runtime::SocketFamilies;

namespace {

class MacUdpSocket final : public PosixUdpSocket {
  public:
    MacUdpSocket(runtime::File handle, int family)
        : PosixUdpSocket(std::move(handle), family == AF_INET ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6, family) {}

    Result<void> configure() {
        const int socket = native();
        fcntl(socket, F_SETFD, FD_CLOEXEC);
        fcntl(socket, F_SETFL, O_NONBLOCK);
        bool good = true;
        if (family() == AF_INET6) {
            good = setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) == 0 && good;
            (void)setOption(socket, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
        } else {
            good = setOption(socket, IPPROTO_IP, IP_RECVPKTINFO, 1) == 0 && good;
            good = setOption(socket, IPPROTO_IP, IP_RECVTOS, 1) == 0 && good;
            (void)setOption(socket, IPPROTO_IP, IP_DONTFRAG, 1); // since macOS 11
        }
        if (!good) return runtime::osError(errno, "configuring", "the UDP socket");
        (void)setOption(socket, SOL_SOCKET, SO_RCVBUF, runtime::kSocketBuffer);
        (void)setOption(socket, SOL_SOCKET, SO_SNDBUF, runtime::kSocketBuffer);
        return {};
    }

    bool joinsSends() const override { return false; }

    SendOutcome send(const Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize, size_t& sent) override {
        sent = 0;
        while (sent < bytes.size()) {
            size_t length = std::min(bytes.size() - sent, segmentSize);
            SendOutcome outcome = sendOne(path, ecn, bytes.subspan(sent, length));
            if (outcome != SendOutcome::Sent) return outcome;
            sent += length;
        }
        return SendOutcome::Sent;
    }

  private:
    void readOwnControl(const cmsghdr& header, ReceivedBatch& batch) const override {
        if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_RECVTOS)
            batch.ecn = controlValue<uint8_t>(header) & 3;
    }

    SendOutcome sendOne(const Path& path, uint8_t ecn, ByteView bytes) const {
        const bool v4 = family() == AF_INET;
        // IPv4 takes no IP_TOS as control data here; the option of the socket is set when the codepoint changes.
        if (v4 && ecn != m_tos && setOption(native(), IPPROTO_IP, IP_TOS, int(ecn)) == 0) m_tos = ecn;
        return sendMessage(path, bytes, [&](ControlWriter& control) {
            if (ecn != 0 && !v4) control.add(IPPROTO_IPV6, IPV6_TCLASS, int(ecn));
        });
    }

    mutable uint8_t m_tos = 0;
};

Result<std::unique_ptr<runtime::UdpSocket>> openFamily(const SocketBinding& binding, int family) {
    runtime::File handle(socket(family, SOCK_DGRAM, IPPROTO_UDP), "UDP socket");
    if (!handle.isOpen()) return runtime::osError(errno, "opening", "a UDP socket");
    auto udp = std::make_unique<MacUdpSocket>(std::move(handle), family);
    TRY_OK(udp->configure());
    TRY_OK(udp->bindTo(binding));
    return std::unique_ptr<runtime::UdpSocket>(std::move(udp));
}

} // namespace
} // namespace wherry::platform

namespace wherry::runtime {

bool UdpSocket::canSpanFamilies() {
    return false;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const SocketBinding& binding) {
    if (binding.families == SocketFamilies::Both)
        return makeError(Errc::Unsupported, "one UDP socket for both families");
    return platform::openFamily(binding, binding.families == SocketFamilies::Ipv4 ? AF_INET : AF_INET6);
}

} // namespace wherry::runtime

#include "runtime/udp_socket.h"

#include "platform/posix/socket_address.h"
#include "runtime/file.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace wherry::platform {

using codec::SocketAddress;
using quic::Path;
using runtime::ReceivedBatch;
using runtime::SendOutcome;
using runtime::UdpBinding;
using runtime::UdpFamilies;

namespace {

/// The kernel's bounds of one GSO send: segments (UDP_MAX_SEGMENTS was 64 until Linux 6.9), and bytes of one IP packet.
constexpr size_t kMaxSegmentsPerSend = 64;
constexpr size_t kMaxBytesPerSend = 65'000;

template <typename Value> int setOption(int socket, int level, int option, Value value) {
    return setsockopt(socket, level, option, &value, sizeof(value));
}

/// Room for packet info of either family, ECN of either family and the GSO or GRO size.
constexpr size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo)) +
                                2 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int));

/// Fills the control part of a message one item after another.
class ControlWriter {
  public:
    explicit ControlWriter(msghdr& message) : m_message(message) {
        m_message.msg_control = m_memory;
        m_message.msg_controllen = sizeof(m_memory);
        m_next = CMSG_FIRSTHDR(&m_message);
    }
    template <typename Value> void add(int level, int type, const Value& value) {
        m_next->cmsg_level = level;
        m_next->cmsg_type = type;
        m_next->cmsg_len = CMSG_LEN(sizeof(value));
        std::memcpy(CMSG_DATA(m_next), &value, sizeof(value));
        m_used += CMSG_SPACE(sizeof(value));
        m_next = CMSG_NXTHDR(&m_message, m_next);
    }
    void finish() {
        m_message.msg_controllen = m_used;
        if (m_used == 0) m_message.msg_control = nullptr;
    }

  private:
    msghdr& m_message;
    cmsghdr* m_next;
    size_t m_used = 0;
    alignas(cmsghdr) uint8_t m_memory[kControlSize]{};
};

template <typename Value> Value controlValue(const cmsghdr* header) {
    Value value{};
    std::memcpy(&value, CMSG_DATA(header), sizeof(value));
    return value;
}

class LinuxUdpSocket final : public runtime::UdpSocket {
  public:
    LinuxUdpSocket(runtime::File handle, UdpFamilies families, int family)
        : m_handle(std::move(handle)),
          m_families(families),
          m_family(family),
          m_buffer(runtime::kReceiveBuffer) {}

    Result<void> configure() {
        int socket = m_handle.native();
        bool v6 = m_family == AF_INET6;
        bool v4 = m_families != UdpFamilies::Ipv6;
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

    Result<void> bindTo(const UdpBinding& binding) {
        SocketAddress address{binding.ip, binding.port, binding.scope};
        if (binding.families == UdpFamilies::Both || binding.ip.isUnspecified())
            address = {m_family == AF_INET ? codec::IpAddress::v4({}) : codec::IpAddress::v6({}), binding.port, 0};
        sockaddr_storage storage;
        socklen_t length = toSystem(address, MappedIpv4::No, storage);
        if (bind(m_handle.native(), reinterpret_cast<sockaddr*>(&storage), length) < 0)
            return runtime::osError(errno, "listening on", address.text());
        length = sizeof(storage);
        if (getsockname(m_handle.native(), reinterpret_cast<sockaddr*>(&storage), &length) < 0)
            return runtime::osError(errno, "asking for the address of", address.text());
        m_local = fromSystem(reinterpret_cast<sockaddr*>(&storage));
        return {};
    }

    runtime::NativeSocket native() const override { return m_handle.native(); }
    SocketAddress localAddress() const override { return m_local; }
    UdpFamilies families() const override { return m_families; }
    bool joinsSends() const override { return m_joins; }

    std::optional<ReceivedBatch> receive() override {
        // Each error is one report of an earlier send; after so many something else is wrong, and the next wake tries
        // again.
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            iovec piece{m_buffer.data(), m_buffer.size()};
            sockaddr_storage from;
            alignas(cmsghdr) uint8_t control[kControlSize];
            msghdr message{};
            message.msg_name = &from;
            message.msg_namelen = sizeof(from);
            message.msg_iov = &piece;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = sizeof(control);
            ssize_t count = recvmsg(m_handle.native(), &message, MSG_DONTWAIT);
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
            if (count < 0 || (message.msg_flags & MSG_TRUNC)) continue;
            ReceivedBatch batch;
            batch.path.remote = fromSystem(reinterpret_cast<sockaddr*>(&from));
            batch.path.local = m_local;
            batch.bytes = ByteView(m_buffer.data(), static_cast<size_t>(count));
            batch.segmentSize = batch.bytes.size();
            readControl(message, batch);
            return batch;
        }
        return std::nullopt;
    }

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
    void readControl(msghdr& message, ReceivedBatch& batch) const {
        for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            int level = header->cmsg_level, type = header->cmsg_type;
            if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
                auto info = controlValue<in6_pktinfo>(header);
                batch.path.local.ip = fromSystem(info.ipi6_addr);
                bool scoped = !batch.path.local.ip.isV4() && batch.path.local.ip.isLinkLocal();
                batch.path.local.scope = scoped ? info.ipi6_ifindex : 0;
            } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
                batch.path.local.ip = fromSystem(controlValue<in_pktinfo>(header).ipi_addr);
            } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) {
                batch.ecn = static_cast<uint8_t>(controlValue<int>(header) & 3);
            } else if (level == IPPROTO_IP && type == IP_TOS) {
                batch.ecn = controlValue<uint8_t>(header) & 3;
            } else if (level == SOL_UDP && type == UDP_GRO) {
                int size = controlValue<int>(header);
                if (size > 0) batch.segmentSize = static_cast<size_t>(size);
            }
        }
    }

    SendOutcome sendOnce(const Path& path, uint8_t ecn, ByteView bytes, size_t segmentSize) const {
        sockaddr_storage to;
        iovec piece{const_cast<uint8_t*>(bytes.data()), bytes.size()};
        msghdr message{};
        message.msg_name = &to;
        message.msg_namelen = toSystem(path.remote, m_family == AF_INET6 ? MappedIpv4::Yes : MappedIpv4::No, to);
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        ControlWriter control(message);
        const bool remoteIsV4 = path.remote.ip.isV4();
        if (!path.local.ip.isUnspecified() && path.local.ip.isV4() == remoteIsV4) {
            if (m_family == AF_INET) {
                in_pktinfo info{};
                info.ipi_spec_dst = toSystem4(path.local.ip);
                control.add(IPPROTO_IP, IP_PKTINFO, info);
            } else {
                in6_pktinfo info{};
                info.ipi6_addr = toSystem6(path.local.ip);
                info.ipi6_ifindex = path.local.scope;
                control.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
            }
        }
        if (ecn != 0) control.add(remoteIsV4 ? IPPROTO_IP : IPPROTO_IPV6, remoteIsV4 ? IP_TOS : IPV6_TCLASS, int(ecn));
        if (bytes.size() > segmentSize) control.add(SOL_UDP, UDP_SEGMENT, static_cast<uint16_t>(segmentSize));
        control.finish();
        ssize_t count;
        do count = sendmsg(m_handle.native(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (count < 0 && errno == EINTR);
        if (count >= 0) return SendOutcome::Sent;
        // Without GSO the only invalid thing can be a local address that is not ours any more.
        if (errno == EINVAL && bytes.size() <= segmentSize) return SendOutcome::Unreachable;
        return outcomeOf(errno);
    }

    static SendOutcome outcomeOf(int problem) {
        switch (problem) {
        case EAGAIN:
            return SendOutcome::WouldBlock;
        case EMSGSIZE:
            return SendOutcome::MessageTooBig;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EADDRNOTAVAIL:
        case ENETDOWN:
        case EAFNOSUPPORT:
        case EPERM: // a firewall's rule
        case EACCES:
            return SendOutcome::Unreachable;
        default:
            return SendOutcome::Failed;
        }
    }

    runtime::File m_handle;
    UdpFamilies m_families;
    int m_family;
    bool m_joins = false;
    SocketAddress m_local;
    std::vector<uint8_t> m_buffer;
};

Result<std::unique_ptr<runtime::UdpSocket>> openFamily(const UdpBinding& binding, UdpFamilies families, int family) {
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

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const UdpBinding& binding) {
    if (binding.families == UdpFamilies::Ipv4) return platform::openFamily(binding, UdpFamilies::Ipv4, AF_INET);
    auto socket = platform::openFamily(binding, binding.families, AF_INET6);
    if (socket || binding.families == UdpFamilies::Ipv6) return socket;
    Errc code = socket.error().code;
    bool noIpv6 =
        code == Errc::Unsupported || code == Errc::InvalidArgument; // EAFNOSUPPORT; EADDRNOTAVAIL when switched off
    return noIpv6 ? platform::openFamily(binding, UdpFamilies::Ipv4, AF_INET) : std::move(socket);
}

} // namespace wherry::runtime

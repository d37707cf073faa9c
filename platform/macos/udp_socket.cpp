#include "runtime/udp_socket.h"

#include "platform/posix/socket_address.h"
#include "runtime/file.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

/// macOS has neither GSO nor GRO for UDP, so a datagram is a call. One difference to Linux decides the shape: IPv4
/// datagrams on an IPv6 socket come without packet info and ECN of their own, so there is one socket per family.
namespace wherry::platform {

using codec::SocketAddress;
using quic::Path;
using runtime::ReceivedBatch;
using runtime::SendOutcome;
using runtime::UdpBinding;
using runtime::UdpFamilies;

namespace {

template <typename Value> int setOption(int socket, int level, int option, Value value) {
    return setsockopt(socket, level, option, &value, sizeof(value));
}

class MacUdpSocket final : public runtime::UdpSocket {
  public:
    MacUdpSocket(runtime::File handle, int family)
        : m_handle(std::move(handle)),
          m_family(family),
          m_buffer(runtime::kReceiveBuffer) {}

    Result<void> configure() {
        int socket = m_handle.native();
        fcntl(socket, F_SETFD, FD_CLOEXEC);
        fcntl(socket, F_SETFL, O_NONBLOCK);
        bool good = true;
        if (m_family == AF_INET6) {
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
    UdpFamilies families() const override { return m_family == AF_INET ? UdpFamilies::Ipv4 : UdpFamilies::Ipv6; }
    bool joinsSends() const override { return false; }

    std::optional<ReceivedBatch> receive() override {
        for (int attempt = 0; attempt < runtime::kReceiveErrorsPerWake; ++attempt) {
            iovec piece{m_buffer.data(), m_buffer.size()};
            sockaddr_storage from;
            alignas(cmsghdr) uint8_t control[256];
            msghdr message{};
            message.msg_name = &from;
            message.msg_namelen = sizeof(from);
            message.msg_iov = &piece;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = sizeof(control);
            ssize_t count = recvmsg(m_handle.native(), &message, 0);
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
            SendOutcome outcome = sendOne(path, ecn, bytes.subspan(sent, length));
            if (outcome != SendOutcome::Sent) return outcome;
            sent += length;
        }
        return SendOutcome::Sent;
    }

  private:
    template <typename Value> static Value controlValue(cmsghdr* header) {
        Value value{};
        std::memcpy(&value, CMSG_DATA(header), sizeof(value));
        return value;
    }

    static void readControl(msghdr& message, ReceivedBatch& batch) {
        for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
                auto info = controlValue<in6_pktinfo>(header);
                batch.path.local.ip = fromSystem(info.ipi6_addr);
                batch.path.local.scope = batch.path.local.ip.isLinkLocal() ? info.ipi6_ifindex : 0;
            } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
                batch.path.local.ip = fromSystem(controlValue<in_pktinfo>(header).ipi_addr);
            } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS) {
                batch.ecn = static_cast<uint8_t>(controlValue<int>(header) & 3);
            } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVTOS) {
                batch.ecn = controlValue<uint8_t>(header) & 3;
            }
        }
    }

    template <typename Value>
    static void addControl(msghdr& message, uint8_t* memory, size_t capacity, int level, int type, const Value& value) {
        size_t used = message.msg_controllen;
        if (used + CMSG_SPACE(sizeof(value)) > capacity) return;
        auto* header = reinterpret_cast<cmsghdr*>(memory + used);
        header->cmsg_level = level;
        header->cmsg_type = type;
        header->cmsg_len = CMSG_LEN(sizeof(value));
        std::memcpy(CMSG_DATA(header), &value, sizeof(value));
        message.msg_control = memory;
        message.msg_controllen = static_cast<socklen_t>(used + CMSG_SPACE(sizeof(value)));
    }

    SendOutcome sendOne(const Path& path, uint8_t ecn, ByteView bytes) const {
        sockaddr_storage to;
        iovec piece{const_cast<uint8_t*>(bytes.data()), bytes.size()};
        alignas(cmsghdr) uint8_t control[128]{};
        msghdr message{};
        message.msg_name = &to;
        message.msg_namelen = toSystem(path.remote, MappedIpv4::No, to);
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        const bool v4 = m_family == AF_INET;
        if (!path.local.ip.isUnspecified() && path.local.ip.isV4() == v4) {
            if (v4) {
                in_pktinfo info{};
                info.ipi_spec_dst = toSystem4(path.local.ip);
                addControl(message, control, sizeof(control), IPPROTO_IP, IP_PKTINFO, info);
            } else {
                in6_pktinfo info{};
                info.ipi6_addr = toSystem6(path.local.ip);
                info.ipi6_ifindex = path.local.scope;
                addControl(message, control, sizeof(control), IPPROTO_IPV6, IPV6_PKTINFO, info);
            }
        }
        if (ecn != 0 && !v4) addControl(message, control, sizeof(control), IPPROTO_IPV6, IPV6_TCLASS, int(ecn));
        // IPv4 takes no IP_TOS as control data here; the option of the socket is set when the codepoint changes.
        if (v4 && ecn != m_tos && setOption(m_handle.native(), IPPROTO_IP, IP_TOS, int(ecn)) == 0) m_tos = ecn;
        ssize_t count;
        do count = sendmsg(m_handle.native(), &message, 0);
        while (count < 0 && errno == EINTR);
        return count >= 0 ? SendOutcome::Sent : outcomeOf(errno);
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
        case EACCES:
        case EPERM:
            return SendOutcome::Unreachable;
        default:
            return SendOutcome::Failed; // ENOBUFS too: the interface's queue is full, and the datagram is lost
        }
    }

    runtime::File m_handle;
    int m_family;
    mutable uint8_t m_tos = 0;
    SocketAddress m_local;
    std::vector<uint8_t> m_buffer;
};

Result<std::unique_ptr<runtime::UdpSocket>> openFamily(const UdpBinding& binding, int family) {
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

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const UdpBinding& binding) {
    if (binding.families == UdpFamilies::Both) return makeError(Errc::Unsupported, "one UDP socket for both families");
    return platform::openFamily(binding, binding.families == UdpFamilies::Ipv4 ? AF_INET : AF_INET6);
}

} // namespace wherry::runtime

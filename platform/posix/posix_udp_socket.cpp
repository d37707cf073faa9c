#include "platform/posix/posix_udp_socket.h"

#include "platform/posix/socket_address.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <netinet/in.h>

#include <cerrno>

namespace wherry::platform {

using codec::SocketAddress;
using quic::Path;
using runtime::ReceivedBatch;
using runtime::SendOutcome;
using runtime::SocketBinding;
using runtime::SocketFamilies;

namespace {

SendOutcome outcomeOf(int problem) {
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
        return SendOutcome::Failed; // ENOBUFS too: the interface's queue is full, and the datagram is lost
    }
}

} // namespace

PosixUdpSocket::PosixUdpSocket(runtime::File handle, SocketFamilies families, int family)
    : m_handle(std::move(handle)),
      m_families(families),
      m_family(family),
      m_buffer(runtime::kReceiveBuffer) {}

Result<void> PosixUdpSocket::bindTo(const SocketBinding& binding) {
    SocketAddress address{binding.ip, binding.port, binding.scope};
    if (binding.families == SocketFamilies::Both || binding.ip.isUnspecified())
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

std::optional<ReceivedBatch> PosixUdpSocket::receive() {
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
        const ssize_t count = recvmsg(m_handle.native(), &message, 0);
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

void PosixUdpSocket::readControl(msghdr& message, ReceivedBatch& batch) const {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        const int level = header->cmsg_level, type = header->cmsg_type;
        if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
            const auto info = controlValue<in6_pktinfo>(*header);
            batch.path.local.ip = fromSystem(info.ipi6_addr);
            const bool scoped = !batch.path.local.ip.isV4() && batch.path.local.ip.isLinkLocal();
            batch.path.local.scope = scoped ? info.ipi6_ifindex : 0;
        } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
            batch.path.local.ip = fromSystem(controlValue<in_pktinfo>(*header).ipi_addr);
        } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) {
            batch.ecn = static_cast<uint8_t>(controlValue<int>(*header) & 3);
        } else {
            readOwnControl(*header, batch);
        }
    }
}

void PosixUdpSocket::addSource(ControlWriter& control, const Path& path) const {
    if (path.local.ip.isUnspecified() || path.local.ip.isV4() != path.remote.ip.isV4()) return;
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

SendOutcome PosixUdpSocket::transmit(msghdr& message, const SocketAddress& remote, ByteView bytes) const {
    sockaddr_storage to;
    iovec piece{const_cast<uint8_t*>(bytes.data()), bytes.size()};
    message.msg_name = &to;
    message.msg_namelen = toSystem(remote, m_family == AF_INET6 ? MappedIpv4::Yes : MappedIpv4::No, to);
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    ssize_t count;
    do count = sendmsg(m_handle.native(), &message, 0);
    while (count < 0 && errno == EINTR);
    return count >= 0 ? SendOutcome::Sent : outcomeOf(errno);
}

} // namespace wherry::platform

#include "quic/sockaddr.h"

#include <arpa/inet.h>

#include <cstring>

namespace wherry::quic {

using codec::IpAddress;
using codec::SocketAddress;

ngtcp2_socklen toSockaddr(const SocketAddress& address, ngtcp2_sockaddr_union& out) {
    if (address.ip.isV4()) {
        out.in = {};
        out.in.sin_family = NGTCP2_AF_INET;
        out.in.sin_port = htons(address.port);
        std::memcpy(&out.in.sin_addr, address.ip.octets.data(), 4);
        return sizeof(out.in);
    }
    out.in6 = {};
    out.in6.sin6_family = NGTCP2_AF_INET6;
    out.in6.sin6_port = htons(address.port);
    std::memcpy(&out.in6.sin6_addr, address.ip.octets.data(), 16);
    out.in6.sin6_scope_id = address.scope;
    return sizeof(out.in6);
}

SocketAddress fromSockaddr(const ngtcp2_addr& address) {
    SocketAddress result;
    if (address.addrlen == 0) return result;
    ngtcp2_sockaddr_union native;
    std::memcpy(&native, address.addr, address.addrlen);
    if (native.sa.sa_family == NGTCP2_AF_INET) {
        result.ip.family = IpAddress::Family::V4;
        std::memcpy(result.ip.octets.data(), &native.in.sin_addr, 4);
        result.port = ntohs(native.in.sin_port);
    } else {
        result.ip.family = IpAddress::Family::V6;
        std::memcpy(result.ip.octets.data(), &native.in6.sin6_addr, 16);
        result.port = ntohs(native.in6.sin6_port);
        result.scope = native.in6.sin6_scope_id;
    }
    return result;
}

NativePath::NativePath(const Path& path) {
    ngtcp2_path_storage_zero(&m_storage);
    m_storage.path.local.addrlen = toSockaddr(path.local, m_storage.local_addrbuf);
    m_storage.path.remote.addrlen = toSockaddr(path.remote, m_storage.remote_addrbuf);
}

Path fromNative(const ngtcp2_path& path) {
    return {fromSockaddr(path.local), fromSockaddr(path.remote)};
}

} // namespace wherry::quic

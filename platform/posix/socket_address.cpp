#include "platform/posix/socket_address.h"

#include <algorithm>
#include <cstring>

namespace wherry::platform {

using codec::IpAddress;
using codec::SocketAddress;

in_addr toSystem4(const IpAddress& address) {
    in_addr out{};
    std::memcpy(&out, address.octets.data(), 4);
    return out;
}

in6_addr toSystem6(const IpAddress& address) {
    in6_addr out{};
    uint8_t* bytes = out.s6_addr;
    if (address.isV4()) {
        bytes[10] = bytes[11] = 0xFF;
        std::copy_n(address.octets.begin(), 4, bytes + 12);
    } else {
        std::copy_n(address.octets.begin(), 16, bytes);
    }
    return out;
}

IpAddress fromSystem(const in_addr& address) {
    std::array<uint8_t, 4> octets{};
    std::memcpy(octets.data(), &address, 4);
    return IpAddress::v4(octets);
}

IpAddress fromSystem(const in6_addr& address) {
    const uint8_t* bytes = address.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address)) return IpAddress::v4({bytes[12], bytes[13], bytes[14], bytes[15]});
    std::array<uint8_t, 16> octets{};
    std::copy_n(bytes, 16, octets.begin());
    return IpAddress::v6(octets);
}

socklen_t toSystem(const SocketAddress& address, MappedIpv4 mapped, sockaddr_storage& out) {
    out = {};
    if (address.ip.isV4() && mapped == MappedIpv4::No) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        v4.sin_addr = toSystem4(address.ip);
        std::memcpy(&out, &v4, sizeof(v4));
        return sizeof(v4);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_addr = toSystem6(address.ip);
    v6.sin6_scope_id = address.scope;
    std::memcpy(&out, &v6, sizeof(v6));
    return sizeof(v6);
}

SocketAddress fromSystem(const sockaddr* address) {
    SocketAddress out;
    if (address->sa_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, address, sizeof(v4));
        out.ip = fromSystem(v4.sin_addr);
        out.port = ntohs(v4.sin_port);
    } else if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, address, sizeof(v6));
        out.ip = fromSystem(v6.sin6_addr);
        out.port = ntohs(v6.sin6_port);
        out.scope = out.ip.isLinkLocal() ? v6.sin6_scope_id : 0;
    }
    return out;
}

} // namespace wherry::platform

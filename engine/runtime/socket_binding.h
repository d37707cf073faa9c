#pragma once

#include "codec/ip.h"

#include <cstdint>

namespace wherry::runtime {

#ifdef _WIN32
using NativeSocket = uintptr_t;
#else
using NativeSocket = int;
#endif

/// What a socket is bound to. Both: one socket for IPv6 and IPv4 at once, or for IPv4 alone where the system has no
/// IPv6. Ipv6 and Ipv4: that family only, so that 0.0.0.0 and :: can be listened on with the same port.
enum class SocketFamilies : uint8_t { Both, Ipv6, Ipv4 };
struct SocketBinding {
    SocketFamilies families = SocketFamilies::Both;
    codec::IpAddress ip{}; ///< unspecified: every interface; ignored for Both
    uint16_t port = 0;     ///< 0: any
    uint32_t scope = 0;    ///< interface of a link-local address
};

} // namespace wherry::runtime

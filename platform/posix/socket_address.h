#pragma once

#include "codec/ip.h"

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <netinet/in.h>
#include <sys/socket.h>
#endif

/// Between our addresses and the system's.
namespace wherry::platform {

enum class MappedIpv4 : uint8_t { No, Yes };

/// Returns the length used. `mapped`: an IPv4 address becomes ::ffff:a.b.c.d, for a socket of both families.
socklen_t toSystem(const codec::SocketAddress& address, MappedIpv4 mapped, sockaddr_storage& out);
/// Mapped IPv4 addresses become IPv4; an unknown family gives [::]:0.
codec::SocketAddress fromSystem(const sockaddr* address);
codec::IpAddress fromSystem(const in_addr& address);
/// Mapped addresses become IPv4.
codec::IpAddress fromSystem(const in6_addr& address);
in_addr toSystem4(const codec::IpAddress& address);
in6_addr toSystem6(const codec::IpAddress& address);

} // namespace wherry::platform

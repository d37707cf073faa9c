#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace wherry::codec {

/// An IPv4 or IPv6 address, without scope.
struct IpAddress {
    enum class Family : uint8_t { V4, V6 };
    Family family = Family::V6;
    /// V4 uses the first 4 bytes, the rest is zero.
    std::array<uint8_t, 16> octets{};

    auto operator<=>(const IpAddress&) const = default;
    bool isV4() const { return family == Family::V4; }
    ByteView bytes() const { return {octets.data(), isV4() ? 4u : 16u}; }
    bool isLoopback() const;
    bool isUnspecified() const;
    bool isMulticast() const;
    /// fe80::/10 or 169.254/16.
    bool isLinkLocal() const;
    /// RFC 1918, RFC 4193 (fc00::/7), RFC 6598 (100.64/10), loopback and link-local.
    bool isPrivate() const;
    /// Whether it can be anybody's on the internet: globally reachable unicast (IANA special-purpose registries), and no
    /// address that only wraps another (6to4, Teredo, NAT64), which could lead anywhere.
    bool isPublic() const;
    /// The prefix that budgets are counted by: the whole address for IPv4, the /64 for IPv6 (low 64 bits zeroed).
    IpAddress budgetPrefix() const;
    /// RFC 5952 for IPv6, dotted quad for IPv4.
    std::string text() const;

    static IpAddress v4(std::array<uint8_t, 4> octets);
    static IpAddress v6(std::array<uint8_t, 16> octets);
};

/// Accepts dotted quads without leading zeros and RFC 4291 text. ::ffff:a.b.c.d stays IPv6.
Result<IpAddress> parseIp(std::string_view text);

/// A UDP or TCP endpoint. `scope` is the interface index of a link-local IPv6 address, else 0.
struct SocketAddress {
    IpAddress ip;
    uint16_t port = 0;
    uint32_t scope = 0;

    auto operator<=>(const SocketAddress&) const = default;
    /// "192.0.2.1:4001", "[2001:db8::1]:4001", "[fe80::1%3]:4001".
    std::string text() const;
};

} // namespace wherry::codec

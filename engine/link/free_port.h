#pragma once

#include <cstdint>

namespace wherry::link {

/// Whether a stranger may have a node send to this port (SECURITY D10): none that a well-known service has, but for
/// 443, where nodes hide behind, and whose services are made for strangers.
constexpr bool isFreePort(uint16_t port) {
    constexpr uint16_t kFirstFreePort = 1024;
    constexpr uint16_t kHttpsPort = 443;
    return port >= kFirstFreePort || port == kHttpsPort;
}

} // namespace wherry::link

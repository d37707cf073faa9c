#include "peers/known_peer.h"

namespace wherry::peers {

std::string_view trustName(Trust trust) {
    switch (trust) {
    case Trust::Trusted:
        return "trusted";
    case Trust::Blocked:
        return "blocked";
    case Trust::Unknown:
        break;
    }
    return "unknown";
}

std::string_view deviceKindName(DeviceKind kind) {
    switch (kind) {
    case DeviceKind::Desktop:
        return "desktop";
    case DeviceKind::Laptop:
        return "laptop";
    case DeviceKind::Phone:
        return "phone";
    case DeviceKind::Tablet:
        return "tablet";
    case DeviceKind::Server:
        return "server";
    case DeviceKind::Unknown:
        break;
    }
    return "unknown";
}

DeviceKind deviceKindOf(uint32_t number) {
    return number <= static_cast<uint32_t>(DeviceKind::Server) ? static_cast<DeviceKind>(number) : DeviceKind::Unknown;
}

} // namespace wherry::peers

#include "runtime/device_kind.h"

#include <sys/sysctl.h>

#include <array>
#include <string_view>

namespace wherry::runtime {

/// "MacBookPro18,3" is a laptop, "Macmini9,1" is none. The models of the last years all begin with "Mac": what they are
/// the name does not tell.
peers::DeviceKind deviceKind() {
    std::array<char, 64> model{};
    size_t length = model.size();
    if (sysctlbyname("hw.model", model.data(), &length, nullptr, 0) != 0) return peers::DeviceKind::Unknown;
    const std::string_view name(model.data());
    if (name.starts_with("MacBook")) return peers::DeviceKind::Laptop;
    if (name.starts_with("iMac") || name.starts_with("Macmini") || name.starts_with("MacPro"))
        return peers::DeviceKind::Desktop;
    return peers::DeviceKind::Unknown;
}

} // namespace wherry::runtime

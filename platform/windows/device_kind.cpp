#include "runtime/device_kind.h"

#include <windows.h>

namespace wherry::runtime {

/// Whoever has a battery is carried around.
peers::DeviceKind deviceKind() {
    constexpr BYTE kNoBattery = 128;
    constexpr BYTE kUnknown = 255;
    SYSTEM_POWER_STATUS status{};
    if (!GetSystemPowerStatus(&status) || status.BatteryFlag == kUnknown) return peers::DeviceKind::Unknown;
    return (status.BatteryFlag & kNoBattery) != 0 ? peers::DeviceKind::Desktop : peers::DeviceKind::Laptop;
}

} // namespace wherry::runtime

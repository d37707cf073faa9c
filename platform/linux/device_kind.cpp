#include "runtime/device_kind.h"

#include <array>
#include <fstream>
#include <string>

namespace wherry::runtime {

namespace {

/// A few lines; more than that is not the file that was meant.
constexpr size_t kMaxFactBytes = 4096;

std::string contentOf(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, kMaxFactBytes> bytes{};
    file.read(bytes.data(), bytes.size());
    return std::string(bytes.data(), static_cast<size_t>(file.gcount()));
}

} // namespace

peers::DeviceKind deviceKind() {
    const std::string machineInfo = contentOf("/etc/machine-info");
    const std::string chassisType = contentOf("/sys/class/dmi/id/chassis_type");
    const std::string deviceTree = contentOf("/sys/firmware/devicetree/base/chassis-type");
    return kindOfChassis({machineInfo, chassisType, deviceTree});
}

} // namespace wherry::runtime

#include "runtime/device_kind.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace wherry::runtime {

namespace {

using peers::DeviceKind;

/// The words of hostnamectl and of the device tree. A VM or a container is none of these: it has no case.
DeviceKind kindOfWord(std::string_view word) {
    constexpr std::pair<std::string_view, DeviceKind> kWords[] = {
        {"desktop", DeviceKind::Desktop},    {"all-in-one", DeviceKind::Desktop}, {"laptop", DeviceKind::Laptop},
        {"convertible", DeviceKind::Laptop}, {"server", DeviceKind::Server},      {"tablet", DeviceKind::Tablet},
        {"handset", DeviceKind::Phone}};
    for (const auto& [name, kind] : kWords)
        if (name == word) return kind;
    return DeviceKind::Unknown;
}

DeviceKind kindOfNumber(uint32_t number) {
    switch (number) {
    case 3:  // desktop
    case 4:  // low profile desktop
    case 5:  // pizza box
    case 6:  // mini tower
    case 7:  // tower
    case 13: // all in one
    case 15: // space-saving
    case 16: // lunch box
    case 24: // sealed-case PC
    case 35: // mini PC
    case 36: // stick PC
        return DeviceKind::Desktop;
    case 8:  // portable
    case 9:  // laptop
    case 10: // notebook
    case 14: // sub notebook
    case 31: // convertible
    case 32: // detachable
        return DeviceKind::Laptop;
    case 11: // hand held
        return DeviceKind::Phone;
    case 30: // tablet
        return DeviceKind::Tablet;
    case 17: // main server chassis
    case 23: // rack mount chassis
    case 28: // blade
    case 29: // blade enclosure
        return DeviceKind::Server;
    default:
        return DeviceKind::Unknown;
    }
}

/// Without what stands around a word in a file of one line, or in quotation marks.
std::string_view trimmed(std::string_view text) {
    const auto isAround = [](char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '"' || c == '\'';
    };
    while (!text.empty() && isAround(text.front())) text.remove_prefix(1);
    while (!text.empty() && isAround(text.back())) text.remove_suffix(1);
    return text;
}

DeviceKind kindOfMachineInfo(std::string_view text) {
    constexpr std::string_view kKey = "CHASSIS=";
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        if (const auto line = text.substr(0, end); line.starts_with(kKey))
            return kindOfWord(trimmed(line.substr(kKey.size())));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return DeviceKind::Unknown;
}

} // namespace

DeviceKind kindOfChassis(const ChassisFacts& facts) {
    if (const auto said = kindOfMachineInfo(facts.machineInfo); said != DeviceKind::Unknown) return said;
    const std::string_view type = trimmed(facts.chassisType);
    uint32_t number = 0;
    const auto read = std::from_chars(type.data(), type.data() + type.size(), number);
    if (read.ec == std::errc() && read.ptr == type.data() + type.size())
        if (const auto built = kindOfNumber(number); built != DeviceKind::Unknown) return built;
    return kindOfWord(trimmed(facts.deviceTree));
}

} // namespace wherry::runtime

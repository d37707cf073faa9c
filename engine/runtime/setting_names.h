#pragma once

#include "runtime/settings.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

/// The words that stand for the choices of a setting.
namespace wherry::runtime {

template <typename T> using SettingName = std::pair<std::string_view, T>;

template <typename T> constexpr auto settingNames();

template <> constexpr auto settingNames<quic::CongestionControl>() {
    using quic::CongestionControl;
    return std::array<SettingName<CongestionControl>, 2>{
        {{"bbr", CongestionControl::Bbr}, {"cubic", CongestionControl::Cubic}}};
}
template <> constexpr auto settingNames<transfer::Accept>() {
    using transfer::Accept;
    return std::array<SettingName<Accept>, 3>{
        {{"ask", Accept::Ask}, {"all", Accept::All}, {"trusted", Accept::Trusted}}};
}
template <> constexpr auto settingNames<transfer::Conflict>() {
    using transfer::Conflict;
    return std::array<SettingName<Conflict>, 4>{{{"rename", Conflict::Rename},
                                                 {"replace", Conflict::Replace},
                                                 {"skip", Conflict::Skip},
                                                 {"fail", Conflict::Fail}}};
}
/// Unknown is what the system tells.
template <> constexpr auto settingNames<peers::DeviceKind>() {
    using peers::DeviceKind;
    return std::array<SettingName<DeviceKind>, 6>{{{"auto", DeviceKind::Unknown},
                                                   {"desktop", DeviceKind::Desktop},
                                                   {"laptop", DeviceKind::Laptop},
                                                   {"phone", DeviceKind::Phone},
                                                   {"tablet", DeviceKind::Tablet},
                                                   {"server", DeviceKind::Server}}};
}
template <> constexpr auto settingNames<relay::Access>() {
    using relay::Access;
    return std::array<SettingName<Access>, 2>{{{"everybody", Access::Everybody}, {"trusted", Access::Trusted}}};
}
template <> constexpr auto settingNames<LogLevel>() {
    return std::array<SettingName<LogLevel>, 6>{{{"trace", LogLevel::Trace},
                                                 {"debug", LogLevel::Debug},
                                                 {"info", LogLevel::Info},
                                                 {"warning", LogLevel::Warning},
                                                 {"error", LogLevel::Error},
                                                 {"off", LogLevel::Off}}};
}

template <> constexpr auto settingNames<Theme>() {
    return std::array<SettingName<Theme>, 4>{
        {{"system", Theme::System}, {"light", Theme::Light}, {"dark", Theme::Dark}, {"black", Theme::Black}}};
}

template <typename T> constexpr std::string_view settingName(T value) {
    for (const auto& [name, choice] : settingNames<T>())
        if (choice == value) return name;
    return {};
}

/// As a basic string of TOML.
inline std::string tomlString(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (byte < 0x20 || byte == 0x7f) {
            constexpr char kDigits[] = "0123456789ABCDEF";
            out += "\\u00";
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

} // namespace wherry::runtime

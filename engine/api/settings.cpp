#include "api/settings.h"

#include "base/assert.h"
#include "base/overloaded.h"
#include "runtime/node_runner.h"
#include "runtime/paths.h"
#include "runtime/settings_edit.h"
#include "runtime/settings_file.h"
#include "runtime/user_home.h"

#include <algorithm>

namespace wherry::api {

namespace {

SettingKind kindOf(const runtime::SettingSpec& spec) {
    using runtime::Settings;
    return std::visit(Overloaded{[](bool Settings::*) { return SettingKind::Switch; },
                                 [](uint32_t Settings::*) { return SettingKind::Number; },
                                 [](Duration Settings::*) { return SettingKind::Time; },
                                 [](link::BitRate Settings::*) { return SettingKind::Rate; },
                                 [](std::string Settings::*) { return SettingKind::Text; },
                                 [](runtime::FolderMember path) { return path.isFile ? SettingKind::Text : SettingKind::Folder; },
                                 [](std::vector<Multiaddr> Settings::*) { return SettingKind::Addresses; },
                                 [](auto) { return SettingKind::Choice; }},
                      spec.member);
}

const runtime::SettingSpec& specOf(std::string_view key) {
    const runtime::SettingSpec* spec = runtime::findSetting(key);
    ASSERT(spec);
    return *spec;
}

} // namespace

bool isSettingMistake(const Error& error) {
    const bool mistake = error.code == Errc::InvalidArgument || error.code == Errc::Malformed ||
                         error.code == Errc::TooLarge || error.code == Errc::NotFound;
    const auto table = runtime::settingsTable();
    return mistake && std::ranges::any_of(table, [&](const auto& spec) { return error.context.starts_with(spec.key); });
}

std::vector<SettingInfo> settingsTable() {
    std::vector<SettingInfo> table;
    for (const runtime::SettingSpec& spec : runtime::settingsTable())
        table.push_back({std::string(spec.key), std::string(spec.title), std::string(spec.help),
                         runtime::allowedText(spec), kindOf(spec), runtime::choicesOf(spec),
                         spec.applies == runtime::Applies::Live});
    return table;
}

std::string settingText(const LastingSettings& settings, std::string_view key) {
    return runtime::plainText(specOf(key), settings);
}

std::string settingsPath(const std::string& home, const std::string& file) {
    return file.empty() ? runtime::defaultSettingsPath(homeFolder(home)) : file;
}

Result<std::string> readSettingsText(const std::string& path) {
    return runtime::readSettingsText(path);
}

Result<LastingSettings> parseSettings(std::string_view text, const std::string& path) {
    return runtime::parseSettings(text, path);
}

Result<std::string> editSettings(std::string_view text, const LastingSettings& settings, std::string_view key) {
    const runtime::SettingSpec& spec = specOf(key);
    const std::string value = runtime::valueText(spec, settings);
    return runtime::editSettings(text, spec, value == runtime::valueText(spec, LastingSettings{}) ? "" : value);
}

Result<void> replaceSettingsText(const std::string& path, std::string_view before, std::string_view after) {
    return runtime::replaceSettingsText(path, before, after);
}

Result<LastingSettings> readSettings(const std::string& home, const std::string& file) {
    if (!file.empty()) return runtime::readSettings(file, runtime::WhenMissing::Fail);
    const std::string folder = homeFolder(home);
    if (folder.empty()) return LastingSettings(); // opening it says what is wrong
    return runtime::readSettings(runtime::defaultSettingsPath(folder), runtime::WhenMissing::Defaults);
}

Result<LastingSettings> readSettings(const std::string& home, const std::string& file,
                                     const std::vector<std::string>& assignments) {
    TRY(LastingSettings settings, readSettings(home, file));
    for (const std::string& assignment : assignments) TRY_OK(changeSetting(settings, assignment));
    return settings;
}

Result<void> changeSetting(LastingSettings& settings, std::string_view assignment) {
    return runtime::setSetting(settings, assignment);
}

std::string homeFolder(const std::string& home) {
    return home.empty() ? runtime::defaultHome() : home;
}

std::string userHome() {
    return runtime::userHome();
}

std::string deviceName(const LastingSettings& settings) {
    return runtime::deviceName(settings.alias);
}

std::vector<SettingChange> changesBetween(const LastingSettings& before, const LastingSettings& after) {
    std::vector<SettingChange> changes;
    for (auto& change : runtime::changesBetween(before, after))
        changes.push_back({std::string(change.spec->key), std::move(change.before), std::move(change.after),
                           change.spec->applies == runtime::Applies::Live});
    return changes;
}

} // namespace wherry::api

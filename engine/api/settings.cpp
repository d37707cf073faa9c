#include "api/settings.h"

#include "runtime/node_runner.h"
#include "runtime/paths.h"
#include "runtime/settings_file.h"
#include "runtime/user_home.h"

namespace wherry::api {

Result<LastingSettings> readSettings(const std::string& home, const std::string& file) {
    if (!file.empty()) return runtime::readSettings(file, runtime::WhenMissing::Fail);
    const std::string folder = homeFolder(home);
    if (folder.empty()) return LastingSettings(); // opening it says what is wrong
    return runtime::readSettings(runtime::defaultSettingsPath(folder), runtime::WhenMissing::Defaults);
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

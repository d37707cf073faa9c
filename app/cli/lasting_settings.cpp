#include "cli/lasting_settings.h"

#include <algorithm>
#include <utility>

namespace wherry::cli {

namespace {

api::Result<LastingSettings> withAssignments(api::LastingSettings file, const Arguments& arguments) {
    LastingSettings lasting{file, std::move(file)};
    for (const std::string& assignment : arguments.assignments)
        if (const auto changed = api::changeSetting(lasting.settings, assignment); !changed) return changed.error();
    return lasting;
}

} // namespace

api::Result<LastingSettings> lastingSettings(const Arguments& arguments) {
    auto file = api::readSettings(arguments.home, arguments.configFile);
    if (!file) return file.error();
    return withAssignments(std::move(*file), arguments);
}

LastingSettings settingsWithoutFile(const Arguments& arguments) {
    return withAssignments({}, arguments).value_or(LastingSettings()); // the command line was checked when it was read
}

Arguments optionDefaults(const LastingSettings& lasting) {
    const api::LastingSettings& settings = lasting.settings;
    Arguments arguments;
    arguments.settings = settings;
    arguments.fileSettings = lasting.file;
    arguments.logLevel = settings.logLevel;
    arguments.accept = settings.accept;
    arguments.conflict = settings.conflict;
    if (!settings.out.empty()) arguments.out = settings.out;
    return arguments;
}

std::vector<KeptSetting> keptSettings(const api::LastingSettings& before, const Arguments& now) {
    const auto inForce = api::changesBetween(now.fileSettings, now.settings);
    std::vector<KeptSetting> kept;
    for (const api::SettingChange& change : api::changesBetween(before, now.fileSettings)) {
        const auto beaten = std::ranges::find(inForce, change.key, &api::SettingChange::key);
        if (beaten != inForce.end()) kept.push_back({change.key, beaten->after, change.after});
    }
    return kept;
}

} // namespace wherry::cli

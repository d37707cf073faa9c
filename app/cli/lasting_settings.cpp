#include "cli/lasting_settings.h"

namespace wherry::cli {

api::Result<api::LastingSettings> lastingSettings(const Arguments& arguments) {
    TRY(auto settings, api::readSettings(arguments.home, arguments.configFile));
    for (const std::string& assignment : arguments.assignments) TRY_OK(api::changeSetting(settings, assignment));
    return settings;
}

Arguments optionDefaults(const api::LastingSettings& settings) {
    Arguments arguments;
    arguments.settings = settings;
    arguments.logLevel = settings.logLevel;
    arguments.accept = settings.accept;
    arguments.conflict = settings.conflict;
    if (!settings.out.empty()) arguments.out = settings.out;
    return arguments;
}

} // namespace wherry::cli

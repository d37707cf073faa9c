#include "cli/lasting_settings.h"

namespace wherry::cli {

api::Result<api::LastingSettings> lastingSettings(const Arguments& arguments) {
    return api::readSettings(arguments.home, arguments.configFile, arguments.assignments);
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

#pragma once

#include "cli/arguments.h"

#include <string>
#include <vector>

namespace wherry::cli {

/// What lasts: `file` as it says, and `settings` with the changes of `--set` on top.
struct LastingSettings {
    api::LastingSettings file;
    api::LastingSettings settings;
};

/// The settings of the file that the command line names, or of the one in the home, with the changes of `--set`. What
/// the file says that has an option of its own too is a default for that option. Errors as api::readSettings().
api::Result<LastingSettings> lastingSettings(const Arguments& arguments);
/// The same as if there were no file.
LastingSettings settingsWithoutFile(const Arguments& arguments);
/// The defaults of options, as the settings have them.
Arguments optionDefaults(const LastingSettings& lasting);

/// A setting to which the file gives another value than before, while the command line decides.
struct KeptSetting {
    std::string key;
    std::string value;  ///< of the command line, as the file would write it
    std::string inFile; ///< what the file says now
};
/// `before`: what the file said; `now`: after it was read again.
std::vector<KeptSetting> keptSettings(const api::LastingSettings& before, const Arguments& now);

} // namespace wherry::cli

#pragma once

#include "api/types.h"
#include "runtime/settings.h"

#include <string>
#include <string_view>
#include <vector>

/// The settings that last, as programs see them: from the file, changed by a command line, taken up by an engine.
namespace wherry::api {

using LastingSettings = runtime::Settings;

/// Reads `file`, which must exist; without one the wherry.toml of `home` (empty: the platform's folder), if there is
/// one. Errors name file, line, column, key and what is allowed. InvalidArgument, Malformed, TooLarge: what it says;
/// others: the file cannot be read.
Result<LastingSettings> readSettings(const std::string& home, const std::string& file);
/// `KEY=VALUE`, as in `limits.upload=10 Mbit/s`.
Result<void> changeSetting(LastingSettings& settings, std::string_view assignment);

/// Where an engine with this --home (empty: the platform's folder) keeps its key and records. Empty: nobody says where.
std::string homeFolder(const std::string& home);

/// The home folder of this user: what HOME says, otherwise what the system knows; empty when neither does.
std::string userHome();

/// What others find an engine with these settings under; empty: nothing.
std::string deviceName(const LastingSettings& settings);

/// A setting that has another value than the engine started with.
struct SettingChange {
    std::string key;
    std::string before; ///< as the file writes it
    std::string after;
    bool live = false; ///< in force now; otherwise after the next start
};

/// The settings whose values differ, in the order of the documented file.
std::vector<SettingChange> changesBetween(const LastingSettings& before, const LastingSettings& after);

} // namespace wherry::api

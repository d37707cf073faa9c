#pragma once

#include "api/types.h"
#include "runtime/settings.h"

#include <string>
#include <string_view>
#include <vector>

/// The settings that last, as programs see them: from the file, changed by a command line, taken up by an engine.
namespace wherry::api {

using LastingSettings = runtime::Settings;
using runtime::Theme;

/// Reads `file`, which must exist; without one the wherry.toml of `home` (empty: the platform's folder), if there is
/// one. Errors name file, line, column, key and what is allowed. InvalidArgument, Malformed, TooLarge: what it says;
/// others: the file cannot be read.
Result<LastingSettings> readSettings(const std::string& home, const std::string& file);
/// The same, with `assignments` (changeSetting) on top: what a command line says.
Result<LastingSettings> readSettings(const std::string& home, const std::string& file,
                                     const std::vector<std::string>& assignments);
/// Whether an error of start() is a mistake in what a setting says, with whose name it begins, and not of this system.
bool isSettingMistake(const Error& error);
/// `KEY=VALUE`, as in `limits.upload=10 Mbit/s`.
Result<void> changeSetting(LastingSettings& settings, std::string_view assignment);

/// What a setting takes, by which a page chooses how to ask for it.
enum class SettingKind { Switch, Number, Time, Rate, Choice, Text, Folder, Addresses };

/// One setting, as its one table has it.
struct SettingInfo {
    std::string key;     ///< "limits.upload": table and name in the file
    std::string title;   ///< a few words
    std::string help;    ///< one or two sentences
    std::string allowed; ///< `1 to 10000`, `"bbr" or "cubic"`
    SettingKind kind = SettingKind::Text;
    std::vector<std::string> choices; ///< of a Choice
    bool live = false;                ///< a running engine takes a change up
};
/// In the order of the documented file.
std::vector<SettingInfo> settingsTable();
/// The value as a person types it and changeSetting() reads it; `key` is in the table.
std::string settingText(const LastingSettings& settings, std::string_view key);

/// The file that readSettings() reads.
std::string settingsPath(const std::string& home, const std::string& file);
/// What it says, as it stands; a missing one is empty.
Result<std::string> readSettingsText(const std::string& path);
/// `path`: for messages. Errors as readSettings().
Result<LastingSettings> parseSettings(std::string_view text, const std::string& path);
/// The text with one setting as in `settings`, or, where that is the default, without it; every other byte stays.
/// Malformed: no TOML; Unsupported: in a form that only a person can change.
Result<std::string> editSettings(std::string_view text, const LastingSettings& settings, std::string_view key);
/// Puts `after` in the place of the file, whole or not at all. SourceChanged: it does not say `before` any more.
Result<void> replaceSettingsText(const std::string& path, std::string_view before, std::string_view after);

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

#pragma once

#include "base/result.h"
#include "runtime/settings.h"
#include "runtime/settings_table.h"

#include <string>
#include <string_view>
#include <vector>

/// Settings as a TOML file that people write. Nothing in it is ever guessed: an unknown key, a value out of range or a
/// broken line is an error that names file, line, column, key and what is allowed, and the whole file counts for
/// nothing.
namespace wherry::runtime {

/// HOME/wherry.toml.
std::string defaultSettingsPath(const std::string& home);

/// `name`: of the file, for messages. What the text does not mention keeps the product's default. InvalidArgument:
/// "wherry.toml:12:1: limits.max_connections = 0: allowed 1 to 10000 (and 2 more errors)"; Malformed; TooLarge.
Result<Settings> parseSettings(std::string_view text, std::string_view name);

/// A missing file is an error when the person has named it, and an empty one when it is the default.
enum class WhenMissing : uint8_t { Fail, Defaults };
/// Also NotFound, PermissionDenied, Io.
Result<Settings> readSettings(const std::string& path, WhenMissing missing);

/// What the file says, as it stands; a missing one is empty. PermissionDenied, Io, TooLarge.
Result<std::string> readSettingsText(const std::string& path);
/// Puts `after` in the place of the file, whole or not at all. SourceChanged: it no longer says `before`, and is left
/// as it is. PermissionDenied, Io: it cannot be written.
Result<void> replaceSettingsText(const std::string& path, std::string_view before, std::string_view after);

/// The file that comes with the program: every setting with its explanation, commented out at its default.
std::string documentedSettings();

struct SettingChange {
    const SettingSpec* spec;
    std::string before; ///< as TOML writes it
    std::string after;
};
/// The settings whose values differ, in the order of the table.
std::vector<SettingChange> changesBetween(const Settings& before, const Settings& after);

} // namespace wherry::runtime

#pragma once

#include "base/result.h"
#include "runtime/settings_table.h"

#include <string>
#include <string_view>
#include <vector>

namespace wherry::runtime {

/// Of a character, both from 1; columns count characters, not bytes.
struct TomlPlace {
    uint32_t line = 0;
    uint32_t column = 0;
};

/// One `key = value` of a file, with the whole dotted key and where it stands.
struct TomlEntry {
    std::string key;
    SettingValue value;
    uint32_t line = 0;
    uint32_t column = 0;
    TomlPlace valueBegin{};
    TomlPlace valueEnd{}; ///< behind it
};

/// ForeignValue::kind of an empty table; others show as their values.
inline constexpr std::string_view kTableKind = "a table";

/// Reads TOML 1.0 into its values, in the order of the file; bounded by kMaxSettings*. Malformed: "12:3: ..." with line
/// and column. The only place that knows the TOML library.
Result<std::vector<TomlEntry>> parseToml(std::string_view text);

} // namespace wherry::runtime

#pragma once

#include "base/result.h"
#include "runtime/settings_table.h"

#include <string>
#include <string_view>
#include <vector>

namespace wherry::runtime {

/// One `key = value` of a file, with the whole dotted key and where it stands.
struct TomlEntry {
    std::string key;
    SettingValue value;
    uint32_t line = 0;
    uint32_t column = 0;
};

/// ForeignValue::kind of an empty table; others show as their values.
inline constexpr std::string_view kTableKind = "a table";

/// Reads TOML 1.0 into its values, in the order of the file; bounded by kMaxSettings*. Malformed: "12:3: ..." with line
/// and column. The only place that knows the TOML library.
Result<std::vector<TomlEntry>> parseToml(std::string_view text);

} // namespace wherry::runtime

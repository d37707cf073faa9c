#pragma once

#include "base/result.h"
#include "runtime/settings_table.h"

#include <string>
#include <string_view>

namespace wherry::runtime {

/// The text of a settings file with one setting changed and every other byte as the person has written it: comments,
/// order, keys that nobody knows, ends of lines. `value`: as TOML writes it; empty: the file says nothing about it any
/// more, or the default where its place needs a value. Malformed: the text is no TOML ("12:3: ..."). Unsupported: it
/// stands in a form that cannot be changed without changing more; for the person to edit.
Result<std::string> editSettings(std::string_view text, const SettingSpec& spec, std::string_view value);

} // namespace wherry::runtime

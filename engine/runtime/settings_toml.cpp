#include "runtime/settings_toml.h"

#include "base/utf8.h"
#include "runtime/runtime_limits.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
// kMaxSettingsNesting
#define TOML_MAX_NESTED_VALUES 8
#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace wherry::runtime {

static_assert(TOML_MAX_NESTED_VALUES == kMaxSettingsNesting);

namespace {

Error at(uint32_t line, uint32_t column, std::string_view what) {
    return makeError(Errc::Malformed, std::to_string(line) + ":" + std::to_string(column) + ": " + std::string(what));
}

/// What the library would take, but costs it more than a settings file is worth, or shows nowhere.
Result<void> checkText(std::string_view text) {
    if (text.size() > kMaxSettingsFile)
        return makeError(Errc::TooLarge, "1:1: the file has " + std::to_string(text.size()) + " bytes; allowed are " +
                                             std::to_string(kMaxSettingsFile));
    uint32_t line = 1;
    for (size_t begin = 0; begin <= text.size(); ++line) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        if (end - begin > kMaxSettingsLine)
            return at(line, kMaxSettingsLine + 1,
                      "the line is longer than " + std::to_string(kMaxSettingsLine) + " bytes");
        for (size_t i = begin; i < end;) {
            const Utf8Step step = readUtf8(text.substr(i, end - i));
            if (!step.character) return at(line, static_cast<uint32_t>(i - begin + 1), "this is not UTF-8 text");
            i += step.length;
        }
        begin = end + 1;
    }
    return {};
}

SettingValue valueOf(const toml::node& node) {
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* text = node.as_string()) return text->get();
    if (node.is_floating_point()) return ForeignValue{"a fraction"};
    if (node.is_table()) return ForeignValue{kTableKind};
    const toml::array* array = node.as_array();
    if (!array) return ForeignValue{"a date or time"};
    std::vector<std::string> list;
    for (const toml::node& one : *array) {
        if (!one.is_string()) return ForeignValue{"[...]"};
        list.push_back(one.as_string()->get());
    }
    return list;
}

void collect(const toml::table& table, const std::string& prefix, std::vector<TomlEntry>& entries) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        const toml::table* below = node.as_table();
        if (below && !below->empty())
            collect(*below, name + ".", entries);
        else
            entries.push_back({name, valueOf(node), key.source().begin.line, key.source().begin.column});
    }
}

} // namespace

Result<std::vector<TomlEntry>> parseToml(std::string_view text) {
    TRY_OK(checkText(text));
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const toml::source_position& where = parsed.error().source().begin;
        return at(where.line, where.column, parsed.error().description());
    }
    std::vector<TomlEntry> entries;
    collect(parsed.table(), {}, entries);
    std::ranges::sort(entries, {}, [](const TomlEntry& entry) { return std::tie(entry.line, entry.column); });
    return entries;
}

} // namespace wherry::runtime

#include "runtime/settings_edit.h"

#include "base/utf8.h"
#include "runtime/settings_toml.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

/// TOML has many ways to say the same, and a text that is only looked at by line can be read wrongly. So every way to
/// make the change is only tried: the first whose result reads as wanted, and as before in all else, is taken.
namespace wherry::runtime {

namespace {

using Values = std::map<std::string, SettingValue, std::less<>>;

/// Empty tables come and go with what stands in them.
Values valuesOf(const std::vector<TomlEntry>& entries) {
    Values values;
    for (const TomlEntry& entry : entries) {
        const auto* foreign = std::get_if<ForeignValue>(&entry.value);
        if (!foreign || foreign->kind != kTableKind) values.emplace(entry.key, entry.value);
    }
    return values;
}

std::string_view blanksTrimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r";
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

class Editor {
  public:
    Editor(std::string_view text, const SettingSpec& spec)
        : m_text(text),
          m_key(spec.key),
          m_table(spec.key.substr(0, spec.key.find('.'))),
          m_name(spec.key.substr(spec.key.find('.') + 1)),
          m_default(valueText(spec, Settings{})),
          m_lineEnd(text.find("\r\n") == text.npos ? "\n" : "\r\n") {
        for (size_t begin = 0; begin <= text.size();) {
            m_lines.push_back(begin);
            begin = std::min(text.find('\n', begin), text.size()) + 1;
        }
    }

    Result<std::string> edit(std::string_view value) {
        TRY(m_entries, parseToml(m_text));
        const auto found = std::ranges::find(m_entries, m_key, &TomlEntry::key);
        if (found == m_entries.end() && value.empty()) return std::string(m_text);
        if (found == m_entries.end()) return added(value);
        const bool severalLines = found->valueBegin.line != found->valueEnd.line;
        if (severalLines && between(found->valueBegin, found->valueEnd).find('#') != std::string_view::npos)
            return hopeless();
        if (value.empty())
            if (auto text = removed(*found)) return std::move(*text);
        const std::string_view there = value.empty() ? std::string_view(m_default) : value;
        return orHopeless(checked(at(found->valueBegin), at(found->valueEnd), there, there));
    }

  private:
    using Candidate = std::optional<std::string>;

    Error hopeless() const {
        return makeError(Errc::Unsupported, std::string(m_key) + " is written in a way that only you can change");
    }
    Result<std::string> orHopeless(Candidate text) const {
        if (!text) return hopeless();
        return std::move(*text);
    }

    /// The byte at which a place stands.
    size_t at(TomlPlace place) const {
        if (place.line == 0 || place.line > m_lines.size()) return m_text.size();
        size_t where = m_lines[place.line - 1];
        for (uint32_t column = 1; column < place.column && where < m_text.size(); ++column)
            where += std::max<size_t>(readUtf8(m_text.substr(where)).length, 1);
        return where;
    }
    std::string_view between(TomlPlace begin, TomlPlace end) const {
        return m_text.substr(at(begin), std::max(at(end), at(begin)) - at(begin));
    }
    size_t lineBegin(size_t line) const { return line < m_lines.size() ? m_lines[line] : m_text.size(); }
    std::string_view lineText(size_t line) const {
        std::string_view text = m_text.substr(m_lines[line], lineBegin(line + 1) - m_lines[line]);
        if (text.ends_with('\n')) text.remove_suffix(1);
        return blanksTrimmed(text);
    }

    /// The text with `fresh` in the place of a part, if it then says `value` (empty: nothing) and all else as before.
    Candidate checked(size_t begin, size_t end, std::string_view fresh, std::string_view value) const {
        if (begin > end) return std::nullopt;
        std::string text(m_text.substr(0, begin));
        text += fresh;
        text += m_text.substr(end);
        const auto entries = parseToml(text);
        if (!entries) return std::nullopt;
        Values wanted = valuesOf(m_entries);
        wanted.erase(std::string(m_key));
        if (!value.empty()) {
            const auto alone = parseToml("x = " + std::string(value));
            if (!alone || alone->size() != 1) return std::nullopt;
            wanted.emplace(m_key, alone->front().value);
        }
        if (valuesOf(*entries) != wanted) return std::nullopt;
        return text;
    }

    /// Without the whole line, or with what a person has remarked on it alone.
    Candidate removed(const TomlEntry& entry) const {
        const size_t begin = lineBegin(entry.line - 1);
        const size_t valueEnd = at(entry.valueEnd);
        const size_t end = std::min(m_text.find('\n', valueEnd), m_text.size());
        const std::string_view rest = blanksTrimmed(m_text.substr(valueEnd, end - valueEnd));
        if (rest.empty()) return checked(begin, std::min(end + 1, m_text.size()), {}, {});
        if (!rest.starts_with('#')) return std::nullopt;
        return checked(begin, m_text.find('#', valueEnd), {}, {});
    }

    // --- a setting that the file does not mention
    // ---------------------------------------------------------------------

    Result<std::string> added(std::string_view value) const {
        const std::string whole = std::string(m_name) + " = " + std::string(value);
        if (const auto header = headerLine()) {
            if (const auto remark = commentedLine(*header))
                if (auto text = afterLine(*remark, whole, value)) return std::move(*text);
            if (auto text = afterLine(lastLine(*header), whole, value)) return std::move(*text);
        }
        const std::string prefix = std::string(m_table) + ".";
        const auto sibling =
            std::ranges::find_if(m_entries, [&](const auto& one) { return one.key.starts_with(prefix); });
        if (sibling != m_entries.end())
            if (auto text = afterLine(sibling->valueEnd.line - 1, prefix + whole, value)) return std::move(*text);
        const std::string gap = m_text.empty() ? "" : m_text.ends_with('\n') ? m_lineEnd : m_lineEnd + m_lineEnd;
        const std::string table = gap + "[" + std::string(m_table) + "]" + m_lineEnd + whole + m_lineEnd;
        return orHopeless(checked(m_text.size(), m_text.size(), table, value));
    }

    Candidate afterLine(size_t line, const std::string& fresh, std::string_view value) const {
        const size_t where = lineBegin(line + 1);
        const bool open = where == m_text.size() && !m_text.ends_with('\n');
        return checked(where, where, open ? m_lineEnd + fresh : fresh + m_lineEnd, value);
    }
    /// `[table]`
    std::optional<size_t> headerLine() const {
        for (size_t line = 0; line < m_lines.size(); ++line) {
            std::string words(lineText(line).substr(0, lineText(line).find('#')));
            std::erase_if(words, [](char c) { return c == ' ' || c == '\t'; });
            if (words == "[" + std::string(m_table) + "]") return line;
        }
        return std::nullopt;
    }
    size_t sectionEnd(size_t header) const {
        size_t line = header + 1;
        while (line < m_lines.size() && !lineText(line).starts_with('[')) ++line;
        return line;
    }
    /// `#name = ...`, as the documented file has it.
    std::optional<size_t> commentedLine(size_t header) const {
        const size_t end = sectionEnd(header);
        for (size_t line = header + 1; line < end; ++line) {
            std::string_view text = lineText(line);
            if (!text.starts_with('#')) continue;
            text = blanksTrimmed(text.substr(1));
            if (text.starts_with(m_name) && blanksTrimmed(text.substr(m_name.size())).starts_with('=')) return line;
        }
        return std::nullopt;
    }
    /// The last of the table that says something.
    size_t lastLine(size_t header) const {
        const size_t end = sectionEnd(header);
        size_t last = header;
        for (const TomlEntry& entry : m_entries)
            if (entry.line > header && entry.valueEnd.line <= end)
                last = std::max<size_t>(last, entry.valueEnd.line - 1);
        return last;
    }

    const std::string_view m_text;
    const std::string_view m_key;
    const std::string_view m_table;
    const std::string_view m_name;
    const std::string m_default;
    const std::string m_lineEnd;
    std::vector<size_t> m_lines; ///< where each begins
    std::vector<TomlEntry> m_entries;
};

} // namespace

Result<std::string> editSettings(std::string_view text, const SettingSpec& spec, std::string_view value) {
    return Editor(text, spec).edit(value);
}

} // namespace wherry::runtime

#include "cli/json_line.h"

#include "cli/quantity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace wherry::cli {

namespace {

/// One decoded character; `length` 0: the first byte does not begin valid UTF-8 (RFC 3629: no overlong forms, no
/// surrogates).
struct Decoded {
    char32_t character = 0;
    size_t length = 0;
};

Decoded decodeFirst(std::string_view text) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1};
    const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                          : first >= 0xE0 && first <= 0xEF ? 3
                          : first >= 0xF0 && first <= 0xF4 ? 4
                                                           : 0;
    if (length == 0 || text.size() < length) return {};
    char32_t character = first & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        character = character << 6 | (byte(i) & 0x3Fu);
    }
    constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    return character < kSmallest[length] || surrogate || character > 0x10FFFF ? Decoded{} : Decoded{character, length};
}

/// Characters that are invisible or turn the text around on a terminal.
bool mustEscape(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

void appendUnit(std::string& out, unsigned unit) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[unit >> shift & 15];
}

void appendEscaped(std::string& out, char32_t c) {
    if (c < 0x10000) return appendUnit(out, c);
    appendUnit(out, 0xD800 + ((c - 0x10000) >> 10));
    appendUnit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
}

} // namespace

bool isValidUtf8(std::string_view text) {
    while (!text.empty()) {
        const size_t length = decodeFirst(text).length;
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string jsonString(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto [character, length] = decodeFirst(text);
        if (length == 0)
            out += "\\ufffd";
        else if (character == '"')
            out += "\\\"";
        else if (character == '\\')
            out += "\\\\";
        else if (character == '\n')
            out += "\\n";
        else if (character == '\t')
            out += "\\t";
        else if (mustEscape(character))
            appendEscaped(out, character);
        else
            out += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out + '"';
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t have = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = 0;
        for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (size_t k = 0; k < 4; ++k) out += k <= have ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

std::string& JsonLine::field(std::string_view name) {
    if (!m_fields.empty()) m_fields += ',';
    m_fields += jsonString(name) + ":";
    return m_fields;
}

JsonLine& JsonLine::text(std::string_view name, std::string_view value) {
    field(name) += jsonString(value);
    return *this;
}

JsonLine& JsonLine::bytes(std::string_view name, std::string_view value) {
    text(name, value);
    if (!isValidUtf8(value)) text(std::string(name) + "Base64", base64(value));
    return *this;
}

JsonLine& JsonLine::count(std::string_view name, uint64_t value) {
    field(name) += std::to_string(value);
    return *this;
}

JsonLine& JsonLine::decimal(std::string_view name, double value, int decimals) {
    field(name) += std::isfinite(value) ? decimalText(value, decimals) : std::string("null");
    return *this;
}

JsonLine& JsonLine::flag(std::string_view name, bool value) {
    field(name) += value ? "true" : "false";
    return *this;
}

JsonLine& JsonLine::texts(std::string_view name, const std::vector<std::string>& values) {
    std::string& out = field(name) += '[';
    for (size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ",") + jsonString(values[i]);
    out += ']';
    return *this;
}

JsonLine& JsonLine::objects(std::string_view name, const std::vector<JsonLine>& values) {
    std::string& out = field(name) += '[';
    for (size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ",") + values[i].str();
    out += ']';
    return *this;
}

} // namespace wherry::cli

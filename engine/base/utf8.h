#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wherry {

/// One step of reading text of unknown quality: a character, or one byte that is not part of any.
struct Utf8Step {
    std::optional<char32_t> character; ///< empty: the byte at the front is not UTF-8
    size_t length = 1;                 ///< bytes read, 1..4
};

/// Reads the front of `text`, which is not empty. Strict (RFC 3629): no overlong forms, no surrogates, nothing above
/// U+10FFFF.
Utf8Step readUtf8(std::string_view text);
/// Appends one character; at most U+10FFFF.
void appendUtf8(std::string& to, char32_t character);
bool isUtf8(std::string_view text);

} // namespace wherry

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wherry {

/// Characters that one text from a peer may take on a screen or in a log line: a path of ordinary depth fits whole.
inline constexpr size_t kMaxDisplayText = 512;

/// Text from a peer made safe to print (SECURITY.md rule 7, A12 and A13): control characters and escape sequences,
/// bidirectional marks, zero-width and other invisible characters, tag characters, private use and noncharacters become
/// `\u{202e}`; bytes that are not UTF-8 become `\xff`; a backslash becomes two, so that two different texts never look
/// alike. At most `maxLength` characters, the last then being an ellipsis. The result is valid UTF-8 on one line.
/// Markup is not touched: whoever shows rich text escapes it.
std::string displayText(std::string_view text, size_t maxLength = kMaxDisplayText);

/// Whether a reader cannot see the character, or it changes how its neighbours are seen: what displayText writes out.
bool isInvisible(char32_t character);

} // namespace wherry

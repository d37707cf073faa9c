#include "base/display_text.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wherry {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

/// What a reader cannot see or what changes how its neighbours are seen: general categories Cc, Cf, Co, Zl, Zp, the
/// default ignorable characters, fillers and blanks without a glyph, and noncharacters. Sorted.
constexpr std::array kInvisible = {
    Range{0x00, 0x1f},       Range{0x7f, 0x9f},        Range{0xad, 0xad},       Range{0x034f, 0x034f},
    Range{0x0600, 0x0605},   Range{0x061c, 0x061c},    Range{0x06dd, 0x06dd},   Range{0x070f, 0x070f},
    Range{0x0890, 0x0891},   Range{0x08e2, 0x08e2},    Range{0x115f, 0x1160},   Range{0x17b4, 0x17b5},
    Range{0x180b, 0x180f},   Range{0x200b, 0x200f},    Range{0x2028, 0x202e},   Range{0x2060, 0x206f},
    Range{0x2800, 0x2800},   Range{0x3164, 0x3164},    Range{0xe000, 0xf8ff},   Range{0xfdd0, 0xfdef},
    Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},    Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},
    Range{0xfffe, 0xffff},   Range{0x110bd, 0x110bd},  Range{0x110cd, 0x110cd}, Range{0x13430, 0x1343f},
    Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},  Range{0x1fffe, 0x1ffff}, Range{0x2fffe, 0x2ffff},
    Range{0x3fffe, 0x3ffff}, Range{0xdfffe, 0x10ffff},
};

} // namespace

bool isInvisible(char32_t character) {
    const auto after = std::upper_bound(kInvisible.begin(), kInvisible.end(), character,
                                        [](char32_t value, const Range& range) { return value < range.first; });
    return after != kInvisible.begin() && character <= std::prev(after)->last;
}

namespace {

std::string hexOf(uint32_t value, size_t digits) {
    std::string text;
    for (size_t shift = digits; shift-- > 0;) text.push_back("0123456789abcdef"[value >> (4 * shift) & 0xf]);
    return text;
}

/// How one step of the text is shown, and how many characters that takes.
struct Shown {
    std::string text;
    size_t length = 0;
};

Shown show(std::string_view rest, const Utf8Step& step) {
    std::string text;
    if (!step.character) {
        text = "\\x" + hexOf(static_cast<uint8_t>(rest[0]), 2);
    } else if (*step.character == U'\\') {
        text = "\\\\";
    } else if (isInvisible(*step.character)) {
        text = "\\u{" + hexOf(*step.character, *step.character > 0xffff ? 6 : 4) + "}";
    } else {
        return {std::string(rest.substr(0, step.length)), 1};
    }
    const size_t length = text.size();
    return {std::move(text), length};
}

} // namespace

std::string displayText(std::string_view text, size_t maxLength) {
    if (maxLength == 0) return {};
    std::string out;
    size_t length = 0;
    size_t cutAt = 0; // where the text ends if an ellipsis has to follow
    while (!text.empty()) {
        const Utf8Step step = readUtf8(text);
        const Shown shown = show(text, step);
        if (length + shown.length > maxLength) {
            out.resize(cutAt);
            return out + "\u2026";
        }
        out += shown.text;
        length += shown.length;
        if (length < maxLength) cutAt = out.size();
        text.remove_prefix(step.length);
    }
    return out;
}

} // namespace wherry

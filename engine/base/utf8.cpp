#include "base/utf8.h"

#include "base/assert.h"

#include <cstdint>

namespace wherry {

namespace {

uint8_t byteAt(std::string_view text, size_t at) {
    return static_cast<uint8_t>(text[at]);
}

} // namespace

Utf8Step readUtf8(std::string_view text) {
    const uint8_t lead = byteAt(text, 0);
    if (lead < 0x80) return {lead, 1};
    size_t length = 0;
    char32_t least = 0;
    char32_t value = 0;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
        least = 0x80;
        value = lead & 0x1fu;
    } else if ((lead & 0xf0) == 0xe0) {
        length = 3;
        least = 0x800;
        value = lead & 0x0fu;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        least = 0x10000;
        value = lead & 0x07u;
    }
    if (length == 0 || text.size() < length) return {};
    for (size_t i = 1; i < length; ++i) {
        const uint8_t next = byteAt(text, i);
        if ((next & 0xc0) != 0x80) return {};
        value = value << 6 | (next & 0x3fu);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < least || surrogate || value > 0x10ffff) return {};
    return {value, length};
}

void appendUtf8(std::string& to, char32_t character) {
    ASSERT(character <= 0x10ffff);
    const auto put = [&to](char32_t byte) { to.push_back(static_cast<char>(byte)); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xc0 | character >> 6);
        put(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        put(0xe0 | character >> 12);
        put(0x80 | (character >> 6 & 0x3f));
        put(0x80 | (character & 0x3f));
    } else {
        put(0xf0 | character >> 18);
        put(0x80 | (character >> 12 & 0x3f));
        put(0x80 | (character >> 6 & 0x3f));
        put(0x80 | (character & 0x3f));
    }
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const Utf8Step step = readUtf8(text);
        if (!step.character) return false;
        text.remove_prefix(step.length);
    }
    return true;
}

} // namespace wherry

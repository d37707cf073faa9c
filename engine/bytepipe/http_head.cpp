#include "bytepipe/http_head.h"

#include "bytepipe/bytepipe_limits.h"

#include <algorithm>

namespace wherry::bytepipe {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::string_view trimmed(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool sameLetters(std::string_view text, std::string_view lowerCase) {
    return std::equal(text.begin(), text.end(), lowerCase.begin(), lowerCase.end(),
                      [](char a, char b) { return lower(a) == b; });
}

} // namespace

Result<bool> HttpHead::read(ByteView in, size_t& used) {
    for (used = 0; used < in.size();) {
        const uint8_t byte = in[used++];
        const bool printable = byte >= 0x20 && byte != 0x7f;
        const bool endsLine = !m_text.empty() && m_text.back() == '\r'; // and is nothing without the other half
        if ((!printable && byte != '\r' && byte != '\n' && byte != '\t') || endsLine != (byte == '\n'))
            return makeError(Errc::Malformed, "not an HTTP message");
        if (m_text.size() == kMaxHttpHead)
            return makeError(Errc::TooLarge, "an HTTP head of more than " + std::to_string(kMaxHttpHead) + " bytes");
        m_text.push_back(static_cast<char>(byte));
        if (m_text.ends_with("\r\n\r\n")) return true;
    }
    return false;
}

std::string_view HttpHead::firstLine() const {
    return std::string_view(m_text).substr(0, m_text.find(kLineEnd));
}

template <typename Visit> void HttpHead::eachField(Visit visit) const {
    std::string_view rest = m_text;
    while (!rest.empty()) {
        const size_t end = rest.find(kLineEnd);
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + kLineEnd.size());
        const size_t colon = line.find(':');
        if (colon != std::string_view::npos) visit(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
}

std::optional<std::string_view> HttpHead::field(std::string_view name) const {
    std::optional<std::string_view> found;
    eachField([&](std::string_view key, std::string_view value) {
        if (!found && sameLetters(key, name)) found = value;
    });
    return found;
}

bool HttpHead::lists(std::string_view name, std::string_view token) const {
    bool found = false;
    eachField([&](std::string_view key, std::string_view value) {
        if (!sameLetters(key, name)) return;
        while (!value.empty()) {
            const size_t comma = value.find(',');
            found = found || sameLetters(trimmed(value.substr(0, comma)), token);
            value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
        }
    });
    return found;
}

} // namespace wherry::bytepipe

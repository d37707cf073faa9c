#include "cli/program_name.h"

#include <algorithm>

namespace wherry::cli {

namespace {

constexpr std::string_view kUsualName = "wherry";
/// A line with a longer one would be no help.
constexpr size_t kLongestName = 200;

bool isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+@%,:").find(c) != std::string_view::npos;
}

bool isPrintable(char c) {
    return c >= ' ' && c <= '~';
}

std::string quoted(std::string_view name) {
    if (std::ranges::all_of(name, isPlain)) return std::string(name);
    std::string text = "'";
    for (const char c : name) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

} // namespace

std::string programName(std::string_view calledAs, std::string_view argv0) {
    for (const std::string_view name : {calledAs, argv0})
        if (!name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, isPrintable)) return quoted(name);
    return std::string(kUsualName);
}

std::string withProgramName(std::string_view text, const std::string& program) {
    if (program == kUsualName) return std::string(text);
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const std::string_view before = text.substr(0, at);
        const bool begins = text.substr(at).starts_with("wherry ") &&
                            (before.ends_with("\n  ") || before == "  " || before.ends_with('`'));
        out += begins ? program : std::string(1, text[at]);
        at += begins ? kUsualName.size() : 1;
    }
    return out;
}

} // namespace wherry::cli

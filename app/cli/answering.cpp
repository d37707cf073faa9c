#include "cli/answering.h"

#include <string>

namespace wherry::cli {

namespace {

constexpr std::string_view kBlanks = " \t\r";

} // namespace

Reply readReply(std::string_view line) {
    const size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return Reply::No;
    std::string word(line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1));
    for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (word == "y" || word == "yes") return Reply::Yes;
    if (word == "n" || word == "no") return Reply::No;
    return word == "l" ? Reply::List : Reply::Unclear;
}

void ArmDelay::shown(Time now) {
    m_replaces = m_withdrawn || (m_answered && now - *m_answered < kArmDelay);
    m_withdrawn = false;
    m_shown = now;
}

} // namespace wherry::cli

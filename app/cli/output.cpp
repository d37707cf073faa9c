#include "cli/output.h"

#include <cstdio>

namespace wherry::cli {

namespace {

/// Back to the first column, and clear to the end of the line (ECMA-48 EL).
constexpr std::string_view kClearLine = "\r\x1b[K";

void writeTo(std::FILE* file, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
}

} // namespace

Output::~Output() {
    clearMoving();
}

void Output::clearMoving() {
    if (!m_moving) return;
    m_moving = false;
    writeTo(stdout, kClearLine);
}

void Output::write(std::string_view line) {
    clearMoving();
    writeTo(stdout, std::string(line) + "\n");
}

void Output::json(const JsonLine& line) {
    if (m_mode == OutputMode::Json) write(line.str());
}

void Output::result(std::string_view line) {
    if (m_mode != OutputMode::Json) write(line);
}

void Output::remark(std::string_view line) {
    if (m_mode == OutputMode::Text) write(line);
}

void Output::moving(const std::string& line) {
    if (!showsMoving()) return;
    writeTo(stdout, std::string(kClearLine) + line);
    m_moving = true;
}

void Output::error(std::string_view message) {
    clearMoving();
    writeTo(stderr, "wherry: " + std::string(message) + "\n");
}

void Output::ask(std::string_view text) {
    clearMoving();
    writeTo(m_mode == OutputMode::Json ? stderr : stdout, text);
}

} // namespace wherry::cli

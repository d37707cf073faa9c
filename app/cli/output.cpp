#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#ifndef _WIN32
#include <poll.h>
#include <unistd.h>
#endif

namespace wherry::cli {

namespace {

/// Back to the first column, and clear to the end of the line (ECMA-48 EL).
constexpr std::string_view kClearLine = "\r\x1b[K";

#ifdef _WIN32

/// 0, or the number of the system's error.
int writeTo(std::FILE* file, std::string_view text) {
    errno = 0;
    const bool good = std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
    return good ? 0 : errno != 0 ? errno : EIO;
}

#else

/// 0, or the number of the system's error. Whoever shares the stream may have made it one that does not wait
/// (O_NONBLOCK belongs to the open file, not to the program): then this waits.
int writeTo(std::FILE* file, std::string_view text) {
    const int descriptor = fileno(file);
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<size_t>(count));
            continue;
        }
        if (errno == EAGAIN) {
            pollfd room{descriptor, POLLOUT, 0};
            if (poll(&room, 1, -1) < 0 && errno != EINTR) return errno;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

#endif

} // namespace

Output::~Output() {
    clearMoving();
    if (!m_question.empty()) writeQuestion("\n");
}

void Output::write(std::string_view text) {
    if (m_broken) return;
    if (const int problem = writeTo(stdout, text); problem != 0) breakWith(problem);
}

void Output::readerGone() {
    if (!m_broken) breakWith(EPIPE);
}

/// `problem`: the number of the system's error.
void Output::breakWith(int problem) {
    m_broken = true;
    m_moving = false;
    error("standard output: " + std::generic_category().message(problem));
    if (m_onBroken) m_onBroken();
}

void Output::clearMoving() {
    if (!m_moving) return;
    m_moving = false;
    write(kClearLine);
}

// --- the question at the bottom -------------------------------------------------------------------------------------

void Output::writeQuestion(std::string_view text) {
    if (m_mode == OutputMode::Json)
        (void)writeTo(stderr, text);
    else
        write(text);
}

void Output::clearQuestion() {
    const bool escapes = m_mode == OutputMode::Json ? m_terminal.escapesAllowedOnError : m_terminal.escapesAllowed;
    writeQuestion(escapes ? kClearLine : "\n");
}

template <typename Write> void Output::aboveQuestion(Write write) {
    clearMoving();
    if (m_question.empty()) return write();
    clearQuestion();
    write();
    writeQuestion(m_question);
}

void Output::openQuestion(std::string question) {
    clearMoving();
    m_question = std::move(question);
    writeQuestion(m_question);
}

void Output::withdrawQuestion() {
    if (m_question.empty()) return;
    clearQuestion();
    m_question.clear();
}

void Output::ask(std::string_view text) {
    aboveQuestion([&] { writeQuestion(text); });
}

// --- lines ----------------------------------------------------------------------------------------------------------

void Output::writeLine(std::string_view line) {
    const std::string whole = std::string(line) + "\n";
    // With --json questions are on standard error: only a terminal shows both.
    if (m_mode == OutputMode::Json && !m_terminal.outputIsTerminal) return write(whole);
    aboveQuestion([&] { write(whole); });
}

void Output::json(const JsonLine& line) {
    if (m_mode == OutputMode::Json) writeLine(line.str());
}

void Output::result(std::string_view line) {
    if (m_mode != OutputMode::Json) writeLine(line);
}

void Output::remark(std::string_view line) {
    if (m_mode == OutputMode::Text) writeLine(line);
}

void Output::moving(const std::string& line) {
    if (!showsMoving() || !m_question.empty()) return;
    write(std::string(kClearLine) + line);
    m_moving = true;
}

void Output::error(std::string_view message) {
    const std::string line = "wherry: " + std::string(message) + "\n";
    aboveQuestion([&] { (void)writeTo(stderr, line); }); // when it fails nobody is left to tell
}

} // namespace wherry::cli

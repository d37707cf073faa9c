#include "cli/terminal.h"

#include <cstdlib>
#include <string_view>

#ifdef _WIN32
#define NOMINMAX
#include <io.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace wherry::cli {

namespace {

constexpr size_t kUsualColumns = 80;

bool environmentAllowsEscapes() {
    const char* noColor = std::getenv("NO_COLOR");
    if (noColor && *noColor) return false;
#ifdef _WIN32
    return true;
#else
    const char* term = std::getenv("TERM");
    return term && *term && std::string_view(term) != "dumb";
#endif
}

#ifdef _WIN32

bool isTerminal(int descriptor) {
    return _isatty(descriptor) != 0;
}

/// Consoles before Windows 10 1511 print escape sequences as they are.
bool consoleTakesEscapes(int descriptor) {
    const HANDLE console = GetStdHandle(descriptor == 2 ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE);
    DWORD mode = 0;
    return GetConsoleMode(console, &mode) && SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

#else

bool isTerminal(int descriptor) {
    return isatty(descriptor) == 1;
}

bool consoleTakesEscapes(int) {
    return true;
}

#endif

} // namespace

Terminal describeTerminal() {
    Terminal terminal{isTerminal(0), isTerminal(1), isTerminal(2), false, false};
    if (!environmentAllowsEscapes()) return terminal;
    terminal.escapesAllowed = terminal.outputIsTerminal && consoleTakesEscapes(1);
    terminal.escapesAllowedOnError = terminal.errorIsTerminal && consoleTakesEscapes(2);
    return terminal;
}

bool isHungUp(const Terminal& terminal) {
    return (terminal.inputIsTerminal && !isTerminal(0)) || (terminal.outputIsTerminal && !isTerminal(1)) ||
           (terminal.errorIsTerminal && !isTerminal(2));
}

bool outputIsPipe() {
#ifdef _WIN32
    return false; // a reader that is gone is noticed when something is written
#else
    struct stat status {};
    return fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
#endif
}

void occupyClosedStreams() {
#ifndef _WIN32
    // The lowest free number is taken each time. What may only be written stands for the input, and the other way
    // round.
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(stream, F_GETFD) == -1) (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
#endif
}

size_t terminalColumns() {
#ifdef _WIN32
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info))
        return static_cast<size_t>(info.srWindow.Right - info.srWindow.Left + 1);
#else
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
    return kUsualColumns;
}

} // namespace wherry::cli

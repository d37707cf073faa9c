#include "process/interrupt.h"


#include <QSocketNotifier>
#include <csignal>

#ifdef _WIN32
#define NOMINMAX
#include <windows.h>
#else
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#endif

namespace wherry::process {

namespace {

std::atomic<int64_t> firstRequest = 0;
static_assert(std::atomic<int64_t>::is_always_lock_free, "a signal handler uses it");

#ifdef _WIN32

Interrupt* theInterrupt = nullptr;

BOOL WINAPI onConsoleEvent(DWORD) {
    const EndRequest request = readEndRequest(firstRequest, static_cast<int64_t>(GetTickCount64()) + 1);
    if (request == EndRequest::AtOnce) ExitProcess(kInterrupted);
    if (theInterrupt && request == EndRequest::First)
        QMetaObject::invokeMethod(theInterrupt, &Interrupt::requested, Qt::QueuedConnection);
    return TRUE;
}

#else

int wakePipe[2] = {-1, -1};

constexpr char kRequest = 1;
constexpr char kHangup = 2;

extern "C" void onHangup(int) {
    [[maybe_unused]] const ssize_t written = write(wakePipe[1], &kHangup, 1);
}

extern "C" void onSignal(int) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const EndRequest request = readEndRequest(firstRequest, int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000 + 1);
    if (request == EndRequest::AtOnce) _exit(kInterrupted);
    if (request != EndRequest::First) return;
    [[maybe_unused]] const ssize_t written = write(wakePipe[1], &kRequest, 1);
}

void installHandlers() {
    struct sigaction action {};
    action.sa_handler = onSignal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    // In the background of a shell the program neither stops when it prints nor when it looks for an answer.
    std::signal(SIGTTIN, SIG_IGN);
    std::signal(SIGTTOU, SIG_IGN);
    // A reader that went away must not end the program in the middle of a transfer; the write that fails says it too.
    std::signal(SIGPIPE, SIG_IGN);
    // The terminal was closed, unless nohup has said that this does not matter.
    struct sigaction before {};
    if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
        action.sa_handler = onHangup;
        sigaction(SIGHUP, &action, nullptr);
    }
}

#endif

} // namespace

EndRequest readEndRequest(std::atomic<int64_t>& first, int64_t now) {
    int64_t before = 0;
    if (first.compare_exchange_strong(before, now)) return EndRequest::First;
    return now - before < kSecondRequest ? EndRequest::TooSoon : EndRequest::AtOnce;
}

#ifdef _WIN32

Interrupt::Interrupt(QObject* parent) : QObject(parent) {
    theInterrupt = this;
    SetConsoleCtrlHandler(onConsoleEvent, TRUE);
}

Interrupt::~Interrupt() {
    SetConsoleCtrlHandler(onConsoleEvent, FALSE);
    theInterrupt = nullptr;
}

#else

Interrupt::Interrupt(QObject* parent) : QObject(parent) {
    if (pipe(wakePipe) != 0) return; // then the first signal ends the process as usual
    for (const int end : wakePipe) {
        fcntl(end, F_SETFD, FD_CLOEXEC);
        fcntl(end, F_SETFL, O_NONBLOCK);
    }
    m_notifier = std::make_unique<QSocketNotifier>(wakePipe[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        bool wanted = false;
        bool hungUp = false;
        char byte = 0;
        while (read(wakePipe[0], &byte, 1) == 1) (byte == kHangup ? hungUp : wanted) = true;
        if (hungUp) emit hangup();
        if (wanted) emit requested();
    });
    installHandlers();
}

Interrupt::~Interrupt() {
    // From here on only a quick end is wanted; the pipe stays open because the handler may run at any time.
    m_notifier.reset();
}

#endif

} // namespace wherry::process

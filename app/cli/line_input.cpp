#include "cli/line_input.h"

#include <QSocketNotifier>
#include <QTimer>
#include <cerrno>
#include <chrono>

#ifdef _WIN32
#include <conio.h>
#include <io.h>

#include <iostream>
#include <thread>
#else
#include <termios.h>
#include <unistd.h>
#endif

namespace wherry::cli {

namespace {

/// Longer lines are no answer to any question here.
constexpr size_t kMaxLine = 4096;

#ifndef _WIN32
/// Shells tell nobody whom they put into the foreground.
constexpr std::chrono::milliseconds kForegroundLook{200};
#endif

} // namespace

LineInput::~LineInput() = default;

#ifdef _WIN32

/// Consoles cannot be waited for together with other things; a thread that is never joined reads them and ends with the
/// process.
LineInput::LineInput(QObject* parent) : QObject(parent) {
    std::thread([this] {
        std::string text;
        while (std::getline(std::cin, text))
            QMetaObject::invokeMethod(
                this, [this, text] { emit line(text); }, Qt::QueuedConnection);
        QMetaObject::invokeMethod(this, &LineInput::closed, Qt::QueuedConnection);
    }).detach();
}

void LineInput::discardTyped() {
    while (_kbhit()) _getch();
}

void LineInput::listen() {
    discardTyped();
}

void LineInput::stopListening() {}

bool LineInput::isInForeground() const {
    return true;
}

void LineInput::readSome() {}
void LineInput::waitForForeground() {}
void LineInput::lookForForeground() {}

#else

LineInput::LineInput(QObject* parent)
    : QObject(parent),
      m_notifier(std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read)),
      m_lookAgain(std::make_unique<QTimer>()) {
    m_notifier->setEnabled(false);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &LineInput::readSome);
    m_lookAgain->setInterval(kForegroundLook);
    connect(m_lookAgain.get(), &QTimer::timeout, this, &LineInput::lookForForeground);
}

/// A terminal that is not the one of this session, or that is gone, has no foreground to ask for.
bool LineInput::isInForeground() const {
    const pid_t foreground = tcgetpgrp(STDIN_FILENO);
    return foreground < 0 || foreground == getpgrp();
}

void LineInput::listen() {
    if (!isInForeground()) return waitForForeground();
    discardTyped();
    m_lookAgain->stop();
    m_notifier->setEnabled(true);
}

void LineInput::stopListening() {
    m_lookAgain->stop();
    m_notifier->setEnabled(false);
}

void LineInput::waitForForeground() {
    m_notifier->setEnabled(false);
    m_lookAgain->start();
}

void LineInput::lookForForeground() {
    if (!isInForeground()) return;
    listen();
    emit attended();
}

void LineInput::discardTyped() {
    m_pending.clear();
    tcflush(STDIN_FILENO, TCIFLUSH);
}

void LineInput::readSome() {
    if (!isInForeground()) return waitForForeground();
    char buffer[512];
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof(buffer));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    // The shell has taken the terminal back in this moment; a terminal that is gone says the same.
    if (count < 0 && errno == EIO && isatty(STDIN_FILENO) == 1) return waitForForeground();
    if (count <= 0) {
        m_notifier->setEnabled(false);
        emit closed();
        return;
    }
    m_pending.append(buffer, static_cast<size_t>(count));
    for (size_t end = m_pending.find('\n'); end != std::string::npos; end = m_pending.find('\n')) {
        const std::string text = m_pending.substr(0, end);
        m_pending.erase(0, end + 1);
        emit line(text);
    }
    if (m_pending.size() > kMaxLine) m_pending.clear();
}

#endif

} // namespace wherry::cli

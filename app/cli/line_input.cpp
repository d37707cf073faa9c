#include "cli/line_input.h"

#include <QSocketNotifier>
#include <cerrno>

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

void LineInput::readSome() {}

#else

LineInput::LineInput(QObject* parent)
    : QObject(parent),
      m_notifier(std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read)) {
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &LineInput::readSome);
}

void LineInput::discardTyped() {
    m_pending.clear();
    tcflush(STDIN_FILENO, TCIFLUSH);
}

void LineInput::readSome() {
    char buffer[512];
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof(buffer));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
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

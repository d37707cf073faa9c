#pragma once

#include <QObject>
#include <atomic>
#include <cstdint>
#include <memory>

class QSocketNotifier;

namespace wherry::process {

/// Milliseconds. A second request counts as one only when it comes so long after the first: whoever ends a program and
/// its process group, as timeout(1) does, asks once and is heard twice.
inline constexpr int64_t kSecondRequest = 1000;
/// Exit code of a process that was ended so: 128 and the number of SIGINT, as shells count.
inline constexpr int kInterrupted = 130;

enum class EndRequest { First, TooSoon, AtOnce };

/// What a request to end means that comes `now`, milliseconds of any one clock and not 0. `first` is when the first one
/// came, 0 before. For signal handlers too.
EndRequest readEndRequest(std::atomic<int64_t>& first, int64_t now);

/// Turns SIGINT and SIGTERM into one signal in the event loop, SIGHUP, unless that is ignored (nohup), into another;
/// Ctrl+C and closing the console on Windows. A second request, a second or more after
/// the first, ends the process at once with 130, whatever it is doing. A broken pipe is no signal any more but an error
/// of the write; a terminal that others have in the foreground stops nobody. One per process.
class Interrupt final : public QObject {
    Q_OBJECT

  public:
    explicit Interrupt(QObject* parent = nullptr);
    ~Interrupt() override;

  signals:
    void requested();
    /// The terminal was closed, or somebody wants the settings to be read again.
    void hangup();

  private:
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace wherry::process

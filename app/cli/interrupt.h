#pragma once

#include <QObject>
#include <memory>

class QSocketNotifier;

namespace wherry::cli {

/// Turns SIGINT and SIGTERM into one signal in the event loop, SIGHUP, unless that is ignored (nohup), into another;
/// Ctrl+C and closing the console on Windows. The second request ends the process at once with 130, whatever it is
/// doing. A broken pipe is no signal any more but an error of the write. One per process.
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

} // namespace wherry::cli

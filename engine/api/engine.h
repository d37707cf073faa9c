#pragma once

#include "api/types.h"

#include <QObject>
#include <memory>
#include <string>
#include <vector>

namespace wherry::runtime {
class NodeRunner;
}

namespace wherry::api {

struct Settings {
    std::string home;              ///< folder of identity and database; empty: the platform's data folder
    std::string who = "wherry";    ///< what another process is told that finds the home taken
    std::vector<Multiaddr> listen; ///< empty: every address, the port of last time or any free one
    LogLevel logLevel = LogLevel::Warning;
    bool servePerf = false; ///< answer /perf/1.0.0
    /// When another engine has the home: use a folder `companion-N` inside it, with a key of its own that stays the
    /// same from run to run, instead of failing. For short-lived programs beside a receiver on the same device.
    bool companionWhenBusy = false;
};

/// A running peer, as programs see it. Lives in one thread (the one with the event loop that it was made in); commands
/// go to the network thread and events come back through the event loop, in order. `stop()` must have been called
/// before the end of a started engine.
class Engine final : public QObject {
    Q_OBJECT

  public:
    explicit Engine(QObject* parent = nullptr);
    ~Engine() override;

    /// Opens the home (making an identity the first time), binds sockets, starts the threads. The first event is Ready.
    /// Busy: another engine has the home; the context says which.
    Result<void> start(const Settings& settings);
    /// Every command is answered by events that carry its id (transfers: that carry the TransferId of TransferStarted).
    RequestId submit(Command command);
    /// The names of this peer's key; of a running engine.
    const KeyNames& names() const;
    /// Whether start() has fallen back to a companion home.
    bool isCompanion() const { return m_companion; }
    /// Tells peers, ends every request, waits for the threads. No event follows. Harmless when not running.
    void stop();

  signals:
    void event(const wherry::api::Event& event);

  private:
    Result<void> startIn(const std::string& home, const Settings& settings);

    std::unique_ptr<runtime::NodeRunner> m_runner;
    RequestId m_lastRequest;
    bool m_companion = false;
};

/// The names of the identity in `home` (empty: the platform's folder), which is made when there is none. Needs no
/// engine.
Result<KeyNames> identityNames(const std::string& home);

} // namespace wherry::api

#pragma once

#include "api/settings.h"
#include "api/types.h"

#include <QDeadlineTimer>
#include <QObject>
#include <QTimer>
#include <memory>
#include <string>
#include <vector>

namespace wherry::runtime {
class NodeRunner;
}
namespace wherry::gateway {
class ControlClient;
class ControlServer;
class OpenRequests;
enum class Farewell;
} // namespace wherry::gateway

namespace wherry::api {

/// What happens when a running engine has the home already. IfRunning: its work is asked of that one. Always: an engine
/// of one's own is never started.
enum class Attach { Never, IfRunning, Always };

/// The settings that last, and what only this run is told.
struct Settings : LastingSettings {
    std::string home;           ///< folder of identity and database; empty: the platform's data folder
    std::string who = "wherry"; ///< what another process is told that finds the home taken
    std::string version;        ///< of the program, for those that connect to it
    bool servePerf = false;     ///< answer /perf/1.0.0
    bool dialBack = false;      ///< dial for devices that ask whether they can be reached (AutoNAT)
    std::vector<std::string> kadProtocols; ///< hash tables to be part of; empty: ours and the public one
    Attach attach = Attach::Never;
    bool watchAll = false; ///< hear of what other programs do with the engine too: for a window that shows everything
    /// Whom the program wants to reach. When that is the engine that has the home, which cannot reach itself (`receive`
    /// in one shell, `send` in another), the program does not attach: it runs an engine in a folder `companion-N` of
    /// the home, with a key of its own that stays the same from run to run.
    PeerId target;
};

/// A running peer, as programs see it: one of its own, which other programs of this user can then use too, or the one
/// that runs with this home already, through its control socket. Either way it hears what this program has asked for
/// and nothing of what others have, unless Settings::watchAll; answers are only for whoever asked. Lives in one thread
/// (the one with the event loop that it was made in); events come through the event loop, in order. `stop()` must have
/// been called before the end of a started engine.
class Engine final : public QObject {
    Q_OBJECT

  public:
    explicit Engine(QObject* parent = nullptr);
    ~Engine() override;

    /// Opens the home (making an identity the first time), binds sockets, starts the threads; or attaches to the engine
    /// that has the home. The first event is Ready. Busy: another engine has the home (the context says which), or the
    /// port. Unreachable: none runs, with Attach::Always. While another program is just starting or ending with this
    /// home it waits for that, up to some seconds: a window starts its engine before it shows itself.
    Result<void> start(const Settings& settings);
    /// Every command is answered by events that carry its id (transfers: that carry the TransferId of TransferStarted).
    /// When the engine that it is attached to ends without a word, every open request is answered
    /// RequestFailed{ConnectionLost}, and after them one of no request.
    RequestId submit(Command command);
    /// Takes up settings that were changed since the start or the last call, as far as that works without a restart,
    /// and tells what has changed since then; how files are received is for SetReceive to say. While attached the
    /// engine behind keeps its own; these are for the one that takes over from it.
    std::vector<SettingChange> reconfigure(const LastingSettings& fresh);
    /// The names of this peer's key; of a running engine.
    const KeyNames& names() const;
    /// Whether it runs in a companion folder.
    bool isCompanion() const { return m_companion; }
    /// Whether another program's engine does the work.
    bool isAttached() const { return m_client != nullptr; }
    /// Whose it is: "wherry node (process 12)".
    std::string host() const;
    /// Tells peers, ends every request, waits for the threads. No event follows. Programs that are attached go on with
    /// an engine of their own, unless this one was started with Attach::Never. Harmless when not running.
    void stop();

  signals:
    void happened(const wherry::api::Event& event);

  private:
    Result<void> startOwn();
    Result<void> attach();
    Result<void> startOrAttach();
    Result<void> startBeside();
    void applyLive(const LastingSettings& fresh);
    void ask(RequestId id, Command command);
    void onNodeEvent(const Event& what);
    void onLost(gateway::Farewell how, const Error& error);
    void takeOver();
    void failEverything(const Error& error);

    Settings m_settings;
    std::unique_ptr<runtime::NodeRunner> m_runner;
    std::unique_ptr<gateway::ControlServer> m_server; ///< of an engine of one's own
    std::unique_ptr<gateway::ControlClient> m_client; ///< attached
    std::unique_ptr<gateway::OpenRequests> m_open;
    KeyNames m_names;
    bool m_companion = false;
    RequestId m_lastRequest;
    QTimer m_takeOver; ///< runs while the engine behind has gone and another is not there yet
    QDeadlineTimer m_takeOverPatience;
};

/// The names of the identity in `home` (empty: the platform's folder), which is made when there is none. Needs no
/// engine.
Result<KeyNames> identityNames(const std::string& home);

} // namespace wherry::api

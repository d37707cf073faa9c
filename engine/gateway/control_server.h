#pragma once

#include "base/log.h"
#include "base/rate_limit.h"
#include "gateway/control_path.h"
#include "gateway/list_turns.h"
#include "gateway/request_desk.h"
#include "runtime/local_socket_file.h"

#include <QElapsedTimer>
#include <QLocalServer>
#include <QObject>
#include <QTimer>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

class QLocalSocket;

namespace wherry::gateway {

/// The front door of a running engine: the program that it runs in and, through the control socket, other programs of
/// this user. Lives in the thread of the program's event loop; whoever does not read, or writes nonsense, is dropped
/// and holds up nobody. Every input is bounded by gateway_limits.h.
class ControlServer final : public QObject {
    Q_OBJECT

  public:
    using Submit = std::function<void(node::RequestId, node::Command)>;
    using OnReport = std::function<void(const Report&)>;

    /// `submit` reaches the node, `onLocal` the program itself.
    ControlServer(Submit submit, OnReport onLocal, const Log& log);
    ~ControlServer() override;

    /// Opens the control socket of `home`, whose lock this process holds: whatever a killed process has left there is
    /// replaced, and when the socket's file is taken away later it is made again. Without it the engine serves its own
    /// program alone.
    Result<void> listen(const std::string& home, Greeting greeting);
    void ask(node::RequestId id, node::Command command);
    /// The program itself hears of everybody's transfers from now on.
    void subscribeLocally();
    void onEvent(const node::Event& event);
    /// No more requests from outside. The others notice when farewell() comes.
    void stopListening();
    /// After the engine has let go of its home.
    void farewell(Farewell how);

  private:
    struct Guest;

    void onConnection();
    bool readsItsAnswers(ClientId client) const;
    void onReadable(ClientId client);
    void onGone(ClientId client);
    void onLine(ClientId client, const std::string& line);
    void onSweep();
    bool open();
    void lookForSocket();
    void boundHalfLines();
    void boundOutgoing();
    bool beginList();
    void complain(const std::string& what);
    void drop(ClientId client, const std::string& why);
    void send(ClientId client, std::string line);
    void settle();

    Submit m_submit;
    OnReport m_onLocal;
    Log m_log;
    RequestDesk m_desk;
    ListTurns m_lists;
    std::optional<ControlPath> m_path; ///< for longer than the server, which removes its socket
    QLocalServer m_server;
    std::optional<runtime::LocalSocketFile> m_file;
    QTimer m_look; ///< for the socket's file
    QElapsedTimer m_clock;
    RateLimit m_complaints;
    uint64_t m_complaintsKept = 0; ///< since the last that was logged
    std::string m_greeting;
    IdSource<ClientId> m_ids;
    std::map<ClientId, std::unique_ptr<Guest>> m_guests;
    QTimer m_sweep; ///< runs while somebody's line is half, or every place is taken
    bool m_settling = false;
};

} // namespace wherry::gateway

#pragma once

#include "gateway/control_message.h"
#include "gateway/gateway_limits.h"
#include "gateway/line_reader.h"

#include <QLocalSocket>
#include <QObject>
#include <functional>
#include <memory>
#include <string>

namespace wherry::gateway {

/// The other end of a control socket: a program that uses the engine of another one.
class ControlClient final : public QObject {
    Q_OBJECT

  public:
    using OnReport = std::function<void(Report)>;
    using OnLost = std::function<void(Farewell, const Error&)>;

    /// Connects and waits for the greeting, at most kGreetingTimeout. NotFound: nothing answers there;
    /// PermissionDenied: somebody else's program does; Busy: it serves as many programs as it can; anything else: it is
    /// no wherry that this one can talk to.
    static Result<std::unique_ptr<ControlClient>> connectTo(const std::string& home);

    ~ControlClient() override;

    const Greeting& greeting() const { return m_greeting; }
    /// Reports come through the event loop, in order; after `onLost` nothing more.
    void start(OnReport onReport, OnLost onLost);
    /// TooLarge, Unsupported: this cannot be asked of a running engine.
    Result<void> ask(node::RequestId id, Wish wish);

  private:
    ControlClient() = default;
    Result<std::string> firstLine();
    void onReadable();
    void onGone();
    void lose(Farewell how, const Error& error);

    QLocalSocket m_socket;
    LineReader m_reader{kMaxLine};
    Greeting m_greeting;
    OnReport m_onReport;
    OnLost m_onLost;
};

} // namespace wherry::gateway

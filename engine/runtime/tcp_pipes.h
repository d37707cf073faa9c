#pragma once

#include "base/log.h"
#include "node/node.h"
#include "runtime/socket_set.h"

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace wherry::runtime {

/// The TCP connections of one Node: opens, accepts, reads, writes and closes what it asks for, in the network thread.
///
/// A pipe: connecting (dialled) -> open -> farewell (over for the node; what was written last goes out, and the other
/// side's end is awaited for kTcpFarewell, so that no reset of the system's tears down what it has not read) -> gone.
/// Holds at most one write (64 KiB and a farewell) of each. One wake does a bounded amount of work for one pipe.
/// Somebody for whom the process has no descriptor waits kAcceptPause at a time.
class TcpPipes final : public QObject {
  public:
    /// `node` and `listeners` outlive it. `settle`: after inputs to the node that nobody else has caused.
    TcpPipes(node::Node& node, const std::vector<PipeListener>& listeners, const Log& log,
             std::function<void()> settle);
    ~TcpPipes() override;

    void perform(const bytepipe::OpenPipe& open);
    void perform(bytepipe::ClosePipe close);
    /// Hands the system what the node has for its pipes; whether there may be more.
    bool write(Now now);
    /// No pipe has a last word to say any more.
    bool idle() const { return m_farewells.empty(); }
    /// Nothing is heard from now on.
    void stop();

  private:
    /// A notifier may be in the middle of its own signal when its pipe goes.
    struct Later {
        void operator()(QSocketNotifier* notifier) const;
    };
    using Notifier = std::unique_ptr<QSocketNotifier, Later>;
    enum class Stage : uint8_t { Connecting, Open, Farewell };
    struct Pipe {
        std::unique_ptr<TcpSocket> socket;
        Stage stage = Stage::Open;
        Notifier readable{}; // the notifiers go before the socket does
        Notifier writable{}; // made when it is first needed
        Bytes kept{};        // what the system has not taken
    };

    struct Farewell {
        link::LinkId pipe;
        Instant until;
    };

    std::optional<codec::SocketAddress> listenerFor(const codec::SocketAddress& remote) const;
    void watch(const PipeListener& listener);
    void accept(const PipeListener& listener, QSocketNotifier& notifier);
    void watchReadable(link::LinkId id, Pipe& pipe);
    void watchWritable(link::LinkId id, Pipe& pipe);
    void onReadable(link::LinkId id);
    void onWritable(link::LinkId id);
    void onConnected(link::LinkId id, Pipe& pipe);
    void fail(link::LinkId id, Error error);
    void discard(link::LinkId id, Pipe& pipe);
    void drop(link::LinkId id);
    void armFarewells();
    void onFarewellTimer();

    node::Node& m_node;
    const std::vector<PipeListener>& m_listeners;
    Log m_log;
    std::function<void()> m_settle;
    std::vector<Notifier> m_listening;
    std::map<link::LinkId, Pipe> m_pipes;
    std::deque<Farewell> m_farewells; // by age
    QTimer m_farewellTimer;           // for the oldest
    Bytes m_in;
    Bytes m_out;
    bool m_stopped = false;
};

} // namespace wherry::runtime

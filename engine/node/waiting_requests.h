#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "node/command.h"

#include <deque>
#include <optional>
#include <variant>
#include <vector>

namespace wherry::node {

/// A ping or perf whose peer is connected and that can begin.
struct RequestCanStart {
    RequestId id;
    std::variant<Ping, Perf> work;
};
/// A peer that should be dialled now, on behalf of a waiting request.
struct PeerWanted {
    crypto::PeerId peer;
};
struct RequestGaveUp {
    RequestId id;
    Error error;
};
using WaitingAction = std::variant<RequestCanStart, PeerWanted, RequestGaveUp>;

/// Ping and perf requests until their peer is connected: tries again with growing pauses until the request's wait is over. A peer that
/// proves another key ends them at once.
class WaitingRequests {
  public:
    void add(RequestId id, std::variant<Ping, Perf> work, bool connected, Now now);
    void onConnected(const crypto::PeerId& peer);
    /// What is known of why it does not answer, for whoever gives up before another dial has failed.
    void note(const crypto::PeerId& peer, const Error& error);
    void onUnreachable(const crypto::PeerId& peer, const Error& error, Now now);
    void cancelAll();
    /// False: no such request waits.
    bool cancel(RequestId id);

    Instant deadline() const;
    void onDeadline(Now now);
    std::optional<WaitingAction> poll();

  private:
    struct Waiting {
        RequestId id;
        std::variant<Ping, Perf> work;
        crypto::PeerId peer;
        Instant giveUp;
        Instant nextTry = kNever; ///< kNever while an attempt is under way
        Duration pause;
        Error lastError;
    };
    std::vector<Waiting> m_waiting;
    std::deque<WaitingAction> m_actions;
};

} // namespace wherry::node

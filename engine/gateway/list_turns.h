#pragma once

#include "gateway/control_message.h"
#include "gateway/request_desk.h"

#include <deque>
#include <functional>
#include <optional>

namespace wherry::gateway {

/// Whether the answer may be as long as a line can be.
bool isList(const Wish& wish);

/// Lists wait for their turn: one is made at a time, of all programs together, and for a program only when it has read
/// what it was told before. So the answers that are under way take the memory of one for each program at most, however
/// many it asks for. Sans-I/O.
class ListTurns {
  public:
    struct Turn {
        ClientId client;
        Request request;
    };
    using HasRoom = std::function<bool(ClientId)>;

    /// False: kMaxRequestsPerClient lists of this client wait already.
    bool add(ClientId client, Request request);
    /// The last answer to a request of `client` has been handed over.
    void onAnswered(ClientId client, node::RequestId request);
    void leave(ClientId client);
    bool waits(ClientId client) const;
    /// The oldest whose client has room; none while one is being answered.
    std::optional<Turn> next(const HasRoom& hasRoom);

  private:
    std::deque<Turn> m_waiting;
    ClientId m_client; ///< whose list is being made; 0: none is
    node::RequestId m_request;
};

} // namespace wherry::gateway

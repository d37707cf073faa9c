#pragma once

#include "transfer/receive_machine.h"

#include <map>
#include <memory>
#include <vector>

namespace wherry::transfer {

/// Which incoming transfers take content: so many at once; the others wait. A turn that is free goes to the peer with
/// the fewest, then to who has waited longest. Whoever needs none gives it away, and so does whoever has let nothing
/// come for kReceivePatience, when others wait.
class ReceiveTurns {
  public:
    using Receives = std::map<TransferId, std::unique_ptr<ReceiveMachine>>;

    explicit ReceiveTurns(const Receives& receives) : m_receives(receives) {}

    /// Those that run go on when there are fewer now.
    void setTurns(uint32_t turns) { m_turns = turns; }
    /// After any input. True: all that waited have got turns, and may have ended with them.
    bool settle(link::StreamIo& io, Now now);
    /// When one that lets nothing come loses its turn.
    Instant deadline() const { return m_deadline; }

  private:
    std::vector<ReceiveMachine*> waiting() const;
    bool take(size_t wanted, link::StreamIo& io, Now now);
    void handOut(std::vector<ReceiveMachine*> waiting, link::StreamIo& io, Now now);

    const Receives& m_receives;
    uint32_t m_turns = kReceivesAtOnce;
    Instant m_deadline = kNever;
};

} // namespace wherry::transfer

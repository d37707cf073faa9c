#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "node/command.h"
#include "transfer/transfer_types.h"

#include <deque>
#include <map>
#include <optional>
#include <variant>

namespace wherry::node {

/// "low", "normal", "high".
std::string_view priorityName(Priority priority);
std::optional<Priority> priorityNamed(std::string_view name);

/// It is its turn: it begins, or its content goes (on).
struct TurnHas {
    TransferId transfer;
    bool operator==(const TurnHas&) const = default;
};
/// Its turn is over for the moment: its offer and its connection stay, no content goes.
struct TurnLost {
    TransferId transfer;
    bool operator==(const TurnLost&) const = default;
};
using TurnAction = std::variant<TurnHas, TurnLost>;

/// Whose turn it is among the transfers that SendFiles and RetryTransfer have asked for: at most so many at once, and
/// of each peer no more than it takes. The others wait: the higher priority first, of equal ones the older.
///
///   Waits (not begun) -> Active <-> Idle -> Waits (begun) -> Active ... -> ended
///
/// Active: has one of the turns. Idle: has begun, but its peer is away, holds it or has not answered its offer; a turn
/// that has been so for kTurnPatience goes to somebody else, so that one absent device stops nobody. When the peer
/// answers, the transfer waits for a turn again, with its content held back. Nobody who has a turn loses it to a higher
/// priority. A transfer that the person has paused neither has a turn nor waits for one.
///
/// It is told the events of all transfers and ignores those that were not added (share tickets, which have bounds of
/// their own, and incoming ones). After any input drain poll().
class TransferQueue {
  public:
    explicit TransferQueue(uint32_t turns) : m_turns(turns) {}

    /// LimitReached: kMaxQueuedSends are in it already.
    Result<void> mayAdd() const;
    void add(TransferId transfer, const crypto::PeerId& peer, Priority priority);
    /// Those that run go on when there are fewer turns now.
    void setTurns(uint32_t turns);
    /// NotFound: not in the queue.
    Result<void> setPriority(TransferId transfer, Priority priority);
    void pause(TransferId transfer);
    void resume(TransferId transfer);
    void onEvent(const transfer::TransferEvent& event, Now now);
    void onUnreachable(const crypto::PeerId& peer, Now now);

    /// Whether only other transfers keep it from going on.
    bool waits(TransferId transfer) const;
    /// nullopt: not in the queue.
    std::optional<Priority> priority(TransferId transfer) const;

    /// kNever: none. After inputs only once poll() is drained.
    Instant deadline() const { return m_deadline; }
    void onDeadline(Now now);
    std::optional<TurnAction> poll();

  private:
    struct Entry {
        crypto::PeerId peer;
        Priority priority = Priority::Normal;
        bool active = false;
        bool begun = false;
        bool answered = false; ///< the peer has accepted its present attempt
        bool paused = false;
        std::optional<Instant> idleSince; ///< the peer is away, holds it, or has an offer to answer
        bool waits() const { return !active && !paused && (!begun || !idleSince); }
    };
    /// What a peer has of ours.
    struct Load {
        size_t begun = 0;
        size_t unanswered = 0;
    };

    void note(const transfer::OfferMade& event, Now now);
    void note(const transfer::OfferAccepted& event, Now now);
    void note(const transfer::TransferResumed& event, Now now);
    void note(const transfer::TransferInterrupted& event, Now now);
    void note(const transfer::TransferHeld& event, Now now);
    void note(const transfer::TransferProgress&, Now) {}
    template <typename Ended> void note(const Ended& event, Now) { remove(event.transfer); }
    Entry* find(TransferId transfer);
    void onAnswered(TransferId transfer);
    void release(TransferId transfer, Entry& entry);
    void remove(TransferId transfer);
    void assignTurns();

    uint32_t m_turns;
    std::map<TransferId, Entry> m_entries; ///< the oldest first
    std::deque<TurnAction> m_actions;
    bool m_changed = false; ///< turns may be free, or wanted
    Instant m_deadline = kNever;
};

} // namespace wherry::node

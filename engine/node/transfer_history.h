#pragma once

#include "base/store.h"
#include "node/history_record.h"
#include "node/unanswered_offers.h"

#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace wherry::node {

/// "delivered", "declined", "failed", "cancelled", "interrupted", "unanswered".
std::string_view transferOutcomeName(TransferOutcome outcome);

/// What a RetryTransfer command has found.
struct RetryFound {
    RequestId request;
    crypto::PeerId peer;
    RetryOrder order;
};
using HistoryAnswer = std::variant<HistoryListed, RetryFound, RequestFailed>;

/// The transfers that have ended, both directions, the newest kMaxHistoryEntries of them; told by the same events that
/// everybody hears. Nothing of it is kept in memory: entries are numbered, so that the oldest is known by its number.
///
/// An incoming transfer is remembered once somebody here has said yes or no, and within bounds of its own when somebody
/// was asked and has not (unanswered_offers.h): otherwise strangers whose offers come to nothing would push out what
/// the person has done. One under way is in the store too; what is found there at the next start was interrupted by the end
/// of the program, or not answered before it.
///
/// When the store cannot be read at the start nothing is recorded until the next one. After any input drain pollStore()
/// and poll().
class TransferHistory {
  public:
    explicit TransferHistory(Duration keep);

    void onStoreScanned(const StoreScanned& scanned, Now now);
    /// An outgoing one has begun; its offer may have a better label. `retry` without paths: it cannot be sent again.
    void onStarted(transfer::TransferId transfer, const crypto::PeerId& peer, const std::string& label,
                   RetryOrder retry, Now now);
    void onEvent(const transfer::TransferEvent& event, Now now);
    void onPath(const crypto::PeerId& peer, PathKind kind);
    /// The no that follows is nobody's: there was nobody to ask.
    void onUnasked(transfer::TransferId transfer);
    /// An offer of this peer was sent away unread, because too many wait.
    void onTurnedAway(const crypto::PeerId& peer, Now now);

    void list(const ListHistory& command, RequestId request);
    void retry(const RetryTransfer& command, RequestId request);
    void forget(const ForgetHistory& command);
    /// LimitReached: kMaxHistoryQueries of them wait.
    Result<void> mayAsk() const;
    bool cancel(RequestId request);

    std::optional<StoreOp> pollStore();
    std::optional<HistoryAnswer> poll();

  private:
    struct Running {
        HistoryRecord record;
        std::optional<Instant> accepted;
        Instant noted{};     ///< when its row was written last
        bool moving = false; ///< bytes have come since it was accepted
        bool kept = false;   ///< it has a row, and will have an entry
        bool paused = false; ///< here, an incoming one: its loss is not its end
        bool waits = false;  ///< an offer to us that somebody here is asked about
        bool unasked = false; ///< nobody will have said the no to it
    };
    struct Query {
        RequestId request;
        bool isRetry = false;
        uint32_t limit = 0;
    };
    using Event = transfer::TransferEvent;

    void note(const transfer::OfferMade& event, Now now);
    void note(const transfer::OfferAccepted& event, Now now);
    void note(const transfer::OfferDeclined& event, Now now);
    void note(const transfer::TransferResumed& event, Now now);
    void note(const transfer::TransferProgress& event, Now now);
    void note(const transfer::TransferDelivered& event, Now now);
    void note(const transfer::TransferFailed& event, Now now);
    void note(const transfer::TransferInterrupted& event, Now now);
    void note(const transfer::TransferHeld& event, Now now);
    void onPausedEarlier(const transfer::TransferHeld& event, Now now);
    Running* find(transfer::TransferId transfer);
    void keep(transfer::TransferId transfer, Running& running, Now now);
    void end(transfer::TransferId transfer, TransferOutcome outcome, Now now);
    void append(const HistoryRecord& record, Instant now);
    void store(const HistoryRecord& record);
    void drop(uint64_t number);
    void dropSame(const HistoryEntry& offer);
    void onRunningScanned(const StoreScanned& scanned, Now now);
    void onUnansweredScanned(const StoreScanned& scanned);
    void onNewestScanned(const StoreScanned& scanned, Now now);
    void answerList(const Query& query, const StoreScanned& scanned);
    void answerRetry(const Query& query, const StoreScanned& scanned);
    void ask(Query query, Bytes prefix, Bytes after, size_t limit);
    void enqueue(StoreOp op);

    const Duration m_keep;
    bool m_loaded = false;
    bool m_broken = false;   ///< the store could not be read
    uint64_t m_last = 0;     ///< number of the newest entry
    uint64_t m_queries = 16; ///< numbers of store requests; the first ones are those of the start
    std::map<transfer::TransferId, Running> m_running;
    UnansweredOffers m_unanswered;
    std::map<StoreRequestId, Query> m_asked;
    std::deque<HistoryRecord> m_waiting; ///< ended before the newest number was known
    std::deque<StoreOp> m_store;
    std::deque<StoreOp> m_held; ///< behind the scans of the start, whose rows they could be taken for
    std::deque<HistoryAnswer> m_answers;
};

} // namespace wherry::node

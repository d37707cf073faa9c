#include "node/transfer_history.h"

#include "base/take_front.h"
#include "node/node_limits.h"
#include "transfer/figures.h"

#include <algorithm>

namespace wherry::node {

using namespace transfer;

namespace {

constexpr uint8_t kEndedRow = 1;
constexpr uint8_t kRunningRow = 2;
constexpr uint8_t kUnansweredRow = 3;
constexpr StoreRequestId kRunningScan = {static_cast<uint64_t>(StoreUser::History) << 56 | 1};
constexpr StoreRequestId kNewestScan = {static_cast<uint64_t>(StoreUser::History) << 56 | 2};
constexpr StoreRequestId kUnansweredScan = {static_cast<uint64_t>(StoreUser::History) << 56 | 3};

Bytes keyOf(uint8_t kind, uint64_t number) {
    Bytes key(1 + sizeof number, kind);
    putBigEndian<uint64_t>(MutableBytes(key).subspan(1), number);
    return key;
}
/// The newest comes first in byte order.
Bytes endedKey(uint64_t number) {
    return keyOf(kEndedRow, ~number);
}
/// Why nobody has answered an offer, as far as the receiver sees it.
bool isUnanswered(const TransferFailed& event) {
    return event.byPeer || event.error.code == Errc::ConnectionLost || event.error.code == Errc::Timeout;
}

std::optional<uint64_t> numberOf(ByteView key) {
    if (key.size() != 1 + sizeof(uint64_t) || key[0] != kEndedRow) return std::nullopt;
    return ~getBigEndian<uint64_t>(key.subspan(1));
}

} // namespace

std::string_view transferOutcomeName(TransferOutcome outcome) {
    switch (outcome) {
    case TransferOutcome::Delivered:
        return "delivered";
    case TransferOutcome::Declined:
        return "declined";
    case TransferOutcome::Failed:
        return "failed";
    case TransferOutcome::Cancelled:
        return "cancelled";
    case TransferOutcome::Interrupted:
        return "interrupted";
    case TransferOutcome::Unanswered:
        return "unanswered";
    }
    return "interrupted";
}

TransferHistory::TransferHistory(Duration keep) : m_keep(keep) {
    m_store.push_back(StoreScan{kRunningScan, Space::History, {kRunningRow}});
    m_store.push_back(StoreScan{kUnansweredScan, Space::History, {kUnansweredRow}});
    m_store.push_back(StoreScan{kNewestScan, Space::History, {kEndedRow}, {}, 1});
}

// --- the store ----------------------------------------------------------------------------------------------------

void TransferHistory::enqueue(StoreOp op) {
    (m_loaded ? m_store : m_held).push_back(std::move(op));
}

void TransferHistory::onStoreScanned(const StoreScanned& scanned, Now now) {
    if (scanned.id == kRunningScan) return onRunningScanned(scanned, now);
    if (scanned.id == kUnansweredScan) return onUnansweredScanned(scanned);
    if (scanned.id == kNewestScan) return onNewestScanned(scanned, now);
    const auto asked = m_asked.extract(scanned.id);
    if (!asked) return; // taken back
    const Query& query = asked.mapped();
    if (!scanned.rows)
        m_answers.push_back(RequestFailed{query.request, scanned.rows.error()});
    else if (query.isRetry)
        answerRetry(query, scanned);
    else
        answerList(query, scanned);
}

/// Rows of before: the program ended while they ran.
void TransferHistory::onRunningScanned(const StoreScanned& scanned, Now now) {
    m_broken = !scanned.rows;
    if (m_broken) return;
    for (const auto& [key, value] : *scanned.rows) {
        m_store.push_back(StoreErase{Space::History, key});
        auto record = decodeHistoryRecord(value);
        if (!record) continue;
        const bool waited = record->entry.outcome == TransferOutcome::Unanswered;
        if (!waited) record->entry.outcome = TransferOutcome::Interrupted;
        record->entry.ended = std::max(record->entry.ended, record->entry.begun);
        record->entry.error = makeError(waited ? Errc::Cancelled : Errc::ConnectionLost,
                                        waited ? "the program ended while it waited" : "the program ended while it ran");
        if (record->entry.ended.nanoseconds == 0) record->entry.ended = now.wall;
        m_waiting.push_front(std::move(*record)); // it ended before all that has ended since
    }
}

void TransferHistory::onUnansweredScanned(const StoreScanned& scanned) {
    m_broken = m_broken || !scanned.rows;
    if (m_broken) return;
    for (const auto& [key, value] : *scanned.rows) {
        const auto record = decodeHistoryRecord(value);
        if (record && key.size() == 1 + sizeof(uint64_t))
            m_unanswered.add(getBigEndian<uint64_t>(ByteView(key).subspan(1)), record->entry);
    }
}

void TransferHistory::onNewestScanned(const StoreScanned& scanned, Now now) {
    m_broken = m_broken || !scanned.rows;
    m_loaded = true;
    if (!m_broken && !scanned.rows->empty()) m_last = numberOf(scanned.rows->front().first).value_or(0);
    for (HistoryRecord& record : std::exchange(m_waiting, {})) append(record, now.mono);
    for (StoreOp& op : std::exchange(m_held, {})) enqueue(std::move(op));
}

void TransferHistory::append(const HistoryRecord& record, Instant now) {
    const HistoryEntry& entry = record.entry;
    if (m_broken) return;
    if (entry.outcome == TransferOutcome::Unanswered) {
        if (!m_unanswered.mayWrite(entry, now)) return;
        dropSame(entry);
        for (const uint64_t number : m_unanswered.surplus(entry.peer)) drop(number);
    }
    store(record);
}

void TransferHistory::store(const HistoryRecord& record) {
    const uint64_t number = ++m_last;
    const int64_t ended = record.entry.ended.nanoseconds;
    const UnixTime expires{ended > INT64_MAX - m_keep.count() ? INT64_MAX : ended + m_keep.count()};
    Bytes row = encodeHistoryRecord(record);
    if (record.entry.outcome == TransferOutcome::Unanswered) {
        m_unanswered.add(number, record.entry);
        m_store.push_back(StorePut{Space::History, keyOf(kUnansweredRow, number), row, expires});
    }
    m_store.push_back(StorePut{Space::History, endedKey(number), std::move(row), expires});
    if (number > kMaxHistoryEntries) drop(number - kMaxHistoryEntries);
}

/// After the start.
void TransferHistory::drop(uint64_t number) {
    m_store.push_back(StoreErase{Space::History, endedKey(number)});
    if (m_unanswered.erase(number)) m_store.push_back(StoreErase{Space::History, keyOf(kUnansweredRow, number)});
}

/// An offer that is made again, or has an end: its earlier entry says nothing any more.
void TransferHistory::dropSame(const HistoryEntry& offer) {
    if (m_broken || !m_loaded) return;
    for (const uint64_t number : m_unanswered.same(offer)) drop(number);
}

// --- transfers under way ------------------------------------------------------------------------------------------

TransferHistory::Running* TransferHistory::find(TransferId transfer) {
    const auto found = m_running.find(transfer);
    return found == m_running.end() ? nullptr : &found->second;
}

/// Writes its row, for the case that nobody lives to write its end.
void TransferHistory::keep(TransferId transfer, Running& running, Now now) {
    running.kept = true;
    running.noted = now.mono;
    running.record.entry.ended = now.wall;
    if (running.accepted) running.record.entry.seconds = secondsBetween(*running.accepted, now.mono);
    if (m_broken || running.paused) return; // a paused one does not end with this program
    enqueue(StorePut{Space::History, keyOf(kRunningRow, transfer.value), encodeHistoryRecord(running.record)});
}

void TransferHistory::end(TransferId transfer, TransferOutcome outcome, Now now) {
    auto ended = m_running.extract(transfer);
    if (!ended || !ended.mapped().kept) return;
    Running& running = ended.mapped();
    HistoryEntry& entry = running.record.entry;
    entry.outcome = outcome;
    entry.ended = now.wall;
    if (running.accepted && entry.seconds <= 0) entry.seconds = secondsBetween(*running.accepted, now.mono);
    if (outcome == TransferOutcome::Delivered) running.record.retry = {};
    if (m_broken) return;
    if (m_loaded)
        append(running.record, now.mono);
    else
        m_waiting.push_back(std::move(running.record));
    enqueue(StoreErase{Space::History, keyOf(kRunningRow, transfer.value)});
}

void TransferHistory::onStarted(TransferId transfer, const crypto::PeerId& peer, const std::string& label,
                                RetryOrder retry, Now now) {
    Running& running = m_running[transfer];
    running.record.entry.peer = peer;
    running.record.entry.label = label;
    running.record.entry.begun = now.wall;
    running.record.retry = std::move(retry);
    keep(transfer, running, now);
}

void TransferHistory::onEvent(const Event& event, Now now) {
    std::visit([&](const auto& what) { note(what, now); }, event);
}

void TransferHistory::onPath(const crypto::PeerId& peer, PathKind kind) {
    for (auto& [id, running] : m_running)
        if (running.record.entry.peer == peer) running.record.entry.path = kind;
}

void TransferHistory::note(const OfferMade& event, Now now) {
    Running& running = m_running[event.transfer];
    HistoryEntry& entry = running.record.entry;
    entry.peer = event.peer;
    entry.incoming = event.incoming;
    entry.label = event.label;
    entry.figures.bytesTotal = event.bytesTotal;
    entry.figures.filesTotal = event.filesTotal;
    entry.leftOut = event.skipped;
    if (entry.begun.nanoseconds == 0) entry.begun = now.wall;
    if (event.incoming) dropSame(entry);
    running.waits = event.incoming && event.needsAnswer && !running.paused;
    if (running.waits) entry.outcome = TransferOutcome::Unanswered;
    if (!event.incoming || running.waits) keep(event.transfer, running, now);
}

void TransferHistory::onUnasked(TransferId transfer) {
    if (Running* running = find(transfer)) running->unasked = running->waits;
}

void TransferHistory::onTurnedAway(const crypto::PeerId& peer, Now now) {
    if (m_broken || !m_loaded) return;
    HistoryRecord record;
    record.entry.peer = peer;
    record.entry.incoming = true;
    record.entry.outcome = TransferOutcome::Unanswered;
    record.entry.begun = record.entry.ended = now.wall;
    record.entry.error = makeError(Errc::LimitReached, "too many offers waited or came in at once");
    append(record, now.mono);
}

void TransferHistory::note(const OfferAccepted& event, Now now) {
    Running* running = find(event.transfer);
    if (!running) return;
    running->accepted = now.mono;
    running->waits = false;
    running->record.entry.outcome = TransferOutcome::Interrupted; // should this program be killed
    keep(event.transfer, *running, now);
}

void TransferHistory::note(const TransferResumed& event, Now) {
    Running* running = find(event.transfer);
    if (!running) return;
    running->record.entry.figures.bytesVerified = event.bytesAlready;
    if (!running->moving)
        running->record.entry.bytesAlready = event.bytesAlready; // later ones count what it has brought
}

void TransferHistory::note(const TransferProgress& event, Now now) {
    Running* running = find(event.transfer);
    if (!running) return;
    const bool begins = running->record.entry.figures.bytesVerified == 0 && event.figures.bytesVerified > 0;
    running->record.entry.figures = event.figures;
    running->moving = true;
    if (running->kept && (begins || now.mono >= running->noted + kHistoryNoteInterval))
        keep(event.transfer, *running, now);
}

void TransferHistory::note(const OfferDeclined& event, Now now) {
    Running* running = find(event.transfer);
    if (!running) return;
    running->kept = true;
    running->record.entry.byPeer = !running->record.entry.incoming;
    running->record.entry.error = makeError(Errc::Declined, event.reason);
    end(event.transfer, running->unasked ? TransferOutcome::Unanswered : TransferOutcome::Declined, now);
}

void TransferHistory::note(const TransferDelivered& event, Now now) {
    Running* running = find(event.transfer);
    if (!running) return;
    HistoryEntry& entry = running->record.entry;
    entry.figures = event.figures;
    entry.seconds = event.seconds;
    entry.folder = event.folder;
    entry.names = event.names;
    end(event.transfer, TransferOutcome::Delivered, now);
}

void TransferHistory::note(const TransferFailed& event, Now now) {
    Running* running = find(event.transfer);
    if (!running) return;
    HistoryEntry& entry = running->record.entry;
    if (!running->waits) entry.figures = event.figures; // else those of the offer say more
    entry.error = event.error;
    entry.file = event.file;
    entry.byPeer = event.byPeer;
    entry.seconds = 0;
    const Errc code = event.error.code;
    // The peer was away for too long, or this program ends; an attempt more, and it goes on where it was.
    const bool lost = code == Errc::ConnectionLost && !event.byPeer;
    if (running->waits && lost) entry.error->code = Errc::Cancelled; // by the end of this program: a peer that is gone interrupts
    end(event.transfer,
        running->waits && isUnanswered(event) ? TransferOutcome::Unanswered
        : code == Errc::Cancelled             ? TransferOutcome::Cancelled
        : lost                                ? TransferOutcome::Interrupted
                                              : TransferOutcome::Failed,
        now);
}

/// The sender goes on by itself; what comes in then is another transfer.
void TransferHistory::note(const TransferInterrupted& event, Now now) {
    Running* running = find(event.transfer);
    if (!running) return;
    running->moving = true;
    if (!event.incoming || running->paused) return keep(event.transfer, *running, now);
    running->record.entry.error = event.error;
    running->record.entry.seconds = 0;
    end(event.transfer, running->waits ? TransferOutcome::Unanswered : TransferOutcome::Interrupted, now);
}

void TransferHistory::note(const TransferHeld& event, Now now) {
    const bool paused = event.incoming && event.here == Hold::Paused;
    Running* running = find(event.transfer);
    if (!running && paused) return onPausedEarlier(event, now);
    if (!running || running->paused == paused) return;
    running->paused = paused;
    if (!running->kept) return;
    if (!paused)
        keep(event.transfer, *running, now);
    else if (!m_broken)
        enqueue(StoreErase{Space::History, keyOf(kRunningRow, event.transfer.value)});
}

/// Paused in an earlier run. It has no row and will have an entry when it ends.
void TransferHistory::onPausedEarlier(const TransferHeld& event, Now now) {
    Running& running = m_running[event.transfer];
    running.kept = true;
    running.paused = true;
    HistoryEntry& entry = running.record.entry;
    entry.peer = event.peer;
    entry.incoming = true;
    entry.label = event.label;
    entry.figures = event.figures;
    entry.begun = now.wall;
}

// --- questions ----------------------------------------------------------------------------------------------------

Result<void> TransferHistory::mayAsk() const {
    if (m_asked.size() < kMaxHistoryQueries) return {};
    return makeError(Errc::LimitReached,
                     "at most " + std::to_string(kMaxHistoryQueries) + " questions about the history at once");
}

void TransferHistory::ask(Query query, Bytes prefix, Bytes after, size_t limit) {
    const StoreRequestId id = storeRequest(StoreUser::History, ++m_queries);
    m_asked[id] = query;
    enqueue(StoreScan{id, Space::History, std::move(prefix), std::move(after), limit});
}

void TransferHistory::list(const ListHistory& command, RequestId request) {
    const uint32_t limit = command.limit == 0 ? kMaxListedHistory : std::min(command.limit, kMaxListedHistory);
    // One more than asked for, to know whether there are more.
    ask({request, false, limit}, {kEndedRow}, command.before == 0 ? Bytes() : endedKey(command.before), limit + 1);
}

void TransferHistory::retry(const RetryTransfer& command, RequestId request) {
    ask({request, true, 1}, endedKey(command.entry), {}, 1);
}

void TransferHistory::forget(const ForgetHistory& command) {
    const bool all = command.entry == 0;
    enqueue(StoreErase{Space::History, all ? Bytes{kEndedRow} : endedKey(command.entry)});
    enqueue(StoreErase{Space::History, all ? Bytes{kUnansweredRow} : keyOf(kUnansweredRow, command.entry)});
    all ? m_unanswered.clear() : void(m_unanswered.erase(command.entry));
}

bool TransferHistory::cancel(RequestId request) {
    const auto found = std::ranges::find_if(m_asked, [&](const auto& one) { return one.second.request == request; });
    if (found == m_asked.end()) return false;
    m_asked.erase(found);
    m_answers.push_back(RequestFailed{request, makeError(Errc::Cancelled)});
    return true;
}

void TransferHistory::answerList(const Query& query, const StoreScanned& scanned) {
    HistoryListed listed{query.request, {}, scanned.rows->size() > query.limit};
    for (const auto& [key, value] : *scanned.rows) {
        if (listed.entries.size() == query.limit) break;
        const auto number = numberOf(key);
        auto record = decodeHistoryRecord(value);
        if (!number || !record) continue;
        record->entry.number = *number;
        listed.entries.push_back(std::move(record->entry));
    }
    m_answers.push_back(std::move(listed));
}

void TransferHistory::answerRetry(const Query& query, const StoreScanned& scanned) {
    const auto refuse = [&](Errc code, std::string why) {
        m_answers.push_back(RequestFailed{query.request, makeError(code, std::move(why))});
    };
    if (scanned.rows->empty()) return refuse(Errc::NotFound, "no such transfer in the history");
    auto record = decodeHistoryRecord(scanned.rows->front().second);
    if (!record) return m_answers.push_back(RequestFailed{query.request, record.error()});
    if (record->entry.incoming)
        return refuse(Errc::InvalidArgument, "it came from the other device, which can send it again");
    if (record->entry.outcome == TransferOutcome::Delivered)
        return refuse(Errc::InvalidArgument, "it has been delivered");
    if (!record->entry.retryable)
        return refuse(Errc::InvalidArgument, "it was fetched with a ticket, or had too many paths");
    m_answers.push_back(RetryFound{query.request, record->entry.peer, std::move(record->retry)});
}

std::optional<StoreOp> TransferHistory::pollStore() {
    return takeFront(m_store);
}

std::optional<HistoryAnswer> TransferHistory::poll() {
    return takeFront(m_answers);
}

} // namespace wherry::node

#include "node/transfer_queue.h"

#include "base/take_front.h"
#include "node/node_limits.h"

#include <algorithm>
#include <vector>

namespace wherry::node {

using crypto::PeerId;

std::string_view priorityName(Priority priority) {
    switch (priority) {
    case Priority::Low:
        return "low";
    case Priority::Normal:
        return "normal";
    case Priority::High:
        return "high";
    }
    return "normal";
}

std::optional<Priority> priorityNamed(std::string_view name) {
    for (const Priority priority : {Priority::Low, Priority::Normal, Priority::High})
        if (priorityName(priority) == name) return priority;
    return std::nullopt;
}

Result<void> TransferQueue::mayAdd() const {
    if (m_entries.size() < kMaxQueuedSends) return {};
    return makeError(Errc::LimitReached, "at most " + std::to_string(kMaxQueuedSends) + " transfers wait at once");
}

void TransferQueue::add(TransferId transfer, const PeerId& peer, Priority priority) {
    Entry entry;
    entry.peer = peer;
    entry.priority = priority;
    m_entries.insert_or_assign(transfer, entry);
    m_changed = true;
}

void TransferQueue::setTurns(uint32_t turns) {
    m_turns = turns;
    m_changed = true;
}

Result<void> TransferQueue::setPriority(TransferId transfer, Priority priority) {
    Entry* entry = find(transfer);
    if (!entry) return makeError(Errc::NotFound, "no such transfer that was sent from here is under way or waits");
    entry->priority = priority;
    m_changed = true;
    return {};
}

void TransferQueue::pause(TransferId transfer) {
    Entry* entry = find(transfer);
    if (!entry) return;
    entry->paused = true;
    release(transfer, *entry);
}

void TransferQueue::resume(TransferId transfer) {
    Entry* entry = find(transfer);
    if (!entry) return;
    entry->paused = false;
    m_changed = true;
}

bool TransferQueue::waits(TransferId transfer) const {
    const auto found = m_entries.find(transfer);
    return found != m_entries.end() && found->second.waits();
}

std::optional<Priority> TransferQueue::priority(TransferId transfer) const {
    const auto found = m_entries.find(transfer);
    return found == m_entries.end() ? std::nullopt : std::optional(found->second.priority);
}

TransferQueue::Entry* TransferQueue::find(TransferId transfer) {
    const auto found = m_entries.find(transfer);
    return found == m_entries.end() ? nullptr : &found->second;
}

void TransferQueue::release(TransferId transfer, Entry& entry) {
    m_changed = true;
    if (!std::exchange(entry.active, false)) return;
    m_actions.push_back(TurnLost{transfer});
}

void TransferQueue::remove(TransferId transfer) {
    if (m_entries.erase(transfer) > 0) m_changed = true;
}

// --- what happens to them -----------------------------------------------------------------------------------------

void TransferQueue::onEvent(const transfer::TransferEvent& event, Now now) {
    std::visit([&](const auto& what) { note(what, now); }, event);
}

void TransferQueue::note(const transfer::OfferMade& event, Now now) {
    Entry* entry = find(event.transfer);
    if (!entry) return;
    entry->idleSince = now.mono;
    m_changed = true;
}

void TransferQueue::note(const transfer::OfferAccepted& event, Now) {
    onAnswered(event.transfer);
}

void TransferQueue::note(const transfer::TransferResumed& event, Now) {
    onAnswered(event.transfer);
}

void TransferQueue::onAnswered(TransferId transfer) {
    Entry* entry = find(transfer);
    if (!entry) return;
    entry->answered = true;
    entry->idleSince.reset();
    m_changed = true;
}

void TransferQueue::note(const transfer::TransferInterrupted& event, Now now) {
    Entry* entry = find(event.transfer);
    if (!entry) return;
    entry->answered = false;
    if (!entry->idleSince) entry->idleSince = now.mono;
    m_changed = true;
}

void TransferQueue::note(const transfer::TransferHeld& event, Now now) {
    Entry* entry = find(event.transfer);
    if (!entry) return;
    if (event.there == transfer::Hold::None) {
        if (entry->answered) entry->idleSince.reset();
    } else if (!entry->idleSince) {
        entry->idleSince = now.mono;
    }
    m_changed = true;
}

void TransferQueue::onUnreachable(const PeerId& peer, Now now) {
    for (auto& [id, entry] : m_entries) {
        if (entry.peer != peer || !entry.begun || entry.answered || entry.idleSince) continue;
        entry.idleSince = now.mono;
        m_changed = true;
    }
}

// --- turns --------------------------------------------------------------------------------------------------------

void TransferQueue::onDeadline(Now now) {
    for (auto& [id, entry] : m_entries)
        if (entry.active && entry.idleSince && now.mono >= *entry.idleSince + kTurnPatience) release(id, entry);
}

void TransferQueue::assignTurns() {
    size_t active = 0, begun = 0;
    std::map<PeerId, Load> loads;
    std::vector<std::pair<TransferId, Entry*>> waiting;
    for (auto& [id, entry] : m_entries) {
        if (entry.active) ++active;
        if (entry.waits()) waiting.emplace_back(id, &entry);
        if (!entry.begun) continue;
        ++begun;
        ++loads[entry.peer].begun;
        if (!entry.answered) ++loads[entry.peer].unanswered;
    }
    std::ranges::stable_sort(waiting, std::ranges::greater(), [](const auto& one) { return one.second->priority; });
    for (const auto& [id, entry] : waiting) {
        if (active >= m_turns) break;
        if (!entry->begun) {
            Load& load = loads[entry->peer];
            if (begun >= kMaxBegunSends || load.begun >= transfer::kMaxReceivesPerPeer ||
                load.unanswered >= transfer::kMaxOffersPerPeer)
                continue;
            ++begun, ++load.begun, ++load.unanswered;
        }
        entry->begun = entry->active = true;
        ++active;
        m_actions.push_back(TurnHas{id});
    }
    m_deadline = kNever;
    for (const auto& [id, entry] : m_entries)
        if (entry.active && entry.idleSince) m_deadline = std::min(m_deadline, *entry.idleSince + kTurnPatience);
}

std::optional<TurnAction> TransferQueue::poll() {
    if (std::exchange(m_changed, false)) assignTurns();
    return takeFront(m_actions);
}

} // namespace wherry::node

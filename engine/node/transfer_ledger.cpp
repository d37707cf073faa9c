#include "node/transfer_ledger.h"

#include "node/node_limits.h"

namespace wherry::node {

using namespace transfer;

std::string_view transferStateName(TransferState state) {
    switch (state) {
    case TransferState::Preparing:
        return "preparing";
    case TransferState::Offered:
        return "offered";
    case TransferState::Running:
        return "running";
    case TransferState::Interrupted:
        return "interrupted";
    case TransferState::Paused:
        return "paused";
    case TransferState::Queued:
        return "queued";
    }
    return "preparing";
}

void TransferLedger::onStarted(TransferId transfer, const crypto::PeerId& peer, std::string label) {
    TransferInfo& info = m_transfers[transfer];
    info.transfer = transfer;
    info.peer = peer;
    info.label = std::move(label);
}

void TransferLedger::onEvent(const TransferEvent& event) {
    std::visit([this](const auto& what) { note(what); }, event);
}

std::vector<TransferInfo> TransferLedger::list() const {
    std::vector<TransferInfo> listed;
    size_t maps = 0;
    for (const auto& [id, info] : m_transfers) {
        if (listed.size() == kMaxListedTransfers) break;
        TransferInfo& shown = listed.emplace_back(info);
        if (!shown.verified.empty() && ++maps > kMaxListedMaps) shown.verified.clear();
        if (m_paused.contains(id)) shown.heldHere = Hold::Paused;
        const auto isHeld = [&](Hold hold) { return shown.heldHere == hold || shown.heldThere == hold; };
        if (isHeld(Hold::Paused))
            shown.state = TransferState::Paused;
        else if (isHeld(Hold::Queued))
            shown.state = TransferState::Queued;
        else
            continue;
        shown.rate = 0;
        shown.etaSeconds = 0;
    }
    return listed;
}

std::map<crypto::PeerId, bool> TransferLedger::peersAtWork() const {
    std::map<crypto::PeerId, bool> found;
    for (const auto& [id, info] : m_transfers) {
        const bool held = m_paused.contains(id) || info.heldHere != Hold::None || info.heldThere != Hold::None;
        const bool moves = info.state == TransferState::Running && !held;
        if (moves || info.state == TransferState::Offered) found[info.peer] |= moves;
    }
    return found;
}

TransferInfo* TransferLedger::find(TransferId transfer) {
    const auto found = m_transfers.find(transfer);
    return found == m_transfers.end() ? nullptr : &found->second;
}

void TransferLedger::setPaused(TransferId transfer, bool paused) {
    if (!paused)
        m_paused.erase(transfer);
    else if (find(transfer) && !isIncoming(transfer))
        m_paused.insert(transfer);
}

bool TransferLedger::isIncoming(TransferId transfer) const {
    const auto found = m_transfers.find(transfer);
    return found != m_transfers.end() && found->second.incoming;
}

bool TransferLedger::isPausedHere(TransferId transfer) const {
    const auto found = m_transfers.find(transfer);
    return found != m_transfers.end() && found->second.incoming && found->second.heldHere == Hold::Paused;
}

void TransferLedger::forget(TransferId transfer) {
    m_transfers.erase(transfer);
    m_paused.erase(transfer);
}

void TransferLedger::note(const OfferMade& event) {
    TransferInfo& info = m_transfers[event.transfer];
    info.transfer = event.transfer;
    info.peer = event.peer;
    info.incoming = event.incoming;
    info.state = TransferState::Offered;
    info.label = event.label;
    info.figures.bytesTotal = event.bytesTotal;
    info.figures.filesTotal = event.filesTotal;
    info.leftOut = event.skipped;
}

void TransferLedger::note(const OfferAccepted& event) {
    if (TransferInfo* info = find(event.transfer)) info->state = TransferState::Running;
}

void TransferLedger::note(const TransferResumed& event) {
    if (TransferInfo* info = find(event.transfer)) info->figures.bytesVerified = event.bytesAlready;
}

void TransferLedger::note(const TransferProgress& event) {
    TransferInfo* info = find(event.transfer);
    if (!info) return;
    info->state = TransferState::Running;
    info->figures = event.figures;
    info->rate = event.rate;
    if (!event.verified.empty()) info->verified = event.verified;
    info->etaSeconds = event.etaSeconds;
}

void TransferLedger::note(const TransferInterrupted& event) {
    TransferInfo* info = find(event.transfer);
    if (!info) return;
    // The sender's next attempt is another transfer, unless it is paused here.
    if (info->incoming && info->heldHere != Hold::Paused) return forget(event.transfer);
    info->state = TransferState::Interrupted;
    info->rate = 0;
    info->heldThere = Hold::None; // it says so again
}

void TransferLedger::note(const TransferHeld& event) {
    TransferInfo* info = find(event.transfer);
    if (!info) { // paused in an earlier run
        if (event.here != Hold::Paused) return;
        onStarted(event.transfer, event.peer, event.label);
        info = find(event.transfer);
        info->incoming = event.incoming;
        info->state = TransferState::Interrupted;
        info->figures = event.figures;
    }
    if (info->incoming) info->heldHere = event.here;
    info->heldThere = event.there;
}

void TransferLedger::note(const OfferDeclined& event) {
    forget(event.transfer);
}

void TransferLedger::note(const TransferDelivered& event) {
    forget(event.transfer);
}

void TransferLedger::note(const TransferFailed& event) {
    forget(event.transfer);
}

} // namespace wherry::node

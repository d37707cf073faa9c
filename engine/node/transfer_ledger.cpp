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
    for (const auto& [id, info] : m_transfers) {
        if (listed.size() == kMaxListedTransfers) break;
        listed.push_back(info);
        if (!m_paused.contains(id)) continue;
        listed.back().state = TransferState::Paused;
        listed.back().rate = 0;
        listed.back().etaSeconds = 0;
    }
    return listed;
}

TransferInfo* TransferLedger::find(TransferId transfer) {
    const auto found = m_transfers.find(transfer);
    return found == m_transfers.end() ? nullptr : &found->second;
}

void TransferLedger::setPaused(TransferId transfer, bool paused) {
    if (!paused)
        m_paused.erase(transfer);
    else if (find(transfer))
        m_paused.insert(transfer);
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
    info->etaSeconds = event.etaSeconds;
}

void TransferLedger::note(const TransferInterrupted& event) {
    TransferInfo* info = find(event.transfer);
    if (!info) return;
    if (info->incoming) { // the sender's next attempt is another transfer
        forget(event.transfer);
        return;
    }
    info->state = TransferState::Interrupted;
    info->rate = 0;
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

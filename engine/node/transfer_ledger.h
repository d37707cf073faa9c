#pragma once

#include "node/event.h"

#include <map>
#include <set>
#include <vector>

namespace wherry::node {

/// "preparing", "offered", "running", "interrupted", "paused", "queued".
std::string_view transferStateName(TransferState state);

/// What is under way, for whoever asks: kept from the same events that everybody hears, so it decides nothing. Bounded
/// by the transfers that exist; one that ends is gone.
class TransferLedger {
  public:
    /// A SendFiles command has come; its offer, which may have a better label, is not out yet.
    void onStarted(transfer::TransferId transfer, const crypto::PeerId& peer, std::string label = {});
    void onEvent(const transfer::TransferEvent& event);

    /// An outgoing one: from now on it is listed as paused, whatever its connection does, or no longer so. Of incoming
    /// ones TransferHeld tells.
    void setPaused(transfer::TransferId transfer, bool paused);
    bool isIncoming(transfer::TransferId transfer) const;
    /// An incoming one that the person has paused.
    bool isPausedHere(transfer::TransferId transfer) const;

    /// Peers of offers that wait for an answer (false) and of transfers that should move (true).
    std::map<crypto::PeerId, bool> peersAtWork() const;

    size_t size() const { return m_transfers.size(); }
    /// In the order in which they began, at most kMaxListedTransfers.
    std::vector<TransferInfo> list() const;

  private:
    void note(const transfer::OfferMade& event);
    void note(const transfer::OfferAccepted& event);
    void note(const transfer::OfferDeclined& event);
    void note(const transfer::TransferResumed& event);
    void note(const transfer::TransferProgress& event);
    void note(const transfer::TransferDelivered& event);
    void note(const transfer::TransferFailed& event);
    void note(const transfer::TransferInterrupted& event);
    void note(const transfer::TransferHeld& event);
    /// nullptr: not under way.
    TransferInfo* find(transfer::TransferId transfer);

    /// It has ended.
    void forget(transfer::TransferId transfer);

    std::map<transfer::TransferId, TransferInfo> m_transfers;
    std::set<transfer::TransferId> m_paused;
};

} // namespace wherry::node

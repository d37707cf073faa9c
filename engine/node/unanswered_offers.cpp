#include "node/unanswered_offers.h"

#include "node/node_limits.h"

#include <algorithm>

namespace wherry::node {

UnansweredOffers::UnansweredOffers() : m_rate(kUnansweredInterval, kUnansweredBurst) {}

UnansweredOffers::Offer UnansweredOffers::offerOf(const HistoryEntry& entry) {
    return {entry.peer, entry.label.substr(0, kMaxHistoryText), entry.figures.bytesTotal, entry.figures.filesTotal,
            entry.ended};
}

void UnansweredOffers::add(uint64_t number, const HistoryEntry& entry) {
    m_offers[number] = offerOf(entry);
}

bool UnansweredOffers::mayWrite(const HistoryEntry& entry, Instant now) {
    const Offer offer = offerOf(entry);
    const auto isFresh = [&](const auto& one) {
        const Offer& known = one.second;
        return known.peer == offer.peer && known.label.empty() && known.ended.nanoseconds <= offer.ended.nanoseconds &&
               offer.ended.nanoseconds - known.ended.nanoseconds < kTurnedAwayInterval.count();
    };
    if (offer.label.empty() && std::ranges::any_of(m_offers, isFresh)) return false;
    return m_rate.allow(now);
}

std::vector<uint64_t> UnansweredOffers::surplus(const crypto::PeerId& peer) const {
    std::vector<uint64_t> ofPeer;
    for (const auto& [number, offer] : m_offers)
        if (offer.peer == peer) ofPeer.push_back(number);
    if (ofPeer.size() >= kMaxUnansweredEntriesOfPeer) return {ofPeer.front()};
    if (m_offers.size() >= kMaxUnansweredEntries) return {m_offers.begin()->first};
    return {};
}

std::vector<uint64_t> UnansweredOffers::same(const HistoryEntry& entry) const {
    const Offer offer = offerOf(entry);
    std::vector<uint64_t> found;
    for (const auto& [number, known] : m_offers) {
        const bool isIt = known.label == offer.label && known.bytes == offer.bytes && known.files == offer.files;
        if (known.peer == offer.peer && (isIt || known.label.empty())) found.push_back(number);
    }
    return found;
}

} // namespace wherry::node

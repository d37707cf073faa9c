#pragma once

#include "base/rate_limit.h"
#include "node/event.h"

#include <map>
#include <vector>

namespace wherry::node {

/// Which entries of the history are of offers to us that nobody has answered. Anybody can make offers, so these entries
/// have bounds of their own: in all, of one peer, and how often one is written. An offer that comes again stands for
/// itself, and its earlier entry goes. Decides only; the history writes.
class UnansweredOffers {
  public:
    UnansweredOffers();

    /// One that the history has.
    void add(uint64_t number, const HistoryEntry& entry);
    /// Whether it was one.
    bool erase(uint64_t number) { return m_offers.erase(number) > 0; }
    void clear() { m_offers.clear(); }

    /// Whether one more may be written; if so, it is counted.
    bool mayWrite(const HistoryEntry& entry, Instant now);
    /// What has to go for a further one of this peer.
    std::vector<uint64_t> surplus(const crypto::PeerId& peer) const;
    /// Those that this offer is, or whose place it takes: the same of the same peer, or one that was sent away unread.
    std::vector<uint64_t> same(const HistoryEntry& offer) const;

  private:
    struct Offer {
        crypto::PeerId peer;
        std::string label; ///< empty: nothing is known of it
        uint64_t bytes = 0;
        uint64_t files = 0;
        UnixTime ended{};
    };
    static Offer offerOf(const HistoryEntry& entry);

    std::map<uint64_t, Offer> m_offers; ///< by the number of the entry
    RateLimit m_rate;
};

} // namespace wherry::node

#pragma once

#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/rpc.h"

#include <algorithm>

namespace wherry::gossipsub {

/// How fast a peer is read: by what is to be done for the items that it sends, signatures apart (CheckBudget). What
/// comes faster stays unread, so that the peer's window closes.
class ReadRate {
  public:
    bool mayRead(Instant now) const { return readableAt() <= now; }
    Instant readableAt() const { return m_due - kReadBurst * kItemTime; }
    void spend(size_t items, Instant now) {
        m_due = std::max(m_due, now) + static_cast<int64_t>(items) * kItemTime;
    }

  private:
    Instant m_due{};
};

/// What an RPC of so many bytes costs: an item at least, for it may be empty.
inline size_t itemsOf(const Rpc& rpc, size_t bytes) {
    size_t ids = rpc.iwant.size() + rpc.dontWant.size();
    for (const IHave& has : rpc.ihave) ids += has.ids.size();
    return 1 + rpc.subscriptions.size() + rpc.messages.size() + rpc.ihave.size() + rpc.graft.size() + rpc.prune.size() +
           ids / kIdsPerItem + bytes / kBytesPerItem;
}

} // namespace wherry::gossipsub

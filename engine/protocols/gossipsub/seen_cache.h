#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/author_numbers.h"
#include "protocols/gossipsub/message.h"

#include <deque>
#include <map>
#include <set>

namespace wherry::gossipsub {

enum class Verdict : uint8_t { Accept, Reject, Ignore };

/// The ids of messages that have come, what became of each, and who has delivered it. Bounded by time and number: the
/// oldest goes first, and leaves its number with `authors`.
class SeenCache {
  public:
    struct Entry {
        Instant at;
        Verdict verdict = Verdict::Accept;
        std::set<crypto::PeerId> deliverers{}; ///< as far as that matters; at most kMaxDeliverers
        crypto::PeerId author{};               ///< nobody: unsigned
        uint64_t number = 0;
    };

    SeenCache(Duration ttl, size_t maxEntries, AuthorNumbers& authors)
        : m_ttl(ttl),
          m_maxEntries(maxEntries),
          m_authors(authors) {}

    /// nullptr: not seen, or too long ago.
    Entry* find(const MessageId& id, Instant now);
    /// Of an id that find() has not found.
    Entry& add(const MessageId& id, Entry entry);
    void expire(Instant now);
    size_t size() const { return m_entries.size(); }

  private:
    void dropOldest();

    using Entries = std::map<MessageId, Entry>;
    Duration m_ttl;
    size_t m_maxEntries;
    AuthorNumbers& m_authors;
    Entries m_entries;
    std::deque<Entries::iterator> m_order; ///< the oldest first
};

} // namespace wherry::gossipsub

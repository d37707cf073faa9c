#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <map>
#include <set>

namespace wherry::gossipsub {

/// The highest number of each author that the seen cache has forgotten. The numbers of an author grow, so what is not
/// above it comes a second time; what is above may be late, and is judged by the seen cache. Bounded: the author that
/// was noted longest ago is forgotten first.
class AuthorNumbers {
  public:
    explicit AuthorNumbers(size_t maxAuthors) : m_maxAuthors(maxAuthors) {}

    void forgotten(const crypto::PeerId& author, uint64_t number, Instant at);
    bool isOld(const crypto::PeerId& author, uint64_t number) const;
    size_t size() const { return m_authors.size(); }

  private:
    struct Entry {
        uint64_t number = 0;
        Instant at;
    };
    size_t m_maxAuthors;
    std::map<crypto::PeerId, Entry> m_authors;
    std::set<std::pair<Instant, crypto::PeerId>> m_order;
};

} // namespace wherry::gossipsub

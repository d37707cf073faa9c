#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace wherry::gossipsub {

/// The highest number of each author that the seen cache has forgotten. The numbers of an author grow, so what is not
/// above it comes a second time; what is above may be late, and is judged by the seen cache. Bounded: first are
/// forgotten authors who have said one thing, then other strangers, and of each kind who was noted longest ago. So a
/// crowd of new authors makes nothing that people of the book have said news again; of strangers it can, once it has
/// sent as many signed messages as the seen cache and this hold.
class AuthorNumbers {
  public:
    using IsKnown = std::function<bool(const crypto::PeerId&)>;
    explicit AuthorNumbers(size_t maxAuthors, IsKnown isKnown = {})
        : m_maxAuthors(maxAuthors),
          m_isKnown(std::move(isKnown)) {}

    void forgotten(const crypto::PeerId& author, uint64_t number, Instant at);
    bool isOld(const crypto::PeerId& author, uint64_t number) const;
    size_t size() const { return m_authors.size(); }

  private:
    enum class Worth : uint8_t { MetOnce, MetAgain, Known };
    struct Entry {
        uint64_t number = 0;
        Worth worth = Worth::MetOnce;
        Instant at;
    };
    size_t m_maxAuthors;
    IsKnown m_isKnown;
    std::map<crypto::PeerId, Entry> m_authors;
    std::set<std::tuple<Worth, Instant, crypto::PeerId>> m_order; ///< whom to forget first
};

} // namespace wherry::gossipsub

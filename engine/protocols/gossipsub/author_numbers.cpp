#include "protocols/gossipsub/author_numbers.h"

#include <algorithm>

namespace wherry::gossipsub {

void AuthorNumbers::forgotten(const crypto::PeerId& author, uint64_t number, Instant at) {
    const auto [found, isNew] = m_authors.try_emplace(author, Entry{number, at});
    if (!isNew) {
        m_order.erase({found->second.at, author});
        found->second = {std::max(found->second.number, number), at};
    }
    m_order.emplace(at, author);
    if (m_authors.size() <= m_maxAuthors) return;
    m_authors.erase(m_order.begin()->second);
    m_order.erase(m_order.begin());
}

bool AuthorNumbers::isOld(const crypto::PeerId& author, uint64_t number) const {
    const auto found = m_authors.find(author);
    return found != m_authors.end() && number <= found->second.number;
}

} // namespace wherry::gossipsub

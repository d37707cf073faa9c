#include "protocols/gossipsub/author_numbers.h"

#include <algorithm>

namespace wherry::gossipsub {

void AuthorNumbers::forgotten(const crypto::PeerId& author, uint64_t number, Instant at) {
    const auto [found, isNew] = m_authors.try_emplace(author);
    Entry& entry = found->second;
    if (!isNew) m_order.erase({entry.worth, entry.at, author});
    const Worth worth = isNew ? Worth::MetOnce : Worth::MetAgain;
    entry = {std::max(entry.number, number), m_isKnown && m_isKnown(author) ? Worth::Known : worth, at};
    m_order.emplace(entry.worth, at, author);
    if (m_authors.size() <= m_maxAuthors) return;
    m_authors.erase(std::get<crypto::PeerId>(*m_order.begin()));
    m_order.erase(m_order.begin());
}

bool AuthorNumbers::isOld(const crypto::PeerId& author, uint64_t number) const {
    const auto found = m_authors.find(author);
    return found != m_authors.end() && number <= found->second.number;
}

} // namespace wherry::gossipsub

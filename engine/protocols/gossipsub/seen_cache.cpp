#include "protocols/gossipsub/seen_cache.h"

#include "base/assert.h"

namespace wherry::gossipsub {

SeenCache::Entry* SeenCache::find(const MessageId& id, Instant now) {
    expire(now);
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? nullptr : &found->second;
}

SeenCache::Entry& SeenCache::add(const MessageId& id, Entry entry) {
    while (m_order.size() >= m_maxEntries) dropOldest();
    const auto [at, isNew] = m_entries.try_emplace(id, std::move(entry));
    ASSERT(isNew);
    m_order.push_back(at);
    return at->second;
}

void SeenCache::expire(Instant now) {
    while (!m_order.empty() && now - m_order.front()->second.at >= m_ttl) dropOldest();
}

void SeenCache::dropOldest() {
    const Entry& oldest = m_order.front()->second;
    if (!oldest.author.empty()) m_authors.forgotten(oldest.author, oldest.number, oldest.at);
    m_entries.erase(m_order.front());
    m_order.pop_front();
}

} // namespace wherry::gossipsub

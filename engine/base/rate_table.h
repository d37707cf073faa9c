#pragma once

#include "base/rate_limit.h"

#include <map>

namespace wherry {

/// One RateLimit for each key, whether it is connected or not: going away and coming back gives nobody a new share.
///
/// Bound: `maxKeys`. A limit that has recovered is as good as a new one and is forgotten first; when all are spent, the
/// one that recovers next gives way, which is the least that anybody can win by filling the table.
template <typename Key> class RateTable {
  public:
    RateTable(RateLimit fresh, size_t maxKeys) : m_fresh(fresh), m_maxKeys(maxKeys) {}

    /// Whether one more event of this key is within its rate; if so, it is counted.
    bool allow(const Key& key, Instant now) {
        const auto found = m_limits.find(key);
        if (found != m_limits.end()) return found->second.allow(now);
        if (m_limits.size() >= m_maxKeys) makeRoom(now);
        return m_limits.emplace(key, m_fresh).first->second.allow(now);
    }
    size_t size() const { return m_limits.size(); }

  private:
    void makeRoom(Instant now) {
        if (std::erase_if(m_limits, [&](const auto& one) { return one.second.recoveredAt() <= now; }) > 0) return;
        m_limits.erase(std::min_element(m_limits.begin(), m_limits.end(), [](const auto& a, const auto& b) {
            return a.second.recoveredAt() < b.second.recoveredAt();
        }));
    }

    RateLimit m_fresh;
    size_t m_maxKeys;
    std::map<Key, RateLimit> m_limits;
};

} // namespace wherry

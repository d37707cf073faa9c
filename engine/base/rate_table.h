#pragma once

#include "base/rate_limit.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace wherry {

/// One RateLimit for each key, whether it is connected or not: going away and coming back gives nobody a new share.
///
/// Bound: `maxKeys`. A limit that has recovered is as good as a new one and is forgotten first; when all are spent, the
/// one that recovers next gives way, which is the least that anybody can win by filling the table. What an event costs
/// is the logarithm of the table's size, also when it is full and each is of a new key.
template <typename Key> class RateTable {
    using Limits = std::map<Key, RateLimit>;

  public:
    RateTable(RateLimit fresh, size_t maxKeys) : m_fresh(fresh), m_maxKeys(maxKeys) {}
    RateTable(const RateTable&) = delete;
    RateTable& operator=(const RateTable&) = delete;
    RateTable(RateTable&&) noexcept = default;
    RateTable& operator=(RateTable&&) noexcept = default;
    ~RateTable() = default;

    /// Whether one more event of this key is within its rate; if so, it is counted.
    bool allow(const Key& key, Instant now) {
        const auto found = m_limits.find(key);
        if (found != m_limits.end()) return found->second.allow(now);
        if (m_limits.size() >= m_maxKeys) makeRoom();
        const auto fresh = m_limits.emplace(key, m_fresh).first;
        const bool allowed = fresh->second.allow(now);
        note(fresh);
        return allowed;
    }
    size_t size() const { return m_limits.size(); }

  private:
    /// When a limit was to recover when it was looked at last: by now it may take longer, never less.
    using Noted = std::pair<Instant, typename Limits::iterator>;
    static bool isLater(const Noted& one, const Noted& other) { return one.first > other.first; }

    void note(typename Limits::iterator limit) {
        m_order.emplace_back(limit->second.recoveredAt(), limit);
        std::push_heap(m_order.begin(), m_order.end(), isLater);
    }
    void makeRoom() {
        while (!m_order.empty()) {
            std::pop_heap(m_order.begin(), m_order.end(), isLater);
            const Noted first = m_order.back();
            m_order.pop_back();
            if (first.first == first.second->second.recoveredAt()) {
                m_limits.erase(first.second);
                return;
            }
            note(first.second);
        }
    }

    RateLimit m_fresh;
    size_t m_maxKeys;
    Limits m_limits;
    std::vector<Noted> m_order; ///< a heap, the first to recover at its front; each limit once
};

} // namespace wherry

#pragma once

#include "crypto/peer_id.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace wherry::node {

/// Something about each of a bounded number of peers; the one of which nothing has been said for longest gives way to a
/// new one.
template <typename Value> class RecentPeers {
  public:
    explicit RecentPeers(size_t most) : m_most(most) {}

    /// That of `peer`, new or as it was; it is the latest now.
    Value& at(const crypto::PeerId& peer) {
        if (!m_entries.contains(peer) && m_entries.size() >= m_most)
            m_entries.erase(std::ranges::min_element(m_entries, {}, [](const auto& one) { return one.second.order; }));
        Entry& entry = m_entries[peer];
        entry.order = ++m_order;
        return entry.value;
    }
    /// nullptr: nothing is known of it.
    const Value* find(const crypto::PeerId& peer) const {
        const auto found = m_entries.find(peer);
        return found == m_entries.end() ? nullptr : &found->second.value;
    }
    void erase(const crypto::PeerId& peer) { m_entries.erase(peer); }
    size_t size() const { return m_entries.size(); }

  private:
    struct Entry {
        Value value{};
        uint64_t order = 0;
    };
    size_t m_most;
    std::map<crypto::PeerId, Entry> m_entries;
    uint64_t m_order = 0;
};

} // namespace wherry::node

#include "protocols/gossipsub/backoff.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <algorithm>

namespace wherry::gossipsub {

void Backoff::set(const std::string& topic, const crypto::PeerId& peer, Duration length, Instant now) {
    const Key key{topic, peer};
    Entry& entry = m_entries.try_emplace(key, Entry{now, Instant::min()}).first->second;
    m_order.erase({entry.until, key});
    entry = {now, std::max(entry.until, now + length)};
    m_order.emplace(entry.until, key);
    if (m_entries.size() <= m_maxEntries) return;
    m_entries.erase(m_order.begin()->second);
    m_order.erase(m_order.begin());
}

Duration Backoff::asked(uint64_t seconds) {
    constexpr auto kMost = static_cast<uint64_t>(std::chrono::seconds(kMaxBackoff / std::chrono::seconds(1)).count());
    return std::chrono::seconds(static_cast<int64_t>(std::min(seconds, kMost)));
}

Duration Backoff::left(const std::string& topic, const crypto::PeerId& peer, Instant now) const {
    const auto found = m_entries.find({topic, peer});
    return found == m_entries.end() ? Duration(0) : std::max(found->second.until - now, Duration(0));
}

Instant Backoff::begunAt(const std::string& topic, const crypto::PeerId& peer) const {
    return m_entries.at({topic, peer}).begun;
}

void Backoff::expire(Instant now) {
    while (!m_order.empty() && m_order.begin()->first <= now) {
        m_entries.erase(m_order.begin()->second);
        m_order.erase(m_order.begin());
    }
}

} // namespace wherry::gossipsub

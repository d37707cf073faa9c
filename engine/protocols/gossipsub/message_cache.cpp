#include "protocols/gossipsub/message_cache.h"

namespace wherry::gossipsub {

void MessageCache::put(const MessageId& id, const std::string& topic, Slice encoded) {
    if (encoded.length > m_bounds.bytes || m_entries.contains(id)) return;
    while (m_entries.size() >= m_bounds.messages || m_bytes + encoded.length > m_bounds.bytes) dropOldest();
    m_bytes += encoded.length;
    m_entries[id] = {topic, std::move(encoded), {}};
    m_order.push_back(id);
    ++m_counts.back();
}

void MessageCache::dropOldest() {
    while (m_counts.front() == 0) m_counts.pop_front();
    const auto oldest = m_entries.find(m_order.front());
    m_bytes -= oldest->second.encoded.length;
    m_entries.erase(oldest);
    m_order.pop_front();
    if (--m_counts.front() == 0 && m_counts.size() > 1) m_counts.pop_front();
}

const Slice* MessageCache::find(const MessageId& id) const {
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? nullptr : &found->second.encoded;
}

size_t MessageCache::sent(const MessageId& id, const crypto::PeerId& peer) const {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) return 0;
    const auto count = found->second.sent.find(peer);
    return count == found->second.sent.end() ? 0 : count->second;
}

void MessageCache::noteSent(const MessageId& id, const crypto::PeerId& peer) {
    const auto found = m_entries.find(id);
    if (found != m_entries.end()) ++found->second.sent[peer];
}

std::vector<MessageId> MessageCache::recent(const std::string& topic, size_t windows) const {
    size_t count = 0;
    for (size_t i = 0; i < std::min(windows, m_counts.size()); ++i) count += m_counts[m_counts.size() - 1 - i];
    std::vector<MessageId> out;
    for (auto each = m_order.rbegin(); count > 0; ++each, --count)
        if (m_entries.at(*each).topic == topic) out.push_back(*each);
    return out;
}

void MessageCache::shift() {
    m_counts.push_back(0);
    while (m_counts.size() > m_bounds.windows) {
        for (size_t left = m_counts.front(); left > 0; --left) {
            const auto oldest = m_entries.find(m_order.front());
            m_bytes -= oldest->second.encoded.length;
            m_entries.erase(oldest);
            m_order.pop_front();
        }
        m_counts.pop_front();
    }
}

} // namespace wherry::gossipsub

#include "protocols/gossipsub/message_cache.h"

namespace wherry::gossipsub {

void MessageCache::put(const MessageId& id, const std::string& topic, Slice encoded) {
    if (encoded.length > m_bounds.bytes || m_entries.contains(id)) return;
    while (m_entries.size() >= m_bounds.messages || m_bytes + encoded.length > m_bounds.bytes) dropOldest();
    m_bytes += encoded.length;
    const auto at = m_entries.emplace(id, Entry{topic, std::move(encoded), {}}).first;
    m_order.push_back(at);
    m_topics[topic].push_back({m_heartbeat, &at->first});
    ++m_counts.back();
}

void MessageCache::dropOldest() {
    while (m_counts.front() == 0) m_counts.pop_front();
    eraseOldest();
    if (--m_counts.front() == 0 && m_counts.size() > 1) m_counts.pop_front();
}

void MessageCache::eraseOldest() {
    const auto oldest = m_order.front();
    const auto topic = m_topics.find(oldest->second.topic);
    topic->second.pop_front();
    if (topic->second.empty()) m_topics.erase(topic);
    m_bytes -= oldest->second.encoded.length;
    m_entries.erase(oldest);
    m_order.pop_front();
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
    std::vector<MessageId> out;
    const auto found = m_topics.find(topic);
    if (found == m_topics.end()) return out;
    const std::deque<OfTopic>& ids = found->second;
    for (auto each = ids.rbegin(); each != ids.rend() && m_heartbeat - each->heartbeat < windows; ++each)
        out.push_back(*each->id);
    return out;
}

void MessageCache::shift() {
    ++m_heartbeat;
    m_counts.push_back(0);
    for (; m_counts.size() > m_bounds.windows; m_counts.pop_front())
        for (size_t left = m_counts.front(); left > 0; --left) eraseOldest();
}

} // namespace wherry::gossipsub

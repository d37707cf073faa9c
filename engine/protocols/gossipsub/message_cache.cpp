#include "protocols/gossipsub/message_cache.h"

#include <algorithm>

namespace wherry::gossipsub {

using crypto::PeerId;

/// A message takes of both bounds; this is the same part of the one that it takes more of.
size_t MessageCache::weightOf(const Slice& encoded) const {
    return encoded.length + m_bounds.bytes / m_bounds.messages;
}

void MessageCache::put(const MessageId& id, const std::string& topic, Slice encoded, const PeerId& via) {
    if (encoded.length > m_bounds.bytes || m_entries.contains(id)) return;
    while (m_entries.size() >= m_bounds.messages || m_bytes + encoded.length > m_bounds.bytes) makeRoom();
    m_bytes += encoded.length;
    const size_t weight = weightOf(encoded);
    const auto at = m_entries.emplace(id, Entry{topic, std::move(encoded), via, ++m_last, m_heartbeat}).first;
    m_order.emplace(m_last, at);
    m_topics[topic].emplace(m_last, at);
    Source& source = m_sources[via];
    source.entries.emplace(m_last, at);
    source.weight += weight;
}

void MessageCache::makeRoom() {
    const auto most = std::ranges::max_element(m_sources, {}, [](const auto& one) { return one.second.weight; });
    erase(most->second.entries.begin()->second);
}

void MessageCache::erase(Entries::iterator at) {
    const Entry& entry = at->second;
    const auto topic = m_topics.find(entry.topic);
    topic->second.erase(entry.number);
    if (topic->second.empty()) m_topics.erase(topic);
    const auto source = m_sources.find(entry.via);
    source->second.weight -= weightOf(entry.encoded);
    source->second.entries.erase(entry.number);
    if (source->second.entries.empty()) m_sources.erase(source);
    m_order.erase(entry.number);
    m_bytes -= entry.encoded.length;
    m_entries.erase(at);
}

const Slice* MessageCache::find(const MessageId& id) const {
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? nullptr : &found->second.encoded;
}

size_t MessageCache::sent(const MessageId& id, const PeerId& peer) const {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) return 0;
    const auto count = found->second.sent.find(peer);
    return count == found->second.sent.end() ? 0 : count->second;
}

void MessageCache::noteSent(const MessageId& id, const PeerId& peer) {
    const auto found = m_entries.find(id);
    if (found != m_entries.end()) ++found->second.sent[peer];
}

std::vector<MessageId> MessageCache::recent(const std::string& topic, size_t windows) const {
    std::vector<MessageId> out;
    const auto found = m_topics.find(topic);
    if (found == m_topics.end()) return out;
    const Ordered& ids = found->second;
    for (auto each = ids.rbegin(); each != ids.rend(); ++each) {
        if (m_heartbeat - each->second->second.heartbeat >= windows) break;
        out.push_back(each->second->first);
    }
    return out;
}

void MessageCache::shift() {
    ++m_heartbeat;
    while (!m_order.empty() && m_heartbeat - m_order.begin()->second->second.heartbeat >= m_bounds.windows)
        erase(m_order.begin()->second);
}

} // namespace wherry::gossipsub

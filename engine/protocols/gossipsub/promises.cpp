#include "protocols/gossipsub/promises.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <iterator>

namespace wherry::gossipsub {

using crypto::PeerId;

void Promises::add(const MessageId& id, const PeerId& peer, const std::string& topic, Instant until) {
    size_t& count = m_counts[peer];
    if (count < kMaxPromisesPerPeer && m_promises[id].try_emplace(peer, Promise{topic, until}).second) ++count;
}

void Promises::asked(const MessageId& id, const PeerId& peer, Instant due) {
    const auto found = m_promises.find(id);
    if (found == m_promises.end()) return;
    const auto promise = found->second.find(peer);
    if (promise == found->second.end() || promise->second.asked) return;
    promise->second.until = due;
    promise->second.asked = true;
}

std::vector<MessageId> Promises::askAgain(const PeerId& peer, Instant until) {
    std::vector<MessageId> ids;
    if (!m_counts.contains(peer)) return ids;
    for (auto& [id, peers] : m_promises) {
        const auto promise = peers.find(peer);
        if (promise == peers.end()) continue;
        ids.push_back(id);
        if (promise->second.asked) promise->second.until = until;
        promise->second.asked = false;
    }
    return ids;
}

void Promises::kept(const MessageId& id) {
    const auto found = m_promises.extract(id);
    if (!found) return;
    for (const auto& [peer, promise] : found.mapped())
        if (--m_counts.at(peer) == 0) m_counts.erase(peer);
}

template <typename IsOver> void Promises::eraseWhere(const IsOver& isOver) {
    for (auto each = m_promises.begin(); each != m_promises.end();) {
        std::erase_if(each->second, [&](const auto& one) {
            if (!isOver(one.first, one.second)) return false;
            if (--m_counts.at(one.first) == 0) m_counts.erase(one.first);
            return true;
        });
        each = each->second.empty() ? m_promises.erase(each) : std::next(each);
    }
}

void Promises::forgetTopic(const std::string& topic) {
    eraseWhere([&](const PeerId&, const Promise& promise) { return promise.topic == topic; });
}

std::map<PeerId, size_t> Promises::broken(Instant now) {
    std::map<PeerId, size_t> out;
    eraseWhere([&](const PeerId& peer, const Promise& promise) {
        if (now < promise.until) return false;
        if (promise.asked) ++out[peer];
        return true;
    });
    return out;
}

size_t Promises::size() const {
    size_t all = 0;
    for (const auto& [peer, count] : m_counts) all += count;
    return all;
}

} // namespace wherry::gossipsub

#include "protocols/gossipsub/promises.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <iterator>

namespace wherry::gossipsub {

void Promises::add(const MessageId& id, const crypto::PeerId& peer, Instant until) {
    size_t& count = m_counts[peer];
    if (count < kMaxPromisesPerPeer && m_promises[id].try_emplace(peer, until).second) ++count;
}

void Promises::kept(const MessageId& id) {
    const auto found = m_promises.extract(id);
    if (!found) return;
    for (const auto& [peer, until] : found.mapped())
        if (--m_counts.at(peer) == 0) m_counts.erase(peer);
}

void Promises::forget(const crypto::PeerId& peer) {
    if (m_counts.erase(peer) == 0) return;
    for (auto each = m_promises.begin(); each != m_promises.end();) {
        each->second.erase(peer);
        each = each->second.empty() ? m_promises.erase(each) : std::next(each);
    }
}

std::map<crypto::PeerId, size_t> Promises::broken(Instant now) {
    std::map<crypto::PeerId, size_t> out;
    for (auto each = m_promises.begin(); each != m_promises.end();) {
        std::erase_if(each->second, [&](const auto& one) {
            if (now < one.second) return false;
            ++out[one.first];
            return true;
        });
        each = each->second.empty() ? m_promises.erase(each) : std::next(each);
    }
    for (const auto& [peer, count] : out)
        if ((m_counts.at(peer) -= count) == 0) m_counts.erase(peer);
    return out;
}

size_t Promises::size() const {
    size_t all = 0;
    for (const auto& [peer, count] : m_counts) all += count;
    return all;
}

} // namespace wherry::gossipsub

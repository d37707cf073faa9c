#include "kad/provider_store.h"

#include <algorithm>

namespace wherry::kad {

Result<void> ProviderStore::add(const Bytes& key, const crypto::PeerId& provider,
                                std::vector<codec::Multiaddr> addresses, Now now) {
    if (key.empty() || key.size() > kMaxKeyBytes) return makeError(Errc::InvalidArgument, "kad provider: its key");
    if (addresses.empty()) return makeError(Errc::InvalidArgument, "kad provider: without an address");
    if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
    expire(now);
    const auto known = m_keys.find(key);
    const bool again = known != m_keys.end() && known->second.contains(provider);
    if (again && known->second.at(provider).heard > now.mono) return {}; // a word of before, from the store
    if (again)
        erase({key, provider});
    else if (m_expiries.size() >= kMaxProviders)
        return makeError(Errc::LimitReached, "kad: providers in all");
    else if (of(provider) >= kMaxProvidersPerPeer)
        return makeError(Errc::LimitReached, "kad: keys of one provider");
    else if (known != m_keys.end() && known->second.size() >= kMaxProvidersPerKey)
        return makeError(Errc::LimitReached, "kad: providers of one key");
    m_keys[key][provider] = {std::move(addresses), now.mono};
    m_expiries.emplace(now.mono + m_ttl, Slot(key, provider));
    ++m_of[provider];
    return {};
}

std::vector<PeerEntry> ProviderStore::get(const Bytes& key, size_t count, Now now) const {
    const auto found = m_keys.find(key);
    if (found == m_keys.end()) return {};
    std::vector<std::pair<Instant, PeerEntry>> heard;
    for (const auto& [peer, word] : found->second) {
        if (now.mono - word.heard >= m_ttl) continue;
        const bool fresh = now.mono - word.heard < kProviderAddressTtl;
        heard.emplace_back(word.heard, PeerEntry{peer, fresh ? word.addresses : std::vector<codec::Multiaddr>(),
                                                 Connection::NotConnected});
    }
    std::ranges::stable_sort(heard, std::greater<>(), [](const auto& one) { return one.first; });
    std::vector<PeerEntry> out;
    for (size_t i = 0; i < std::min(count, heard.size()); ++i) out.push_back(std::move(heard[i].second));
    return out;
}

size_t ProviderStore::of(const crypto::PeerId& provider) const {
    const auto found = m_of.find(provider);
    return found == m_of.end() ? 0 : found->second;
}

void ProviderStore::erase(const Slot& slot) {
    const auto key = m_keys.find(slot.first);
    const auto word = key->second.find(slot.second);
    m_expiries.erase({word->second.heard + m_ttl, slot});
    key->second.erase(word);
    if (key->second.empty()) m_keys.erase(key);
    const auto of = m_of.find(slot.second);
    if (--of->second == 0) m_of.erase(of);
}

void ProviderStore::expire(Now now) {
    while (!m_expiries.empty() && m_expiries.begin()->first <= now.mono) erase(Slot(m_expiries.begin()->second));
}

Result<void> Republisher::add(const Bytes& key, Now now) {
    if (m_due.contains(key)) return {};
    if (m_due.size() >= kMaxProvidersPerPeer) return makeError(Errc::LimitReached, "kad: too many keys to provide");
    m_due.emplace(key, now.mono + m_interval);
    m_order.emplace(now.mono + m_interval, key);
    return {};
}

void Republisher::remove(const Bytes& key) {
    const auto found = m_due.find(key);
    if (found == m_due.end()) return;
    m_order.erase({found->second, key});
    m_due.erase(found);
}

std::optional<Bytes> Republisher::poll(Now now) {
    if (m_order.empty() || m_order.begin()->first > now.mono) return std::nullopt;
    Bytes key = m_order.begin()->second;
    m_order.erase(m_order.begin());
    m_due[key] = now.mono + m_interval;
    m_order.emplace(now.mono + m_interval, key);
    return key;
}

} // namespace wherry::kad

#include "protocols/mdns/peer_cache.h"

#include <algorithm>

namespace wherry::mdns {

using codec::Multiaddr;
using codec::TransportAddress;
using std::chrono::seconds;

void PeerCache::hear(uint32_t interface, const codec::IpAddress& source, std::span<const Claim> claims, Instant now) {
    if (claims.empty()) return;
    for (const Claim& claim : claims) take(interface, source, claim, now);
    settle();
}

void PeerCache::take(uint32_t interface, const codec::IpAddress& source, const Claim& claim, Instant now) {
    if (claim.ttl == 0) return sayGoodbye(interface, claim, now);
    const Key key{interface, claim.name, claim.peer};
    if (claim.addresses.empty() && !m_names.contains(key)) return; // nothing that can be dialled
    Name* name = nameFor(key, source, now);
    if (!name) return;
    const Life life{now, now + std::min<Duration>(seconds(claim.ttl), kMaxTtl)};
    if (claim.complete) {
        for (auto& [address, other] : name->addresses)
            if (other.heard + kGoodbyeTime < now) other.expires = std::min(other.expires, now + kGoodbyeTime);
    }
    bool changed = false;
    for (const TransportAddress& address : claim.addresses) changed |= addAddress(*name, address, life, now);
    if (changed) m_changed.insert(claim.peer);
    name->heard = now;
    name->expires = life.expires;
    name->refreshes = 0;
    scheduleRefresh(*name);
    if (name->addresses.empty()) m_names.erase(key); // no room for news
}

/// The name's place in the table, made when there is room; nullptr when there is none.
PeerCache::Name* PeerCache::nameFor(const Key& key, const codec::IpAddress& source, Instant now) {
    if (const auto found = m_names.find(key); found != m_names.end()) return &found->second;
    const auto ofSource = std::ranges::count_if(m_names, [&](const auto& one) { return one.second.source == source; });
    if (size_t(ofSource) >= kMaxNamesPerSource || !makeRoom(key.peer, source, now) || m_names.size() >= kMaxNames)
        return nullptr;
    return &m_names.emplace(key, Name{source, now, {}, now, now, 0, kNever}).first->second;
}

/// Whether the peer may have one more name, said by `source`. Its own oldest one gives way (of a run that was
/// killed); for a source that has not spoken for the peer yet, the oldest of whoever has said most, so that names
/// forged for somebody else's key do not keep the true ones out.
bool PeerCache::makeRoom(const crypto::PeerId& peer, const codec::IpAddress& source, Instant now) {
    std::map<codec::IpAddress, std::vector<std::map<Key, Name>::iterator>> bySource;
    size_t ofPeer = 0;
    for (auto each = m_names.begin(); each != m_names.end(); ++each) {
        if (each->first.peer != peer) continue;
        ++ofPeer;
        bySource[each->second.source].push_back(each);
    }
    if (ofPeer < kMaxNamesPerPeer) return true;
    if (!takeNews(now)) return false;
    const auto age = [](const auto& name) { return name->second.since; };
    const auto own = bySource.find(source);
    const auto from =
        own != bySource.end() ? own : std::ranges::max_element(bySource, [&](const auto& a, const auto& b) {
            if (a.second.size() != b.second.size()) return a.second.size() < b.second.size();
            return std::ranges::min(a.second, {}, age)->second.since >
                   std::ranges::min(b.second, {}, age)->second.since;
        });
    m_names.erase(std::ranges::min(from->second, {}, age));
    m_changed.insert(peer);
    return true;
}

/// True when the address is new.
bool PeerCache::addAddress(Name& name, const TransportAddress& address, Life life, Instant now) {
    if (const auto found = name.addresses.find(address); found != name.addresses.end()) {
        found->second = life;
        return false;
    }
    if (name.addresses.size() >= kMaxAddressesPerName || !takeNews(now)) return false;
    name.addresses.emplace(address, life);
    return true;
}

/// Anybody on the link can say goodbye for somebody else, so those who are said to go are asked at once, without their
/// name among the known answers: who is still there answers and stays.
void PeerCache::sayGoodbye(uint32_t interface, const Claim& claim, Instant now) {
    const auto first = m_names.lower_bound(Key{interface, claim.name, {}});
    for (auto each = first; each != m_names.end(); ++each) {
        auto& [key, name] = *each;
        if (key.interface != interface || key.name != claim.name) break;
        if (!claim.peer.empty() && claim.peer != key.peer) continue;
        for (auto& [address, life] : name.addresses)
            if (claim.addresses.empty() || std::ranges::find(claim.addresses, address) != claim.addresses.end())
                life.expires = std::min(life.expires, now + kGoodbyeTime);
        name.expires = std::min(name.expires, now + kGoodbyeTime);
        name.heard = name.expires; // nothing of its time is left: not a known answer
        name.refresh =
            now + kMinAnswerDelay + Duration(static_cast<int64_t>(m_random.below(uint64_t(kAskAfterGoodbye.count()))));
    }
}

void PeerCache::scheduleRefresh(Name& name) {
    name.refresh = kNever;
    if (name.refreshes >= std::size(kRefreshPercents)) return;
    const Duration life = name.expires - name.heard;
    const Duration jitter = life / 100 * static_cast<int64_t>(m_random.below(3));
    name.refresh = name.heard + life / 100 * kRefreshPercents[name.refreshes] + jitter;
}

/// A bucket of kNewsBurst that fills with kNewsPerSecond.
bool PeerCache::takeNews(Instant now) {
    constexpr Duration each = Duration(seconds(1)) / kNewsPerSecond;
    const auto earned = static_cast<uint64_t>(std::max((now - m_newsSince) / each, int64_t(0)));
    if (m_news + earned >= kNewsBurst) {
        m_news = kNewsBurst;
        m_newsSince = now;
    } else {
        m_news += earned;
        m_newsSince += each * static_cast<int64_t>(earned);
    }
    if (m_news == 0) return false;
    --m_news;
    return true;
}

void PeerCache::forgetLink(uint32_t interface) {
    std::erase_if(m_names, [&](const auto& one) {
        if (one.first.interface != interface) return false;
        m_changed.insert(one.first.peer);
        return true;
    });
    settle();
}

void PeerCache::forgetAll() {
    m_names.clear();
    m_changed.clear();
    m_reported.clear();
    settle();
}

std::set<uint32_t> PeerCache::onDeadline(Instant now) {
    std::set<uint32_t> ask;
    for (auto each = m_names.begin(); each != m_names.end();) {
        const Key& key = each->first;
        Name& name = each->second;
        const auto runOut = [&](const auto& address) { return address.second.expires <= now; };
        if (std::erase_if(name.addresses, runOut) > 0) m_changed.insert(key.peer);
        if (name.addresses.empty()) {
            each = m_names.erase(each);
            continue;
        }
        if (name.refresh <= now) {
            ask.insert(key.interface);
            ++name.refreshes;
            scheduleRefresh(name);
        }
        ++each;
    }
    settle();
    return ask;
}

/// A name that two peers claim is left out: the one whose it is shall answer.
std::vector<KnownName> PeerCache::known(uint32_t interface, Instant now) const {
    std::vector<KnownName> out;
    const codec::DnsName* before = nullptr;
    bool listed = false;
    for (const auto& [key, name] : m_names) {
        if (key.interface != interface) continue;
        const bool twice = before && *before == key.name;
        if (twice && listed) out.pop_back();
        before = &key.name;
        const Duration left = name.expires - now;
        listed = !twice && left > (name.expires - name.heard) / 2 && left > kGoodbyeTime;
        if (!listed) continue;
        out.push_back({key.name, static_cast<uint32_t>(std::chrono::duration_cast<seconds>(left).count())});
    }
    return out;
}

void PeerCache::settle() {
    m_deadline = kNever;
    for (const auto& [key, name] : m_names) {
        m_deadline = std::min(m_deadline, name.refresh);
        for (const auto& [address, life] : name.addresses) m_deadline = std::min(m_deadline, life.expires);
    }
}

/// One address of each name in turn: whoever makes names for somebody else's key does not crowd out the true ones.
std::vector<Multiaddr> PeerCache::addressesOf(const crypto::PeerId& peer) const {
    std::vector<std::vector<Multiaddr>> byName;
    for (const auto& [key, name] : m_names) {
        if (key.peer != peer) continue;
        std::vector<Multiaddr>& addresses = byName.emplace_back();
        for (const auto& [address, life] : name.addresses) addresses.push_back(Multiaddr::of(address));
    }
    std::vector<Multiaddr> out;
    for (size_t i = 0; i < kMaxAddressesPerName; ++i) {
        for (const auto& addresses : byName) {
            if (i >= addresses.size() || out.size() == kMaxReportedAddresses) continue;
            if (std::ranges::find(out, addresses[i]) == out.end()) out.push_back(addresses[i]);
        }
    }
    return out;
}

std::optional<std::variant<discovery::PeerFound, discovery::PeerExpired>> PeerCache::poll() {
    while (!m_changed.empty()) {
        const crypto::PeerId peer = m_changed.extract(m_changed.begin()).value();
        std::vector<Multiaddr> addresses = addressesOf(peer);
        if (!addresses.empty()) {
            m_reported.insert(peer);
            return discovery::PeerFound{peer, std::move(addresses)};
        }
        if (m_reported.erase(peer) > 0) return discovery::PeerExpired{peer};
    }
    return std::nullopt;
}

} // namespace wherry::mdns

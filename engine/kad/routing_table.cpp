#include "kad/routing_table.h"

#include "base/assert.h"
#include "codec/reach.h"

#include <algorithm>
#include <utility>

namespace wherry::kad {

namespace {
size_t indexOf(const auto& entries, const crypto::PeerId& peer) {
    return static_cast<size_t>(
        std::ranges::find_if(entries, [&](const auto& entry) { return entry.contact.peer == peer; }) - entries.begin());
}

bool isDue(Instant last, Now now) {
    return last == Instant::min() || now.mono - last >= kRefreshInterval;
}
} // namespace

RoutingTable::RoutingTable(const crypto::PeerId& self, TableConfig config)
    : m_selfId(toBytes(self.multihash())),
      m_self(Key::ofPeer(self)),
      m_config(config),
      m_quota(config.tableCaps) {}

RoutingTable::Bucket& RoutingTable::bucketOf(const Key& key) {
    return m_buckets.try_emplace(commonPrefix(m_self, key), m_config.bucketCaps).first->second;
}

RoutingTable::Bucket* RoutingTable::existing(const Key& key) {
    const auto found = m_buckets.find(commonPrefix(m_self, key));
    return found == m_buckets.end() ? nullptr : &found->second;
}

bool RoutingTable::admits(const Bucket& bucket, const std::optional<codec::IpAddress>& ip) const {
    return m_quota.admits(ip) && bucket.quota.admits(ip);
}

void RoutingTable::insert(Bucket& bucket, Entry entry) {
    m_quota.add(entry.ip);
    bucket.quota.add(entry.ip);
    bucket.entries.push_back(std::move(entry));
    ++m_size;
}

RoutingTable::Entry RoutingTable::take(Bucket& bucket, size_t index) {
    Entry entry = std::move(bucket.entries[index]);
    bucket.entries.erase(bucket.entries.begin() + static_cast<ptrdiff_t>(index));
    m_quota.remove(entry.ip);
    bucket.quota.remove(entry.ip);
    --m_size;
    return entry;
}

Admission RoutingTable::onServer(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses,
                                 const codec::Multiaddr& remote, Now now) {
    const Key key = Key::ofPeer(peer);
    if (key == m_self) return Admission::Refused;
    if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
    Entry entry{{peer, key, std::move(addresses)}, ipOf(remote), now.mono, 0};
    Bucket* found = existing(key);
    if (found) std::erase_if(found->waiting, [&](const Entry& one) { return one.contact.peer == peer; });
    const size_t index = found ? indexOf(found->entries, peer) : 0;
    const bool known = found && index < found->entries.size();
    if (known) take(*found, index);
    if (found && found->pinged == peer) found->pinged.reset();
    Bucket& bucket = bucketOf(key);
    Admission admission = known ? Admission::Known : Admission::Added;
    if (!admits(bucket, entry.ip))
        admission = Admission::Refused;
    else if (bucket.entries.size() < m_config.bucketSize)
        insert(bucket, std::move(entry));
    else {
        if (bucket.waiting.size() == kMaxWaiting) bucket.waiting.erase(bucket.waiting.begin());
        bucket.waiting.push_back(std::move(entry));
        admission = Admission::Waiting;
    }
    if (known && admission == Admission::Refused) promote(bucket);
    if (bucket.entries.empty()) m_buckets.erase(commonPrefix(m_self, key));
    return admission;
}

void RoutingTable::onAlive(const crypto::PeerId& peer, Now now) {
    Bucket* bucket = existing(Key::ofPeer(peer));
    if (!bucket) return;
    if (bucket->pinged == peer) bucket->pinged.reset();
    const size_t index = indexOf(bucket->entries, peer);
    if (index == bucket->entries.size()) return;
    const auto at = bucket->entries.begin() + static_cast<ptrdiff_t>(index);
    at->seenAt = now.mono;
    at->failures = 0;
    std::rotate(at, at + 1, bucket->entries.end());
}

void RoutingTable::onDead(const crypto::PeerId& peer, Now now) {
    Bucket* bucket = existing(Key::ofPeer(peer));
    if (!bucket) return;
    if (bucket->pinged == peer) bucket->pinged.reset();
    std::erase_if(bucket->waiting, [&](const Entry& one) { return one.contact.peer == peer; });
    const size_t index = indexOf(bucket->entries, peer);
    if (index == bucket->entries.size()) return;
    if (++bucket->entries[index].failures >= kMaxFailures || !bucket->waiting.empty()) remove(peer, now);
}

void RoutingTable::onNotPinged(const crypto::PeerId& peer, Now now) {
    Bucket* bucket = existing(Key::ofPeer(peer));
    if (!bucket || bucket->pinged != peer) return;
    bucket->pinged.reset();
    bucket->pingAgain = now.mono + kPingAfter;
}

void RoutingTable::remove(const crypto::PeerId& peer, Now) {
    const Key key = Key::ofPeer(peer);
    Bucket* bucket = existing(key);
    if (!bucket) return;
    if (bucket->pinged == peer) bucket->pinged.reset();
    std::erase_if(bucket->waiting, [&](const Entry& one) { return one.contact.peer == peer; });
    const size_t index = indexOf(bucket->entries, peer);
    if (index == bucket->entries.size()) return;
    take(*bucket, index);
    promote(*bucket);
    if (bucket->entries.empty()) m_buckets.erase(commonPrefix(m_self, key));
}

/// The free place goes to the last who came for it and whose prefix still has room.
void RoutingTable::promote(Bucket& bucket) {
    for (size_t i = bucket.waiting.size(); i-- > 0;) {
        if (!admits(bucket, bucket.waiting[i].ip)) continue;
        Entry entry = std::move(bucket.waiting[i]);
        bucket.waiting.erase(bucket.waiting.begin() + static_cast<ptrdiff_t>(i));
        return insert(bucket, std::move(entry));
    }
}

std::optional<Contact> RoutingTable::pollPing(Now now) {
    for (auto& [prefix, bucket] : m_buckets) {
        if (bucket.waiting.empty() || bucket.pinged || now.mono < bucket.pingAgain) continue;
        const Entry& oldest = bucket.entries.front();
        if (now.mono - oldest.seenAt < kPingAfter) continue;
        bucket.pinged = oldest.contact.peer;
        return oldest.contact;
    }
    return std::nullopt;
}

std::vector<Contact> RoutingTable::closest(const Key& target, size_t count) const {
    return closest(target, count, kMaxFailures);
}

std::vector<Contact> RoutingTable::closestAnswering(const Key& target, size_t count) const {
    return closest(target, count, 0);
}

std::vector<Contact> RoutingTable::closest(const Key& target, size_t count, unsigned mostFailures) const {
    std::vector<std::pair<Key, const Contact*>> all;
    all.reserve(m_size);
    for (const auto& [prefix, bucket] : m_buckets)
        for (const Entry& entry : bucket.entries)
            if (entry.failures <= mostFailures)
                all.emplace_back(distance(entry.contact.key, target), &entry.contact);
    const size_t kept = std::min(count, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept), all.end(),
                      [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Contact> out;
    for (size_t i = 0; i < kept; ++i) out.push_back(*all[i].second);
    return out;
}

const RoutingTable::Entry* RoutingTable::entryOf(const crypto::PeerId& peer) const {
    const auto found = m_buckets.find(commonPrefix(m_self, Key::ofPeer(peer)));
    if (found == m_buckets.end()) return nullptr;
    const auto& entries = found->second.entries;
    const size_t index = indexOf(entries, peer);
    return index == entries.size() ? nullptr : &entries[index];
}

std::optional<Contact> RoutingTable::find(const crypto::PeerId& peer) const {
    const Entry* entry = entryOf(peer);
    return entry ? std::optional(entry->contact) : std::nullopt;
}

bool RoutingTable::isQuietNeighbour(const crypto::PeerId& peer, size_t count, Now now) const {
    const Entry* entry = entryOf(peer);
    if (!entry || now.mono - entry->seenAt < kPingAfter) return false;
    const auto neighbours = closest(m_self, count);
    return std::ranges::find(neighbours, peer, &Contact::peer) != neighbours.end();
}

// --- refresh ------------------------------------------------------------------------------------------------------

unsigned RoutingTable::deepest() const {
    ASSERT(!m_buckets.empty());
    return std::min(m_buckets.rbegin()->first, kMaxRefreshPrefix);
}

std::optional<Bytes> RoutingTable::pollRefresh(Random& random, Now now) {
    if (m_buckets.empty()) return std::nullopt;
    if (isDue(m_selfRefreshed, now)) {
        m_selfRefreshed = now.mono;
        return m_selfId;
    }
    for (unsigned prefix = 0; prefix <= deepest(); ++prefix) {
        Instant& last = m_refreshed.try_emplace(prefix, Instant::min()).first->second;
        if (!isDue(last, now)) continue;
        last = now.mono;
        return randomPeerIn(prefix, random);
    }
    return std::nullopt;
}

Instant RoutingTable::refreshDeadline() const {
    if (m_buckets.empty()) return kNever;
    Instant first = m_selfRefreshed;
    for (unsigned prefix = 0; prefix <= deepest(); ++prefix) {
        const auto found = m_refreshed.find(prefix);
        first = std::min(first, found == m_refreshed.end() ? Instant::min() : found->second);
    }
    return first == Instant::min() ? first : first + kRefreshInterval;
}

/// A peer id (sha2-256 multihash) whose key lies in that bucket. A request carries the id, and nobody can compute an id
/// for a key; so it is searched, each bit deeper takes twice as long.
Bytes RoutingTable::randomPeerIn(unsigned prefix, Random& random) const {
    Bytes id = {0x12, 0x20};
    append(id, random.bytes(32));
    Bytes best = id;
    unsigned bestPrefix = 0;
    const uint64_t tries = uint64_t{kRefreshTries} << (prefix + 1);
    for (uint64_t i = 0; i < tries; ++i) {
        putBigEndian<uint64_t>(MutableBytes(id).last(8), i);
        const unsigned shared = commonPrefix(m_self, Key::of(id));
        if (shared == prefix) return id;
        if (shared < prefix && shared >= bestPrefix) {
            bestPrefix = shared;
            best = id;
        }
    }
    return best;
}

} // namespace wherry::kad

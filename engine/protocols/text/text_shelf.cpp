#include "protocols/text/text_shelf.h"

#include "base/take_front.h"

#include <algorithm>

namespace wherry::text {

using crypto::PeerId;

namespace {

constexpr uint8_t kFactsPrefix = 1;
constexpr uint8_t kTextPrefix = 2;
constexpr size_t kFactsBytes = 8 + 4 + 1;
/// The year 2200: a row from a later time is damaged, and could not be counted on from.
constexpr UnixTime kLatest = UnixTime::fromSeconds(7'258'118'400);

Bytes rowKey(uint8_t prefix, const TextKey& key) {
    const ByteView peer = key.peer.multihash();
    Bytes row{prefix, static_cast<uint8_t>(peer.size())};
    append(row, peer);
    append(row, key.id);
    return row;
}

Result<TextKey> readKey(ByteView row) {
    constexpr size_t kHead = 2;
    TextKey key;
    if (row.size() < kHead || row.size() != kHead + row[1] + key.id.size())
        return makeError(Errc::Malformed, "key of a text");
    TRY(key.peer, PeerId::fromMultihash(row.subspan(kHead, row[1])));
    std::copy(row.end() - kMessageIdBytes, row.end(), key.id.begin());
    return key;
}

} // namespace

// --- the database -------------------------------------------------------------------------------------------------

void TextShelf::start() {
    m_store.push_back(StoreScan{storeRequest(StoreUser::Texts, ++m_lastScan), Space::Texts, {kFactsPrefix}});
}

std::optional<StoreOp> TextShelf::pollStore() {
    return takeFront(m_store);
}

std::optional<Shelved> TextShelf::poll() {
    return takeFront(m_events);
}

void TextShelf::onScanned(const StoreScanned& scanned) {
    if (m_state == State::Loading) return onRows(scanned);
    auto reading = m_readBack.extract(scanned.id);
    if (!reading) return;
    const TextKey key = reading.mapped();
    const auto facts = m_facts.find(key);
    if (facts == m_facts.end()) return;
    const bool stored = scanned.rows && !scanned.rows->empty();
    facts->second.stored = stored;
    if (!stored) drop(key);
    m_events.push_back({key, stored});
}

void TextShelf::onRows(const StoreScanned& scanned) {
    if (!scanned.rows) {
        LOG(m_log, Error, "text", "the texts cannot be read, so none is taken: " << scanned.rows.error().text());
        m_state = State::Unreadable;
        return;
    }
    m_state = State::Ready;
    for (const auto& [key, value] : *scanned.rows) {
        if (addRow(key, value)) continue;
        m_store.push_back(StoreErase{Space::Texts, key});
        LOG(m_log, Warning, "text", "a row of the texts cannot be read and is dropped");
    }
    makeRoom(0, 0);
}

bool TextShelf::addRow(ByteView row, ByteView value) {
    const auto key = readKey(row);
    if (!key || value.size() != kFactsBytes) return false;
    Facts facts;
    facts.received = {static_cast<int64_t>(getBigEndian<uint64_t>(value))};
    facts.bytes = getBigEndian<uint32_t>(value.subspan(8));
    facts.told = value[12] != 0;
    facts.stored = true;
    if (facts.bytes > kMaxTextBytes || facts.received < UnixTime() || facts.received > kLatest) return false;
    add(*key, facts);
    return true;
}

void TextShelf::saveFacts(const TextKey& key, const Facts& facts) {
    Bytes value(kFactsBytes);
    putBigEndian<uint64_t>(value, static_cast<uint64_t>(facts.received.nanoseconds));
    putBigEndian<uint32_t>(MutableBytes(value).subspan(8), facts.bytes);
    value[12] = facts.told;
    m_store.push_back(StorePut{Space::Texts, rowKey(kFactsPrefix, key), std::move(value), expiry(key, facts.received)});
}

UnixTime TextShelf::expiry(const TextKey& key, UnixTime received) const {
    const int64_t lifetime = isStranger(key.peer) ? kStrangerLifetimeSeconds : kLifetimeSeconds;
    return UnixTime::fromSeconds(received.seconds() + lifetime);
}

// --- the shelf ----------------------------------------------------------------------------------------------------

bool TextShelf::isStranger(const PeerId& peer) const {
    const peers::KnownPeer* known = m_book.find(peer);
    return !known || !known->isKept();
}

Shelving TextShelf::put(const PeerId& peer, const Message& message, Quota quota, Now now) {
    if (m_state != State::Ready) return Shelving::NotReady;
    const TextKey key{peer, message.id};
    if (const auto known = m_facts.find(key); known != m_facts.end())
        return known->second.stored ? Shelving::Known : Shelving::UnderWay;
    dropExpired(now);
    if (quota == Quota::OfStrangers && !hasRoom(peer, message.text.size())) return Shelving::NoRoom;
    makeRoom(1, message.text.size());
    const Facts facts{now.wall, static_cast<uint32_t>(message.text.size()), false, false};
    add(key, facts);
    m_store.push_back(
        StorePut{Space::Texts, rowKey(kTextPrefix, key), toBytes(asBytes(message.text)), expiry(key, now.wall)});
    saveFacts(key, facts);
    const auto scan = storeRequest(StoreUser::Texts, ++m_lastScan);
    m_readBack[scan] = key;
    m_store.push_back(StoreScan{scan, Space::Texts, rowKey(kFactsPrefix, key)});
    return Shelving::Begun;
}

/// Peers that the person knows always have room: their oldest texts, or others' that are older, make it.
bool TextShelf::hasRoom(const PeerId& peer, size_t bytes) const {
    if (!isStranger(peer)) return true;
    Share all;
    for (const auto& [other, share] : m_shares) {
        if (!isStranger(other)) continue;
        if (other == peer && share.texts >= kMaxTextsPerStranger) return false;
        all.texts += share.texts;
        all.bytes += share.bytes;
    }
    const bool shelfFull = m_facts.size() >= kMaxTexts || m_bytes + bytes > kMaxTextsBytes;
    return !shelfFull && all.texts < kMaxStrangerTexts && all.bytes + bytes <= kMaxStrangerBytes;
}

/// The database forgets them by itself.
void TextShelf::dropExpired(Now now) {
    std::vector<TextKey> over;
    for (const auto& [received, key] : m_byAge) {
        if (received.seconds() + kStrangerLifetimeSeconds > now.wall.seconds()) break;
        if (m_facts.at(key).stored && expiry(key, received) <= now.wall) over.push_back(key);
    }
    for (const TextKey& key : over) drop(key);
}

void TextShelf::makeRoom(size_t texts, size_t bytes) {
    while (!m_byAge.empty() && (m_facts.size() + texts > kMaxTexts || m_bytes + bytes > kMaxTextsBytes))
        giveUp(TextKey(m_byAge.begin()->second));
}

/// One that is on its way into the database (its clock was behind) is waited for: it was not stored. What is read of it
/// later says nothing about the same text when it comes again.
void TextShelf::giveUp(const TextKey& key) {
    if (!m_facts.at(key).stored) {
        std::erase_if(m_readBack, [&](const auto& one) { return one.second == key; });
        m_events.push_back({key, false});
    }
    drop(key);
}

void TextShelf::add(const TextKey& key, const Facts& facts) {
    m_facts[key] = facts;
    m_byAge.insert({facts.received, key});
    Share& share = m_shares[key.peer];
    ++share.texts;
    share.bytes += facts.bytes;
    m_bytes += facts.bytes;
}

void TextShelf::drop(const TextKey& key) {
    const Facts facts = m_facts.at(key);
    m_facts.erase(key);
    m_byAge.erase({facts.received, key});
    m_bytes -= facts.bytes;
    const auto share = m_shares.find(key.peer);
    share->second.bytes -= facts.bytes;
    if (--share->second.texts == 0) m_shares.erase(share);
    for (const uint8_t prefix : {kFactsPrefix, kTextPrefix})
        m_store.push_back(StoreErase{Space::Texts, rowKey(prefix, key)});
}

bool TextShelf::isTold(const TextKey& key) const {
    const auto facts = m_facts.find(key);
    return facts == m_facts.end() || facts->second.told;
}

void TextShelf::markTold(const TextKey& key) {
    const auto facts = m_facts.find(key);
    if (facts == m_facts.end() || facts->second.told) return;
    facts->second.told = true;
    saveFacts(key, facts->second);
}

} // namespace wherry::text

#include "peers/peer_book.h"

#include "base/take_front.h"
#include "peers/alias.h"
#include "peers/peers_limits.h"
#include "peers/stored_peer.h"

#include <algorithm>
#include <tuple>

namespace wherry::peers {

using crypto::PeerId;

// --- store --------------------------------------------------------------------------------------------------------

void PeerBook::start(StoreRequestId id) {
    m_store.push_back(StoreScan{id, Space::Peers, {}});
}

void PeerBook::onLoaded(const Result<std::vector<std::pair<Bytes, Bytes>>>& rows, Now now) {
    if (m_state != State::Loading) return;
    if (!rows) {
        LOG(m_log, Error, "peers",
            "the peer book cannot be read, so nothing in it can be changed: " << rows.error().text());
        m_state = State::ReadOnly;
        return;
    }
    std::vector<PeerId> noted;
    for (const auto& [peer, entry] : m_peers) noted.push_back(peer);
    for (const auto& [key, value] : *rows) addRow(key, value);
    m_state = State::Ready;
    for (const PeerId& peer : noted)
        if (const auto found = m_peers.find(peer); found != m_peers.end()) note(found->second, now);
}

/// What was noted before the rows were here is newer than they are; decisions come from the row alone.
void PeerBook::addRow(ByteView key, ByteView value) {
    auto row = readStored(key, value);
    if (!row) {
        ++m_damagedRows;
        const auto peer = PeerId::fromMultihash(key);
        LOG(m_log, Warning, "peers",
            "a row of the peer book cannot be read, "
                << (peer ? "so " + peer->shortText() + " counts as blocked" : "nor whose it is: it is dropped") << ": "
                << row.error().text());
        if (!peer) {
            m_store.push_back(StoreErase{Space::Peers, toBytes(key)});
            return;
        }
        row = KnownPeer{};
        row->peer = *peer;
        row->trust = Trust::Blocked;
    }
    if (row->isKept() && m_kept >= kMaxKeptPeers) return;
    Entry& entry = enter(row->peer);
    unindex(entry);
    KnownPeer& known = entry.known;
    known.trust = row->trust;
    known.alias = std::move(row->alias);
    if (known.claims == Claims()) known.claims = std::move(row->claims);
    known.lastSeen = std::max(known.lastSeen, row->lastSeen);
    for (auto& address : row->addresses) {
        const bool there = std::find(known.addresses.begin(), known.addresses.end(), address) != known.addresses.end();
        if (!there && known.addresses.size() < kMaxVerifiedAddresses) known.addresses.push_back(std::move(address));
    }
    index(entry);
    m_changes.insert(known.peer);
}

std::optional<StoreOp> PeerBook::pollStore() {
    return takeFront(m_store);
}

void PeerBook::save(const Entry& entry, Now now, Durable durable) {
    if (m_state != State::Ready) return;
    UnixTime expires{};
    if (!entry.known.isKept()) expires = UnixTime::fromSeconds(now.wall.seconds() + kStrangerLifetimeSeconds);
    m_store.push_back(StorePut{Space::Peers, storedKey(entry.known.peer), storedValue(entry.known), expires, durable});
}

/// Notes are hints: a power cut may take them, and one that could not be stored is nobody's failure.
void PeerBook::note(const Entry& entry, Now now) {
    save(entry, now, Durable::No);
    m_changes.insert(entry.known.peer);
}

std::optional<PeerId> PeerBook::pollChange() {
    if (m_changes.empty()) return std::nullopt;
    return m_changes.extract(m_changes.begin()).value();
}

// --- the table ----------------------------------------------------------------------------------------------------

PeerBook::Entry& PeerBook::enter(const PeerId& peer) {
    if (const auto found = m_peers.find(peer); found != m_peers.end()) return found->second;
    if (m_peers.size() >= kMaxPeers) forgetOne();
    Entry& entry = m_peers[peer];
    entry.known.peer = peer;
    return entry;
}

/// First those that are away, then those that only ever came to us, then those that were met longest ago.
void PeerBook::forgetOne() {
    const auto worth = [](const Entry& entry) {
        return std::tuple(entry.known.isKept(), entry.connected, !entry.known.addresses.empty(), entry.known.lastSeen);
    };
    const auto least = std::min_element(m_peers.begin(), m_peers.end(), [&](const auto& a, const auto& b) {
        return worth(a.second) < worth(b.second);
    });
    ASSERT(!least->second.known.isKept()); // kMaxKeptPeers leaves room
    if (m_state == State::Ready) m_store.push_back(StoreErase{Space::Peers, storedKey(least->first)});
    unindex(least->second);
    m_changes.erase(least->first);
    m_peers.erase(least);
}

void PeerBook::index(Entry& entry) {
    const KnownPeer& known = entry.known;
    entry.aliasKey = nameKey(known.alias);
    entry.claimKey = nameKey(known.claims.alias);
    if (!entry.aliasKey.empty()) m_aliases.insert({entry.aliasKey, known.peer});
    if (!entry.claimKey.empty()) m_claims.insert({entry.claimKey, known.peer});
    m_kept += known.isKept();
}

void PeerBook::unindex(const Entry& entry) {
    m_aliases.erase({entry.aliasKey, entry.known.peer});
    m_claims.erase({entry.claimKey, entry.known.peer});
    m_kept -= entry.known.isKept();
}

/// Those who claim a name that is taken by this peer look different when it takes the name and when it leaves it.
void PeerBook::changeNamesakes(const Entry& entry) {
    for (const PeerId& claimant : named(m_claims, entry.aliasKey)) m_changes.insert(claimant);
    if (entry.known.trust != Trust::Trusted) return;
    for (const PeerId& claimant : named(m_claims, entry.claimKey)) m_changes.insert(claimant);
}

// --- notes --------------------------------------------------------------------------------------------------------

void PeerBook::onConnected(const PeerId& peer, Now now) {
    Entry& entry = enter(peer);
    entry.connected = true;
    entry.known.lastSeen = now.wall;
    note(entry, now);
}

void PeerBook::onDialled(const PeerId& peer, const codec::Multiaddr& address, Now now) {
    const codec::Multiaddr bare = address.withoutPeer();
    if (bare.empty() || bare.encode().size() > kMaxAddressBytes) return;
    Entry& entry = enter(peer);
    auto& addresses = entry.known.addresses;
    if (!addresses.empty() && addresses.front() == bare) return;
    std::erase(addresses, bare);
    addresses.insert(addresses.begin(), bare);
    if (addresses.size() > kMaxVerifiedAddresses) addresses.pop_back();
    note(entry, now);
}

void PeerBook::onGone(const PeerId& peer, Now now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    found->second.connected = false;
    found->second.known.lastSeen = now.wall;
    note(found->second, now);
}

void PeerBook::onClaims(const PeerId& peer, Claims claims, Now now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end() || !found->second.connected || found->second.known.claims == claims) return;
    changeNamesakes(found->second);
    unindex(found->second);
    found->second.known.claims = std::move(claims);
    index(found->second);
    changeNamesakes(found->second);
    note(found->second, now);
}

// --- decisions ----------------------------------------------------------------------------------------------------

template <typename Decide> Result<void> PeerBook::decide(const PeerId& peer, Now now, Decide decide) {
    if (m_state == State::Loading) return makeError(Errc::Busy, "the peer book is being read");
    if (m_state == State::ReadOnly) return makeError(Errc::Io, "the peer book could not be read, so it is not changed");
    const KnownPeer* before = find(peer);
    KnownPeer after = before ? *before : KnownPeer();
    after.peer = peer;
    TRY_OK(decide(after));
    if (!before && !after.isKept()) {
        m_store.push_back(StoreErase{Space::Peers, storedKey(peer), Durable::Yes});
        return {};
    }
    if (before && after == *before) {
        save(m_peers.at(peer), now, Durable::Yes);
        return {};
    }
    const bool wasKept = before && before->isKept();
    if (after.isKept() && !wasKept && m_kept >= kMaxKeptPeers)
        return makeError(Errc::LimitReached, "the peer book holds decisions about " + std::to_string(kMaxKeptPeers) +
                                                 " peers; take one back first");
    Entry& entry = enter(peer);
    changeNamesakes(entry);
    unindex(entry);
    entry.known = std::move(after);
    index(entry);
    changeNamesakes(entry);
    save(entry, now, Durable::Yes);
    m_changes.insert(peer);
    return {};
}

void PeerBook::storeAgain(Now now) {
    for (const auto& [peer, entry] : m_peers)
        if (entry.known.isKept()) save(entry, now, Durable::Yes);
}

Result<void> PeerBook::trust(const PeerId& peer, Now now) {
    return decide(peer, now, [](KnownPeer& known) -> Result<void> {
        if (known.trust == Trust::Blocked)
            return makeError(Errc::InvalidArgument, known.peer.text() + " is blocked; unblock it first");
        known.trust = Trust::Trusted;
        return {};
    });
}

Result<void> PeerBook::untrust(const PeerId& peer, Now now) {
    return decide(peer, now, [](KnownPeer& known) -> Result<void> {
        if (known.trust == Trust::Trusted) known.trust = Trust::Unknown;
        return {};
    });
}

Result<void> PeerBook::block(const PeerId& peer, Now now) {
    return decide(peer, now, [](KnownPeer& known) -> Result<void> {
        known.trust = Trust::Blocked;
        return {};
    });
}

Result<void> PeerBook::unblock(const PeerId& peer, Now now) {
    return decide(peer, now, [](KnownPeer& known) -> Result<void> {
        if (known.trust == Trust::Blocked) known.trust = Trust::Unknown;
        return {};
    });
}

Result<void> PeerBook::setAlias(const PeerId& peer, std::string alias, Now now) {
    if (!alias.empty()) TRY_OK(checkOwnAlias(alias));
    for (const PeerId& other : named(m_aliases, nameKey(alias)))
        if (other != peer) return makeError(Errc::Exists, "you call " + other.text() + " so already");
    return decide(peer, now, [&](KnownPeer& known) -> Result<void> {
        known.alias = std::move(alias);
        return {};
    });
}

} // namespace wherry::peers

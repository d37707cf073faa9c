#include "kad/dht.h"

#include "base/take_front.h"
#include "codec/reach.h"
#include "kad/stored_row.h"

#include <algorithm>

/// Peers, requests and their answers.
namespace wherry::kad {

using crypto::PeerId;

namespace {
NetworkRules rulesOf(const DhtConfig& config, const Validator& ours, const Validator& theirs) {
    NetworkRules rules{&theirs, false, kIpfsProviderTtl};
    if (config.isOurs()) rules = {&ours, true, kOwnProviderTtl, config.leastWorkBits};
    if (config.persists && config.mode == Mode::Server) rules.rows = rowPrefix(config.protocolId);
    return rules;
}
} // namespace

Dht::Dht(DhtConfig config, crypto::Identity identity, Links& links, Random& random, const Log& log)
    : m_config(std::move(config)),
      m_identity(std::move(identity)),
      m_links(links),
      m_random(random),
      m_log(log),
      m_table(m_identity.peerId(), m_config.table),
      m_responder(rulesOf(m_config, m_ownValidator, m_ipfsValidator), m_table,
                  {[this](const PeerId& peer) { return addressesOf(peer); },
                   [this](const PeerId& peer) { return ipOfPeer(peer); }}),
      m_protocol(m_config.protocolId, m_config.mode == Mode::Server ? &m_responder : nullptr, log),
      m_providing(m_config.isOurs() ? kOwnProviderRepublish : kProviderRepublish) {
    if (m_config.paths == 0) m_config.paths = m_config.isOurs() ? kDisjointPaths : 1;
}

const Validator& Dht::validator() const {
    if (m_config.isOurs()) return m_ownValidator;
    return m_ipfsValidator;
}

// --- peers --------------------------------------------------------------------------------------------------------

/// Over QUIC a peer speaks from the port at which it listens, behind a NAT too; a pipe that it has opened comes from a
/// port where nobody listens.
void Dht::place(Peer& peer, const swarm::PeerInfo& info) {
    peer.remote = info.remote.withoutPeer();
    peer.listensThere = info.side == link::Side::Dialer || info.remote.quicAddress();
}

/// Of a connected peer, as it tells them and as we see it: behind a NAT only the latter is any good to others.
std::vector<codec::Multiaddr> Dht::addressesOf(const PeerId& peer) const {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return {};
    auto out = found->second.addresses;
    const codec::Multiaddr& remote = found->second.remote;
    if (found->second.listensThere && std::ranges::find(out, remote) == out.end()) out.push_back(remote);
    return out;
}

/// Where it speaks from; we ourselves are our own device.
std::optional<codec::IpAddress> Dht::ipOfPeer(const PeerId& peer) const {
    if (peer == m_identity.peerId()) return codec::IpAddress::v4({127, 0, 0, 1});
    const auto found = m_peers.find(peer);
    return found == m_peers.end() ? std::nullopt : ipOf(found->second.remote);
}

void Dht::onPeerConnected(const swarm::PeerInfo& info, Now now) {
    Peer& peer = m_peers[info.peer];
    place(peer, info);
    m_heardAt = now.mono;
    m_dialled.erase(info.peer);
    m_silent.erase(info.peer);
    const auto [first, last] = m_waiting.equal_range(info.peer);
    std::vector<Ask> ready;
    for (auto each = first; each != last; ++each) ready.push_back(std::move(each->second));
    m_waiting.erase(first, last);
    for (Ask& one : ready) send(std::move(one), peer, now);
    for (auto& [id, lookup] : m_lookups) {
        const auto* wanted = lookup.as<FindPeer>();
        if (!wanted || wanted->peer != info.peer) continue;
        lookup.outcome.proved = true;
        // What was claimed beside it may be a lie.
        if (peer.listensThere)
            lookup.outcome.found = {peer.remote};
        else
            std::erase_if(lookup.outcome.found, [&](const auto& one) { return ipOf(one) != ipOf(peer.remote); });
    }
}

void Dht::onPeerMoved(const swarm::PeerInfo& info) {
    if (const auto found = m_peers.find(info.peer); found != m_peers.end()) place(found->second, info);
}

/// A server next to us whose connection ends may be dead, and we would go on to name it to everybody; one that has been
/// seen just now has only closed what it no longer needs.
void Dht::onPeerGone(const PeerId& peer, const Error& error, Now now) {
    m_peers.erase(peer);
    if (m_config.mode != Mode::Server || error.code == Errc::Cancelled) return;
    if (m_table.isQuietNeighbour(peer, kNeighbours, now)) ping(*m_table.find(peer), now);
}

/// Whether what has failed says something about the other side: we had room for it, and it is not we who are cut off,
/// since somebody is connected or was heard after it began.
bool Dht::isEvidence(Instant since, const Error& error) const {
    return error.code != Errc::LimitReached && (!m_peers.empty() || m_heardAt >= since);
}

/// A contact of the table was tried where it had been met, whatever others had told (ask).
void Dht::onPeerUnreachable(const PeerId& peer, const Error& error, Now now) {
    const auto dialled = m_dialled.extract(peer);
    if (dialled && isEvidence(dialled.mapped(), error)) {
        m_table.onDead(peer, now);
        noteSilent(peer, now);
    }
    const auto [first, last] = m_waiting.equal_range(peer);
    for (auto each = first; each != last; ++each) m_failed.emplace_back(std::move(each->second), error);
    m_waiting.erase(first, last);
    for (auto& [id, lookup] : m_lookups)
        if (const auto* wanted = lookup.as<FindPeer>();
            wanted && wanted->peer == peer && lookup.phase == Lookup::Phase::Proving)
            lookup.proveUntil = now.mono;
}

void Dht::onIdentified(const PeerId& peer, const std::vector<std::string>& protocols,
                       const std::vector<codec::Multiaddr>& addresses, Now now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    found->second.addresses = mayPass(ipOf(found->second.remote), addresses);
    if (found->second.addresses.size() > kMaxAddresses) found->second.addresses.resize(kMaxAddresses);
    if (std::ranges::find(protocols, m_config.protocolId) == protocols.end()) {
        m_table.remove(peer, now);
        return;
    }
    noteServer(peer, now);
}

/// It has said that it serves, or has just answered. One that has told no address yet comes in with identify.
void Dht::noteServer(const PeerId& peer, Now now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    auto addresses = found->second.addresses;
    if (addresses.empty()) {
        if (const auto known = m_table.find(peer)) addresses = known->addresses;
    }
    if (addresses.empty()) addresses = addressesOf(peer);
    if (!addresses.empty()) m_table.onServer(peer, std::move(addresses), found->second.remote, now);
}

// --- requests -----------------------------------------------------------------------------------------------------

/// Where a contact of the table was met is tried first, and always: others may name it elsewhere.
void Dht::ask(Ask ask, std::vector<codec::Multiaddr> addresses, Now now) {
    const PeerId peer = ask.peer;
    if (asks() >= kMaxAsks) {
        m_failed.emplace_back(std::move(ask), makeError(Errc::LimitReached, "kad: too many requests at once"));
        return;
    }
    if (const auto at = m_peers.find(peer); at != m_peers.end()) return send(std::move(ask), at->second, now);
    if (const auto known = m_table.find(peer)) {
        std::erase_if(addresses, [&](const auto& one) { return std::ranges::count(known->addresses, one) > 0; });
        addresses.insert(addresses.begin(), known->addresses.begin(), known->addresses.end());
        if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
    }
    if (addresses.empty() || !m_links.want(peer, addresses, now)) {
        m_failed.emplace_back(std::move(ask), makeError(Errc::Unreachable, "kad: it cannot be dialled"));
        return;
    }
    m_dialled.try_emplace(peer, now.mono);
    m_waiting.emplace(peer, std::move(ask));
}

void Dht::ping(const Contact& contact, Now now) {
    Message ping;
    ping.type = MessageType::Ping;
    ask({Purpose::Ping, {}, contact.peer, std::move(ping)}, contact.addresses, now);
}

/// What it says of ourselves is what this peer may know.
void Dht::send(Ask ask, const Peer& to, Now now) {
    m_links.touch(ask.peer, now);
    ask.since = now.mono;
    for (PeerEntry& entry : ask.message.providerPeers) {
        entry.addresses = mayPass(ipOf(to.remote), entry.addresses);
        if (entry.addresses.size() > kMaxAddresses) entry.addresses.resize(kMaxAddresses);
    }
    const RequestId id = m_protocol.request(ask.peer, ask.message);
    m_asked.emplace(id, std::move(ask));
}

/// What has come of requests; whether there was anything.
bool Dht::settleAsks(Now now) {
    bool any = false;
    while (auto event = m_protocol.poll()) {
        any = true;
        if (const auto* answered = std::get_if<Answered>(&*event)) {
            if (auto asked = m_asked.extract(answered->id)) onAnswer(asked.mapped(), answered->answer, now);
        } else if (const auto* failed = std::get_if<RequestFailed>(&*event)) {
            if (auto asked = m_asked.extract(failed->id)) onFailure(asked.mapped(), failed->error, now);
        }
    }
    while (auto failed = takeFront(m_failed)) {
        any = true;
        giveUp(failed->first, failed->second, now);
    }
    return any;
}

/// Once more than there is room for the longest ago goes.
void Dht::noteSilent(const PeerId& peer, Now now) {
    const auto earlier = [](const auto& a, const auto& b) { return a.second < b.second; };
    if (m_silent.size() >= kMaxSilent) m_silent.erase(std::ranges::min_element(m_silent, earlier));
    m_silent.insert_or_assign(peer, now.mono);
}

/// Those whose answer is overdue, too.
std::set<PeerId> Dht::silent(Now now) const {
    std::set<PeerId> out;
    for (const auto& [peer, at] : m_silent)
        if (now.mono - at < kSilentFor) out.insert(peer);
    for (const auto& [peer, since] : m_dialled)
        if (now.mono - since >= kStallAfter) out.insert(peer);
    for (const auto& [id, ask] : m_asked)
        if (now.mono - ask.since >= kStallAfter) out.insert(ask.peer);
    return out;
}

Lookup* Dht::find(LookupId id) {
    const auto found = m_lookups.find(id);
    return found == m_lookups.end() ? nullptr : &found->second;
}

void Dht::onAnswer(const Ask& ask, const std::optional<Message>& answer, Now now) {
    m_links.touch(ask.peer, now);
    m_silent.erase(ask.peer);
    m_heardAt = now.mono;
    if (answer) noteServer(ask.peer, now);
    m_table.onAlive(ask.peer, now);
    Lookup* lookup = find(ask.lookup);
    if (!lookup) return;
    if (ask.purpose == Purpose::Query && answer && lookup->query) onQueryAnswer(*lookup, ask.peer, *answer, now);
    if (ask.purpose == Purpose::Store) onStored(*lookup, ask.peer, answer);
}

void Dht::onFailure(const Ask& ask, const Error& error, Now now) {
    if (error.code == Errc::Unsupported)
        m_table.remove(ask.peer, now);
    if (error.code != Errc::Unsupported && error.code != Errc::Unreachable && isEvidence(ask.since, error)) {
        m_table.onDead(ask.peer, now);
        noteSilent(ask.peer, now);
    }
    giveUp(ask, error, now);
}

/// Whoever wanted the answer goes on without it.
void Dht::giveUp(const Ask& ask, const Error& error, Now now) {
    if (ask.purpose == Purpose::Ping) m_table.onNotPinged(ask.peer, now);
    Lookup* lookup = find(ask.lookup);
    if (!lookup) return;
    if (ask.purpose == Purpose::Query && lookup->query) lookup->query->onFailure(ask.peer, now);
    if (ask.purpose == Purpose::Store && lookup->storing.erase(ask.peer) > 0)
        lookup->refusal = refusalOf(*lookup, error);
}

/// A server says no more than this to a record that it does not keep.
Error Dht::refusalOf(const Lookup& lookup, Error error) const {
    if (error.code == Errc::ConnectionLost && lookup.as<PutValue>() && m_config.isOurs())
        error.context +=
            ": so does a server that has no room, or by whose clock the value has expired or comes from the "
            "future; is the clock of this device right?";
    return error;
}

// --- outputs ------------------------------------------------------------------------------------------------------

std::optional<Outcome> Dht::poll(Now now) {
    upkeep(now);
    for (bool more = true; more;) {
        more = settleAsks(now);
        for (auto& [id, lookup] : m_lookups) more = advance(lookup, now) || more;
        std::erase_if(m_lookups, [](const auto& one) { return one.second.phase == Lookup::Phase::Ended; });
    }
    return takeFront(m_outcomes);
}

Instant Dht::deadline() const {
    Instant next = std::min(m_sweepAt, m_refreshing || m_quiet ? kNever : m_table.refreshDeadline());
    if (mayRepublish() && !m_quiet) {
        next = std::min(next, m_providing.deadline());
        for (const auto& [key, published] : m_published) next = std::min(next, published.due);
    }
    for (const auto& [id, lookup] : m_lookups) {
        if (lookup.phase == Lookup::Phase::Waiting) next = std::min(next, lookup.giveUp);
        if (lookup.phase == Lookup::Phase::Asking) next = std::min(next, lookup.query->deadline());
        if (lookup.phase == Lookup::Phase::Proving) next = std::min(next, lookup.proveUntil);
    }
    return next;
}

void Dht::onDeadline(Now now) {
    for (auto& [id, lookup] : m_lookups) {
        if (lookup.phase == Lookup::Phase::Asking && now.mono >= lookup.query->deadline())
            lookup.query->onDeadline(now);
    }
    if (now.mono >= m_sweepAt) {
        m_responder.expire(now);
        m_sweepAt = kNever;
    }
}

} // namespace wherry::kad

#include "kad/query.h"

#include "base/assert.h"
#include "codec/reach.h"

#include <algorithm>
#include <set>

namespace wherry::kad {

namespace {
std::vector<codec::IpAddress> ipsOf(const std::vector<codec::Multiaddr>& addresses) {
    std::set<codec::IpAddress> ips;
    for (const codec::Multiaddr& address : addresses)
        if (const auto ip = ipOf(address)) ips.insert(*ip);
    return {ips.begin(), ips.end()};
}
} // namespace

Query::Query(const Key& target, const crypto::PeerId& self, const std::vector<Contact>& seeds, QueryConfig config,
             Now now)
    : m_target(target),
      m_self(self),
      m_config(std::move(config)),
      m_giveUp(now.mono + kQueryTimeout) {
    ASSERT(m_config.paths > 0 && m_config.parallelism > 0 && m_config.replication > 0);
    m_paths.assign(m_config.paths, Path(m_config.caps));
    for (size_t i = 0; i < seeds.size(); ++i) addTo(m_paths[i % m_paths.size()], seeds[i].peer, seeds[i].addresses, 1);
    settle(now);
}

// --- candidates ---------------------------------------------------------------------------------------------------

void Query::addTo(Path& path, const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses,
                  unsigned hop) {
    if (peer == m_self) return;
    const Key at = distance(Key::ofPeer(peer), m_target);
    if (path.known.contains(at)) return;
    const bool known = m_all.contains(at);
    if (!known && addresses.empty()) return;
    if (known && m_all.at(at).state == State::Failed) return;
    const auto ips = known ? m_all.at(at).ips : ipsOf(addresses);
    if (!std::ranges::all_of(ips, [&](const auto& ip) { return path.quota.admits(ip); })) return;
    if (!makeRoom(path, at)) return;
    Candidate& candidate = know(at, peer, addresses, hop);
    for (const auto& ip : candidate.ips) path.quota.add(ip);
    path.known.emplace(at, &candidate);
    if (candidate.state == State::New) ++path.fresh;
}

/// The farthest that has not been asked gives way to somebody closer.
bool Query::makeRoom(Path& path, const Key& at) {
    if (path.fresh < kMaxCandidates) return true;
    for (auto last = path.known.end(); last != path.known.begin();) {
        --last;
        if (last->second->state != State::New) continue;
        if (last->first < at) return false;
        forget(path, last);
        return true;
    }
    return false;
}

Query::Candidate& Query::know(const Key& at, const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses,
                              unsigned hop) {
    const auto [found, isNew] = m_all.try_emplace(at);
    Candidate& candidate = found->second;
    if (!isNew) return candidate;
    candidate.contact = {peer, Key::ofPeer(peer), addresses};
    if (candidate.contact.addresses.size() > kMaxAddresses) candidate.contact.addresses.resize(kMaxAddresses);
    candidate.ips = ipsOf(candidate.contact.addresses);
    candidate.hop = hop;
    candidate.silent = m_config.silent.contains(peer);
    return candidate;
}

/// A candidate that no path knows any more is gone, unless it was asked: nobody is asked twice.
void Query::forget(Path& path, std::map<Key, Candidate*>::iterator found) {
    const Key at = found->first;
    const Candidate& candidate = *found->second;
    for (const auto& ip : candidate.ips) path.quota.remove(ip);
    if (candidate.state == State::New) --path.fresh;
    path.known.erase(found);
    const bool wanted = std::ranges::any_of(m_paths, [&](const Path& other) { return other.known.contains(at); });
    if (!wanted && candidate.state == State::New) m_all.erase(at);
}

// --- asking -------------------------------------------------------------------------------------------------------

Duration Query::stallsAfter(const Candidate& candidate) const {
    if (candidate.silent) return kSilentStalls;
    if (m_figures.replies == 0) return kStallAfter;
    return std::clamp<Duration>(kStallAnswers * m_slowest, m_leastStall, kStallAfter);
}

bool Query::isStalled(const Candidate& candidate, Now now) const {
    return candidate.state == State::Asked && now.mono - candidate.askedAt >= stallsAfter(candidate);
}

/// Whether there is room for one more request of this path. `share`: of those that hold others up.
bool Query::mayAsk(const Path& path, size_t share, Now now) const {
    size_t own = 0, ownQuick = 0, quick = 0, all = 0;
    for (const Candidate* asked : m_asked) {
        if (isStalled(*asked, now)) continue;
        const Path& from = m_paths[asked->path];
        const bool isQuick = now.mono - asked->askedAt < m_config.hedgeAfter;
        own += &from == &path;
        ownQuick += &from == &path && isQuick;
        quick += !from.settled && isQuick;
        all += !from.settled;
    }
    if (path.settled) return own < m_config.replication;
    return quick < m_config.parallelism && ownQuick < share && all < m_config.mostParallel;
}

/// The first of the path's k closest that nobody has asked. Sets `done` when all of these have answered, or when none
/// is left whom it may ask. Who has stalled is waited for only while nobody at all has answered: in a network of few
/// servers one that is dead would otherwise hold up every query until kRequestTimeout.
Query::Candidate* Query::next(Path& path, Now now) {
    size_t counted = 0;
    bool waits = false, slow = false;
    for (const auto& [at, candidate] : path.known) {
        if (isStalled(*candidate, now)) {
            slow = true;
            continue;
        }
        if (counted == m_config.replication) break;
        ++counted;
        if (candidate->state == State::New && path.requests < kMaxRequests / m_paths.size()) return candidate;
        if (candidate->state == State::Asked) waits = true;
    }
    path.done = !waits && !(slow && m_figures.replies == 0);
    return nullptr;
}

std::optional<Contact> Query::poll(Now now) {
    settle(now);
    if (m_stopped) return std::nullopt;
    const auto open = static_cast<size_t>(std::ranges::count(m_paths, false, &Path::done));
    const size_t share = (m_config.parallelism + open - 1) / open;
    for (size_t i = 0; i < m_paths.size(); ++i) {
        const size_t turn = (m_turn + i) % m_paths.size();
        Path& path = m_paths[turn];
        if (path.done || !mayAsk(path, share, now)) continue;
        Candidate* candidate = next(path, now);
        if (!candidate) continue;
        m_turn = turn + 1;
        markAsked(*candidate, turn, now);
        return candidate->contact;
    }
    return std::nullopt;
}

void Query::markAsked(Candidate& candidate, size_t path, Now now) {
    const Key at = distance(candidate.contact.key, m_target);
    for (Path& other : m_paths)
        if (other.known.contains(at)) --other.fresh;
    candidate.state = State::Asked;
    candidate.path = path;
    candidate.askedAt = now.mono;
    m_asked.push_back(&candidate);
    ++m_paths[path].requests;
    ++m_figures.requests;
}

// --- answers ------------------------------------------------------------------------------------------------------

Query::Candidate* Query::askedOne(const crypto::PeerId& peer) {
    const auto found = std::ranges::find_if(m_asked, [&](const Candidate* one) { return one->contact.peer == peer; });
    if (found == m_asked.end()) return nullptr;
    Candidate* candidate = *found;
    m_asked.erase(found);
    return candidate;
}

void Query::onReply(const crypto::PeerId& peer, std::span<const PeerEntry> closer, Now now) {
    Candidate* candidate = askedOne(peer);
    if (!candidate) return;
    candidate->state = State::Answered;
    ++m_figures.replies;
    m_slowest = std::max(m_slowest, now.mono - candidate->askedAt);
    // Paths that had no peer to begin with share the first answers.
    std::vector<Path*> to = {&m_paths[candidate->path]};
    for (Path& path : m_paths)
        if (path.known.empty()) to.push_back(&path);
    size_t turn = 0;
    for (const PeerEntry& entry : closer.first(std::min(closer.size(), kMaxPeersPerList)))
        addTo(*to[turn++ % to.size()], entry.peer, entry.addresses, candidate->hop + 1);
    settle(now);
}

/// It counts for nothing in any path, and its prefixes have their places back.
void Query::onFailure(const crypto::PeerId& peer, Now now) {
    Candidate* candidate = askedOne(peer);
    if (!candidate) return;
    candidate->state = State::Failed;
    ++m_figures.failures;
    const Key at = distance(candidate->contact.key, m_target);
    for (Path& path : m_paths)
        if (const auto found = path.known.find(at); found != path.known.end()) forget(path, found);
    settle(now);
}

/// Ends the query when every path has ended; a path that has got new candidates goes on.
void Query::settle(Now now) {
    if (m_stopped) return;
    for (Path& path : m_paths) {
        path.done = false;
        next(path, now);
        path.settled = !path.known.empty() && path.known.begin()->second->state == State::Answered;
    }
    m_stopped = std::ranges::all_of(m_paths, &Path::done) || now.mono >= m_giveUp;
}

// --- time ---------------------------------------------------------------------------------------------------------

/// Its slowness and its stalling have been seen when something has been done since; asking again costs nothing.
Instant Query::deadline() const {
    if (m_stopped) return kNever;
    Instant next = m_giveUp;
    for (const Candidate* asked : m_asked)
        for (const Duration after : {m_config.hedgeAfter, stallsAfter(*asked), kRequestTimeout}) {
            if (m_seen >= asked->askedAt + after && after != kRequestTimeout) continue;
            next = std::min(next, asked->askedAt + after);
            break;
        }
    return next;
}

void Query::onDeadline(Now now) {
    m_seen = std::max(m_seen, now.mono);
    std::vector<crypto::PeerId> late;
    for (const Candidate* asked : m_asked)
        if (now.mono - asked->askedAt >= kRequestTimeout) late.push_back(asked->contact.peer);
    for (const crypto::PeerId& peer : late) onFailure(peer, now);
    settle(now);
}

std::vector<Contact> Query::closest() const {
    std::vector<Contact> out;
    for (const auto& [at, candidate] : m_all) {
        if (out.size() == m_config.replication) break;
        if (candidate.state == State::Answered) out.push_back(candidate.contact);
    }
    return out;
}

std::vector<crypto::PeerId> Query::outstanding() const {
    std::vector<crypto::PeerId> out;
    for (const Candidate* asked : m_asked) out.push_back(asked->contact.peer);
    return out;
}

QueryFigures Query::figures() const {
    QueryFigures figures = m_figures;
    const auto first = std::ranges::find_if(m_all, [](const auto& one) { return one.second.state == State::Answered; });
    if (first != m_all.end()) figures.hops = first->second.hop;
    return figures;
}

} // namespace wherry::kad

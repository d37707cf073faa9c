#include "protocols/autonat/reachability.h"

#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/dial_policy.h"

#include <algorithm>

namespace wherry::autonat {

using codec::Multiaddr;
using crypto::PeerId;

namespace {
bool isPublic(const Multiaddr& address) {
    const auto socket = socketAddressOf(address);
    return socket && socket->ip.isPublic();
}
Verdict verdictOf(const std::vector<Evidence>& evidence) {
    const auto latest = std::min(evidence.size(), kFailuresNeeded);
    const auto failed = [](const Evidence& one) { return !one.reachable; };
    const auto proved = [](const Evidence& one) { return one.reachable && one.version == Version::V2; };
    const auto end = evidence.begin() + static_cast<ptrdiff_t>(latest);
    if (latest == kFailuresNeeded && std::all_of(evidence.begin(), end, failed)) return Verdict::Unreachable;
    if (std::any_of(evidence.begin(), end, proved)) return Verdict::Reachable;
    const bool agreed = evidence.size() >= kOpinionsNeeded && std::none_of(evidence.begin(), evidence.end(), failed);
    return agreed ? Verdict::Reachable : Verdict::Unknown;
}
} // namespace

// --- what could be ours -------------------------------------------------------------------------------------------

void Reachability::add(const Multiaddr& address, bool listening, Now now) {
    const auto known = std::ranges::find(m_candidates, address, [](const Candidate& one) { return one.fact.address; });
    if (known != m_candidates.end()) {
        known->listening = known->listening || listening;
        return;
    }
    if (m_candidates.size() >= kMaxCandidates && !makeRoom(listening ? SIZE_MAX : networksFor(address))) return;
    m_candidates.push_back({{address, Verdict::Unknown, {}}, listening, now.mono, {}});
    ++m_version;
}

void Reachability::setListening(const std::vector<Multiaddr>& addresses, Now now) {
    if (addresses == m_listening) return;
    m_listening = addresses;
    for (Candidate& one : m_candidates) one.listening = false;
    for (const Multiaddr& address : addresses)
        if (isPublic(address)) add(address.withoutPeer(), true, now);
    const auto gone = std::erase_if(m_candidates, [](const Candidate& one) { return !one.listening; });
    m_votes.clear();
    if (gone > 0) ++m_version;
}

void Reachability::onObserved(const PeerId& peer, const codec::IpAddress& from, const Multiaddr& us, Now now) {
    if (!isPublic(us) || !from.isPublic()) return;
    const Multiaddr address = us.withoutPeer();
    if (!m_votes.contains(peer) && m_votes.size() >= kMaxVotes)
        m_votes.erase(std::ranges::min_element(m_votes, {}, [](const auto& one) { return one.second.order; }));
    m_votes.insert_or_assign(peer, Vote{address, siteOf(from), ++m_observations});
    forgetUnseen();
    if (networksFor(address) >= kObserversNeeded) add(address, false, now);
}

size_t Reachability::networksFor(const Multiaddr& address) const {
    std::set<codec::IpAddress> networks;
    for (const auto& [peer, vote] : m_votes)
        if (vote.address == address) networks.insert(vote.network);
    return networks.size();
}

void Reachability::forgetUnseen() {
    const auto gone = std::erase_if(m_candidates, [&](const Candidate& one) {
        return !one.listening && networksFor(one.fact.address) < kObserversNeeded;
    });
    if (gone > 0) ++m_version;
}

/// Who comes with the votes of so many networks takes the place of the one with the fewest.
bool Reachability::makeRoom(size_t networks) {
    const auto weight = [&](const Candidate& one) { return one.listening ? SIZE_MAX : networksFor(one.fact.address); };
    const auto least = std::ranges::min_element(m_candidates, {}, weight);
    if (weight(*least) >= networks) return false;
    m_candidates.erase(least);
    ++m_version;
    return true;
}

void Reachability::onServer(const PeerId& peer, Version version, Now now) {
    if (!m_servers.contains(peer) && m_servers.size() >= kMaxServers) return;
    m_servers.try_emplace(peer, Server{version, now.mono}).first->second.version = version;
}

void Reachability::onServerGone(const PeerId& peer) {
    m_servers.erase(peer);
}

// --- asking -------------------------------------------------------------------------------------------------------

/// The peer that was asked longest ago, version 2 before version 1.
std::optional<Question> Reachability::choose(Candidate& candidate, Now now) const {
    std::erase_if(candidate.asked, [&](const auto& one) { return one.second + kAskPeerAgain <= now.mono; });
    const std::pair<const PeerId, Server>* best = nullptr;
    for (const auto& server : m_servers) {
        if (server.second.next > now.mono || candidate.asked.contains(server.first)) continue;
        const auto rank = [](const auto& one) { return std::pair(one.second.version != Version::V2, one.second.next); };
        if (!best || rank(server) < rank(*best)) best = &server;
    }
    if (!best) return std::nullopt;
    return Question{best->first, candidate.fact.address, best->second.version};
}

std::optional<Question> Reachability::poll(Now now) {
    if (m_open) return std::nullopt;
    for (Candidate& candidate : m_candidates) {
        if (candidate.nextAsk > now.mono) continue;
        auto question = choose(candidate, now);
        if (!question) continue;
        candidate.asked[question->peer] = now.mono;
        m_servers.at(question->peer).next = now.mono + kServerInterval;
        m_open = question;
        return question;
    }
    return std::nullopt;
}

void Reachability::onDone(const ProbeDone& done, Now now) {
    m_open.reset();
    const auto found =
        std::ranges::find(m_candidates, done.address, [](const Candidate& one) { return one.fact.address; });
    if (found == m_candidates.end()) return; // we have left that address meanwhile
    found->nextAsk = now.mono + kAskSoon;
    if (done.outcome == ProbeOutcome::Inconclusive) return;
    auto& evidence = found->fact.evidence;
    std::erase_if(evidence, [&](const Evidence& one) { return one.peer == done.peer; });
    evidence.insert(evidence.begin(),
                    Evidence{done.peer, done.version, done.outcome == ProbeOutcome::Reachable, now.wall});
    if (evidence.size() > kMaxEvidence) evidence.resize(kMaxEvidence);
    judge(*found, now);
}

void Reachability::judge(Candidate& candidate, Now now) {
    const Verdict verdict = verdictOf(candidate.fact.evidence);
    // A change is followed up; the opinions that are needed for it come soon after another.
    const bool settled =
        verdict != Verdict::Unknown && candidate.fact.evidence.front().reachable == (verdict == Verdict::Reachable);
    if (settled) candidate.nextAsk = now.mono + (verdict == Verdict::Reachable ? kAskReachable : kAskUnreachable);
    if (candidate.fact.verdict != verdict) ++m_version;
    candidate.fact.verdict = verdict;
}

Instant Reachability::deadline() const {
    if (m_open || m_servers.empty()) return kNever;
    Instant next = kNever;
    for (const Candidate& candidate : m_candidates) {
        for (const auto& [peer, server] : m_servers) {
            const auto asked = candidate.asked.find(peer);
            const Instant again = asked == candidate.asked.end() ? Instant::min() : asked->second + kAskPeerAgain;
            next = std::min(next, std::max({candidate.nextAsk, server.next, again}));
        }
    }
    return next;
}

// --- what follows -------------------------------------------------------------------------------------------------

std::vector<AddressFact> Reachability::facts() const {
    std::vector<AddressFact> all;
    for (const Candidate& candidate : m_candidates) all.push_back(candidate.fact);
    return all;
}

Verdict Reachability::overall() const {
    const auto is = [](Verdict verdict) {
        return [verdict](const Candidate& one) { return one.fact.verdict == verdict; };
    };
    if (std::ranges::any_of(m_candidates, is(Verdict::Reachable))) return Verdict::Reachable;
    const bool none = !m_candidates.empty() && std::ranges::all_of(m_candidates, is(Verdict::Unreachable));
    return none ? Verdict::Unreachable : Verdict::Unknown;
}

} // namespace wherry::autonat

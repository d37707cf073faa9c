#include "protocols/autonat/network_facts.h"

#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/dial_policy.h"

#include <algorithm>
#include <array>

namespace wherry::autonat {

using codec::Multiaddr;
using codec::SocketAddress;
using crypto::PeerId;

std::string_view subjectName(Subject subject) {
    static constexpr std::array<std::string_view, 6> kNames = {"mapping4",  "mapping6", "incoming4",
                                                               "incoming6", "udp",      "multicast"};
    return kNames[static_cast<size_t>(subject)];
}

std::string_view findingName(Finding finding) {
    static constexpr std::array<std::string_view, 11> kNames = {
        "unknown",  "untranslated", "prefix-translated", "endpoint-independent", "endpoint-dependent", "open",
        "filtered", "passes",       "blocked",           "heard",                "isolated"};
    return kNames[static_cast<size_t>(finding)];
}

namespace {

using Family = codec::IpAddress::Family;

bool samePort(const SocketAddress& one, const SocketAddress& other) {
    return one.ip.family == other.ip.family && one.port == other.port;
}

template <typename Witnesses, typename Value>
void remember(Witnesses& witnesses, const PeerId& peer, Value value) {
    if (!witnesses.contains(peer) && witnesses.size() >= kMaxWitnesses) return;
    witnesses.insert_or_assign(peer, std::move(value));
}

void add(NetworkFact& fact, const PeerId& peer, const Multiaddr& address) {
    if (fact.clues.size() < kMaxEvidence) fact.clues.push_back({peer, address.withoutPeer()});
}

/// Whether anybody can begin from outside, by what those say who have tried to.
NetworkFact incomingFact(Family family, const std::vector<AddressFact>& outside) {
    NetworkFact fact{family == Family::V4 ? Subject::Incoming4 : Subject::Incoming6, Finding::Unknown, {}};
    std::vector<const AddressFact*> ours;
    for (const AddressFact& one : outside)
        if (const auto at = socketAddressOf(one.address); at && at->ip.family == family) ours.push_back(&one);
    const auto all = [&](Verdict verdict) {
        return std::ranges::all_of(ours, [&](const AddressFact* one) { return one->verdict == verdict; });
    };
    const auto isOpen = [](const AddressFact* one) { return one->verdict == Verdict::Reachable; };
    if (std::ranges::any_of(ours, isOpen))
        fact.finding = Finding::Open;
    else if (!ours.empty() && all(Verdict::Unreachable))
        fact.finding = Finding::Filtered;
    for (const AddressFact* one : ours)
        for (const Evidence& evidence : one->evidence)
            if (evidence.reachable == (fact.finding == Finding::Open)) add(fact, evidence.peer, one->address);
    if (fact.finding == Finding::Unknown) fact.clues.clear();
    return fact;
}

} // namespace

// --- what is learnt -----------------------------------------------------------------------------------------------

void NetworkFacts::setListening(std::vector<SocketAddress> ends) {
    if (ends == m_listening) return;
    m_listening = std::move(ends);
    forget();
}

void NetworkFacts::setInterfaces(std::vector<discovery::OwnAddress> addresses) {
    if (addresses == m_own) return;
    m_own = std::move(addresses);
    forget();
}

/// What multicast hears is kept: discovery itself says when that is over.
void NetworkFacts::forget() {
    m_votes.clear();
    m_quic.clear();
    m_noQuic.clear();
    m_near.clear();
}

void NetworkFacts::onObserved(const PeerId& peer, const Multiaddr& local, const Multiaddr& remote, const Multiaddr& us) {
    const auto from = remote.quicAddress();
    const auto end = local.quicAddress();
    const auto seen = us.withoutPeer().quicAddress();
    if (!from || !end || !seen || !from->ip.isPublic() || seen->ip.family != from->ip.family) return;
    if (std::ranges::none_of(m_listening, [&](const SocketAddress& own) { return samePort(own, *end); })) return;
    if (!m_votes.contains(peer) && m_votes.size() >= kMaxWitnesses)
        m_votes.erase(std::ranges::min_element(m_votes, {}, [](const auto& one) { return one.second.order; }));
    m_votes.insert_or_assign(peer, Vote{*seen, siteOf(from->ip), ++m_observations});
}

void NetworkFacts::onDialling(const PeerId& peer, const std::vector<Multiaddr>& addresses) {
    std::set<codec::IpAddress> hosts;
    for (const Multiaddr& address : addresses)
        if (const auto at = address.quicAddress()) hosts.insert(at->ip);
    remember(m_tried, peer, std::move(hosts));
}

void NetworkFacts::onDialFailed(const PeerId& peer) {
    m_tried.erase(peer);
}

void NetworkFacts::onOpened(const PeerId& peer, const Multiaddr& remote, Instant now) {
    const auto tried = m_tried.extract(peer);
    const auto at = socketAddressOf(remote);
    if (!at || at->ip.isLoopback()) return;
    if (remote.quicAddress())
        remember(m_quic, peer, remote);
    else if (tried && tried.mapped().contains(at->ip))
        remember(m_noQuic, peer, remote);
    const auto shares = [&](const discovery::OwnAddress& own) {
        return own.ip != at->ip && discovery::onSameNetwork(own, at->ip);
    };
    if (std::ranges::any_of(m_own, shares)) remember(m_near, peer, Near{remote, now});
}

/// That it was reached by QUIC or not stays true of this network.
void NetworkFacts::onGone(const PeerId& peer) {
    m_tried.erase(peer);
    m_votes.erase(peer);
    m_near.erase(peer);
}

void NetworkFacts::onHeard(const PeerId& peer, const std::vector<Multiaddr>& addresses) {
    remember(m_heard, peer, addresses.empty() ? Multiaddr() : addresses.front());
}

void NetworkFacts::onUnheard(const PeerId& peer) {
    m_heard.erase(peer);
}

// --- what follows -------------------------------------------------------------------------------------------------

bool NetworkFacts::isOwn(const SocketAddress& seen) const {
    return std::ranges::any_of(m_listening, [&](const SocketAddress& own) { return samePort(own, seen) && own.ip == seen.ip; });
}

/// RFC 6296 3: the prefix is another one and, for a /48 or shorter, the interface identifier the same.
bool NetworkFacts::hasOwnIdentifier(const SocketAddress& seen) const {
    if (seen.ip.isV4()) return false;
    return std::ranges::any_of(m_listening, [&](const SocketAddress& own) {
        return samePort(own, seen) &&
               std::equal(own.ip.octets.begin() + 8, own.ip.octets.end(), seen.ip.octets.begin() + 8);
    });
}

Finding NetworkFacts::judge(const SocketAddress& seen) const {
    if (isOwn(seen)) return Finding::Untranslated;
    return hasOwnIdentifier(seen) ? Finding::PrefixTranslated : Finding::EndpointIndependent;
}

/// The outer end that most networks see, where all that are ours count as one; where no two networks see the same one,
/// it depends on who is asked.
NetworkFact NetworkFacts::mappingFact(Family family) const {
    NetworkFact fact{family == Family::V4 ? Subject::Mapping4 : Subject::Mapping6, Finding::Unknown, {}};
    using Outer = std::pair<Finding, SocketAddress>;
    const auto outerOf = [&](const Vote& vote) {
        const Finding finding = judge(vote.seen);
        return Outer{finding, finding == Finding::EndpointIndependent ? vote.seen : SocketAddress{}};
    };
    std::map<Outer, std::set<codec::IpAddress>> seenBy;
    std::set<codec::IpAddress> networks;
    for (const auto& [peer, vote] : m_votes) {
        if (vote.seen.ip.family != family) continue;
        seenBy[outerOf(vote)].insert(vote.network);
        networks.insert(vote.network);
    }
    if (networks.size() < kObserversNeeded) return fact;
    const auto most = std::ranges::max_element(seenBy, {}, [](const auto& one) { return one.second.size(); });
    const bool agreed = most->second.size() >= kObserversNeeded;
    fact.finding = agreed ? most->first.first : Finding::EndpointDependent;
    for (const auto& [peer, vote] : m_votes)
        if (vote.seen.ip.family == family && (!agreed || outerOf(vote) == most->first))
            add(fact, peer, Multiaddr::quic(vote.seen));
    return fact;
}

Finding NetworkFacts::mapping(Family family) const {
    return mappingFact(family).finding;
}

NetworkFact NetworkFacts::udpFact() const {
    NetworkFact fact{Subject::Udp, Finding::Unknown, {}};
    if (!m_quic.empty()) {
        fact.finding = Finding::Passes;
        for (const auto& [peer, at] : m_quic) add(fact, peer, at);
        return fact;
    }
    std::set<codec::IpAddress> hosts;
    for (const auto& [peer, at] : m_noQuic) hosts.insert(socketAddressOf(at)->ip.budgetPrefix());
    if (hosts.size() < kHostsWithoutUdp) return fact;
    fact.finding = Finding::Blocked;
    for (const auto& [peer, at] : m_noQuic) add(fact, peer, at);
    return fact;
}

NetworkFact NetworkFacts::multicastFact(Instant now) const {
    NetworkFact fact{Subject::Multicast, Finding::Unknown, {}};
    if (!m_heard.empty()) {
        fact.finding = Finding::Heard;
        for (const auto& [peer, at] : m_heard) add(fact, peer, at);
        return fact;
    }
    for (const auto& [peer, near] : m_near)
        if (now - near.since >= kMulticastPatience) add(fact, peer, near.remote);
    if (!fact.clues.empty()) fact.finding = Finding::Isolated;
    return fact;
}

std::vector<NetworkFact> NetworkFacts::facts(const std::vector<AddressFact>& outside, Instant now) const {
    return {mappingFact(Family::V4),           mappingFact(Family::V6), incomingFact(Family::V4, outside),
            incomingFact(Family::V6, outside), udpFact(),               multicastFact(now)};
}

} // namespace wherry::autonat

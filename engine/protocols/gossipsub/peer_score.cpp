#include "protocols/gossipsub/peer_score.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <algorithm>

namespace wherry::gossipsub {

using crypto::PeerId;

namespace {
void count(double& counter, double cap) {
    counter = std::min(counter + 1, cap);
}
double square(double value) {
    return value * value;
}
} // namespace

bool PeerScore::TopicStats::isNothing() const {
    return !inMeshSince && firstDeliveries == 0 && meshDeliveries == 0 && meshFailures == 0 && invalid == 0;
}

const TopicScoreParams& PeerScore::paramsOf(const std::string& topic) const {
    const auto own = m_params.topics.find(topic);
    return own == m_params.topics.end() ? m_params.topic : own->second;
}

// --- who is there -------------------------------------------------------------------------------------------------

void PeerScore::onPeer(const PeerId& peer, std::optional<codec::IpAddress> address, Instant) {
    Stats& stats = m_peers[peer];
    if (stats.goneUntil) --m_gone;
    stats.goneUntil.reset();
    forgetAddress(peer, stats);
    stats.address = std::move(address);
    if (stats.address) m_addresses[*stats.address].insert(peer);
}

void PeerScore::forgetAddress(const PeerId& peer, Stats& stats) {
    if (!stats.address) return;
    const auto found = m_addresses.find(*stats.address);
    found->second.erase(peer);
    if (found->second.empty()) m_addresses.erase(found);
    stats.address.reset();
}

/// Only what counts against it is kept. Where there is no more room, it is those who come first who are remembered: an
/// attacker with so many keys needs none twice.
void PeerScore::onPeerGone(const PeerId& peer, Instant now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end() || found->second.goneUntil) return;
    Stats& stats = found->second;
    for (auto& [topic, of] : stats.topics) {
        const TopicScoreParams& params = paramsOf(topic);
        if (of.inMeshSince && isActive(of, params, now) && of.meshDeliveries < params.meshDeliveriesThreshold)
            of.meshFailures += square(params.meshDeliveriesThreshold - of.meshDeliveries);
        of.inMeshSince.reset();
        of.firstDeliveries = 0;
    }
    forgetAddress(peer, stats);
    if (scoreOf(peer, stats, now) >= 0 || m_gone >= kMaxRetainedScores) {
        m_peers.erase(found);
        return;
    }
    stats.goneUntil = now + m_params.retain;
    ++m_gone;
}

// --- what it does -------------------------------------------------------------------------------------------------

void PeerScore::onGraft(const PeerId& peer, const std::string& topic, Instant now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    TopicStats& stats = found->second.topics[topic];
    stats.inMeshSince = now;
    stats.meshDeliveries = 0;
}

void PeerScore::onPrune(const PeerId& peer, const std::string& topic) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    TopicStats& stats = found->second.topics[topic];
    const TopicScoreParams& params = paramsOf(topic);
    if (isActive(stats, params, m_now) && stats.meshDeliveries < params.meshDeliveriesThreshold)
        stats.meshFailures += square(params.meshDeliveriesThreshold - stats.meshDeliveries);
    stats.inMeshSince.reset();
}

void PeerScore::onFirstDelivery(const PeerId& peer, const std::string& topic) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    TopicStats& stats = found->second.topics[topic];
    const TopicScoreParams& params = paramsOf(topic);
    count(stats.firstDeliveries, params.firstDeliveriesCap);
    if (stats.inMeshSince) count(stats.meshDeliveries, params.meshDeliveriesCap);
}

void PeerScore::onDuplicate(const PeerId& peer, const std::string& topic, Duration since) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    const auto stats = found->second.topics.find(topic);
    if (stats == found->second.topics.end() || !stats->second.inMeshSince) return;
    const TopicScoreParams& params = paramsOf(topic);
    if (since <= params.meshDeliveriesWindow) count(stats->second.meshDeliveries, params.meshDeliveriesCap);
}

void PeerScore::onInvalid(const PeerId& peer, const std::string& topic) {
    const auto found = m_peers.find(peer);
    if (found != m_peers.end()) count(found->second.topics[topic].invalid, kMaxCounter);
}

void PeerScore::onMisbehaviour(const PeerId& peer, double howOften) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    found->second.misbehaviour = std::min(found->second.misbehaviour + howOften, kMaxCounter);
}

// --- the number ---------------------------------------------------------------------------------------------------

bool PeerScore::isActive(const TopicStats& stats, const TopicScoreParams& params, Instant now) const {
    return stats.inMeshSince && now - *stats.inMeshSince >= params.meshDeliveriesActivation;
}

double PeerScore::topicScore(const TopicStats& stats, const TopicScoreParams& params, Instant now) const {
    double score = 0;
    if (stats.inMeshSince && params.timeInMeshQuantum > Duration(0)) {
        const auto quanta = static_cast<double>((now - *stats.inMeshSince) / params.timeInMeshQuantum);
        score += params.timeInMeshWeight * std::min(quanta, params.timeInMeshCap);
    }
    score += params.firstDeliveriesWeight * stats.firstDeliveries;
    if (isActive(stats, params, now) && stats.meshDeliveries < params.meshDeliveriesThreshold)
        score += params.meshDeliveriesWeight * square(params.meshDeliveriesThreshold - stats.meshDeliveries);
    score += params.meshFailureWeight * stats.meshFailures;
    score += params.invalidWeight * square(stats.invalid);
    return params.topicWeight * score;
}

double PeerScore::scoreOf(const PeerId& peer, const Stats& stats, Instant now) const {
    double score = 0;
    for (const auto& [topic, of] : stats.topics) score += topicScore(of, paramsOf(topic), now);
    if (m_params.topicScoreCap > 0) score = std::min(score, m_params.topicScoreCap);
    if (m_params.application) score += m_params.applicationWeight * m_params.application(peer);
    if (stats.address) {
        const auto there = static_cast<double>(m_addresses.at(*stats.address).size());
        const double surplus = there - m_params.colocationThreshold;
        if (surplus > 0) score += m_params.colocationWeight * square(surplus);
    }
    const double excess = stats.misbehaviour - m_params.behaviourThreshold;
    if (excess > 0) score += m_params.behaviourWeight * square(excess);
    return score;
}

double PeerScore::score(const PeerId& peer, Instant now) const {
    const auto found = m_peers.find(peer);
    return found == m_peers.end() ? 0 : scoreOf(peer, found->second, now);
}

// --- time ---------------------------------------------------------------------------------------------------------

void PeerScore::decay(Stats& stats) {
    const auto fade = [&](double& counter, double factor) {
        counter *= factor;
        if (counter < m_params.decayToZero) counter = 0;
    };
    for (auto& [topic, of] : stats.topics) {
        const TopicScoreParams& params = paramsOf(topic);
        fade(of.firstDeliveries, params.firstDeliveriesDecay);
        fade(of.meshDeliveries, params.meshDeliveriesDecay);
        fade(of.meshFailures, params.meshFailureDecay);
        fade(of.invalid, params.invalidDecay);
    }
    std::erase_if(stats.topics, [](const auto& one) { return one.second.isNothing(); });
    fade(stats.misbehaviour, m_params.behaviourDecay);
}

void PeerScore::refresh(Instant now) {
    m_now = now;
    for (auto each = m_peers.begin(); each != m_peers.end();) {
        if (each->second.goneUntil && now >= *each->second.goneUntil) {
            --m_gone;
            each = m_peers.erase(each);
            continue;
        }
        if (!each->second.goneUntil) decay(each->second); // who hides does not grow better
        ++each;
    }
}

} // namespace wherry::gossipsub

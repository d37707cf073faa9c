#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/router.h"

#include <algorithm>

/// What happens once a second.
namespace wherry::gossipsub {

using crypto::PeerId;

Instant Router::deadline() const {
    return m_nextHeartbeat;
}

/// Without anybody to talk to and anything to remember there is nothing to do.
void Router::onDeadline(Now now) {
    if (now.mono < m_nextHeartbeat) return;
    heartbeat(now);
    const bool idle = m_peers.empty() && m_cache.size() == 0 && m_fanout.empty() && m_score.size() == 0 &&
                      m_backoff.size() == 0 && m_topics.empty();
    m_nextHeartbeat = idle ? kNever : now.mono + m_config.heartbeat;
}

void Router::heartbeat(Now now) {
    ++m_heartbeats;
    m_score.refresh(now.mono);
    m_backoff.expire(now.mono - m_config.heartbeat);
    m_seen.expire(now.mono);
    m_checks.expire(now.mono);
    for (const auto& [peer, count] : m_promises.broken(now.mono)) {
        m_figures.brokenPromises += count;
        m_score.onMisbehaviour(peer, static_cast<double>(count));
    }
    for (auto& [id, peer] : m_peers) {
        peer.ihaves = peer.asked = peer.wanted = peer.dontWants = 0;
        std::erase_if(peer.dontWant, [&](const auto& one) { return one.second + kDontWantHeartbeats <= m_heartbeats; });
        peer.out.expire(now.mono);
        m_figures.dropped += peer.out.takeDropped();
    }
    if (m_heartbeats % m_config.directConnectTicks == 1)
        for (const PeerId& peer : m_config.direct)
            if (!m_peers.contains(peer)) tell(ConnectWanted{{}, peer, {}});
    for (auto& [name, topic] : m_topics) maintainMesh(name, topic, now);
    maintainFanout(now);
    m_cache.shift();
}

/// Peers of the topic that are in no mesh of it and may be grafted to, or published to. A backoff lasts a heartbeat
/// longer for us than for them: what we say takes a different time than what they say.
std::vector<Candidate> Router::candidates(const std::string& topic, Now now) {
    std::vector<Candidate> out;
    const auto known = m_topicPeers.find(topic);
    if (known == m_topicPeers.end()) return out;
    const auto mine = m_topics.find(topic);
    const Instant judged = now.mono - m_config.heartbeat;
    for (const PeerId& id : known->second) {
        const Peer& peer = m_peers.at(id);
        const bool inMesh = mine != m_topics.end() && mine->second.mesh.contains(id);
        if (inMesh || !hearsMesh(peer) || m_backoff.holds(topic, id, judged)) continue;
        out.push_back({id, scoreOf(peer, now), peer.info.outbound});
    }
    return out;
}

void Router::maintainMesh(const std::string& name, Topic& topic, Now now) {
    std::vector<Candidate> mesh;
    for (const PeerId& id : topic.mesh) {
        const Peer& peer = m_peers.at(id);
        mesh.push_back({id, scoreOf(peer, now), peer.info.outbound});
    }
    const bool opportunistic = m_heartbeats % m_config.opportunisticGraftTicks == 0;
    const MeshChange change = maintain(mesh, candidates(name, now), m_config, opportunistic, m_random);
    for (const PeerId& id : change.pruneUnfit) {
        leaveMesh(topic, name, id, m_config.pruneBackoff, now);
        sendPrune(m_peers.at(id), name, m_config.pruneBackoff, Exchange::No, now);
    }
    for (const PeerId& id : change.prune) {
        leaveMesh(topic, name, id, m_config.pruneBackoff, now);
        sendPrune(m_peers.at(id), name, m_config.pruneBackoff, Exchange::Yes, now);
    }
    for (const PeerId& id : change.graft) graft(topic, name, m_peers.at(id), now);
    if (topic.mesh.size() < m_config.d) wantPeers(name, topic, now);
    gossip(name, topic.mesh, now);
}

void Router::wantPeers(const std::string& name, Topic& topic, Now now) {
    if (topic.askedForPeers != Instant::min() && now.mono < topic.askedForPeers + kPeersWantedInterval) return;
    topic.askedForPeers = now.mono;
    tell(PeersWanted{name});
}

void Router::maintainFanout(Now now) {
    std::erase_if(m_fanout, [&](const auto& one) { return now.mono - one.second.last >= m_config.fanoutTtl; });
    for (auto& [name, fanout] : m_fanout) {
        std::erase_if(fanout.peers,
                      [&](const PeerId& id) { return m_score.score(id, now.mono) < m_config.thresholds.publish; });
        std::vector<Candidate> others = candidates(name, now);
        shuffle(others, m_random);
        for (const Candidate& each : others) {
            if (fanout.peers.size() >= m_config.d) break;
            if (each.score >= m_config.thresholds.publish) fanout.peers.insert(each.peer);
        }
        gossip(name, fanout.peers, now);
    }
}

/// Tells some who are not in the mesh of what has been there lately.
void Router::gossip(const std::string& topic, const std::set<PeerId>& except, Now now) {
    const auto known = m_topicPeers.find(topic);
    if (known == m_topicPeers.end()) return;
    std::vector<PeerId> others;
    for (const PeerId& id : known->second) {
        const Peer& peer = m_peers.at(id);
        if (!except.contains(id) && hearsMesh(peer) && scoreOf(peer, now) >= m_config.thresholds.gossip)
            others.push_back(id);
    }
    if (others.empty()) return;
    const std::vector<MessageId> ids = m_cache.recent(topic, m_config.historyGossip);
    if (ids.empty()) return;
    shuffle(others, m_random);
    const auto share = static_cast<size_t>(m_config.gossipFactor * static_cast<double>(others.size()));
    others.resize(std::min(others.size(), std::max(m_config.dLazy, share)));
    for (const PeerId& id : others) {
        std::vector<MessageId> told = ids;
        shuffle(told, m_random);
        told.resize(std::min(told.size(), m_config.maxIhaveLength));
        outboxOf(m_peers.at(id)).ihave(topic, std::move(told));
    }
}

} // namespace wherry::gossipsub

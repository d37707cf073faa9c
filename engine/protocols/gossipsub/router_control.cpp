#include "crypto/peer_record.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/router.h"

#include <algorithm>

/// GRAFT and PRUNE, IHAVE and IWANT, IDONTWANT.
namespace wherry::gossipsub {

using crypto::PeerId;

// --- the mesh -----------------------------------------------------------------------------------------------------

void Router::graft(Topic& topic, const std::string& name, Peer& peer, Now now) {
    topic.mesh.insert(peer.info.peer);
    m_score.onGraft(peer.info.peer, name, now.mono);
    outboxOf(peer).graft(name);
}

void Router::leaveMesh(Topic& topic, const std::string& name, const PeerId& peer, Duration backoff, Now now) {
    if (topic.mesh.erase(peer) > 0) m_score.onPrune(peer, name);
    m_backoff.set(name, peer, backoff, now.mono);
}

void Router::sendPrune(Peer& peer, const std::string& topic, Duration backoff, Exchange exchange, Now now) {
    Prune prune{topic, {}, {}};
    if (peer.info.version >= Version::V11)
        prune.backoffSeconds = static_cast<uint64_t>(std::chrono::ceil<std::chrono::seconds>(backoff).count());
    if (peer.info.version >= Version::V11 && exchange == Exchange::Yes && m_config.exchangePeers)
        prune.peers = othersFor(peer, topic, now);
    outboxOf(peer).prune(std::move(prune));
}

/// Any who have the topic, also those whom we have pruned ourselves: of these there are the most where a mesh is full.
std::vector<ExchangedPeer> Router::othersFor(const Peer& peer, const std::string& topic, Now now) {
    std::vector<PeerId> known;
    if (const auto having = m_topicPeers.find(topic); having != m_topicPeers.end())
        known.assign(having->second.begin(), having->second.end());
    shuffle(known, m_random);
    std::vector<ExchangedPeer> others;
    for (const PeerId& id : known) {
        if (others.size() == kMaxExchangedPeers) break;
        const Peer& each = m_peers.at(id);
        const bool fit = !each.record.empty() && peer.info.place <= each.farthest && hearsMesh(each);
        if (fit && id != peer.info.peer && scoreOf(each, now) >= 0) others.push_back({id, each.record});
    }
    return others;
}

/// libp2p/specs gossipsub v1.1, "Prune Backoff and Peer Exchange" and "Spam Protection Measures". A topic that is not
/// ours is not answered: who does not know it cannot be made to say so.
void Router::onGraft(Peer& peer, const std::string& name, Now now) {
    const auto found = m_topics.find(name);
    if (found == m_topics.end()) return;
    Topic& topic = found->second;
    const PeerId& id = peer.info.peer;
    if (topic.mesh.contains(id)) return;
    Exchange exchange = Exchange::Yes;
    bool refused = isDirect(id);
    if (!refused && m_backoff.holds(name, id, now.mono)) {
        const bool flood = now.mono < m_backoff.begunAt(name, id) + m_config.graftFloodThreshold;
        m_score.onMisbehaviour(id, flood ? 2 : 1);
        refused = true;
    }
    if (scoreOf(peer, now) < 0) refused = true;
    if (refused) exchange = Exchange::No;
    if (!refused && topic.mesh.size() >= m_config.dHigh && !peer.info.outbound) refused = true;
    if (refused) {
        m_backoff.set(name, id, m_config.pruneBackoff, now.mono);
        return sendPrune(peer, name, m_config.pruneBackoff, exchange, now);
    }
    topic.mesh.insert(id);
    m_score.onGraft(id, name, now.mono);
}

void Router::onPrune(Peer& peer, const Prune& prune, bool mayExchange, Now now) {
    const auto found = m_topics.find(prune.topic);
    if (found == m_topics.end()) return;
    const Duration backoff = prune.backoffSeconds ? Backoff::asked(*prune.backoffSeconds) : m_config.pruneBackoff;
    const bool wasIn = found->second.mesh.contains(peer.info.peer);
    leaveMesh(found->second, prune.topic, peer.info.peer, backoff, now);
    if (mayExchange && wasIn) takeExchanged(peer.info.peer, prune);
}

/// Only who has signed where it is: anything else would let a peer send us wherever it likes.
void Router::takeExchanged(const PeerId& via, const Prune& prune) {
    std::vector<ExchangedPeer> named = prune.peers;
    shuffle(named, m_random);
    for (const ExchangedPeer& each : named) {
        if (each.record.empty() || each.peer == m_identity.peerId() || m_peers.contains(each.peer)) continue;
        auto record = crypto::openPeerRecord(each.record);
        if (!record || record->peer != each.peer || record->addresses.empty()) continue;
        noteNamed(each.peer);
        tell(ConnectWanted{via, each.peer, std::move(record->addresses)});
    }
}

void Router::noteNamed(const PeerId& peer) {
    if (!m_named.insert(peer).second) return;
    m_namedInOrder.push_back(peer);
    if (m_namedInOrder.size() <= kMaxNamed) return;
    m_named.erase(m_namedInOrder.front());
    m_namedInOrder.pop_front();
}

// --- gossip -------------------------------------------------------------------------------------------------------

void Router::onIhaves(Peer& peer, const std::vector<IHave>& ihaves, Now now) {
    if (scoreOf(peer, now) < m_config.thresholds.gossip) return;
    if (++peer.ihaves > m_config.maxIhaveMessages || peer.asked >= m_config.maxIhaveLength) return;
    std::map<MessageId, std::string> wanted; // with its topic
    for (const IHave& each : ihaves) {
        if (!m_topics.contains(each.topic)) continue;
        for (const MessageId& id : each.ids)
            if (!m_seen.find(id, now.mono)) wanted.try_emplace(id, each.topic);
    }
    if (wanted.empty()) return;
    std::vector<MessageId> ids;
    for (const auto& [id, topic] : wanted) ids.push_back(id);
    shuffle(ids, m_random);
    ids.resize(std::min(ids.size(), m_config.maxIhaveLength - peer.asked));
    peer.asked += ids.size();
    const MessageId promised = ids.front();
    if (outboxOf(peer).iwant(std::move(ids)) > 0)
        m_promises.add(promised, peer.info.peer, wanted.at(promised), now.mono + kPromiseMemory);
}

/// What it was asked for before may not have come to it.
void Router::askAgain(Peer& peer, Now now) {
    if (auto ids = m_promises.askAgain(peer.info.peer, now.mono + kPromiseMemory); !ids.empty())
        outboxOf(peer).iwant(std::move(ids));
}

void Router::onIwant(Peer& peer, const std::vector<MessageId>& ids, Now now) {
    if (scoreOf(peer, now) < m_config.thresholds.gossip) return;
    for (const MessageId& id : ids) {
        if (++peer.wanted > kMaxWantedPerHeartbeat) return;
        const Slice* encoded = m_cache.find(id);
        if (!encoded || m_cache.sent(id, peer.info.peer) >= m_config.maxRetransmissions) continue;
        if (send(peer, id, *encoded, PeerId(), now)) m_cache.noteSent(id, peer.info.peer);
    }
}

void Router::onDontWant(Peer& peer, const std::vector<MessageId>& ids) {
    for (const MessageId& id : ids) {
        if (++peer.dontWants > kMaxDontWant) return;
        if (id.size() > kMaxDontWantBytes) continue;
        if (peer.dontWant.size() < kMaxDontWant) peer.dontWant.insert_or_assign(id, m_heartbeats);
        peer.out.cancel(id);
    }
}

} // namespace wherry::gossipsub

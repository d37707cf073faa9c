#include "protocols/gossipsub/router.h"

#include "base/take_front.h"
#include "protocols/gossipsub/gossipsub_limits.h"

#include <algorithm>

namespace wherry::gossipsub {

using crypto::PeerId;

Router::Router(GossipsubConfig config, crypto::Identity identity, Random& random, const Log& log, Now now)
    : m_config(std::move(config)),
      m_identity(std::move(identity)),
      m_random(random),
      m_log(log),
      m_score(m_config.score),
      m_authors(kMaxAuthors, [this](const PeerId& author) { return isWellThoughtOf(author); }),
      m_seen(m_config.seenTtl, kMaxSeen, m_authors),
      m_cache({m_config.historyLength, kMaxCachedMessages, kMaxCachedBytes}),
      m_seqno(numberAt(now)),
      m_nextHeartbeat(kNever) {}

bool Router::isWellThoughtOf(const PeerId& peer) const {
    return m_config.score.application && m_config.score.application(peer) > 0;
}

void Router::tell(RouterEvent event) {
    if (m_events.size() < kMaxEvents) m_events.push_back(std::move(event));
}

std::optional<RouterEvent> Router::poll() {
    return takeFront(m_events);
}

// --- topics -------------------------------------------------------------------------------------------------------

Result<void> Router::subscribe(const std::string& topic, Validator validator, Now now) {
    if (topic.empty() || topic.size() > kMaxTopicBytes)
        return makeError(Errc::InvalidArgument, "a topic has 1 to 256 bytes");
    if (m_topics.contains(topic)) return makeError(Errc::Exists, "the topic is subscribed to");
    if (m_topics.size() >= kMaxOwnTopics) return makeError(Errc::LimitReached, "too many topics");
    Topic& mine = m_topics[topic];
    mine.validator = std::move(validator);
    announce(topic, true);
    // Whom we have published to so far is good enough to begin with.
    std::vector<PeerId> known;
    if (auto fanout = m_fanout.extract(topic)) known.assign(fanout.mapped().peers.begin(), fanout.mapped().peers.end());
    std::vector<Candidate> others = candidates(topic, now);
    std::erase_if(others, [](const Candidate& each) { return each.score < 0; });
    shuffle(others, m_random);
    const auto isKnown = [&](const Candidate& each) { return std::ranges::find(known, each.peer) != known.end(); };
    std::stable_partition(others.begin(), others.end(), isKnown);
    for (size_t i = 0; i < std::min(others.size(), m_config.d); ++i)
        graft(mine, topic, m_peers.at(others[i].peer), now);
    if (m_nextHeartbeat == kNever) m_nextHeartbeat = now.mono + m_config.firstHeartbeat;
    return {};
}

void Router::unsubscribe(const std::string& topic, Now now) {
    const auto found = m_topics.find(topic);
    if (found == m_topics.end()) return;
    const std::set<PeerId> mesh = found->second.mesh;
    for (const PeerId& peer : mesh) {
        leaveMesh(found->second, topic, peer, m_config.unsubscribeBackoff, now);
        sendPrune(m_peers.at(peer), topic, m_config.unsubscribeBackoff, Exchange::No, now);
    }
    m_topics.erase(found);
    m_promises.forgetTopic(topic);
    announce(topic, false);
}

void Router::announce(const std::string& topic, bool on) {
    for (auto& [id, peer] : m_peers) {
        outboxOf(peer).subscribe(topic, on);
        if (on)
            peer.left.erase(topic);
        else if (peer.left.size() < kMaxOwnTopics)
            peer.left.insert(topic);
    }
}

// --- peers --------------------------------------------------------------------------------------------------------

void Router::onPeer(const NewPeer& info, Now now) {
    const auto [found, isNew] = m_peers.try_emplace(info.peer);
    Peer& peer = found->second;
    if (isNew) peer.info = info;
    peer.info.outbound = info.outbound && !m_named.contains(info.peer); // whom others have chosen pushes nobody out
    peer.info.address = info.address;
    peer.info.place = info.place;
    m_score.onPeer(info.peer, info.address, now.mono);
    if (!isNew) return;
    for (const auto& [topic, of] : m_topics) outboxOf(peer).subscribe(topic, true);
    askAgain(peer, now);
    if (m_nextHeartbeat == kNever) m_nextHeartbeat = now.mono + m_config.firstHeartbeat;
}

void Router::onPeerGone(const PeerId& id, Now now) {
    const auto gone = m_peers.find(id);
    if (gone == m_peers.end()) return;
    for (const std::string& topic : gone->second.topics) {
        const auto at = m_topicPeers.find(topic);
        at->second.erase(id);
        if (at->second.empty()) m_topicPeers.erase(at);
    }
    for (auto& [name, topic] : m_topics) topic.mesh.erase(id);
    for (auto& [name, fanout] : m_fanout) fanout.peers.erase(id);
    m_promises.askAgain(id, now.mono + kPromiseMemory); // if it comes back
    m_score.onPeerGone(id, now.mono);
    m_peers.erase(gone);
}

void Router::announceAgain(const PeerId& id, Now now) {
    const auto found = m_peers.find(id);
    if (found == m_peers.end()) return;
    Peer& peer = found->second;
    for (const std::string& topic : peer.left) outboxOf(peer).subscribe(topic, false);
    for (const auto& [topic, of] : m_topics) {
        outboxOf(peer).subscribe(topic, true);
        const Duration backoff = m_backoff.left(topic, id, now.mono);
        if (of.mesh.contains(id))
            outboxOf(peer).graft(topic);
        else if (backoff > Duration(0))
            sendPrune(peer, topic, backoff, Exchange::No, now);
    }
    askAgain(peer, now);
}

void Router::setRecord(const PeerId& id, Bytes record, codec::Reach farthest) {
    forgetRecord(id);
    const auto found = m_peers.find(id);
    if (found == m_peers.end() || record.size() > kMaxRecordBytes) return;
    found->second.record = std::move(record);
    found->second.farthest = farthest;
}

void Router::forgetRecord(const PeerId& id) {
    if (const auto found = m_peers.find(id); found != m_peers.end()) found->second.record.clear();
}

bool Router::hearsMesh(const Peer& peer) const {
    return peer.info.version != Version::Floodsub && !isDirect(peer.info.peer);
}

bool Router::isUsed(const PeerId& peer) const {
    if (isDirect(peer)) return true;
    return std::ranges::any_of(m_topics, [&](const auto& one) { return one.second.mesh.contains(peer); }) ||
           std::ranges::any_of(m_fanout, [&](const auto& one) { return one.second.peers.contains(peer); });
}

std::vector<PeerId> Router::mesh(const std::string& topic) const {
    const auto found = m_topics.find(topic);
    if (found == m_topics.end()) return {};
    return {found->second.mesh.begin(), found->second.mesh.end()};
}

std::vector<std::string> Router::topicsOf(const PeerId& peer) const {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return {};
    return {found->second.topics.begin(), found->second.topics.end()};
}

const std::set<PeerId>& Router::peersOf(const std::string& topic) const {
    static const std::set<PeerId> nobody;
    const auto found = m_topicPeers.find(topic);
    return found == m_topicPeers.end() ? nobody : found->second;
}

// --- what comes ---------------------------------------------------------------------------------------------------

void Router::onRpc(const PeerId& id, Rpc rpc, Now now) {
    const auto found = m_peers.find(id);
    if (found == m_peers.end()) return;
    Peer& peer = found->second;
    if (ignores(id, now)) return noteIgnored();
    onSubscriptions(peer, rpc.subscriptions);
    for (Message& message : rpc.messages) {
        const uint64_t rejected = m_figures.rejected;
        onMessage(peer, std::move(message), now);
        if (rejected != m_figures.rejected && ignores(id, now)) return;
    }
    if (peer.info.version == Version::Floodsub) return;
    for (const std::string& topic : rpc.graft) onGraft(peer, topic, now);
    const bool mayExchange = scoreOf(peer, now) >= m_config.thresholds.acceptExchange;
    for (const Prune& prune : rpc.prune) onPrune(peer, prune, mayExchange, now);
    if (!rpc.ihave.empty()) onIhaves(peer, rpc.ihave, now);
    if (!rpc.dontWant.empty()) onDontWant(peer, rpc.dontWant);
    if (!rpc.iwant.empty()) onIwant(peer, rpc.iwant, now);
}

bool Router::ignores(const PeerId& peer, Now now) const {
    return !isDirect(peer) && m_score.score(peer, now.mono) < m_config.thresholds.graylist;
}

void Router::onMalformed(const PeerId& peer, Now) {
    m_score.onMisbehaviour(peer, 1);
}

void Router::onSubscriptions(Peer& peer, const std::vector<Subscription>& subscriptions) {
    const PeerId& id = peer.info.peer;
    for (const Subscription& each : subscriptions) {
        if (each.subscribe) {
            if (peer.topics.size() >= kMaxTopicsPerPeer || !peer.topics.insert(each.topic).second) continue;
            m_topicPeers[each.topic].insert(id);
        } else if (peer.topics.erase(each.topic) > 0) {
            const auto at = m_topicPeers.find(each.topic);
            at->second.erase(id);
            if (at->second.empty()) m_topicPeers.erase(at);
            if (const auto topic = m_topics.find(each.topic); topic != m_topics.end())
                if (topic->second.mesh.erase(id) > 0) m_score.onPrune(id, each.topic);
            if (const auto fanout = m_fanout.find(each.topic); fanout != m_fanout.end()) fanout->second.peers.erase(id);
        }
    }
}

// --- what goes ----------------------------------------------------------------------------------------------------

/// For something to be put in.
Outbox& Router::outboxOf(Peer& peer) {
    if (!peer.ready) m_ready.push_back(peer.info.peer);
    peer.ready = true;
    return peer.out;
}

std::optional<PeerId> Router::pollReady() {
    while (const auto next = takeFront(m_ready)) {
        const auto found = m_peers.find(*next);
        if (found == m_peers.end()) continue;
        found->second.ready = false;
        return next;
    }
    return std::nullopt;
}

std::optional<OutFrame> Router::takeFrame(const PeerId& peer, Now now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return std::nullopt;
    auto frame = found->second.out.take(now.mono);
    m_figures.dropped += found->second.out.takeDropped();
    if (frame)
        for (const MessageId& id : frame->wanted) m_promises.asked(id, peer, now.mono + m_config.iwantFollowup);
    return frame;
}

bool Router::hasFrames(const PeerId& peer) const {
    const auto found = m_peers.find(peer);
    return found != m_peers.end() && !found->second.out.empty();
}

} // namespace wherry::gossipsub

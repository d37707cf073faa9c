#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/router.h"

#include <algorithm>

/// Messages: ours out, others' in, checked and on to the next.
namespace wherry::gossipsub {

using crypto::PeerId;

namespace {
Slice encodedSlice(const Message& message) {
    return Slice::copyOf(encodeGossip(message));
}
uint64_t numberOf(const Message& message) {
    return message.seqno && message.seqno->size() == kSeqnoBytes ? getBigEndian<uint64_t>(*message.seqno) : 0;
}
} // namespace

// --- ours ---------------------------------------------------------------------------------------------------------

Result<void> Router::checkMessage(const std::string& topic, size_t bytes) const {
    if (topic.empty() || topic.size() > kMaxTopicBytes)
        return makeError(Errc::InvalidArgument, "a topic has 1 to 256 bytes");
    if (bytes > m_config.maxPublishBytes)
        return makeError(Errc::TooLarge,
                         "a message has at most " + std::to_string(m_config.maxPublishBytes) + " bytes");
    return {};
}

Result<Router::Own> Router::make(const std::string& topic, Bytes data, Now now) {
    TRY_OK(checkMessage(topic, data.size()));
    Message message;
    message.topic = topic;
    message.data = std::move(data);
    SeenCache::Entry seen{now.mono};
    if (m_config.signatures == SignaturePolicy::StrictSign) {
        m_seqno = std::max(m_seqno + 1, numberAt(now));
        m_hasNumbered = true;
        signMessage(message, m_identity, m_seqno);
        seen.author = m_identity.peerId();
        seen.number = m_seqno;
    }
    MessageId id = m_config.messageId(message);
    if (m_seen.find(id, now.mono)) return makeError(Errc::Exists, "the same message has been published already");
    m_seen.add(id, std::move(seen));
    return Own{std::move(id), topic, encodedSlice(message)};
}

size_t Router::offer(const Own& message, Now now) {
    m_cache.put(message.id, message.topic, message.encoded);
    if (m_nextHeartbeat == kNever) m_nextHeartbeat = now.mono + m_config.firstHeartbeat;
    size_t sent = 0;
    for (const PeerId& to : targets(message.topic, now))
        if (send(m_peers.at(to), message.id, message.encoded, m_identity.peerId(), now)) ++sent;
    return sent;
}

Result<Router::Published> Router::publish(const std::string& topic, Bytes data, Now now) {
    TRY(const Own message, make(topic, std::move(data), now));
    return Published{message.id, offer(message, now)};
}

std::set<MessageId> Router::waitingOwn() const {
    std::set<MessageId> out;
    for (const auto& [id, peer] : m_peers) peer.out.addOurs(out);
    return out;
}

/// To whom a message of ours goes.
std::set<PeerId> Router::targets(const std::string& topic, Now now) {
    std::set<PeerId> out;
    const auto known = m_topicPeers.find(topic);
    if (known == m_topicPeers.end()) return out;
    for (const PeerId& id : known->second) {
        const Peer& peer = m_peers.at(id);
        const bool everything = m_config.floodPublish || peer.info.version == Version::Floodsub;
        if (isDirect(id) || (everything && scoreOf(peer, now) >= m_config.thresholds.publish)) out.insert(id);
    }
    const auto mine = m_topics.find(topic);
    const std::set<PeerId>& chosen = mine != m_topics.end() ? mine->second.mesh : fanoutOf(topic, now);
    out.insert(chosen.begin(), chosen.end());
    return out;
}

std::set<PeerId>& Router::fanoutOf(const std::string& topic, Now now) {
    if (!m_fanout.contains(topic) && m_fanout.size() >= kMaxOwnTopics)
        m_fanout.erase(std::ranges::min_element(m_fanout, {}, [](const auto& one) { return one.second.last; }));
    Fanout& fanout = m_fanout[topic];
    fanout.last = now.mono;
    if (!fanout.peers.empty()) return fanout.peers;
    std::vector<Candidate> others = candidates(topic, now);
    std::erase_if(others, [&](const Candidate& each) { return each.score < m_config.thresholds.publish; });
    shuffle(others, m_random);
    for (size_t i = 0; i < std::min(others.size(), m_config.d); ++i) fanout.peers.insert(others[i].peer);
    return fanout.peers;
}

// --- others' ------------------------------------------------------------------------------------------------------

/// In the order of what it costs: nothing that is not verified is remembered, told on or handed to anybody. Whatever
/// comes under an id keeps the promise of it, but for what nobody has signed: that we have not looked at it, or have no
/// use for it, is not the sender's fault.
void Router::onMessage(Peer& from, Message message, Now now) {
    ++m_figures.received;
    const MessageId id = m_config.messageId(message);
    const auto topic = m_topics.find(message.topic);
    const bool own = message.from && equal(*message.from, m_identity.peerId().multihash());
    if (topic == m_topics.end() || own) {
        ++m_figures.ignored;
        return m_promises.kept(id);
    }
    if (SeenCache::Entry* seen = m_seen.find(id, now.mono)) return onDuplicate(from, message.topic, *seen, now);
    if (isReplay(message)) {
        ++m_figures.ignored;
        return m_promises.kept(id);
    }
    if (!mayCheck(from, message, now)) {
        ++m_figures.unchecked;
        return m_promises.kept(id);
    }
    const auto author = checkSignature(message);
    if (!author) return reject(from, message, author.error());
    m_promises.kept(id);
    SeenCache::Entry entry{now.mono, Verdict::Accept, {from.info.peer}, *author, numberOf(message)};
    if (topic->second.validator) entry.verdict = topic->second.validator(from.info.peer, message);
    const Verdict verdict = m_seen.add(id, std::move(entry)).verdict;
    if (verdict == Verdict::Reject) return reject(from, message, makeError(Errc::Declined, "the validator"));
    if (verdict == Verdict::Ignore) {
        ++m_figures.ignored;
        return;
    }
    deliver(from, std::move(message), id, topic->second, now);
}

void Router::onDuplicate(const Peer& from, const std::string& topic, SeenCache::Entry& seen, Now now) {
    ++m_figures.duplicates;
    const PeerId& peer = from.info.peer;
    if (seen.verdict != Verdict::Reject && !m_score.countsDuplicates(topic)) return;
    const bool counts = seen.deliverers.size() < kMaxDeliverers && seen.deliverers.insert(peer).second;
    if (counts && seen.verdict == Verdict::Accept) m_score.onDuplicate(peer, topic, now.mono - seen.at);
    if (counts && seen.verdict == Verdict::Reject) m_score.onInvalid(peer, topic);
}

/// Before its signature is checked: one that is forged under an old number may be ignored as well.
bool Router::isReplay(const Message& message) const {
    const bool numbered = message.seqno && message.seqno->size() == kSeqnoBytes;
    return m_config.numbersGrow && numbered && m_authors.isOld(authorOf(message), numberOf(message));
}

bool Router::mayCheck(const Peer& from, const Message& message, Now now) {
    if (isDirect(from.info.peer)) return true;
    return m_checks.allow(from.info.peer, checkCost(message.key ? message.key->size() : 0), now.mono);
}

/// The author, whom the signature proves; nobody where nobody signs.
Result<PeerId> Router::checkSignature(const Message& message) const {
    if (m_config.signatures == SignaturePolicy::StrictNoSign) {
        if (message.from || message.seqno || message.signature || message.key)
            return makeError(Errc::ProtocolViolation, "pubsub: a signed message where none is");
        return PeerId();
    }
    TRY(const auto key, authorKey(message));
    if (!m_config.verify(key, signedText(message), *message.signature))
        return makeError(Errc::VerificationFailed, "pubsub: the signature of a message");
    return PeerId::fromMultihash(*message.from);
}

/// Whoever passes such a message on has not looked at it, or has made it.
void Router::reject(Peer& from, const Message& message, const Error& error) {
    ++m_figures.rejected;
    LOG(m_log, Debug, "gossipsub", from.info.peer.shortText() << ": " << error.text());
    if (!isDirect(from.info.peer)) m_score.onInvalid(from.info.peer, message.topic);
}

void Router::deliver(Peer& from, Message message, const MessageId& id, Topic& topic, Now now) {
    const Slice encoded = encodedSlice(message);
    if (encoded.length >= m_config.dontWantThreshold)
        for (const PeerId& each : topic.mesh)
            if (Peer& peer = m_peers.at(each); peer.info.version >= Version::V12 && each != from.info.peer)
                outboxOf(peer).dontWant(id);
    m_score.onFirstDelivery(from.info.peer, message.topic);
    m_cache.put(id, message.topic, encoded, from.info.peer);
    forward(id, message.topic, encoded, authorOf(message), from.info.peer, now);
    ++m_figures.delivered;
    tell(Received{from.info.peer, std::move(message)});
}

void Router::forward(const MessageId& id, const std::string& topic, const Slice& encoded, const PeerId& author,
                     const PeerId& via, Now now) {
    std::set<PeerId> to = m_topics.at(topic).mesh;
    std::vector<PeerId> floods;
    if (const auto known = m_topicPeers.find(topic); known != m_topicPeers.end())
        for (const PeerId& each : known->second) {
            const Peer& peer = m_peers.at(each);
            if (isDirect(each))
                to.insert(each);
            else if (peer.info.version == Version::Floodsub && scoreOf(peer, now) >= 0)
                floods.push_back(each);
        }
    shuffle(floods, m_random); // they are in no mesh, but no more of them are served than a mesh has
    floods.resize(std::min(floods.size(), m_config.dHigh));
    to.insert(floods.begin(), floods.end());
    for (const PeerId& each : to)
        if (each != author && each != via) send(m_peers.at(each), id, encoded, via, now);
}

/// `via`: who has brought it; this node: it is ours; nobody: it was asked for.
bool Router::send(Peer& to, const MessageId& id, const Slice& encoded, const PeerId& via, Now now) {
    if (to.dontWant.contains(id)) return false;
    const Ownership whose = via == m_identity.peerId() ? Ownership::Ours : Ownership::Others;
    const bool fits = outboxOf(to).message(id, encoded, whose, now.mono, via);
    ++(fits ? m_figures.forwarded : m_figures.dropped);
    return fits;
}

} // namespace wherry::gossipsub

#include "protocols/text/text_inbox.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::text {

using crypto::PeerId;
using link::Fin;
using link::StreamIo;
using link::StreamKey;

std::optional<TextReceived> Inbox::poll() {
    return takeFront(m_events);
}

// --- who may write ------------------------------------------------------------------------------------------------

bool Inbox::isKnown(const PeerId& peer) const {
    const peers::KnownPeer* known = m_book.find(peer);
    return known && known->isKept();
}

bool Inbox::isWelcome(const PeerId& peer) const {
    const peers::Trust trust = m_book.trustOf(peer);
    if (trust == peers::Trust::Blocked || m_policy == InboxPolicy::Closed) return false;
    return m_policy != InboxPolicy::Trusted || trust == peers::Trust::Trusted;
}

bool Inbox::withinRate(const PeerId& peer, Now now) {
    if (isKnown(peer) || m_policy == InboxPolicy::Open) return m_knownRates.allow(peer, now.mono);
    if (!m_strangerRates.allow(peer, now.mono)) return false;
    const auto prefix = m_prefixes.find(peer);
    if (prefix != m_prefixes.end() && !m_prefixRates.allow(prefix->second, now.mono)) return false;
    return m_strangers.allow(now.mono);
}

// --- a text -------------------------------------------------------------------------------------------------------

/// Nullopt: the database is asked first.
std::optional<Reply> Inbox::judge(Incoming& incoming, Message message, Now now) {
    if (!m_book.isLoaded() || m_book.isReadOnly()) return Reply::NotNow; // nobody knows who is blocked
    if (!isWelcome(incoming.peer)) return Reply::Refused;
    if (m_pending.size() >= kMaxPending || !withinRate(incoming.peer, now)) return Reply::NotNow;
    const TextKey key{incoming.peer, message.id};
    incoming.waitsFor = message.id;
    const Quota quota = m_policy == InboxPolicy::Open ? Quota::None : Quota::OfStrangers;
    switch (m_shelf.put(incoming.peer, message, quota, now)) {
    case Shelving::Begun:
        m_pending[key] = std::move(message);
        return std::nullopt;
    case Shelving::UnderWay:
        return std::nullopt;
    case Shelving::Known:
        if (!m_shelf.isTold(key)) show(key, std::move(message), now);
        return Reply::Stored;
    case Shelving::NoRoom:
    case Shelving::NotReady:
        break;
    }
    return Reply::NotNow;
}

void Inbox::show(const TextKey& key, Message message, Now now) {
    m_events.push_back({key.peer, key.id, std::move(message.text), message.sentAt, now.wall, !isKnown(key.peer)});
    m_shelf.markTold(key);
}

void Inbox::onScanned(const StoreScanned& scanned, StreamIo& io, Now now) {
    m_shelf.onScanned(scanned);
    while (const auto shelved = m_shelf.poll()) {
        auto pending = m_pending.extract(shelved->key);
        if (pending && shelved->stored) show(shelved->key, std::move(pending.mapped()), now);
        const Reply reply = shelved->stored ? Reply::Stored : Reply::Failed;
        std::vector<StreamKey> waiting; // a sender that lost its connection asks again on the next one
        for (const auto& [key, incoming] : m_incoming)
            if (incoming.peer == shelved->key.peer && incoming.waitsFor == shelved->key.id) waiting.push_back(key);
        for (const StreamKey key : waiting) answer(key, m_incoming.at(key), reply, io);
    }
}

// --- peers and streams --------------------------------------------------------------------------------------------

void Inbox::onConnected(const PeerId& peer, const codec::Multiaddr& remote) {
    if (const auto address = remote.transportAddress())
        m_prefixes[peer] = address->socket.ip.budgetPrefix();
    else
        m_prefixes.erase(peer);
}

void Inbox::onGone(const PeerId& peer) {
    m_prefixes.erase(peer);
}

/// Whether one more stream of this peer is read. Those whom nobody knows have their own bound, and the one among them
/// that has been silent for longest gives way: they keep out neither friends nor, by saying nothing, each other.
bool Inbox::admit(const PeerId& peer, bool stranger, StreamIo& io) {
    if (m_silent.of(peer) + m_heard.of(peer) + m_known.of(peer) >= kMaxInboundPerPeer) return false;
    const bool strangersHaveRoom = m_silent.size() + m_heard.size() < kMaxInboundOfStrangers;
    if (m_incoming.size() < kMaxInbound && (!stranger || strangersHaveRoom)) return true;
    if (m_silent.size() == 0) return false;
    refuse(StreamKey(m_silent.first()), io, swarm::kStreamResourceLimit);
    return true;
}

void Inbox::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    const bool stranger = !isKnown(stream.peer) || m_book.trustOf(stream.peer) == peers::Trust::Blocked;
    if (!admit(stream.peer, stranger, io)) {
        link::abandon(io, stream.key, swarm::kStreamResourceLimit);
        return;
    }
    Incoming& incoming = m_incoming[stream.key];
    incoming.peer = stream.peer;
    incoming.by = now.mono + kReceiveTimeout;
    incoming.deadline = (stranger ? m_silent : m_known).add(stream.key, stream.peer, incoming.by);
}

void Inbox::onReadable(StreamKey key, StreamIo& io, Now now) {
    const auto found = m_incoming.find(key);
    if (found == m_incoming.end()) return;
    Incoming& incoming = found->second;
    if (incoming.waitsFor || !incoming.reply.empty()) { // one message and no more
        if (io.available(key) > 0) refuse(key, io, swarm::kStreamProtocolViolation);
        return;
    }
    link::StreamSource source{io, key};
    auto frame = incoming.frames.next(source);
    if (frame && !*frame) {
        if (io.atEnd(key)) refuse(key, io, swarm::kStreamProtocolViolation);
        return;
    }
    auto message = frame ? decodeMessage(**frame) : Result<Message>(frame.error());
    if (!message) {
        LOG(m_log, Debug, "text", incoming.peer.shortText() << " sends a bad text: " << message.error().text());
        return refuse(key, io, swarm::kStreamProtocolViolation);
    }
    if (incoming.deadline.isIn(m_silent)) incoming.deadline = m_heard.add(key, incoming.peer, incoming.by);
    if (const auto reply = judge(incoming, std::move(*message), now)) answer(key, incoming, *reply, io);
}

void Inbox::answer(StreamKey key, Incoming& incoming, Reply reply, StreamIo& io) {
    codec::appendFrame(incoming.reply, encodeReply(reply));
    write(key, incoming, io);
}

/// The stream is forgotten once the answer is out: the peer ended its half before.
void Inbox::write(StreamKey key, Incoming& incoming, StreamIo& io) {
    if (!link::sendPart(io, key, incoming.reply, Fin::Yes)) return;
    if (!io.atEnd(key)) io.stop(key, link::kNoError);
    m_incoming.erase(key);
}

void Inbox::onWritable(StreamKey key, StreamIo& io) {
    const auto found = m_incoming.find(key);
    if (found != m_incoming.end() && !found->second.reply.empty()) write(key, found->second, io);
}

void Inbox::refuse(StreamKey key, StreamIo& io, uint64_t code) {
    m_incoming.erase(key);
    link::abandon(io, key, code);
}

void Inbox::onBroken(StreamKey key, StreamIo& io) {
    if (m_incoming.contains(key)) refuse(key, io, link::kNoError);
}

void Inbox::onClosed(StreamKey key) {
    m_incoming.erase(key);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant Inbox::deadline() const {
    return std::min({m_silent.next(), m_heard.next(), m_known.next()});
}

void Inbox::onDeadline(StreamIo& io, Now now) {
    for (const auto* set : {&m_silent, &m_heard, &m_known})
        for (const StreamKey key : set->due(now.mono)) refuse(key, io, link::kNoError);
}

} // namespace wherry::text

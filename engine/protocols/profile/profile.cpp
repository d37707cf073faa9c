#include "protocols/profile/profile.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/profile/profile_message.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::profile {

using crypto::PeerId;
using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {

const std::string kProtocolIds[] = {"/wherry/profile/1"};

} // namespace

std::span<const std::string> ProfileProtocol::protocolIds() const {
    return kProtocolIds;
}

std::optional<ProfileHeard> ProfileProtocol::poll() {
    return takeFront(m_events);
}

std::optional<swarm::SwarmRequest> ProfileProtocol::pollRequest() {
    return takeFront(m_requests);
}

// --- telling ------------------------------------------------------------------------------------------------------

void ProfileProtocol::setProfile(const peers::Claims& claims, Now now) {
    Bytes message;
    codec::appendFrame(message, encodeProfile(claims));
    if (message == m_message) return;
    m_message = std::move(message);
    ++m_version;
    for (auto& [id, peer] : m_peers) tell(id, peer, now);
}

void ProfileProtocol::tell(const PeerId& id, Peer& peer, Now now) {
    m_waiting.erase(id);
    if (peer.telling || peer.deaf || peer.told == m_version) return;
    if (now.mono < peer.nextTell) {
        m_waiting.insert(id);
        return;
    }
    peer.telling = true;
    peer.nextTell = now.mono + kTellInterval;
    m_telling[++m_lastTag].peer = id;
    m_requests.push_back(swarm::OpenStream{id, {kProtocolIds[0]}, m_lastTag});
}

void ProfileProtocol::write(Telling& telling, StreamIo& io) {
    link::sendPart(io, *telling.key, telling.unsent, Fin::Yes);
}

/// The exchange is over, however it ended. What has changed meanwhile is told when the interval is over.
void ProfileProtocol::told(swarm::RequestTag tag) {
    const auto node = m_telling.extract(tag);
    if (!node) return;
    if (node.mapped().key) m_outbound.erase(*node.mapped().key);
    const auto peer = m_peers.find(node.mapped().peer);
    if (peer == m_peers.end()) return;
    peer->second.telling = false;
    if (!peer->second.deaf && peer->second.told != m_version) m_waiting.insert(peer->first);
}

// --- peers and streams --------------------------------------------------------------------------------------------

void ProfileProtocol::onPeerConnected(const swarm::PeerInfo& info, StreamIo&, Now now) {
    Peer& peer = m_peers[info.peer];
    peer = {};
    tell(info.peer, peer, now);
}

void ProfileProtocol::onPeerGone(const PeerId& peer, const Error&, Now) {
    m_peers.erase(peer);
    m_waiting.erase(peer);
}

void ProfileProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (stream.outbound) {
        const auto found = m_telling.find(stream.tag);
        if (found == m_telling.end()) return link::abandon(io, stream.key, link::kNoError);
        Telling& telling = found->second;
        telling.key = stream.key;
        telling.deadline = m_tellingUntil.add(stream.tag, stream.peer, now.mono + kExchangeTimeout);
        telling.unsent = m_message;
        m_outbound[stream.key] = stream.tag;
        if (const auto peer = m_peers.find(stream.peer); peer != m_peers.end()) peer->second.told = m_version;
        return write(telling, io);
    }
    if (m_hearingUntil.of(stream.peer) >= kMaxInboundPerPeer)
        return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
    Hearing& hearing = m_hearing[stream.key];
    hearing.peer = stream.peer;
    hearing.deadline = m_hearingUntil.add(stream.key, stream.peer, now.mono + kExchangeTimeout);
}

void ProfileProtocol::onStreamFailed(swarm::RequestTag tag, const PeerId& id, const Error& error, StreamIo&, Now) {
    if (const auto peer = m_peers.find(id); peer != m_peers.end() && error.code == Errc::Unsupported)
        peer->second.deaf = true;
    told(tag);
}

ProfileProtocol::Telling* ProfileProtocol::tellingOn(StreamKey key) {
    const auto found = m_outbound.find(key);
    return found == m_outbound.end() ? nullptr : &m_telling.at(found->second);
}

void ProfileProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (const auto hearing = m_hearing.find(key); hearing != m_hearing.end())
        return hear(key, hearing->second, io, now);
    // Nothing is due on a stream of ours but its end.
    if (tellingOn(key) && io.available(key) > 0) io.stop(key, swarm::kStreamProtocolViolation);
}

void ProfileProtocol::onWritable(StreamKey key, StreamIo& io, Now) {
    if (Telling* telling = tellingOn(key)) write(*telling, io);
}

// --- hearing ------------------------------------------------------------------------------------------------------

void ProfileProtocol::hear(StreamKey key, Hearing& hearing, StreamIo& io, Now now) {
    link::StreamSource source{io, key};
    while (io.available(key) > 0) {
        auto message = hearing.frames.next(source);
        if (!message) return refuse(key, io, swarm::kStreamProtocolViolation);
        if (!*message) break;
        auto claims = decodeProfile(**message);
        if (!claims || hearing.heard) {
            LOG(m_log, Debug, "profile",
                hearing.peer.shortText() << " sends a bad profile: "
                                         << (claims ? "two on one stream" : claims.error().text()));
            return refuse(key, io, swarm::kStreamProtocolViolation);
        }
        hearing.heard = std::move(*claims);
    }
    if (!io.atEnd(key)) return;
    if (!hearing.heard || hearing.frames.midMessage()) return refuse(key, io, swarm::kStreamProtocolViolation);
    if (!m_peers.contains(hearing.peer) || !m_hearingRates.allow(hearing.peer, now.mono))
        return refuse(key, io, swarm::kStreamResourceLimit);
    m_events.push_back({hearing.peer, std::move(*hearing.heard)});
    io.write(key, {}, Fin::Yes);
    m_hearing.erase(key);
}

void ProfileProtocol::refuse(StreamKey key, StreamIo& io, uint64_t code) {
    m_hearing.erase(key);
    link::abandon(io, key, code);
}

// --- ends ---------------------------------------------------------------------------------------------------------

void ProfileProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (m_hearing.contains(key)) return refuse(key, io, link::kNoError);
    if (tellingOn(key)) io.reset(key, link::kNoError);
}

void ProfileProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (Telling* telling = tellingOn(key)) {
        telling->unsent.clear();
        io.stop(key, link::kNoError);
    }
}

void ProfileProtocol::onClosed(StreamKey key, StreamIo&, Now) {
    m_hearing.erase(key);
    if (const auto tag = m_outbound.find(key); tag != m_outbound.end()) told(tag->second);
}

Instant ProfileProtocol::deadline() const {
    Instant next = std::min(m_tellingUntil.next(), m_hearingUntil.next());
    for (const PeerId& id : m_waiting) next = std::min(next, m_peers.at(id).nextTell);
    return next;
}

void ProfileProtocol::onDeadline(StreamIo& io, Now now) {
    for (const StreamKey key : m_hearingUntil.due(now.mono)) refuse(key, io, link::kNoError);
    for (const swarm::RequestTag tag : m_tellingUntil.due(now.mono)) {
        link::abandon(io, *m_telling.at(tag).key, link::kNoError);
        told(tag);
    }
    for (const PeerId& id : std::set<PeerId>(m_waiting)) tell(id, m_peers.at(id), now);
}

} // namespace wherry::profile

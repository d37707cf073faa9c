#include "protocols/gossipsub/gossipsub.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/stream_source.h"
#include "swarm/error_codes.h"

#include <algorithm>
#include <utility>

namespace wherry::gossipsub {

using crypto::PeerId;
using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
/// The newest first.
const std::string kProtocolIds[] = {"/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0", "/floodsub/1.0.0"};

Version versionOf(std::string_view id) {
    if (id == kProtocolIds[0]) return Version::V12;
    if (id == kProtocolIds[1]) return Version::V11;
    return id == kProtocolIds[2] ? Version::V10 : Version::Floodsub;
}

/// What of a peer's address counts for its score; not that of this device, where everybody is.
std::optional<codec::IpAddress> addressOf(const swarm::PeerInfo& info) {
    const auto from = info.remote.transportAddress();
    if (!from || from->socket.ip.isLoopback()) return std::nullopt;
    return from->socket.ip.budgetPrefix();
}
NewPeer asNewPeer(const swarm::PeerInfo& info, std::string_view id) {
    return {info.peer, versionOf(id), info.side == link::Side::Dialer, addressOf(info), codec::placeOf(info.remote)};
}
} // namespace

GossipsubProtocol::GossipsubProtocol(GossipsubConfig config, crypto::Identity identity, Random& random, const Log& log,
                                     Now now)
    : m_log(log),
      m_router(std::move(config), std::move(identity), random, log, now) {}

std::span<const std::string> GossipsubProtocol::protocolIds() const {
    return kProtocolIds;
}

std::optional<swarm::SwarmRequest> GossipsubProtocol::pollRequest() {
    return takeFront(m_requests);
}

std::optional<MessageLeft> GossipsubProtocol::pollLeft() {
    return takeFront(m_left);
}

std::set<MessageId> GossipsubProtocol::carried() const {
    std::set<MessageId> out = m_router.waitingOwn();
    for (const MessageLeft& each : m_left) out.insert(each.id);
    for (const auto& [peer, line] : m_lines) {
        if (line.unsentOurs) out.insert(*line.unsentOurs);
        for (const Watched& each : line.watched) out.insert(each.id);
    }
    return out;
}

// --- peers --------------------------------------------------------------------------------------------------------

void GossipsubProtocol::onPeerConnected(const swarm::PeerInfo& info, StreamIo&, Now) {
    if (!info.remote.isCircuit()) m_lines[info.peer].info = info;
}

void GossipsubProtocol::onPeerMoved(const swarm::PeerInfo& info, Now now) {
    if (info.remote.isCircuit()) return forget(info.peer, now);
    Line& line = m_lines[info.peer];
    line.info = info;
    if (line.speaks.empty()) return;
    m_router.onPeer(asNewPeer(line.info, line.speaks), now);
    line.moved = true;
    m_reopen = now.mono;
}

void GossipsubProtocol::onPeerGone(const PeerId& peer, const Error&, Now now) {
    forget(peer, now);
}

void GossipsubProtocol::forget(const PeerId& peer, Now now) {
    const auto line = m_lines.extract(peer);
    if (!line) return;
    for (const auto& key : {line.mapped().in, line.mapped().out})
        if (key) m_streams.erase(*key);
    m_router.onPeerGone(peer, now);
}

void GossipsubProtocol::onIdentified(const PeerId& peer, const std::vector<std::string>& protocols, StreamIo& io,
                                     Now now) {
    const auto found = m_lines.find(peer);
    if (found == m_lines.end() || !found->second.speaks.empty()) return;
    for (const std::string& id : kProtocolIds)
        if (std::ranges::find(protocols, id) != protocols.end()) {
            speaks(found->second, id, now);
            return pump(io, now);
        }
}

void GossipsubProtocol::speaks(Line& line, std::string_view id, Now now) {
    line.speaks = id;
    m_router.onPeer(asNewPeer(line.info, id), now);
}

GossipsubProtocol::Line* GossipsubProtocol::lineOf(StreamKey key) {
    const auto found = m_streams.find(key);
    return found == m_streams.end() ? nullptr : &m_lines.at(found->second);
}

// --- streams ------------------------------------------------------------------------------------------------------

void GossipsubProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (!stream.outbound) return onInbound(stream, io, now);
    const auto found = m_lines.find(stream.peer);
    if (found == m_lines.end() || found->second.opening != stream.tag) // the peer has gone meanwhile
        return link::abandon(io, stream.key, link::kNoError);
    Line& line = found->second;
    line.tag = stream.tag;
    line.opening = 0;
    line.out = stream.key;
    line.written = 0;
    m_streams[stream.key] = stream.peer;
    pump(line, io, now);
}

void GossipsubProtocol::onInbound(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    const auto found = m_lines.find(stream.peer);
    if (found == m_lines.end() || !found->second.streams.allow(now.mono))
        return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
    Line& line = found->second;
    if (line.in) {
        link::abandon(io, *line.in, link::kNoError);
        loseIn(line);
    }
    line.in = stream.key;
    m_streams[stream.key] = stream.peer;
    if (line.speaks.empty()) speaks(line, stream.protocolId, now);
    read(line, io, now);
}

void GossipsubProtocol::onStreamFailed(swarm::RequestTag tag, const PeerId& peer, const Error& error, StreamIo& io,
                                       Now now) {
    const auto found = m_lines.find(peer);
    if (found == m_lines.end()) return;
    Line& line = found->second;
    const bool refusedAfterAll = line.out && line.tag == tag; // negotiated lazily
    if (line.opening != tag && !refusedAfterAll) return;
    LOG(m_log, Debug, "gossipsub", "stream to " << peer.shortText() << ": " << error.text());
    loseOut(line, now);
    if (error.code != Errc::Unsupported) return;
    line.speaks.clear();
    m_router.onPeerGone(peer, now);
    if (!line.in) return;
    link::abandon(io, *line.in, link::kNoError); // nothing would come of what it says
    loseIn(line);
}

void GossipsubProtocol::forgetOut(Line& line) {
    if (line.out) m_streams.erase(*line.out);
    line.out.reset();
    line.opening = 0;
    line.unsent.clear();
    line.unsentOurs.reset();
    line.watched.clear();
}

/// Another link is in use: the one before shall end, and not because of us stay open. The next stream opens at once.
void GossipsubProtocol::leaveOut(Line& line, StreamIo& io, Now now) {
    io.write(*line.out, {}, Fin::Yes);
    io.stop(*line.out, link::kNoError);
    forgetOut(line);
    m_router.announceAgain(line.info.peer, now);
}

/// Our half has come to nothing; the next one waits for its time.
void GossipsubProtocol::loseOut(Line& line, Now now) {
    forgetOut(line);
    if (now.mono - line.openAt > kMaxReopen) line.pause = kFirstReopen; // it has served for a while
    line.openAt = now.mono + line.pause;
    line.pause = std::min(2 * line.pause, kMaxReopen);
    m_router.announceAgain(line.info.peer, now);
    m_reopen = std::min(m_reopen, line.openAt);
}

void GossipsubProtocol::loseIn(Line& line) {
    m_streams.erase(*line.in);
    line.in.reset();
    line.frames = codec::FrameReader(kMaxRpcBytes);
}

void GossipsubProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    Line* line = lineOf(key);
    if (!line) return;
    if (line->in == key) return read(*line, io, now);
    io.consume(key, io.available(key)); // nothing is said on a stream of ours
}

void GossipsubProtocol::read(Line& line, StreamIo& io, Now now) {
    const StreamKey key = *line.in;
    Result<bool> more = true;
    while (more && *more && line.rate.allowsAt() <= now.mono) more = readOne(line, io, now);
    if (!more) {
        LOG(m_log, Debug, "gossipsub", line.info.peer.shortText() << ": " << more.error().text());
        m_router.onMalformed(line.info.peer, now);
        link::abandon(io, key, swarm::kStreamProtocolViolation);
        loseIn(line);
    } else if (*more) {
        m_resume = std::min(m_resume, line.rate.allowsAt());
    } else if (io.atEnd(key)) {
        io.write(key, {}, Fin::Yes);
        loseIn(line);
    }
    pump(io, now);
}

/// Whether there was a whole RPC.
Result<bool> GossipsubProtocol::readOne(Line& line, StreamIo& io, Now now) {
    link::StreamSource source{io, *line.in};
    TRY(const auto frame, line.frames.next(source));
    if (!frame) return false;
    if (m_router.ignores(line.info.peer, now)) {
        line.rate.spend(now.mono);
        m_router.noteIgnored();
        return true;
    }
    TRY(auto rpc, decodeRpc(*frame));
    line.rate.spend(now.mono, itemsOf(rpc, frame->size()));
    m_router.onRpc(line.info.peer, std::move(rpc), now);
    return true;
}

void GossipsubProtocol::resume(StreamIo& io, Now now) {
    m_resume = kNever;
    for (auto& [peer, line] : m_lines)
        if (line.in && io.available(*line.in) > 0) read(line, io, now);
}

void GossipsubProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    Line* line = lineOf(key);
    if (!line || line->in != key) return; // what a peer says on a stream of ours does not matter
    io.reset(key, link::kNoError);
    loseIn(*line);
}

void GossipsubProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now now) {
    Line* line = lineOf(key);
    if (!line || line->out != key) return;
    link::abandon(io, key, link::kNoError);
    loseOut(*line, now);
}

void GossipsubProtocol::onClosed(StreamKey key, StreamIo&, Now now) {
    Line* line = lineOf(key);
    if (!line) return;
    if (line->out == key) loseOut(*line, now);
    if (line->in == key) loseIn(*line);
}

// --- writing ------------------------------------------------------------------------------------------------------

void GossipsubProtocol::onWritable(StreamKey key, StreamIo& io, Now now) {
    Line* line = lineOf(key);
    if (line && line->out == key) pump(*line, io, now);
}

void GossipsubProtocol::pump(StreamIo& io, Now now) {
    while (const auto peer = m_router.pollReady())
        if (const auto found = m_lines.find(*peer); found != m_lines.end()) pump(found->second, io, now);
}

void GossipsubProtocol::pump(Line& line, StreamIo& io, Now now) {
    if (line.speaks.empty() || line.opening != 0) return;
    if (std::exchange(line.moved, false) && line.out && line.out->link != line.info.link) leaveOut(line, io, now);
    if (!line.out) {
        if (!m_router.hasFrames(line.info.peer)) return;
        if (now.mono < line.openAt) {
            m_reopen = std::min(m_reopen, line.openAt);
            return;
        }
        line.opening = ++m_lastTag;
        m_requests.push_back(swarm::OpenStream{line.info.peer, {line.speaks}, line.opening});
        return;
    }
    while (true) {
        write(line, io);
        if (!line.unsent.empty()) break;
        auto next = m_router.takeFrame(line.info.peer, now);
        if (!next) break;
        line.unsent = std::move(next->bytes);
        line.unsentOurs = std::move(next->ours);
    }
    if (!line.watched.empty()) m_look = std::min(m_look, now.mono + kWatchInterval);
}

void GossipsubProtocol::write(Line& line, StreamIo& io) {
    while (!line.unsent.empty()) {
        Slice& next = line.unsent.front();
        const size_t count = std::min(next.length, io.writable(*line.out));
        if (count == 0) return;
        io.write(*line.out, next.first(count), Fin::No);
        line.written += count;
        next = next.from(count);
        if (next.empty()) line.unsent.erase(line.unsent.begin());
    }
    if (line.unsentOurs) line.watched.push_back({std::move(*line.unsentOurs), line.written});
    if (line.watched.size() > kMaxWatched) line.watched.pop_front();
    line.unsentOurs.reset();
}

void GossipsubProtocol::lookAtWatched(Line& line, StreamIo& io) {
    if (!line.out) return;
    const size_t open = io.unacknowledged(*line.out);
    while (!line.watched.empty() && line.watched.front().upTo + open <= line.written) {
        if (m_left.size() < kMaxEvents) m_left.push_back({std::move(line.watched.front().id), line.info.peer});
        line.watched.pop_front();
    }
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant GossipsubProtocol::deadline() const {
    return std::min({m_router.deadline(), m_look, m_reopen, m_resume});
}

void GossipsubProtocol::onDeadline(StreamIo& io, Now now) {
    if (now.mono >= m_look) {
        m_look = kNever;
        for (auto& [peer, line] : m_lines) {
            lookAtWatched(line, io);
            if (!line.watched.empty()) m_look = now.mono + kWatchInterval;
        }
    }
    if (now.mono >= m_reopen) {
        m_reopen = kNever;
        for (auto& [peer, line] : m_lines) pump(line, io, now);
    }
    if (now.mono >= m_resume) resume(io, now);
    m_router.onDeadline(now);
    pump(io, now);
}

} // namespace wherry::gossipsub

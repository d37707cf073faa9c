#include "protocols/ping/ping.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "protocols/ping/ping_limits.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::ping {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kProtocolIds[] = {"/ipfs/ping/1.0.0"};
} // namespace

PingProtocol::PingProtocol(Random& random, const Log& log) : m_random(random), m_log(log) {}

std::span<const std::string> PingProtocol::protocolIds() const {
    return kProtocolIds;
}

// --- requests -----------------------------------------------------------------------------------------------------

PingId PingProtocol::ping(const crypto::PeerId& peer, uint32_t count, Duration interval, Now) {
    const PingId id = m_ids.take();
    if (count == 0 || count > kMaxCount) {
        m_events.push_back(
            PingFailed{id, peer, makeError(Errc::InvalidArgument, "pinging " + std::to_string(count) + " times")});
        return id;
    }
    if (m_requests.size() >= kMaxRequests) {
        m_events.push_back(PingFailed{id, peer, makeError(Errc::LimitReached, "too many pings at once")});
        return id;
    }
    Request& request = m_requests[id];
    request.peer = peer;
    request.count = count;
    request.interval = interval;
    startNext(peer);
    return id;
}

/// Starts the oldest waiting request to a peer unless one is under way.
void PingProtocol::startNext(const crypto::PeerId& peer) {
    for (auto& [id, request] : m_requests) {
        if (request.peer != peer) continue;
        if (request.started) return;
        request.started = true;
        m_wants.push_back(swarm::OpenStream{peer, {kProtocolIds[0]}, id.value});
        return;
    }
}

void PingProtocol::cancel(PingId id, StreamIo& io, Now) {
    if (m_requests.contains(id)) fail(id, makeError(Errc::Cancelled, "ping"), io);
}

std::optional<PingEvent> PingProtocol::poll() {
    return takeFront(m_events);
}

std::optional<swarm::SwarmRequest> PingProtocol::pollRequest() {
    return takeFront(m_wants);
}

void PingProtocol::sendPing(Request& request, StreamIo& io, Now now) {
    request.blocked = io.writable(*request.stream) < kPingBytes;
    request.nextAt = kNever;
    if (request.blocked) return;
    m_random.fill(request.payload);
    request.sentAt = now.mono;
    ++request.sent;
    io.write(*request.stream, Slice::copyOf(request.payload), Fin::No);
}

/// A whole echo is compared at once; its pieces wait in the stream until then.
void PingProtocol::readEcho(PingId id, StreamIo& io, Now now) {
    Request& request = m_requests.at(id);
    const StreamKey key = *request.stream;
    const bool awaited = request.sent > 0 && request.nextAt == kNever && !request.blocked;
    if (io.available(key) >= kPingBytes && awaited) {
        Payload echo{};
        const Slices taken = io.take(key, kPingBytes);
        copyTo(taken, echo);
        io.credit(key, kPingBytes);
        if (echo != request.payload)
            return fail(id, makeError(Errc::ProtocolViolation, "the echo differs from what was sent"), io);
        const bool last = request.sent == request.count;
        m_events.push_back(PingReply{id, request.peer, request.sent - 1, now.mono - request.sentAt, last});
        if (last) return finish(id, io);
        request.giveUp = std::max(now.mono, request.sentAt + request.interval) + kPingTimeout;
        request.nextAt = std::max(now.mono, request.sentAt + request.interval);
        if (request.nextAt <= now.mono) sendPing(request, io, now);
    }
    if (io.available(key) > 0 && (request.nextAt != kNever || io.available(key) > kPingBytes))
        return fail(id, makeError(Errc::ProtocolViolation, "an echo of nothing"), io);
    if (io.atEnd(key)) fail(id, makeError(Errc::ConnectionLost, "the peer ended the stream"), io);
}

/// Success: our half ends in good order. The peer's half is over for us; js never ends it.
void PingProtocol::finish(PingId id, StreamIo& io) {
    const Request request = m_requests.at(id);
    io.write(*request.stream, {}, Fin::Yes);
    io.stop(*request.stream, link::kNoError);
    forget(id);
}

void PingProtocol::fail(PingId id, Error error, StreamIo& io) {
    const Request request = m_requests.at(id);
    if (request.stream) link::abandon(io, *request.stream, link::kNoError);
    std::erase_if(m_wants,
                  [&](const swarm::SwarmRequest& want) { return std::get<swarm::OpenStream>(want).tag == id.value; });
    m_events.push_back(PingFailed{id, request.peer, std::move(error)});
    forget(id);
}

void PingProtocol::forget(PingId id) {
    const auto found = m_requests.find(id);
    const crypto::PeerId peer = found->second.peer;
    if (found->second.stream) m_outbound.erase(*found->second.stream);
    m_requests.erase(found);
    startNext(peer);
}

// --- streams ------------------------------------------------------------------------------------------------------

void PingProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (!stream.outbound) {
        const auto ofPeer = std::count_if(m_inbound.begin(), m_inbound.end(),
                                          [&](const auto& one) { return one.second.peer == stream.peer; });
        if (static_cast<size_t>(ofPeer) >= kMaxInboundStreams) {
            LOG(m_log, Debug, "ping", stream.peer.shortText() << " has too many ping streams");
            link::abandon(io, stream.key, swarm::kStreamResourceLimit);
        } else {
            m_inbound[stream.key].peer = stream.peer;
        }
        return;
    }
    const PingId id{stream.tag};
    const auto found = m_requests.find(id);
    if (found == m_requests.end()) { // cancelled meanwhile
        link::abandon(io, stream.key, link::kNoError);
        return;
    }
    found->second.stream = stream.key;
    found->second.giveUp = now.mono + kPingTimeout;
    m_outbound[stream.key] = id;
    sendPing(found->second, io, now);
}

void PingProtocol::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo& io, Now) {
    const auto found = m_requests.find(PingId{tag});
    if (found != m_requests.end()) fail(found->first, error, io);
}

void PingProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (const auto request = m_outbound.find(key); request != m_outbound.end())
        return readEcho(request->second, io, now);
    if (m_inbound.contains(key)) serve(key, io);
}

/// Echoes whole pings for as long as our half takes them; what it does not take stays unread. Who pings on and takes no
/// echo loses the stream: each echo is memory of ours.
void PingProtocol::serve(StreamKey key, StreamIo& io) {
    Inbound& inbound = m_inbound.at(key);
    while (io.writable(key) >= kPingBytes && io.available(key) > 0) {
        const ByteView front = io.front(key);
        const size_t part = std::min(front.size(), kPingBytes - inbound.ping.size());
        append(inbound.ping, front.first(part));
        io.consume(key, part);
        if (inbound.ping.size() < kPingBytes) continue;
        if (io.unacknowledged(key) >= kMaxUntakenEchoes) {
            LOG(m_log, Debug, "ping", inbound.peer.shortText() << " pings and takes no echo");
            link::abandon(io, key, swarm::kStreamResourceLimit);
            m_inbound.erase(key);
            return;
        }
        io.write(key, Slice::copyOf(inbound.ping), Fin::No);
        inbound.ping.clear();
    }
    if (!io.atEnd(key)) return;
    io.write(key, {}, Fin::Yes);
    m_inbound.erase(key);
}

void PingProtocol::onWritable(StreamKey key, StreamIo& io, Now now) {
    if (m_inbound.contains(key)) return serve(key, io);
    const auto found = m_outbound.find(key);
    if (found == m_outbound.end()) return;
    Request& request = m_requests.at(found->second);
    if (request.blocked) sendPing(request, io, now);
}

void PingProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (const auto found = m_outbound.find(key); found != m_outbound.end())
        return fail(PingId{found->second}, makeError(Errc::ConnectionLost, "the peer reset the stream"), io);
    if (m_inbound.erase(key) > 0) io.reset(key, link::kNoError);
}

void PingProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (const auto found = m_outbound.find(key); found != m_outbound.end())
        return fail(PingId{found->second}, makeError(Errc::ConnectionLost, "the peer takes no more pings"), io);
    if (m_inbound.erase(key) > 0) io.stop(key, link::kNoError);
}

void PingProtocol::onClosed(StreamKey key, StreamIo& io, Now) {
    m_inbound.erase(key);
    if (const auto found = m_outbound.find(key); found != m_outbound.end())
        fail(PingId{found->second}, makeError(Errc::ConnectionLost, "the stream has ended"), io);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant PingProtocol::deadline() const {
    Instant next = kNever;
    for (const auto& [id, request] : m_requests) next = std::min({next, request.nextAt, request.giveUp});
    return next;
}

void PingProtocol::onDeadline(StreamIo& io, Now now) {
    std::vector<PingId> late;
    for (auto& [id, request] : m_requests) {
        if (request.giveUp <= now.mono)
            late.push_back(id);
        else if (request.nextAt <= now.mono)
            sendPing(request, io, now);
    }
    for (const PingId id : late) fail(id, makeError(Errc::Timeout, "no echo within 10 s"), io);
}

} // namespace wherry::ping

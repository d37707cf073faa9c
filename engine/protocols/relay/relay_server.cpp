#include "protocols/relay/relay_server.h"

#include "base/take_front.h"
#include "codec/reach.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/relay/voucher.h"
#include "swarm/error_codes.h"

#include <algorithm>
#include <limits>

namespace wherry::relay {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

static const std::string kHopIds[] = {kHopId};

RelayServer::RelayServer(crypto::Identity identity, RelayServerConfig config,
                         std::function<bool(const crypto::PeerId&)> trusts, const Log& log)
    : m_identity(std::move(identity)),
      m_config(config),
      m_trusts(std::move(trusts)),
      m_log(log),
      m_reservations(config.reservations, config.reservationsPerPrefix),
      m_rates({kRequestsPerSecond, kRequestBurst}, kMaxRates),
      m_circuits(config.circuits, config.circuitsPerPeer) {}

void RelayServer::setAddresses(std::vector<codec::Multiaddr> addresses) {
    if (addresses.size() > kMaxRelayAddresses) addresses.resize(kMaxRelayAddresses);
    for (codec::Multiaddr& address : addresses) address = address.withPeer(m_identity.peerId().multihash());
    m_addresses = std::move(addresses);
}

RelayServerFigures RelayServer::figures() const {
    return {m_reservations.size(), m_copier.circuits(), m_served, m_copier.bytes()};
}

void RelayServer::endAll(StreamIo& io) {
    m_reservations.clear();
    while (!m_requests.empty()) {
        const StreamKey key = m_requests.begin()->first;
        drop(key, io);
        link::abandon(io, key, link::kNoError);
    }
    m_copier.cutAll(io);
    releaseEnded();
}

std::span<const std::string> RelayServer::protocolIds() const {
    return kHopIds;
}

std::optional<swarm::SwarmRequest> RelayServer::pollRequest() {
    return takeFront(m_wanted);
}

void RelayServer::onPeerMoved(const swarm::PeerInfo& info, Now) {
    if (info.remote.isCircuit()) m_reservations.drop(info.peer);
}

void RelayServer::onPeerGone(const crypto::PeerId& peer, const Error&, Now) {
    m_reservations.drop(peer);
}

// --- requests -----------------------------------------------------------------------------------------------------

void RelayServer::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (stream.outbound) return onStopStream(stream, io);
    const auto from = codec::ipOf(stream.over->remote);
    if (!hasRoomFor(stream, from)) return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
    Request& request = m_requests[stream.key];
    request.peer = stream.peer;
    request.from = from;
    request.deadline = m_deadlines.add(stream.key, stream.peer, now.mono + kRequestTimeout);
}

bool RelayServer::hasRoomFor(const swarm::NegotiatedStream& stream, const std::optional<codec::IpAddress>& from) const {
    if (m_deadlines.of(stream.peer) >= kMaxRequestsPerPeer || m_deadlines.size() >= kMaxRequests) return false;
    if (!from) return true;
    const auto isNeighbour = [prefix = from->budgetPrefix()](const auto& one) {
        return one.second.from && one.second.from->budgetPrefix() == prefix;
    };
    return static_cast<size_t>(std::ranges::count_if(m_requests, isNeighbour)) < kMaxRequestsPerPrefix;
}

void RelayServer::readRequest(StreamKey key, StreamIo& io, Now now) {
    Request& request = m_requests.at(key);
    // Whoever sends on before the answer is not read: it belongs to the circuit.
    if (request.phase != Phase::Request) return;
    link::StreamSource source{io, key};
    auto frame = request.frames.next(source);
    if (frame && !*frame && !io.atEnd(key)) return;
    if (!frame || !*frame) return refuse(key, status::kMalformedMessage, io, now);
    const auto message = decodeHop(**frame);
    if (!message) return refuse(key, status::kMalformedMessage, io, now);
    onRequest(key, request, *message, io, now);
}

void RelayServer::onRequest(StreamKey key, Request& request, const HopMessage& message, StreamIo& io, Now now) {
    if (std::holds_alternative<HopReserve>(message)) {
        HopStatus said;
        said.status = reserve(request, said, now);
        LOG(m_log, Debug, "relay", request.peer.shortText() << " asks for a reservation: " << said.status);
        return answer(key, request, std::move(said), Phase::Answered, io, now);
    }
    const auto* connect = std::get_if<HopConnect>(&message);
    if (!connect) return refuse(key, status::kUnexpectedMessage, io, now);
    const uint32_t may = mayConnect(request, connect->peer, now);
    LOG(m_log, Debug, "relay",
        request.peer.shortText() << " asks for a circuit to " << connect->peer.shortText() << ": " << may);
    if (may != status::kOk) return refuse(key, may, io, now);
    request.deadline = m_deadlines.add(key, request.peer, now.mono + kHopTimeout);
    ask(key, request, connect->peer);
}

bool RelayServer::admits(const crypto::PeerId& peer) const {
    return m_config.access == Access::Everybody || m_trusts(peer);
}

/// Fills the answer when it is OK.
uint32_t RelayServer::reserve(const Request& request, HopStatus& answer, Now now) {
    if (!admits(request.peer)) return status::kPermissionDenied;
    if (!m_rates.allow(request.peer, now.mono) ||
        !m_reservations.grant(request.peer, request.from, now.mono + m_config.reservationTtl))
        return status::kReservationRefused;
    Reservation granted;
    granted.expire = static_cast<uint64_t>(std::max<int64_t>(
        now.wall.seconds() + std::chrono::floor<std::chrono::seconds>(m_config.reservationTtl).count(), 0));
    granted.addresses = m_addresses;
    granted.voucher = sealVoucher(m_identity, request.peer, granted.expire);
    answer.reservation = std::move(granted);
    answer.limit = limit();
    return status::kOk;
}

Limit RelayServer::limit() const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(m_config.circuitDuration).count();
    return {static_cast<uint32_t>(std::clamp<int64_t>(seconds, 1, std::numeric_limits<uint32_t>::max())),
            std::max<uint64_t>(m_config.circuitBytes, 1)};
}

uint32_t RelayServer::mayConnect(const Request& request, const crypto::PeerId& target, Now now) {
    if (target == request.peer || !admits(request.peer)) return status::kPermissionDenied;
    if (!m_rates.allow(request.peer, now.mono)) return status::kResourceLimitExceeded;
    if (!m_reservations.holds(target)) return status::kNoReservation;
    if (!admits(target)) return status::kPermissionDenied;
    return m_circuits.hasRoom(parties(request, target)) ? status::kOk : status::kResourceLimitExceeded;
}

// --- circuits -----------------------------------------------------------------------------------------------------

Parties RelayServer::parties(const Request& request, const crypto::PeerId& target) {
    const auto place = request.from ? std::optional(request.from->budgetPrefix()) : std::nullopt;
    return {request.peer, target, place};
}

void RelayServer::ask(StreamKey key, Request& request, const crypto::PeerId& target) {
    request.phase = Phase::Asking;
    request.target = target;
    request.tag = ++m_lastTag;
    m_asked[request.tag] = key;
    m_circuits.begin(parties(request, target));
    m_wanted.push_back(swarm::OpenStream{target, {kStopId}, request.tag});
}

void RelayServer::onStopStream(const swarm::NegotiatedStream& stream, StreamIo& io) {
    const auto asked = m_asked.find(stream.tag);
    if (asked == m_asked.end()) return link::abandon(io, stream.key, link::kNoError);
    Request& request = m_requests.at(asked->second);
    request.stop = stream.key;
    Stop& stop = m_stops[stream.key];
    stop.hop = asked->second;
    codec::appendFrame(stop.unsent, encodeStop(StopConnect{request.peer, limit()}));
    link::sendPart(io, stream.key, stop.unsent, Fin::No);
}

void RelayServer::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo& io,
                                 Now now) {
    const auto asked = m_asked.find(tag);
    if (asked == m_asked.end()) return;
    LOG(m_log, Debug, "relay", "a circuit that was asked for: " << error.text());
    refuse(asked->second, status::kConnectionFailed, io, now);
}

void RelayServer::readStop(StreamKey key, StreamIo& io, Now now) {
    Stop& stop = m_stops.at(key);
    const StreamKey hop = stop.hop;
    link::StreamSource source{io, key};
    auto frame = stop.frames.next(source);
    if (frame && !*frame && !io.atEnd(key)) return;
    const auto message = frame && *frame ? decodeStop(**frame) : Result<StopMessage>(makeError(Errc::Malformed));
    const auto* said = message ? std::get_if<StopStatus>(&*message) : nullptr;
    if (said && said->status == status::kOk) return agree(hop, io, now);
    refuse(hop, status::kConnectionFailed, io, now);
}

/// What both ends send from here on is theirs.
void RelayServer::agree(StreamKey key, StreamIo& io, Now now) {
    Request& request = m_requests.at(key);
    m_asked.erase(request.tag);
    m_stops.erase(*request.stop);
    ++m_served;
    answer(key, request, HopStatus{status::kOk, {}, limit()}, Phase::Agreed, io, now);
}

void RelayServer::refuse(StreamKey key, uint32_t code, StreamIo& io, Now now) {
    Request& request = m_requests.at(key);
    giveUpCircuit(request, io);
    answer(key, request, HopStatus{code, {}, {}}, Phase::Answered, io, now);
}

/// The circuit that this request was about to have.
void RelayServer::giveUpCircuit(Request& request, StreamIo& io) {
    if (request.phase != Phase::Asking && request.phase != Phase::Agreed) return;
    m_asked.erase(request.tag);
    if (request.stop) {
        m_stops.erase(*request.stop);
        link::abandon(io, *request.stop, swarm::kStreamResourceLimit);
        request.stop.reset();
    }
    m_circuits.end(parties(request, request.target));
}

void RelayServer::releaseEnded() {
    while (const auto ended = m_copier.poll()) m_circuits.end(*ended);
}

// --- answers ------------------------------------------------------------------------------------------------------

void RelayServer::answer(StreamKey key, Request& request, HopStatus said, Phase next, StreamIo& io, Now now) {
    request.phase = next;
    codec::appendFrame(request.unsent, encodeHop(said));
    send(key, request, io, now);
}

/// An answer is the last thing said on its stream, or the first before what the target says.
void RelayServer::send(StreamKey key, Request& request, StreamIo& io, Now now) {
    const Fin last = request.phase == Phase::Answered ? Fin::Yes : Fin::No;
    if (!link::sendPart(io, key, request.unsent, last)) return;
    if (request.phase == Phase::Answered) {
        io.stop(key, link::kNoError);
        m_requests.erase(key);
    } else if (request.phase == Phase::Agreed) {
        CircuitCopier::Ends ends{key, *request.stop, parties(request, request.target)};
        m_requests.erase(key);
        m_copier.add(std::move(ends), limit(), io, now);
        releaseEnded();
    }
}

void RelayServer::drop(StreamKey key, StreamIo& io) {
    const auto found = m_requests.find(key);
    if (found == m_requests.end()) return;
    giveUpCircuit(found->second, io);
    m_requests.erase(found);
}

// --- streams ------------------------------------------------------------------------------------------------------

void RelayServer::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (m_requests.contains(key)) return readRequest(key, io, now);
    if (m_stops.contains(key)) return readStop(key, io, now);
    m_copier.onReadable(key, io, now);
    releaseEnded();
}

void RelayServer::onWritable(StreamKey key, StreamIo& io, Now now) {
    if (const auto request = m_requests.find(key); request != m_requests.end())
        return send(key, request->second, io, now);
    if (const auto stop = m_stops.find(key); stop != m_stops.end()) {
        link::sendPart(io, key, stop->second.unsent, Fin::No);
        return;
    }
    m_copier.onWritable(key, io, now);
    releaseEnded();
}

/// Either end has gone before there was a circuit.
void RelayServer::endBefore(StreamKey key, StreamIo& io, Now now) {
    if (const auto stop = m_stops.find(key); stop != m_stops.end())
        return refuse(StreamKey(stop->second.hop), status::kConnectionFailed, io, now);
    const auto agreed = std::ranges::find_if(m_requests, [&](const auto& one) { return one.second.stop == key; });
    if (agreed != m_requests.end()) key = agreed->first;
    if (!m_requests.contains(key)) return;
    drop(key, io);
    link::abandon(io, key, link::kNoError);
}

void RelayServer::onReset(StreamKey key, uint64_t, StreamIo& io, Now now) {
    if (!m_copier.carries(key)) return endBefore(key, io, now);
    m_copier.onReset(key, io);
    releaseEnded();
}

void RelayServer::onStopped(StreamKey key, uint64_t, StreamIo& io, Now now) {
    if (!m_copier.carries(key)) return endBefore(key, io, now);
    m_copier.onStopped(key, io);
    releaseEnded();
}

void RelayServer::onClosed(StreamKey key, StreamIo& io, Now now) {
    if (!m_copier.carries(key)) return endBefore(key, io, now);
    m_copier.onClosed(key, io);
    releaseEnded();
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant RelayServer::deadline() const {
    return std::min({m_deadlines.next(), m_reservations.deadline(), m_copier.deadline()});
}

void RelayServer::onDeadline(StreamIo& io, Now now) {
    m_reservations.onDeadline(now);
    for (const StreamKey key : m_deadlines.due(now.mono)) {
        const auto found = m_requests.find(key);
        if (found == m_requests.end()) continue;
        const bool asking = found->second.phase == Phase::Asking;
        // What the stream does not take of the answer at once is not waited for.
        if (asking) refuse(key, status::kConnectionFailed, io, now);
        if (!m_requests.contains(key)) continue;
        drop(key, io);
        link::abandon(io, key, swarm::kStreamResourceLimit);
    }
    m_copier.onDeadline(io, now);
    releaseEnded();
}

} // namespace wherry::relay

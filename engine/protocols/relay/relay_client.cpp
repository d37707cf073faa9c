#include "protocols/relay/relay_client.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/relay/voucher.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::relay {

using crypto::PeerId;
using link::Fin;
using link::StreamIo;
using link::StreamKey;
using swarm::RequestTag;

static const std::string kStopIds[] = {kStopId};

static Error relayError(Errc code, const PeerId& relay, std::string_view what) {
    return makeError(code, "relay " + relay.text() + ": " + std::string(what));
}

std::span<const std::string> RelayClient::protocolIds() const {
    return kStopIds;
}

std::optional<swarm::SwarmRequest> RelayClient::pollRequest() {
    return takeFront(m_wanted);
}

std::optional<ClientEvent> RelayClient::poll() {
    auto event = takeFront(m_events);
    if (event)
        if (const auto* readable = std::get_if<CircuitReadable>(&*event))
            if (const auto pipe = m_pipes.find(readable->key); pipe != m_pipes.end()) pipe->second.readableTold = false;
    return event;
}

// --- questions ----------------------------------------------------------------------------------------------------

void RelayClient::reserve(const PeerId& relay, Now now) {
    const auto same = [&](const auto& one) { return one.second.relay == relay && !one.second.circuit; };
    if (std::ranges::any_of(m_asking, same)) return;
    const auto info = m_peers.find(relay);
    if (info == m_peers.end() || info->second.remote.isCircuit()) {
        m_events.push_back(ReserveFailed{relay, relayError(Errc::Unreachable, relay, "it is not connected directly")});
        return;
    }
    const RequestTag tag = ++m_lastTag;
    Asking& asking = m_asking[tag];
    asking.relay = relay;
    asking.deadline = m_askDeadlines.add(tag, relay, now.mono + kReserveTimeout);
    begin(tag, asking);
}

size_t RelayClient::connecting() const {
    return static_cast<size_t>(
        std::ranges::count_if(m_asking, [](const auto& one) { return one.second.circuit.has_value(); }));
}

void RelayClient::connect(link::LinkId circuit, const PeerId& relay, const codec::Multiaddr& address,
                          const PeerId& target, Now now) {
    const auto refuse = [&](Errc code, std::string_view why) {
        m_events.push_back(CircuitFailed{circuit, relayError(code, relay, why)});
    };
    if (relay == m_self) return refuse(Errc::InvalidArgument, "that is this device itself");
    if (relay == target) return refuse(Errc::InvalidArgument, "that is the device which is to be reached");
    if (connecting() >= kMaxConnecting)
        return refuse(Errc::LimitReached, "too many connections through relays are being made");
    const RequestTag tag = ++m_lastTag;
    Asking& asking = m_asking[tag];
    asking.relay = relay;
    asking.circuit = circuit;
    asking.target = target;
    asking.deadline = m_askDeadlines.add(tag, relay, now.mono + kConnectTimeout);
    if (const auto info = m_peers.find(relay); info != m_peers.end()) return beginWaiting(info->second, nullptr);
    m_events.push_back(RelayWanted{relay, address});
}

void RelayClient::cancelConnect(link::LinkId circuit, StreamIo& io) {
    const auto found = std::ranges::find_if(m_asking, [&](const auto& one) { return one.second.circuit == circuit; });
    if (found == m_asking.end()) return;
    if (found->second.key) link::abandon(io, *found->second.key, link::kNoError);
    end(found->first);
}

void RelayClient::begin(RequestTag tag, Asking& asking) {
    asking.begun = true;
    m_wanted.push_back(swarm::OpenStream{asking.relay, {kHopId}, tag});
}

/// The relay is connected: what waits for that can go on, unless it is reached over a relay itself.
void RelayClient::beginWaiting(const swarm::PeerInfo& relay, StreamIo* io) {
    std::vector<RequestTag> tags;
    for (const auto& [tag, asking] : m_asking)
        if (asking.relay == relay.peer && !asking.begun) tags.push_back(tag);
    for (const RequestTag tag : tags) {
        if (relay.remote.isCircuit())
            fail(tag, relayError(Errc::Unreachable, relay.peer, "it is itself reached only through a relay"), io);
        else
            begin(tag, m_asking.at(tag));
    }
}

void RelayClient::onUnreachable(const PeerId& relay, const Error& error) {
    std::vector<RequestTag> tags;
    for (const auto& [tag, asking] : m_asking)
        if (asking.relay == relay && !asking.begun) tags.push_back(tag);
    for (const RequestTag tag : tags)
        fail(tag, relayError(Errc::Unreachable, relay, "it cannot be reached: " + error.context), nullptr);
}

void RelayClient::end(RequestTag tag) {
    const auto asking = m_asking.extract(tag);
    if (asking && asking.mapped().key) m_askStreams.erase(*asking.mapped().key);
}

void RelayClient::fail(RequestTag tag, Error error, StreamIo* io) {
    const Asking& asking = m_asking.at(tag);
    LOG(m_log, Debug, "relay", error.text());
    if (io && asking.key) link::abandon(*io, *asking.key, link::kNoError);
    if (asking.circuit)
        m_events.push_back(CircuitFailed{*asking.circuit, std::move(error)});
    else
        m_events.push_back(ReserveFailed{asking.relay, std::move(error)});
    end(tag);
}

void RelayClient::readAnswer(RequestTag tag, StreamIo& io, Now now) {
    Asking& asking = m_asking.at(tag);
    const StreamKey key = *asking.key;
    link::StreamSource source{io, key};
    auto frame = asking.frames.next(source);
    if (frame && !*frame) {
        if (io.atEnd(key)) fail(tag, relayError(Errc::ConnectionLost, asking.relay, "it said nothing"), &io);
        return;
    }
    auto message = frame ? decodeHop(**frame) : Result<HopMessage>(frame.error());
    const auto* said = message ? std::get_if<HopStatus>(&*message) : nullptr;
    if (!said) return fail(tag, relayError(Errc::ProtocolViolation, asking.relay, "its answer is none"), &io);
    if (said->status != status::kOk) {
        const bool denied = said->status == status::kPermissionDenied;
        const Errc code = denied ? Errc::PermissionDenied : Errc::Unreachable;
        return fail(tag, relayError(code, asking.relay, statusText(said->status)), &io);
    }
    if (asking.circuit) {
        m_events.push_back(CircuitOpened{*asking.circuit, key, said->limit.value_or(Limit{})});
        end(tag);
        m_pipes[key] = {};
        return tellReadable(key);
    }
    auto reserved = judge(asking, *said, now);
    if (!reserved) return fail(tag, reserved.error(), &io);
    m_events.push_back(std::move(*reserved));
    io.write(key, {}, Fin::Yes);
    io.stop(key, link::kNoError);
    end(tag);
}

/// What a reservation is worth: its time is the relay's claim, and is believed within bounds.
Result<Reserved> RelayClient::judge(const Asking& asking, const HopStatus& said, Now now) const {
    const auto bad = [&](std::string_view what) { return relayError(Errc::ProtocolViolation, asking.relay, what); };
    if (!said.reservation) return bad("it agrees without a reservation");
    const Reservation& granted = *said.reservation;
    const auto nowSeconds = static_cast<uint64_t>(std::max<int64_t>(now.wall.seconds(), 0));
    if (granted.expire <= nowSeconds) return bad("its reservation is over already, or the clock here is wrong");
    if (!granted.voucher.empty()) {
        const auto voucher = openVoucher(granted.voucher);
        if (!voucher || voucher->relay != asking.relay || voucher->peer != m_self || voucher->expiration <= nowSeconds)
            return bad("the voucher of its reservation is not good");
    }
    if (granted.expire - nowSeconds < static_cast<uint64_t>(kMinUsefulTtl / std::chrono::seconds(1)))
        return bad("its reservation is too short to be of use, or the clock here is wrong");
    const auto most = static_cast<uint64_t>(kMaxBelievedTtl / std::chrono::seconds(1));
    const auto ttl = std::chrono::seconds(std::min(granted.expire - nowSeconds, most));
    return Reserved{asking.relay, asking.link, granted.addresses, now.mono + ttl, said.limit.value_or(Limit{})};
}

// --- circuits to us -----------------------------------------------------------------------------------------------

void RelayClient::setAccepting(const PeerId& relay, bool accepting) {
    accepting ? void(m_accepting.insert(relay)) : void(m_accepting.erase(relay));
}

void RelayClient::onStop(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    const PeerId& relay = stream.peer;
    const auto accepted = m_acceptedFrom.find(relay);
    const size_t pipes = accepted == m_acceptedFrom.end() ? 0 : accepted->second;
    if (!m_accepting.contains(relay) || m_stopDeadlines.of(relay) >= kMaxStopsPerRelay ||
        pipes + m_stopDeadlines.of(relay) >= kMaxAcceptedPerRelay)
        return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
    Stop& stop = m_stops[stream.key];
    stop.relay = *stream.over;
    stop.deadline = m_stopDeadlines.add(stream.key, relay, now.mono + kStopTimeout);
}

void RelayClient::readStop(StreamKey key, StreamIo& io) {
    Stop& stop = m_stops.at(key);
    if (stop.offered) return; // what follows belongs to the circuit
    link::StreamSource source{io, key};
    auto frame = stop.frames.next(source);
    if (frame && !*frame && !io.atEnd(key)) return;
    const auto message = frame && *frame ? decodeStop(**frame) : Result<StopMessage>(makeError(Errc::Malformed));
    stop.offered = true;
    if (!message) return refuse(key, status::kMalformedMessage, io);
    const auto* connect = std::get_if<StopConnect>(&*message);
    if (!connect || connect->peer == m_self || connect->peer == stop.relay.peer)
        return refuse(key, status::kUnexpectedMessage, io);
    m_events.push_back(CircuitOffered{key, stop.relay, connect->peer, connect->limit.value_or(Limit{})});
}

void RelayClient::accept(StreamKey key, StreamIo& io) {
    const auto found = m_stops.find(key);
    if (found == m_stops.end()) return m_events.push_back(CircuitEnded{key}); // it has gone meanwhile
    found->second.accepted = true;
    codec::appendFrame(found->second.unsent, encodeStop(StopStatus{status::kOk}));
    sendAnswer(key, io);
}

void RelayClient::refuse(StreamKey key, uint32_t status, StreamIo& io) {
    const auto found = m_stops.find(key);
    if (found == m_stops.end()) return;
    codec::appendFrame(found->second.unsent, encodeStop(StopStatus{status}));
    sendAnswer(key, io);
}

void RelayClient::sendAnswer(StreamKey key, StreamIo& io) {
    Stop& stop = m_stops.at(key);
    if (stop.unsent.empty()) return;
    if (!link::sendPart(io, key, stop.unsent, Fin::No)) return;
    if (!stop.accepted) {
        io.write(key, {}, Fin::Yes);
        io.stop(key, link::kNoError);
        m_stops.erase(key);
        return;
    }
    ++m_acceptedFrom[stop.relay.peer];
    m_pipes[key] = {false, stop.relay.peer};
    m_stops.erase(key);
    m_events.push_back(CircuitWritable{key});
    tellReadable(key);
}

// --- pipes --------------------------------------------------------------------------------------------------------

void RelayClient::tellReadable(StreamKey key) {
    if (!std::exchange(m_pipes.at(key).readableTold, true)) m_events.push_back(CircuitReadable{key});
}

void RelayClient::forget(StreamKey key) {
    const auto pipe = m_pipes.extract(key);
    if (!pipe || !pipe.mapped().acceptedFrom) return;
    const auto counted = m_acceptedFrom.find(*pipe.mapped().acceptedFrom);
    if (--counted->second == 0) m_acceptedFrom.erase(counted);
}

// --- peers and streams ---------------------------------------------------------------------------------------------

void RelayClient::onPeerConnected(const swarm::PeerInfo& info, StreamIo& io, Now) {
    m_peers[info.peer] = info;
    beginWaiting(info, &io);
}

void RelayClient::onPeerMoved(const swarm::PeerInfo& info, Now) {
    m_peers[info.peer] = info;
}

void RelayClient::onPeerGone(const PeerId& peer, const Error&, Now) {
    m_peers.erase(peer);
}

void RelayClient::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (!stream.outbound) return onStop(stream, io, now);
    const auto found = m_asking.find(stream.tag);
    if (found == m_asking.end()) return link::abandon(io, stream.key, link::kNoError); // cancelled
    Asking& asking = found->second;
    asking.key = stream.key;
    asking.link = *stream.over;
    m_askStreams[stream.key] = stream.tag;
    const HopMessage message = asking.circuit ? HopMessage(HopConnect{asking.target}) : HopMessage(HopReserve{});
    codec::appendFrame(asking.unsent, encodeHop(message));
    link::sendPart(io, stream.key, asking.unsent, Fin::No);
}

void RelayClient::onStreamFailed(RequestTag tag, const PeerId& relay, const Error& error, StreamIo&, Now) {
    if (!m_asking.contains(tag)) return;
    const bool serves = error.code != Errc::Unsupported;
    fail(tag, relayError(error.code, relay, serves ? error.context : "it does not serve as a relay"), nullptr);
}

void RelayClient::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (m_pipes.contains(key)) return tellReadable(key);
    if (const auto asked = m_askStreams.find(key); asked != m_askStreams.end())
        return readAnswer(asked->second, io, now);
    if (m_stops.contains(key)) readStop(key, io);
}

void RelayClient::onWritable(StreamKey key, StreamIo& io, Now) {
    if (m_pipes.contains(key)) return m_events.push_back(CircuitWritable{key});
    if (const auto asked = m_askStreams.find(key); asked != m_askStreams.end()) {
        link::sendPart(io, key, m_asking.at(asked->second).unsent, Fin::No);
        return;
    }
    if (m_stops.contains(key)) sendAnswer(key, io);
}

void RelayClient::endBefore(StreamKey key, std::string_view why, StreamIo& io) {
    if (m_pipes.contains(key)) return m_events.push_back(CircuitEnded{key});
    if (const auto asked = m_askStreams.find(key); asked != m_askStreams.end()) {
        const RequestTag tag = asked->second;
        return fail(tag, relayError(Errc::ConnectionLost, m_asking.at(tag).relay, why), &io);
    }
    const auto stop = m_stops.find(key);
    if (stop == m_stops.end()) return;
    if (stop->second.accepted) m_events.push_back(CircuitEnded{key});
    m_stops.erase(stop);
    link::abandon(io, key, link::kNoError);
}

void RelayClient::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    endBefore(key, "it ended the request without an answer", io);
}

void RelayClient::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    // A relay that has answered wants no more of the request; its answer may still be on its way.
    if (!m_askStreams.contains(key)) endBefore(key, {}, io);
}

void RelayClient::onClosed(StreamKey key, StreamIo& io, Now) {
    endBefore(key, "the connection to it has ended", io);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant RelayClient::deadline() const {
    return std::min(m_askDeadlines.next(), m_stopDeadlines.next());
}

void RelayClient::onDeadline(StreamIo& io, Now now) {
    for (const RequestTag tag : m_askDeadlines.due(now.mono)) {
        const Asking& asking = m_asking.at(tag);
        const char* why = asking.key ? "it did not answer in time" : "it could not be reached in time";
        fail(tag, relayError(Errc::Timeout, asking.relay, why), &io);
    }
    for (const StreamKey key : m_stopDeadlines.due(now.mono)) endBefore(key, {}, io);
}

} // namespace wherry::relay

#include "protocols/autonat/autonat_server.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/autonat/dial_policy.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::autonat {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kProtocolIds[] = {"/libp2p/autonat/1.0.0", "/libp2p/autonat/2/dial-request"};
constexpr Duration kMinute = std::chrono::minutes(1);
} // namespace

AutonatServer::AutonatServer(std::function<bool(const codec::Multiaddr&)> canDial, Random& random, const Log& log)
    : m_canDial(std::move(canDial)),
      m_random(random),
      m_log(log),
      m_all(kMinute / kRequestsPerMinute, kRequestBurst),
      m_otherHosts(kMinute / kOtherHostsPerMinute, kRequestBurstOfPeer),
      m_ofPeer({kMinute / kRequestsPerMinuteAndPeer, kRequestBurstOfPeer}, kMaxRates) {}

std::span<const std::string> AutonatServer::protocolIds() const {
    return kProtocolIds;
}

std::optional<StartDialBack> AutonatServer::poll() {
    return takeFront(m_wanted);
}

// --- requests -----------------------------------------------------------------------------------------------------

void AutonatServer::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (m_deadlines.of(stream.peer) >= kMaxInboundPerPeer || m_deadlines.size() >= kMaxInbound)
        return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
    Exchange& exchange = m_exchanges[stream.key];
    exchange.first = stream.protocolId == kProtocolIds[0];
    exchange.peer = stream.peer;
    if (const auto remote = socketAddressOf(stream.over->remote)) exchange.observed = remote->ip;
    exchange.deadline = m_deadlines.add(stream.key, stream.peer, now.mono + kRequestTimeout);
}

void AutonatServer::onReadable(StreamKey key, StreamIo& io, Now now) {
    read(key, io, now);
}

void AutonatServer::read(StreamKey key, StreamIo& io, Now now) {
    for (;;) {
        const auto found = m_exchanges.find(key);
        if (found == m_exchanges.end()) return;
        Exchange& exchange = found->second;
        // Nothing is due while we dial; whoever sends on is not read.
        if (exchange.phase != Phase::Request && exchange.phase != Phase::Data) return;
        link::StreamSource source{io, key};
        auto frame = exchange.frames.next(source);
        Result<void> taken;
        if (!frame)
            taken = frame.error();
        else if (*frame)
            taken = onMessage(key, exchange, **frame, io, now);
        else if (io.atEnd(key))
            taken = makeError(Errc::Malformed, "the request ends before it is whole");
        else
            return;
        if (taken) continue;
        LOG(m_log, Debug, "autonat", "request of " << exchange.peer.shortText() << ": " << taken.error().text());
        link::abandon(io, key, swarm::kStreamProtocolViolation);
        return drop(key);
    }
}

Result<void> AutonatServer::onMessage(StreamKey key, Exchange& exchange, ByteView bytes, StreamIo& io, Now now) {
    if (exchange.first) {
        TRY(const auto message, decodeMessage1(bytes));
        const auto* dial = std::get_if<Dial1>(&message);
        if (!dial) return makeError(Errc::ProtocolViolation, "an answer where a request is due");
        onDial1(key, exchange, *dial, io, now);
        return {};
    }
    TRY(const auto message, decodeMessage2(bytes));
    if (const auto* request = std::get_if<DialRequest>(&message); request && exchange.phase == Phase::Request) {
        onRequest2(key, exchange, *request, io, now);
        return {};
    }
    if (const auto* data = std::get_if<DialDataResponse>(&message); data && exchange.phase == Phase::Data) {
        if (data->bytes == 0 || data->bytes > kMaxDataPerMessage)
            return makeError(Errc::ProtocolViolation, "dial data in a message of a wrong size");
        onData(key, exchange, data->bytes, now);
        return {};
    }
    return makeError(Errc::ProtocolViolation, "a message that is not due");
}

/// One request of a peer is carried out at a time, also when it does not wait for what comes of it.
bool AutonatServer::busyFor(const crypto::PeerId& peer) const {
    const auto dialled = std::ranges::find_if(m_dials, [&](const auto& one) { return one.second.peer == peer; });
    return dialled != m_dials.end() || std::any_of(m_exchanges.begin(), m_exchanges.end(), [&](const auto& one) {
               const Phase phase = one.second.phase;
               return one.second.peer == peer && phase != Phase::Request && phase != Phase::Answered;
           });
}

/// Counts the request when it may be carried out. The peer's rate comes first, so that one peer that asks all the time
/// takes nothing from the others.
bool AutonatServer::mayServe(const crypto::PeerId& peer, Now now) {
    return !busyFor(peer) && m_dials.size() < kMaxDialBacks && m_ofPeer.allow(peer, now.mono) && m_all.allow(now.mono);
}

/// Version 1 asks for no data, so it dials the address that the request came from and no other.
void AutonatServer::onDial1(StreamKey key, Exchange& exchange, const Dial1& dial, StreamIo& io, Now now) {
    if (dial.peer != exchange.peer)
        return answer(key, exchange, Response1{status1::kBadRequest, "the peer id is not that of the connection", {}},
                      io);
    const auto chosen = std::ranges::find_if(dial.addresses, [&](const codec::Multiaddr& address) {
        const auto target = dialTarget(address, exchange.peer);
        return target && exchange.observed == target->ip && m_canDial(address);
    });
    if (chosen == dial.addresses.end())
        return answer(key, exchange,
                      Response1{status1::kDialRefused, "no public address that the request came from", {}}, io);
    if (!mayServe(exchange.peer, now))
        return answer(key, exchange, Response1{status1::kDialRefused, "too many requests", {}}, io);
    exchange.address = chosen->withoutPeer();
    this->dial(key, exchange);
}

void AutonatServer::onRequest2(StreamKey key, Exchange& exchange, const DialRequest& request, StreamIo& io, Now now) {
    if (!exchange.observed || !mayServe(exchange.peer, now))
        return answer(key, exchange, DialResponse{status2::kRequestRejected, 0, 0}, io);
    const auto chosen = std::ranges::find_if(request.addresses, [&](const codec::Multiaddr& address) {
        return dialTarget(address, exchange.peer) && m_canDial(address);
    });
    if (chosen == request.addresses.end()) return answer(key, exchange, DialResponse{status2::kDialRefused, 0, 0}, io);
    exchange.index = static_cast<uint32_t>(chosen - request.addresses.begin());
    exchange.address = chosen->withoutPeer();
    exchange.nonce = request.nonce;
    if (dialTarget(*chosen, exchange.peer)->ip == *exchange.observed) return dial(key, exchange);
    if (!m_otherHosts.allow(now.mono)) return answer(key, exchange, DialResponse{status2::kRequestRejected, 0, 0}, io);
    exchange.phase = Phase::Data;
    exchange.dataDue = kMinDialData + m_random.below(kMaxDialData - kMinDialData + 1);
    codec::appendFrame(exchange.unsent, encodeMessage2(DialDataRequest{exchange.index, exchange.dataDue}));
    send(key, exchange, io);
}

void AutonatServer::onData(StreamKey key, Exchange& exchange, size_t bytes, Now now) {
    exchange.dataDue -= std::min<uint64_t>(exchange.dataDue, bytes);
    if (exchange.dataDue > 0) return;
    exchange.phase = Phase::Delay;
    exchange.dialAt = now.mono + Duration(m_random.below(static_cast<uint64_t>(kMaxDialDelay.count())));
    m_delayed.emplace(exchange.dialAt, key);
}

void AutonatServer::dial(StreamKey key, Exchange& exchange) {
    exchange.phase = Phase::Dialling;
    exchange.dial = m_ids.take();
    m_dials[*exchange.dial] = {exchange.peer, key};
    LOG(m_log, Debug, "autonat", "dialling " << exchange.peer.shortText() << " back at " << exchange.address.text());
    m_wanted.push_back({*exchange.dial, exchange.peer, exchange.address,
                        exchange.first ? std::nullopt : std::optional(exchange.nonce)});
}

void AutonatServer::onDialBack(DialBackId id, DialBackOutcome outcome, StreamIo& io, Now) {
    const auto dial = m_dials.extract(id);
    if (!dial || !dial.mapped().asker) return;
    const StreamKey key = *dial.mapped().asker;
    Exchange& exchange = m_exchanges.at(key);
    exchange.dial.reset();
    const bool connected = outcome != DialBackOutcome::DialError;
    if (exchange.first) {
        if (connected) return answer(key, exchange, Response1{status1::kOk, {}, exchange.address}, io);
        return answer(key, exchange, Response1{status1::kDialError, "no answer at that address", {}}, io);
    }
    uint32_t status = dial_status::kDialError;
    if (connected) status = outcome == DialBackOutcome::Ok ? dial_status::kOk : dial_status::kDialBackError;
    answer(key, exchange, DialResponse{status2::kOk, exchange.index, status}, io);
}

// --- answers ------------------------------------------------------------------------------------------------------

void AutonatServer::answer(StreamKey key, Exchange& exchange, const Message1& message, StreamIo& io) {
    end(key, exchange, encodeMessage1(message), io);
}

void AutonatServer::answer(StreamKey key, Exchange& exchange, const DialResponse& response, StreamIo& io) {
    end(key, exchange, encodeMessage2(response), io);
}

/// The answer is the last thing said; what the peer still sends is not wanted.
void AutonatServer::end(StreamKey key, Exchange& exchange, ByteView message, StreamIo& io) {
    exchange.phase = Phase::Answered;
    codec::appendFrame(exchange.unsent, message);
    send(key, exchange, io);
}

void AutonatServer::send(StreamKey key, Exchange& exchange, StreamIo& io) {
    const bool last = exchange.phase == Phase::Answered;
    if (!link::sendPart(io, key, exchange.unsent, last ? Fin::Yes : Fin::No) || !last) return;
    io.stop(key, link::kNoError);
    drop(key);
}

/// A dial that has begun goes on, and nobody hears of it.
void AutonatServer::drop(StreamKey key) {
    const auto exchange = m_exchanges.extract(key);
    if (!exchange) return;
    if (exchange.mapped().dial) m_dials.at(*exchange.mapped().dial).asker.reset();
    std::erase_if(m_delayed, [&](const auto& one) { return one.second == key; });
}

void AutonatServer::onWritable(StreamKey key, StreamIo& io, Now) {
    const auto found = m_exchanges.find(key);
    if (found != m_exchanges.end()) send(key, found->second, io);
}

void AutonatServer::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (!m_exchanges.contains(key)) return;
    io.reset(key, link::kNoError);
    drop(key);
}

void AutonatServer::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (!m_exchanges.contains(key)) return;
    io.stop(key, link::kNoError);
    drop(key);
}

void AutonatServer::onClosed(StreamKey key, StreamIo&, Now) {
    drop(key);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant AutonatServer::deadline() const {
    return std::min(m_deadlines.next(), m_delayed.empty() ? kNever : m_delayed.begin()->first);
}

void AutonatServer::onDeadline(StreamIo& io, Now now) {
    while (!m_delayed.empty() && m_delayed.begin()->first <= now.mono) {
        const StreamKey key = m_delayed.begin()->second;
        m_delayed.erase(m_delayed.begin());
        Exchange& exchange = m_exchanges.at(key);
        // Others may have been dialled while it paid.
        if (m_dials.size() >= kMaxDialBacks)
            answer(key, exchange, DialResponse{status2::kRequestRejected, 0, 0}, io);
        else
            dial(key, exchange);
    }
    for (const StreamKey key : m_deadlines.due(now.mono)) {
        link::abandon(io, key, swarm::kStreamResourceLimit);
        drop(key);
    }
}

} // namespace wherry::autonat

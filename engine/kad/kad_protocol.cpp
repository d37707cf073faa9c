#include "kad/kad_protocol.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::kad {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

KadProtocol::KadProtocol(std::string protocolId, Responder* responder, const Log& log)
    : m_protocolId(std::move(protocolId)),
      m_responder(responder),
      m_log(log) {
    if (m_responder) m_served.push_back(m_protocolId);
}

std::span<const std::string> KadProtocol::protocolIds() const {
    return m_served;
}

std::optional<KadEvent> KadProtocol::poll() {
    return takeFront(m_events);
}

std::optional<swarm::SwarmRequest> KadProtocol::pollRequest() {
    return takeFront(m_requests);
}

// --- requests -----------------------------------------------------------------------------------------------------

RequestId KadProtocol::request(const crypto::PeerId& peer, const Message& message) {
    const RequestId id = m_ids.take();
    if (m_wanted.size() >= kMaxOutbound) {
        m_events.push_back(RequestFailed{id, peer, makeError(Errc::LimitReached, "too many kad requests at once")});
        return id;
    }
    Wanted& wanted = m_wanted[id];
    wanted.peer = peer;
    wanted.type = message.type;
    codec::appendFrame(wanted.frame, encodeMessage(message));
    m_requests.push_back(swarm::OpenStream{peer, {m_protocolId}, id.value});
    return id;
}

void KadProtocol::finish(RequestId id, std::optional<Message> answer, StreamIo& io) {
    const Wanted wanted = std::move(m_wanted.extract(id).mapped());
    m_exchanges.erase(*wanted.key);
    io.write(*wanted.key, {}, Fin::Yes);
    io.stop(*wanted.key, link::kNoError);
    m_events.push_back(Answered{id, wanted.peer, std::move(answer)});
}

void KadProtocol::fail(RequestId id, Error error) {
    const auto found = m_wanted.extract(id);
    if (!found) return;
    if (found.mapped().key) m_exchanges.erase(*found.mapped().key);
    m_events.push_back(RequestFailed{id, found.mapped().peer, std::move(error)});
}

/// A stream has come to nothing; only our own request has an outcome to report.
void KadProtocol::drop(StreamKey key, const Error& error) {
    const auto found = m_exchanges.find(key);
    if (found == m_exchanges.end()) return;
    LOG(m_log, Debug, "kad", "stream of " << found->second.peer.shortText() << ": " << error.text());
    if (found->second.id)
        fail(found->second.id, error);
    else
        m_exchanges.erase(found);
}

// --- streams ------------------------------------------------------------------------------------------------------

void KadProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (!stream.outbound && (m_theirs.of(stream.peer) >= kMaxInboundPerPeer || m_theirs.size() >= kMaxInbound))
        return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
    Exchange& exchange = m_exchanges[stream.key];
    exchange.peer = stream.peer;
    if (!stream.outbound) {
        exchange.deadline = m_theirs.add(stream.key, stream.peer, now.mono + kRequestTimeout);
        return;
    }
    exchange.id = RequestId{stream.tag};
    Wanted& wanted = m_wanted.at(exchange.id);
    wanted.key = stream.key;
    const bool silent = wanted.type == MessageType::AddProvider;
    exchange.deadline = m_ours.add(stream.key, stream.peer, now.mono + (silent ? kNoAnswerGrace : kRequestTimeout));
    exchange.unsent = std::move(wanted.frame);
    send(stream.key, exchange, io);
}

/// Without FIN: the end of a request comes with its answer, never in the first flight (LIBP2P.md 4.1).
void KadProtocol::send(StreamKey key, Exchange& exchange, StreamIo& io) {
    link::sendPart(io, key, exchange.unsent, Fin::No);
}

void KadProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    const auto found = m_exchanges.find(key);
    if (found == m_exchanges.end()) return;
    if (found->second.id) return readAnswer(key, found->second, io);
    serve(key, io, now);
}

void KadProtocol::readAnswer(StreamKey key, Exchange& exchange, StreamIo& io) {
    const RequestId id = exchange.id;
    const auto broken = [&](Error error) {
        link::abandon(io, key, swarm::kStreamProtocolViolation);
        fail(id, std::move(error));
    };
    link::StreamSource source{io, key};
    auto frame = exchange.frames.next(source);
    if (!frame) return broken(frame.error());
    if (!*frame && io.atEnd(key)) return broken(makeError(Errc::ConnectionLost, "kad: the stream ended unanswered"));
    if (!*frame) return;
    auto answer = decodeMessage(**frame);
    if (!answer) return broken(answer.error());
    const MessageType asked = m_wanted.at(id).type;
    if (answer->type != asked || asked == MessageType::AddProvider)
        return broken(makeError(Errc::ProtocolViolation, "kad: an answer to another question"));
    finish(id, std::move(*answer), io);
}

/// One request at a time: the next one is read when the answer has been written.
void KadProtocol::serve(StreamKey key, StreamIo& io, Now now) {
    Exchange& exchange = m_exchanges.at(key);
    while (exchange.unsent.empty()) {
        const auto served = serveOne(key, exchange, io, now);
        if (!served) {
            const bool full = served.error().code == Errc::LimitReached;
            link::abandon(io, key, full ? swarm::kStreamResourceLimit : swarm::kStreamProtocolViolation);
            return drop(key, served.error());
        }
        if (!*served) break;
    }
    if (!exchange.unsent.empty() || !io.atEnd(key)) return;
    if (exchange.frames.midMessage()) {
        link::abandon(io, key, swarm::kStreamProtocolViolation);
    } else {
        io.write(key, {}, Fin::Yes);
    }
    m_exchanges.erase(key);
}

/// Whether there was a whole request.
Result<bool> KadProtocol::serveOne(StreamKey key, Exchange& exchange, StreamIo& io, Now now) {
    link::StreamSource source{io, key};
    TRY(const auto frame, exchange.frames.next(source));
    if (!frame) return false;
    TRY(const auto request, decodeMessage(*frame));
    TRY(const auto answer, m_responder->answer(exchange.peer, request, now));
    exchange.deadline = m_theirs.add(key, exchange.peer, now.mono + kRequestTimeout);
    if (!answer) return true;
    codec::appendFrame(exchange.unsent, encodeMessage(*answer));
    send(key, exchange, io);
    return true;
}

void KadProtocol::onWritable(StreamKey key, StreamIo& io, Now now) {
    const auto found = m_exchanges.find(key);
    if (found == m_exchanges.end()) return;
    send(key, found->second, io);
    if (!found->second.id) serve(key, io, now);
}

void KadProtocol::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo&, Now) {
    fail(RequestId{tag}, error);
}

void KadProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (!m_exchanges.contains(key)) return;
    io.reset(key, link::kNoError);
    drop(key, makeError(Errc::ConnectionLost, "kad: the peer reset the stream"));
}

void KadProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (!m_exchanges.contains(key)) return;
    link::abandon(io, key, link::kNoError);
    drop(key, makeError(Errc::ConnectionLost, "kad: the peer stopped the stream"));
}

void KadProtocol::onClosed(StreamKey key, StreamIo&, Now) {
    drop(key, makeError(Errc::ConnectionLost, "kad: the stream has ended"));
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant KadProtocol::deadline() const {
    return std::min(m_ours.next(), m_theirs.next());
}

void KadProtocol::onDeadline(StreamIo& io, Now now) {
    for (const auto* set : {&m_ours, &m_theirs})
        for (const StreamKey key : set->due(now.mono)) {
            const Exchange& exchange = m_exchanges.at(key);
            const bool silent = exchange.id && m_wanted.at(exchange.id).type == MessageType::AddProvider;
            if (silent && exchange.unsent.empty()) {
                finish(exchange.id, std::nullopt, io);
                continue;
            }
            link::abandon(io, key, link::kNoError);
            drop(key, makeError(Errc::Timeout, "kad: nothing for ten seconds"));
        }
}

} // namespace wherry::kad

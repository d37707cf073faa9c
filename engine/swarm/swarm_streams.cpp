#include "swarm/error_codes.h"
#include "swarm/swarm_impl.h"

#include <algorithm>
#include <utility>

namespace wherry::swarm {

using link::Fin;
using link::LinkId;
using link::MultistreamInitiator;
using link::MultistreamResponder;
using link::Negotiation;
using link::StreamKey;

namespace {
/// Feeds a negotiator with what the stream holds, up to the end of its own messages.
template <typename Negotiator> void feed(Negotiator& negotiator, StreamRecord& record) {
    while (negotiator.state() == Negotiation::Going) {
        const ByteView front = record.carrier->front(record.inner);
        if (front.empty()) break;
        record.carrier->consume(record.inner, negotiator.onBytes(front));
    }
    append(record.pending, negotiator.takeOutput());
}
} // namespace

// --- negotiating --------------------------------------------------------------------------------------------------

void Swarm::Impl::onStreamOpened(LinkId linkId, StreamKey inner, Now now) {
    noteUse(linkId, now);
    LinkState* link = find(linkId);
    if (!link) return;
    if (link->negotiating >= kMaxNegotiatingPerLink) {
        link->carrier->reset(inner, kStreamResourceLimit);
        link->carrier->stop(inner, kStreamResourceLimit);
        return;
    }
    const StreamKey key{linkId, inner.stream};
    StreamRecord record;
    record.carrier = link->carrier;
    record.inner = inner;
    record.peer = link->info.peer;
    record.phase = StreamPhase::Inbound;
    record.negotiator = MultistreamResponder([this, relayed = link->info.relayed()](std::string_view id) {
        const auto protocol = served.find(id);
        return protocol != served.end() && !withdrawn.contains(protocol->second) &&
               (!relayed || protocol->second->runsOverRelay());
    });
    record.deadline = now.mono + kNegotiationTimeout;
    negotiationTimers.insert({record.deadline, key});
    link->streams.insert(inner.stream);
    ++link->negotiating;
    advanceInbound(key, streams.insert(key, std::move(record)), now);
}

void Swarm::Impl::onRequest(Protocol& protocol, const OpenStream& request, Now now) {
    const LinkState* link = currentLink(request.peer);
    if (!link) {
        const Error error = makeError(Errc::Unreachable, request.peer.text() + " is not connected");
        return protocol.onStreamFailed(request.tag, request.peer, error, streams, now);
    }
    if (link->info.relayed() && !protocol.runsOverRelay()) {
        const Error error = makeError(Errc::Unsupported, request.peer.text() + " is reached through a relay only");
        return protocol.onStreamFailed(request.tag, request.peer, error, streams, now);
    }
    const LinkId id = link->info.link;
    auto opened = link->carrier->openStream(link->inner);
    if (!opened) {
        const Errc code = opened.error().code == Errc::NotFound ? Errc::ConnectionLost : opened.error().code;
        return protocol.onStreamFailed(request.tag, request.peer, makeError(code, opened.error().context), streams,
                                       now);
    }
    const StreamKey key{id, opened->stream};
    StreamRecord made;
    made.carrier = link->carrier;
    made.inner = *opened;
    made.peer = request.peer;
    made.phase = request.protocolIds.size() == 1 ? StreamPhase::Lazy : StreamPhase::Outbound;
    made.owner = &protocol;
    made.outbound = true;
    made.tag = request.tag;
    MultistreamInitiator initiator(request.protocolIds);
    made.pending = initiator.takeOutput();
    made.negotiator = std::move(initiator);
    made.deadline = now.mono + kNegotiationTimeout;
    made.heardBefore = heardOver(id);
    negotiationTimers.insert({made.deadline, key});
    links.at(id).streams.insert(key.stream);
    StreamRecord& record = streams.insert(key, std::move(made));
    flush(record);
    if (record.phase == StreamPhase::Lazy)
        protocol.onStream({key, request.peer, request.protocolIds.front(), true, request.tag, &links.at(id).info},
                          streams, now);
}

/// Sends as much of the negotiation as the stream takes; what is left goes out on onWritable.
void Swarm::Impl::flush(StreamRecord& record) {
    if (record.sendDead) record.pending.clear();
    // Until nothing is left or no room is found: finding none is what orders onWritable.
    while (!record.pending.empty()) {
        const size_t count = std::min(record.pending.size(), record.carrier->writable(record.inner));
        if (count == 0) break;
        record.carrier->write(record.inner, Slice::copyOf(ByteView(record.pending).first(count)), Fin::No);
        record.pending.erase(record.pending.begin(), record.pending.begin() + static_cast<ptrdiff_t>(count));
    }
    if (record.pending.empty() && record.phase == StreamPhase::Owned) streams.releaseHeld(record);
}

/// The negotiation is over, one way or the other.
void Swarm::Impl::settled(StreamKey key, StreamRecord& record) {
    if (record.deadline == kNever) return;
    negotiationTimers.erase({record.deadline, key});
    record.deadline = kNever;
    if (!record.outbound) --links.at(key.link).negotiating;
}

void Swarm::Impl::advanceInbound(StreamKey key, StreamRecord& record, Now now) {
    auto& responder = std::get<MultistreamResponder>(record.negotiator);
    feed(responder, record);
    flush(record);
    if (responder.state() == Negotiation::Agreed) return accept(key, record, now);
    if (responder.state() == Negotiation::Failed) {
        LOG(log, Debug, "swarm", "stream of " << record.peer.shortText() << " refused: " << responder.error().text());
        // No reset: it could overtake the refusal that a peer which sends its request at once has yet to read.
        record.carrier->stop(record.inner, kStreamNegotiationFailed);
        return endRefused(record);
    }
    // The peer may have given up in good order; our half ends alike.
    if (record.carrier->atEnd(record.inner)) endRefused(record);
}

/// Ends our half of a stream without a protocol so that what we have said still arrives; it stays under its time-out.
void Swarm::Impl::endRefused(StreamRecord& record) {
    if (record.pending.empty())
        record.carrier->write(record.inner, {}, Fin::Yes);
    else
        record.carrier->reset(record.inner, kStreamNegotiationFailed);
    record.pending.clear();
    record.phase = StreamPhase::Abandoned;
}

void Swarm::Impl::accept(StreamKey key, StreamRecord& record, Now now) {
    const auto protocol = served.find(std::get<MultistreamResponder>(record.negotiator).protocolId());
    size_t& open = peers.at(record.peer).inboundStreams[&protocol->first];
    if (open >= kMaxInboundStreamsPerProtocol) {
        LOG(log, Info, "swarm", record.peer.shortText() << " has too many streams of " << protocol->first);
        return abandon(key, record, kStreamResourceLimit);
    }
    ++open;
    record.countedAs = &protocol->first;
    record.owner = protocol->second;
    handOver(key, record, protocol->first, now);
}

void Swarm::Impl::advanceOutbound(StreamKey key, StreamRecord& record, Now now) {
    auto& initiator = std::get<MultistreamInitiator>(record.negotiator);
    feed(initiator, record);
    flush(record);
    if (initiator.state() == Negotiation::Failed) return fail(key, record, initiator.error(), now);
    if (initiator.state() == Negotiation::Agreed)
        return handOver(key, record, std::string(initiator.protocolId()), now);
    if (record.carrier->atEnd(record.inner))
        fail(key, record, makeError(Errc::ConnectionLost, "the peer ended the stream before it answered"), now);
}

/// From here on the bytes are the protocol's. A lazily negotiated stream has been announced to it before.
void Swarm::Impl::handOver(StreamKey key, StreamRecord& record, std::string_view protocolId, Now now) {
    settled(key, record);
    Protocol& owner = *record.owner;
    const bool announce = record.phase != StreamPhase::Lazy;
    record.phase = StreamPhase::Owned;
    record.negotiator = std::monostate();
    if (record.pending.empty()) streams.releaseHeld(record);
    if (announce)
        owner.onStream({key, record.peer, protocolId, record.outbound, record.tag, &links.at(key.link).info}, streams,
                       now);
    if (const auto code = std::exchange(record.stoppedHeld, std::nullopt)) owner.onStopped(key, *code, streams, now);
    if (streams.available(key) > 0 || streams.atEnd(key)) owner.onReadable(key, streams, now);
}

// --- ending -------------------------------------------------------------------------------------------------------

/// Ends both halves of a stream that nobody owns any more; its record waits for the carrier's word that it has gone.
void Swarm::Impl::abandon(StreamKey key, StreamRecord& record, uint64_t code) {
    settled(key, record);
    record.phase = StreamPhase::Abandoned;
    record.pending.clear();
    record.finHeld = false;
    record.stopHeld.reset();
    record.carrier->reset(record.inner, code);
    record.carrier->stop(record.inner, code);
}

/// A stream that we opened came to nothing.
void Swarm::Impl::fail(StreamKey key, StreamRecord& record, const Error& error, Now now) {
    Protocol& owner = *record.owner;
    const RequestTag tag = record.tag;
    const crypto::PeerId peer = record.peer;
    const bool givenUp = record.phase == StreamPhase::Lazy && record.resetSent;
    abandon(key, record, kStreamNegotiationFailed);
    if (givenUp)
        owner.onClosed(key, streams, now);
    else
        owner.onStreamFailed(tag, peer, error, streams, now);
}

void Swarm::Impl::forget(StreamKey key) {
    StreamRecord* record = streams.find(key);
    settled(key, *record);
    if (record->countedAs) {
        auto& counts = peers.at(record->peer).inboundStreams;
        const auto count = counts.find(record->countedAs);
        if (--count->second == 0) counts.erase(count);
    }
    links.at(key.link).streams.erase(key.stream);
    streams.erase(key);
}

uint64_t Swarm::Impl::heardOver(link::LinkId id) const {
    const LinkState& link = links.at(id);
    const auto stats = link.carrier->stats(link.inner);
    return stats ? stats->bytesReceived : 0;
}

/// A peer that has restarted at the same address knows nothing of a link that it had dialled, and has no token to say
/// so (RFC 9000 10.3: only the listener's first connection id comes with one): it is silent. So a link over which
/// nothing at all has come since a stream was opened is dead, and the next request dials anew.
void Swarm::Impl::onNegotiationTimers(Now now) {
    while (!negotiationTimers.empty() && negotiationTimers.begin()->first <= now.mono) {
        const StreamKey key = negotiationTimers.begin()->second;
        StreamRecord& record = *streams.find(key);
        if (!record.outbound)
            abandon(key, record, kStreamNegotiationFailed);
        else if (heardOver(key.link) == record.heardBefore)
            closeSilent(key.link, now);
        else
            fail(key, record, makeError(Errc::Timeout, "the peer did not agree on a protocol"), now);
    }
}

// --- events -------------------------------------------------------------------------------------------------------

void Swarm::Impl::onReadable(StreamKey key, Now now) {
    StreamRecord* record = streams.find(key);
    if (!record) return;
    switch (record->phase) {
    case StreamPhase::Inbound:
        return advanceInbound(key, *record, now);
    case StreamPhase::Outbound:
    case StreamPhase::Lazy:
        return advanceOutbound(key, *record, now);
    case StreamPhase::Owned:
        return record->owner->onReadable(key, streams, now);
    case StreamPhase::Abandoned:
        return;
    }
}

void Swarm::Impl::onWritable(StreamKey key, Now now) {
    StreamRecord* record = streams.find(key);
    if (!record || record->phase == StreamPhase::Abandoned) return;
    if (!record->pending.empty()) flush(*record);
    const bool owned = record->phase == StreamPhase::Owned || record->phase == StreamPhase::Lazy;
    if (owned && record->pending.empty() && !record->finHeld) record->owner->onWritable(key, streams, now);
}

void Swarm::Impl::onReset(StreamKey key, uint64_t code, Now now) {
    StreamRecord* record = streams.find(key);
    if (!record) return;
    switch (record->phase) {
    case StreamPhase::Inbound:
        return abandon(key, *record, link::kNoError);
    case StreamPhase::Outbound:
    case StreamPhase::Lazy:
        return fail(key, *record, makeError(Errc::ConnectionLost, "the peer reset the stream before it answered"), now);
    case StreamPhase::Owned:
        return record->owner->onReset(key, code, streams, now);
    case StreamPhase::Abandoned:
        return;
    }
}

void Swarm::Impl::onStopped(StreamKey key, uint64_t code, Now now) {
    StreamRecord* record = streams.find(key);
    if (!record) return;
    record->sendDead = true;
    record->finHeld = false;
    record->pending.clear();
    switch (record->phase) {
    // A peer that only writes still gets a reader (go-multistream #87).
    case StreamPhase::Inbound:
        return;
    case StreamPhase::Outbound:
        return fail(key, *record, makeError(Errc::ConnectionLost, "the peer stopped the stream before it answered"),
                    now);
    case StreamPhase::Lazy:
        record->stoppedHeld = code;
        return;
    case StreamPhase::Owned:
        return record->owner->onStopped(key, code, streams, now);
    case StreamPhase::Abandoned:
        return;
    }
}

void Swarm::Impl::onClosed(StreamKey key, const Error& why, Now now) {
    StreamRecord* record = streams.find(key);
    if (!record) return;
    const StreamPhase phase = record->phase;
    Protocol* owner = record->owner;
    const RequestTag tag = record->tag;
    const crypto::PeerId peer = record->peer;
    const bool givenUp = record->resetSent;
    forget(key);
    if (phase == StreamPhase::Owned || (phase == StreamPhase::Lazy && givenUp))
        owner->onClosed(key, streams, now);
    else if (phase == StreamPhase::Outbound || phase == StreamPhase::Lazy)
        owner->onStreamFailed(tag, peer, why, streams, now);
}

} // namespace wherry::swarm

#include "protocols/share/share_protocol.h"

#include "base/deadline_set.h"
#include "base/display_text.h"
#include "base/take_front.h"
#include "crypto/constant_time.h"
#include "crypto/hkdf.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/share/share_limits.h"
#include "swarm/error_codes.h"
#include "wire/decode.h"
#include "wire/share.pb.h"

#include <algorithm>

namespace wherry::share {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {

const std::string kProtocolIds[] = {"/wherry/share/1"};

template <typename Message> Bytes framed(const Message& message) {
    Bytes out;
    codec::appendFrame(out, wire::encode(message));
    return out;
}

wire::FetchReply replyOf(const Result<void>& granted) {
    wire::FetchReply reply;
    if (granted) return reply;
    const Errc code = granted.error().code;
    reply.set_code(code == Errc::NotFound                             ? wire::FetchReply::UNKNOWN
                   : code == Errc::Busy || code == Errc::LimitReached ? wire::FetchReply::BUSY
                                                                      : wire::FetchReply::UNREADABLE);
    return reply;
}

Error errorOf(const wire::FetchReply& reply) {
    switch (reply.code()) {
    case wire::FetchReply::UNKNOWN:
        return makeError(Errc::NotFound, "what the ticket names is not shared any more");
    case wire::FetchReply::BUSY:
        return makeError(Errc::Busy, "the sharer is serving others, and a ticket for one is good for the first of them");
    default:
        return makeError(Errc::Io, "the sharer cannot read what it shares" +
                                       (reply.message().empty() ? std::string()
                                                                : ": " + displayText(reply.message(), kMaxReplyText)));
    }
}

} // namespace

std::array<uint8_t, 32> fetchProof(const ShareSecret& secret, const ShareId& share, const FetchToken& token,
                                   const crypto::PeerId& sharer, const crypto::PeerId& fetcher) {
    Bytes info = toBytes(asBytes("wherry-share-fetch"));
    append(info, share);
    append(info, sharer.multihash());
    append(info, fetcher.multihash());
    std::array<uint8_t, 32> proof{};
    crypto::hkdfSha256(secret, token, info, proof);
    return proof;
}

struct ShareProtocol::Impl {
    /// One stream, either role.
    struct Exchange {
        crypto::PeerId peer;
        FetchId fetch; ///< ours; 0: the peer's
        AskId ask;     ///< the peer's, once its request is complete
        codec::FrameReader frames{kMaxRequestBytes};
        Bytes unsent; ///< one message at most
        bool saidAll = false;
        DeadlineSet<StreamKey, crypto::PeerId>::Entry deadline;
    };
    struct Fetch {
        ShareTicket ticket;
        FetchToken token{};
        std::optional<StreamKey> key;
    };

    void begin(const swarm::NegotiatedStream& stream, StreamIo& io, Now now);
    void send(StreamKey key, Exchange& exchange, StreamIo& io);
    void say(StreamKey key, Exchange& exchange, Bytes message, StreamIo& io);
    void read(StreamKey key, StreamIo& io, Now now);
    Result<void> onRequest(StreamKey key, Exchange& exchange, ByteView bytes, StreamIo& io, Now now);
    Result<void> onReply(StreamKey key, const Exchange& exchange, ByteView bytes);
    void fail(StreamKey key, const Error& error, StreamIo& io, uint64_t code);
    void fetchFailed(FetchId id, const Error& error);
    bool admit(const crypto::PeerId& peer, StreamIo& io);
    void refuse(StreamKey key, Exchange& exchange, const Error& why, StreamIo& io);
    void letGo(StreamKey key, StreamIo& io);

    crypto::PeerId self;
    const ShareBook& book;
    const Log& log;
    IdSource<FetchId> fetchIds;
    IdSource<AskId> askIds;
    std::map<FetchId, Fetch> fetches;
    std::map<AskId, StreamKey> asks;
    DeadlineSet<StreamKey, crypto::PeerId> ours;
    DeadlineSet<StreamKey, crypto::PeerId> unproved; ///< of peers that have not shown a ticket
    DeadlineSet<StreamKey, crypto::PeerId> proved;   ///< of those that have
    std::map<StreamKey, Exchange> exchanges;         ///< each with its deadline in one of the three
    std::deque<swarm::SwarmRequest> requests;
    std::deque<ShareEvent> events;
};

ShareProtocol::ShareProtocol(const crypto::PeerId& self, const ShareBook& book, const Log& log)
    : m(new Impl{self, book, log, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}) {}

ShareProtocol::~ShareProtocol() = default;

std::span<const std::string> ShareProtocol::protocolIds() const {
    return kProtocolIds;
}

std::optional<ShareEvent> ShareProtocol::poll() {
    return takeFront(m->events);
}

std::optional<swarm::SwarmRequest> ShareProtocol::pollRequest() {
    return takeFront(m->requests);
}

// --- asking -------------------------------------------------------------------------------------------------------

FetchId ShareProtocol::fetch(const ShareTicket& ticket, const FetchToken& token) {
    const FetchId id = m->fetchIds.take();
    if (ticket.peer == m->self) {
        m->events.push_back(
            FetchFailed{id, makeError(Errc::InvalidArgument, "this is a ticket of this device itself")});
    } else if (m->fetches.size() >= kMaxFetches) {
        m->events.push_back(FetchFailed{id, makeError(Errc::LimitReached, "too many fetches at once")});
    } else {
        m->fetches[id] = {ticket, token, std::nullopt};
        m->requests.push_back(swarm::OpenStream{ticket.peer, {kProtocolIds[0]}, id.value});
    }
    return id;
}

void ShareProtocol::cancel(FetchId id, StreamIo& io) {
    const auto fetch = m->fetches.extract(id);
    if (!fetch) return;
    std::erase_if(m->requests, [&](const auto& one) { return std::get<swarm::OpenStream>(one).tag == id.value; });
    if (!fetch.mapped().key) return;
    m->exchanges.erase(*fetch.mapped().key);
    link::abandon(io, *fetch.mapped().key, link::kNoError);
}

void ShareProtocol::Impl::fetchFailed(FetchId id, const Error& error) {
    if (fetches.erase(id) > 0) events.push_back(FetchFailed{id, error});
}

Result<void> ShareProtocol::Impl::onReply(StreamKey key, const Exchange& exchange, ByteView bytes) {
    TRY(const auto reply, wire::decode<wire::FetchReply>(bytes, {"fetch reply", kMaxReplyBytes, kMaxMessageFields}));
    const FetchId id = exchange.fetch;
    if (reply.code() == wire::FetchReply::GRANTED) {
        if (fetches.erase(id) > 0) events.push_back(FetchGranted{id});
    } else {
        fetchFailed(id, errorOf(reply));
    }
    exchanges.erase(key);
    return {};
}

// --- answering ----------------------------------------------------------------------------------------------------

/// Whether one more stream of this peer is read. Whoever has not shown a ticket costs its key nothing, so strangers
/// have their own bound, and the one that has been silent for longest gives way: they do not keep ticket holders out.
bool ShareProtocol::Impl::admit(const crypto::PeerId& peer, StreamIo& io) {
    if (unproved.of(peer) + proved.of(peer) >= kMaxAsksPerPeer) return false;
    if (unproved.size() >= kMaxUnproved)
        fail(StreamKey(unproved.first()), makeError(Errc::LimitReached, "too many ask at once"), io,
             swarm::kStreamResourceLimit);
    return true;
}

/// Says no and keeps nothing.
void ShareProtocol::Impl::refuse(StreamKey key, Exchange& exchange, const Error& why, StreamIo& io) {
    say(key, exchange, framed(replyOf(why)), io);
    if (exchanges.contains(key)) fail(key, why, io, swarm::kStreamResourceLimit); // it does not take the answer
}

/// All has been said to the peer. A place is not held until it ends its half.
void ShareProtocol::Impl::letGo(StreamKey key, StreamIo& io) {
    exchanges.erase(key);
    if (!io.atEnd(key)) io.stop(key, link::kNoError);
}

Result<void> ShareProtocol::Impl::onRequest(StreamKey key, Exchange& exchange, ByteView bytes, StreamIo& io, Now now) {
    TRY(const auto request,
        wire::decode<wire::FetchRequest>(bytes, {"fetch request", kMaxRequestBytes, kMaxMessageFields}));
    ShareId id{};
    FetchToken token{};
    if (request.share().size() != id.size() || request.token().size() != token.size())
        return makeError(Errc::ProtocolViolation, "a fetch request of the wrong shape");
    std::copy(request.share().begin(), request.share().end(), id.begin());
    std::copy(request.token().begin(), request.token().end(), token.begin());
    if (!book.loaded()) {
        refuse(key, exchange, makeError(Errc::Busy), io);
        return {};
    }
    const Share* share = book.find(id, now);
    // An unknown share is checked against a secret that nobody has: the answer takes the same time.
    const auto proof = fetchProof(share ? share->secret : ShareSecret{}, id, token, self, exchange.peer);
    const bool mayHave = crypto::equalSecrets(proof, asBytes(request.proof()));
    if (!share || !mayHave) {
        LOG(log, Info, "share", exchange.peer.shortText() << " asked for a share that it may not have");
        refuse(key, exchange, makeError(Errc::NotFound), io);
        return {};
    }
    if (proved.size() >= kMaxAsksInAll) {
        refuse(key, exchange, makeError(Errc::Busy), io);
        return {};
    }
    exchange.deadline = proved.add(key, exchange.peer, now.mono + kReplyTimeout);
    exchange.ask = askIds.take();
    asks[exchange.ask] = key;
    events.push_back(FetchAsked{exchange.ask, exchange.peer, id, token});
    return {};
}

void ShareProtocol::answer(AskId ask, const Result<void>& granted, StreamIo& io) {
    const auto found = m->asks.find(ask);
    if (found == m->asks.end()) return;
    const StreamKey key = found->second;
    m->asks.erase(found);
    m->say(key, m->exchanges.at(key), framed(replyOf(granted)), io);
}

// --- streams ------------------------------------------------------------------------------------------------------

void ShareProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    const bool cancelled = stream.outbound && !m->fetches.contains(FetchId{stream.tag});
    if (!cancelled && (stream.outbound || m->admit(stream.peer, io))) return m->begin(stream, io, now);
    const uint64_t code = cancelled ? link::kNoError : swarm::kStreamResourceLimit;
    link::abandon(io, stream.key, code);
}

void ShareProtocol::Impl::begin(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    Exchange& exchange = exchanges[stream.key];
    exchange.peer = stream.peer;
    if (!stream.outbound) {
        exchange.deadline = unproved.add(stream.key, stream.peer, now.mono + kRequestTimeout);
        return;
    }
    exchange.deadline = ours.add(stream.key, stream.peer, now.mono + kReplyTimeout);
    exchange.fetch = FetchId{stream.tag};
    exchange.frames = codec::FrameReader(kMaxReplyBytes);
    Fetch& fetch = fetches.at(exchange.fetch);
    fetch.key = stream.key;
    const ShareTicket& ticket = fetch.ticket;
    const auto proof = fetchProof(ticket.secret, ticket.share, fetch.token, ticket.peer, self);
    wire::FetchRequest request;
    request.set_share(std::string(asText(ticket.share)));
    request.set_token(std::string(asText(fetch.token)));
    request.set_proof(std::string(asText(proof)));
    say(stream.key, exchange, framed(request), io);
}

void ShareProtocol::Impl::say(StreamKey key, Exchange& exchange, Bytes message, StreamIo& io) {
    ASSERT(!exchange.saidAll && exchange.unsent.empty());
    exchange.unsent = std::move(message);
    exchange.saidAll = true;
    send(key, exchange, io);
}

void ShareProtocol::Impl::send(StreamKey key, Exchange& exchange, StreamIo& io) {
    if (exchange.unsent.empty()) return;
    if (link::sendPart(io, key, exchange.unsent, Fin::Yes) && !exchange.fetch) letGo(key, io);
}

void ShareProtocol::Impl::read(StreamKey key, StreamIo& io, Now now) {
    Exchange& exchange = exchanges.at(key);
    const bool heard = exchange.deadline.isIn(proved); // a request comes once
    link::StreamSource source{io, key};
    Result<std::optional<Bytes>> message =
        heard ? Result<std::optional<Bytes>>(std::optional<Bytes>()) : exchange.frames.next(source);
    if (!message) return fail(key, message.error(), io, swarm::kStreamProtocolViolation);
    if (*message) {
        const Result<void> taken =
            exchange.fetch ? onReply(key, exchange, **message) : onRequest(key, exchange, **message, io, now);
        if (!taken) return fail(key, taken.error(), io, swarm::kStreamProtocolViolation);
    } else if (io.atEnd(key) && !heard) {
        return fail(key, makeError(Errc::ConnectionLost, "the peer ended the stream without a word"), io,
                    swarm::kStreamProtocolViolation);
    }
    io.consume(key, io.available(key)); // nothing more is due
}

void ShareProtocol::Impl::fail(StreamKey key, const Error& error, StreamIo& io, uint64_t code) {
    const auto exchange = exchanges.extract(key);
    if (!exchange) return;
    link::abandon(io, key, code);
    asks.erase(exchange.mapped().ask);
    if (exchange.mapped().fetch) fetchFailed(exchange.mapped().fetch, error);
}

void ShareProtocol::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo&, Now) {
    const auto found = m->fetches.find(FetchId{tag});
    if (found == m->fetches.end()) return;
    if (found->second.key) m->exchanges.erase(*found->second.key);
    m->fetchFailed(found->first, error);
}

void ShareProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (m->exchanges.contains(key))
        m->read(key, io, now);
    else
        io.consume(key, io.available(key));
}

void ShareProtocol::onWritable(StreamKey key, StreamIo& io, Now) {
    const auto found = m->exchanges.find(key);
    if (found != m->exchanges.end()) m->send(key, found->second, io);
}

void ShareProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    m->fail(key, makeError(Errc::ConnectionLost, "the peer reset the stream"), io, link::kNoError);
}

void ShareProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    // A sharer that has heard all that it wants may say so before our FIN is there; its reply follows.
    const auto found = m->exchanges.find(key);
    if (found != m->exchanges.end() && found->second.fetch && found->second.unsent.empty()) return;
    m->fail(key, makeError(Errc::ConnectionLost, "the peer stopped the stream"), io, link::kNoError);
}

void ShareProtocol::onClosed(StreamKey key, StreamIo&, Now) {
    const auto exchange = m->exchanges.extract(key);
    if (!exchange) return;
    m->asks.erase(exchange.mapped().ask);
    if (exchange.mapped().fetch)
        m->fetchFailed(exchange.mapped().fetch, makeError(Errc::ConnectionLost, "the stream has ended"));
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant ShareProtocol::deadline() const {
    return std::min({m->ours.next(), m->unproved.next(), m->proved.next()});
}

void ShareProtocol::onDeadline(StreamIo& io, Now now) {
    for (const auto* set : {&m->ours, &m->unproved, &m->proved})
        for (const StreamKey key : set->due(now.mono))
            m->fail(key, makeError(Errc::Timeout, "no answer came in time"), io, link::kNoError);
}

} // namespace wherry::share

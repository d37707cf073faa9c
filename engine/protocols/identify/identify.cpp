#include "protocols/identify/identify.h"

#include "base/deadline_set.h"
#include "base/rate_table.h"
#include "base/take_front.h"
#include "codec/frame.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/identify/identify_limits.h"
#include "protocols/identify/own_addresses.h"
#include "protocols/identify/statement.h"
#include "swarm/error_codes.h"

#include <algorithm>
#include <set>

namespace wherry::identify {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kProtocolIds[] = {"/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0"};
const std::string& kQueryId = kProtocolIds[0];
const std::string& kPushId = kProtocolIds[1];

enum class Kind : uint8_t {
    Ask,    ///< we opened it and read the answer
    Answer, ///< the peer opened it and reads ours
    Push,   ///< we opened it and tell a change
    Hear,   ///< the peer opened it and tells one
};
} // namespace

struct IdentifyProtocol::Impl {
    struct Exchange {
        Kind kind = Kind::Ask;
        crypto::PeerId peer;
        swarm::RequestTag tag = 0; ///< of our request
        bool relayed = false;      ///< nobody at its other end sees our address
        DeadlineSet<StreamKey, crypto::PeerId>::Entry deadline;
        // reading
        codec::FrameReader frames{kMaxMessageBytes};
        StatementReader reader{crypto::PeerId()};
        // writing
        Bytes unsent; ///< one statement at most
    };
    /// Of what a peer is told.
    struct Version {
        uint64_t addresses = 0;
        uint64_t protocols = 0;
        bool operator==(const Version&) const = default;
    };
    struct Peer {
        codec::Multiaddr remote;
        Identified said;
        bool answered = false;
        std::optional<uint64_t> recordSeq; ///< of the newest signed record of this connection
        Version told;                      ///< of our statement, that it knows
        bool pushing = false;
        Instant nextPush = Instant::min();
    };
    struct Wanted {
        Kind kind = Kind::Ask;
        std::optional<StreamKey> key; ///< once there is a stream; the peer may still refuse it
    };

    Impl(crypto::Identity key, IdentifyConfig settings, const Log& to) : identity(std::move(key)), log(to) {
        own.agent = std::move(settings.agent);
        own.protocolVersion = std::move(settings.protocolVersion);
    }

    void want(const crypto::PeerId& peer, Kind kind);
    Version versionFor(const Peer& peer) const;
    OwnStatement statementFor(const Peer* peer);
    void changed(Now now);
    void pushTo(const crypto::PeerId& id, Peer& peer, Now now);
    bool mayBegin(const swarm::NegotiatedStream& stream, Kind kind, Now now);
    void begin(const swarm::NegotiatedStream& stream, Kind kind, StreamIo& io, Now now);
    void send(StreamKey key, Exchange& exchange, StreamIo& io);
    void read(StreamKey key, Exchange& exchange, StreamIo& io, Now now);
    void finish(const Exchange& exchange, Statement statement);
    void fail(StreamKey key, const Error& error, StreamIo& io, Now now, uint64_t code = link::kNoError);
    std::optional<Exchange> drop(StreamKey key);
    void over(const crypto::PeerId& peer, Kind kind, Now now);

    crypto::Identity identity;
    const Log& log;
    OwnStatement own; ///< but for the addresses, which are
    OwnAddresses addresses;
    uint64_t protocolsVersion = 0;
    swarm::RequestTag lastTag = 0;
    std::map<swarm::RequestTag, Wanted> wanted;
    std::map<crypto::PeerId, Peer> peers;
    RateTable<crypto::PeerId> hearing{{kHearPerSecond, kHearBurst},
                                      kMaxRates}; ///< pushes of peers, also of those that are gone
    std::set<crypto::PeerId> waiting;             ///< to be pushed to when their interval is over
    DeadlineSet<StreamKey, crypto::PeerId> ours;
    DeadlineSet<StreamKey, crypto::PeerId> theirs;
    std::map<StreamKey, Exchange> exchanges; ///< each with its deadline above
    std::deque<swarm::SwarmRequest> requests;
    std::deque<IdentifyEvent> events;
};

IdentifyProtocol::IdentifyProtocol(crypto::Identity identity, IdentifyConfig config, const Log& log)
    : m(std::make_unique<Impl>(std::move(identity), std::move(config), log)) {}

IdentifyProtocol::~IdentifyProtocol() = default;

std::span<const std::string> IdentifyProtocol::protocolIds() const {
    return kProtocolIds;
}

std::optional<IdentifyEvent> IdentifyProtocol::poll() {
    return takeFront(m->events);
}

std::optional<Identified> IdentifyProtocol::known(const crypto::PeerId& peer) const {
    const auto found = m->peers.find(peer);
    if (found == m->peers.end() || !found->second.answered) return std::nullopt;
    return found->second.said;
}

std::optional<swarm::SwarmRequest> IdentifyProtocol::pollRequest() {
    return takeFront(m->requests);
}

// --- what we say --------------------------------------------------------------------------------------------------

void IdentifyProtocol::setListenAddresses(std::vector<codec::Multiaddr> addresses, Now now) {
    if (m->addresses.set(std::move(addresses), now)) m->changed(now);
}

void IdentifyProtocol::setProtocols(std::vector<std::string> protocols, Now now) {
    if (protocols == m->own.protocols) return;
    m->own.protocols = std::move(protocols);
    ++m->protocolsVersion;
    m->changed(now);
}

IdentifyProtocol::Impl::Version IdentifyProtocol::Impl::versionFor(const Peer& peer) const {
    return {addresses.version(codec::placeOf(peer.remote)), protocolsVersion};
}

/// What this peer may know; nobody: the least.
OwnStatement IdentifyProtocol::Impl::statementFor(const Peer* peer) {
    const codec::Reach place = peer ? codec::placeOf(peer->remote) : codec::Reach::Global;
    OwnStatement statement = own;
    statement.listenAddresses = addresses.toldFrom(place);
    statement.signedRecord = addresses.recordFor(place, identity);
    return statement;
}

void IdentifyProtocol::Impl::changed(Now now) {
    for (auto& [id, peer] : peers) pushTo(id, peer, now);
}

/// One push at a time and peer; what changes meanwhile goes with the next one.
void IdentifyProtocol::Impl::pushTo(const crypto::PeerId& id, Peer& peer, Now now) {
    waiting.erase(id);
    if (peer.pushing || peer.told == versionFor(peer)) return;
    const auto& speaks = peer.said.protocols;
    if (peer.answered && std::find(speaks.begin(), speaks.end(), kPushId) == speaks.end()) return;
    if (now.mono < peer.nextPush) {
        waiting.insert(id);
        return;
    }
    peer.pushing = true;
    peer.nextPush = now.mono + kPushInterval;
    want(id, Kind::Push);
}

void IdentifyProtocol::Impl::want(const crypto::PeerId& peer, Kind kind) {
    wanted[++lastTag] = {kind, std::nullopt};
    requests.push_back(swarm::OpenStream{peer, {kind == Kind::Push ? kPushId : kQueryId}, lastTag});
}

// --- peers --------------------------------------------------------------------------------------------------------

void IdentifyProtocol::onPeerConnected(const swarm::PeerInfo& info, StreamIo&, Now) {
    Impl::Peer& peer = m->peers[info.peer];
    peer = {};
    peer.remote = info.remote;
    peer.said.peer = info.peer;
    peer.told = m->versionFor(peer); // it asks by itself; only later changes are pushed
    m->want(info.peer, Kind::Ask);
}

void IdentifyProtocol::onPeerMoved(const swarm::PeerInfo& info, Now now) {
    const auto found = m->peers.find(info.peer);
    if (found == m->peers.end()) return;
    const bool wasRelayed = found->second.remote.isCircuit();
    found->second.remote = info.remote;
    // Over a direct link it sees our address; over a relayed one it hears that the direct one has ended for us.
    if (wasRelayed != info.relayed()) m->want(info.peer, Kind::Ask);
    m->pushTo(info.peer, found->second, now); // other addresses lead here from there
}

void IdentifyProtocol::onPeerGone(const crypto::PeerId& peer, const Error&, Now) {
    m->peers.erase(peer);
    m->waiting.erase(peer);
}

// --- exchanges ----------------------------------------------------------------------------------------------------

void IdentifyProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (stream.outbound) {
        const auto found = m->wanted.find(stream.tag);
        ASSERT(found != m->wanted.end());
        found->second.key = stream.key;
        return m->begin(stream, found->second.kind, io, now);
    }
    const Kind kind = stream.protocolId == kPushId ? Kind::Hear : Kind::Answer;
    if (m->mayBegin(stream, kind, now)) return m->begin(stream, kind, io, now);
    link::abandon(io, stream.key, swarm::kStreamResourceLimit);
}

/// A push counts before it is read: what it costs is the reading.
bool IdentifyProtocol::Impl::mayBegin(const swarm::NegotiatedStream& stream, Kind kind, Now now) {
    if (theirs.of(stream.peer) >= kMaxInboundPerPeer) return false;
    const auto peer = peers.find(stream.peer);
    return kind != Kind::Hear || (peer != peers.end() && hearing.allow(stream.peer, now.mono));
}

void IdentifyProtocol::Impl::begin(const swarm::NegotiatedStream& stream, Kind kind, StreamIo& io, Now now) {
    const StreamKey key = stream.key;
    const crypto::PeerId& peer = stream.peer;
    Exchange& exchange = exchanges[key];
    exchange.kind = kind;
    exchange.peer = peer;
    exchange.tag = stream.tag;
    exchange.relayed = stream.over && stream.over->relayed();
    exchange.deadline = (stream.outbound ? ours : theirs).add(key, peer, now.mono + kExchangeTimeout);
    exchange.reader = StatementReader(peer);
    if (kind == Kind::Ask || kind == Kind::Hear) return io.write(key, {}, Fin::Yes);
    const auto found = peers.find(peer);
    const bool sees = found != peers.end() && !exchange.relayed && !found->second.remote.isCircuit();
    const codec::Multiaddr observed = sees ? found->second.remote.withoutPeer() : codec::Multiaddr();
    Peer* to = found == peers.end() ? nullptr : &found->second;
    exchange.unsent = encodeStatement(identity, statementFor(to), observed);
    if (to) to->told = versionFor(*to);
    send(key, exchange, io);
}

void IdentifyProtocol::Impl::send(StreamKey key, Exchange& exchange, StreamIo& io) {
    link::sendPart(io, key, exchange.unsent, Fin::Yes);
}

void IdentifyProtocol::Impl::read(StreamKey key, Exchange& exchange, StreamIo& io, Now now) {
    if (exchange.kind == Kind::Answer || exchange.kind == Kind::Push) {
        // Nothing is due from the peer but its FIN.
        if (io.available(key) > 0) io.stop(key, swarm::kStreamProtocolViolation);
        return;
    }
    link::StreamSource source{io, key};
    for (;;) {
        auto message = exchange.frames.next(source);
        if (!message) return fail(key, message.error(), io, now, swarm::kStreamProtocolViolation);
        if (!*message) break;
        if (auto added = exchange.reader.add(**message); !added)
            return fail(key, added.error(), io, now, swarm::kStreamProtocolViolation);
    }
    if (!io.atEnd(key)) return;
    if (exchange.frames.midMessage())
        return fail(key, makeError(Errc::Malformed, "identify ends in the middle of a message"), io, now);
    auto done = drop(key);
    finish(*done, done->reader.finish());
}

/// Merges what the peer has said into what it said before.
void IdentifyProtocol::Impl::finish(const Exchange& exchange, Statement statement) {
    const auto found = peers.find(exchange.peer);
    if (found == peers.end()) return;
    Peer& peer = found->second;
    Identified& said = peer.said;
    // What is signed counts alone, from then on: a list without signature never takes its place, nor does an old record.
    if (statement.recordSeq && (!peer.recordSeq || *statement.recordSeq >= *peer.recordSeq)) {
        peer.recordSeq = *statement.recordSeq;
        said.listenAddresses = std::move(*statement.recordAddresses);
        said.record = std::move(statement.record);
        said.recordFarthest = statement.recordFarthest;
        said.certified = true;
    } else if (statement.listenAddresses && !statement.recordSeq && !peer.recordSeq) {
        said.listenAddresses = std::move(*statement.listenAddresses);
    }
    if (statement.protocols) said.protocols = std::move(*statement.protocols);
    if (statement.agent) said.agent = std::move(*statement.agent);
    if (statement.protocolVersion) said.protocolVersion = std::move(*statement.protocolVersion);
    if (statement.observed && !exchange.relayed) said.observed = std::move(*statement.observed);
    said.pushed = exchange.kind == Kind::Hear;
    peer.answered = true;
    LOG(log, Debug, "identify", exchange.peer.shortText() << " serves " << said.protocols.size() << " protocols");
    events.push_back(said);
}

/// Ends both halves of an exchange that came to nothing; only our own question has an outcome to report.
void IdentifyProtocol::Impl::fail(StreamKey key, const Error& error, StreamIo& io, Now now, uint64_t code) {
    const auto exchange = drop(key);
    if (!exchange) return;
    link::abandon(io, key, code);
    LOG(log, Debug, "identify", "exchange with " << exchange->peer.shortText() << " failed: " << error.text());
    if (exchange->kind == Kind::Ask) events.push_back(IdentifyFailed{exchange->peer, error});
    over(exchange->peer, exchange->kind, now);
}

std::optional<IdentifyProtocol::Impl::Exchange> IdentifyProtocol::Impl::drop(StreamKey key) {
    auto node = exchanges.extract(key);
    if (!node) return std::nullopt;
    wanted.erase(node.mapped().tag);
    return std::move(node.mapped());
}

/// A push has ended; the next one may start.
void IdentifyProtocol::Impl::over(const crypto::PeerId& peer, Kind kind, Now now) {
    const auto found = peers.find(peer);
    if (kind != Kind::Push || found == peers.end()) return;
    found->second.pushing = false;
    pushTo(peer, found->second, now);
}

void IdentifyProtocol::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, StreamIo&,
                                      Now) {
    const auto found = m->wanted.find(tag);
    if (found == m->wanted.end()) return;
    const Kind kind = found->second.kind;
    if (found->second.key) m->exchanges.erase(*found->second.key);
    m->wanted.erase(found);
    if (kind == Kind::Ask) m->events.push_back(IdentifyFailed{peer, error});
    if (const auto known = m->peers.find(peer); kind == Kind::Push && known != m->peers.end()) {
        known->second.pushing = false;
        known->second.told = m->versionFor(known->second); // it does not want to know
    }
}

void IdentifyProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    const auto found = m->exchanges.find(key);
    if (found != m->exchanges.end()) m->read(key, found->second, io, now);
}

void IdentifyProtocol::onWritable(StreamKey key, StreamIo& io, Now) {
    const auto found = m->exchanges.find(key);
    if (found != m->exchanges.end()) m->send(key, found->second, io);
}

void IdentifyProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now now) {
    m->fail(key, makeError(Errc::ConnectionLost, "the peer reset the stream"), io, now);
}

void IdentifyProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now now) {
    // While we read, our own half has nothing to say anyway.
    const auto found = m->exchanges.find(key);
    if (found == m->exchanges.end() || found->second.kind == Kind::Ask || found->second.kind == Kind::Hear) return;
    m->fail(key, makeError(Errc::ConnectionLost, "the peer stopped the stream"), io, now);
}

void IdentifyProtocol::onClosed(StreamKey key, StreamIo&, Now now) {
    const auto exchange = m->drop(key);
    if (!exchange) return;
    if (exchange->kind == Kind::Ask)
        m->events.push_back(IdentifyFailed{exchange->peer, makeError(Errc::ConnectionLost, "the stream has ended")});
    m->over(exchange->peer, exchange->kind, now);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant IdentifyProtocol::deadline() const {
    Instant next = std::min(m->ours.next(), m->theirs.next());
    for (const crypto::PeerId& id : m->waiting) next = std::min(next, m->peers.at(id).nextPush);
    return next;
}

void IdentifyProtocol::onDeadline(StreamIo& io, Now now) {
    for (const auto* set : {&m->ours, &m->theirs})
        for (const StreamKey key : set->due(now.mono))
            m->fail(key, makeError(Errc::Timeout, "identify took too long"), io, now);
    for (const crypto::PeerId& id : std::set<crypto::PeerId>(m->waiting)) m->pushTo(id, m->peers.at(id), now);
}

} // namespace wherry::identify

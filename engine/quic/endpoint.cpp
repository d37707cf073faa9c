#include "quic/endpoint.h"

#include "base/overloaded.h"
#include "quic/endpoint_state.h"

#include <algorithm>

namespace wherry::quic {

using link::LinkId;
using link::StreamKey;

Endpoint::Endpoint(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Endpoint::~Endpoint() = default;

Result<std::unique_ptr<Endpoint>> Endpoint::create(const EndpointConfig& config, const crypto::Identity& identity,
                                                   Random& random, std::shared_ptr<BlockPool> pool, const Log& log) {
    TRY(const auto certificate, crypto::makeTlsCertificate(identity));
    auto state = std::make_unique<State>(config, identity, random, std::move(pool), log);
    TRY(state->tls, crypto::TlsContext::create(certificate));
    state->services = std::make_unique<ConnectionServices>(
        ConnectionServices{state->config, *state->tls, state->stateless, state->ids, state->events, state->datagrams,
                           *state->pool, state->random, state->bandwidth, state->log});
    return std::unique_ptr<Endpoint>(new Endpoint(std::move(state)));
}

// --- the socket ---------------------------------------------------------------------------------------------------

void Endpoint::onDatagram(const Path& path, uint8_t ecn, ByteView payload, Now now) {
    m_state->route(path, ecn, payload, now);
}

std::optional<SendBatch> Endpoint::nextBatch(MutableBytes buffer, Now now, const CanSend& canSend) {
    ASSERT(buffer.size() >= kBatchBuffer);
    State& state = *m_state;
    for (;;) {
        if (auto batch = state.takeOutbox(buffer, canSend)) return batch;
        if (state.dirty.empty()) return std::nullopt;
        Connection& connection = *state.dirty.front();
        state.dirty.pop_front();
        connection.marks.dirty = false;
        if (connection.ended()) continue;
        if (canSend && !canSend(connection.sendingPath())) {
            state.hold(connection, now);
            continue;
        }
        const auto batch = connection.writeBatch(buffer, state.stash, now);
        if (batch && connection.dialsInVain(now)) state.repeatFromEverySource(*batch, buffer.first(batch->length));
        if (connection.ended())
            state.bury(connection, now);
        else if (batch)
            state.markDirty(connection); // behind all others: they have their turn first
        else
            state.deadlines.set(connection.id(), connection.deadline());
        if (batch) return batch;
    }
}

void Endpoint::resume() {
    State& state = *m_state;
    for (Connection* connection : std::exchange(state.held, {})) {
        connection->marks.heldBack = false;
        state.markDirty(*connection);
    }
    for (ReadyPacket& packet : std::exchange(state.heldOutbox, {})) state.answer(packet);
}

bool Endpoint::holdsBack() const {
    return !m_state->held.empty() || !m_state->heldOutbox.empty();
}

Instant Endpoint::deadline() const {
    return std::min({m_state->deadlines.earliest(), m_state->closing.deadline(), m_state->punchDeadline()});
}

void Endpoint::onDeadline(Now now) {
    State& state = *m_state;
    state.closing.onDeadline(now.mono);
    state.onPunchDeadlines(now);
    while (const auto link = state.deadlines.popDue(now.mono)) {
        Connection* connection = state.find(*link);
        if (!connection) continue;
        connection->onDeadline(now);
        state.settle(*connection, now);
        connection = state.find(*link); // it may have ended
        if (connection && connection->marks.heldBack && !connection->ended()) state.armHeld(*connection, now);
    }
}

void Endpoint::onSendFailed(const Path& path, SendFailure failure, Now now) {
    // A datagram that is too long is lost, which is what probing and loss recovery expect; other failures pass.
    if (failure != SendFailure::Unreachable) return;
    std::vector<Connection*> hit;
    for (auto& [id, connection] : m_state->connections)
        if (!connection->opened() && !connection->ended() && connection->path().remote == path.remote)
            hit.push_back(connection.get());
    for (Connection* connection : hit) {
        connection->onUnreachable(path);
        m_state->settle(*connection, now);
    }
}

void Endpoint::setLocalAddresses(std::vector<LocalAddress> addresses, Now now) {
    State& state = *m_state;
    state.localAddresses = std::move(addresses);
    for (auto& [id, connection] : state.connections) {
        if (connection->side() != link::Side::Dialer || !connection->opened() || connection->ended()) continue;
        const codec::SocketAddress& local = connection->path().local;
        const codec::IpAddress& remote = connection->path().remote.ip;
        const LocalAddress* other = nullptr;
        bool there = local.ip.isUnspecified();
        for (const LocalAddress& known : state.localAddresses) {
            const codec::IpAddress& ip = known.address.ip;
            if (ip == local.ip) there = true;
            const bool reaches = ip.family == remote.family && ip.isLoopback() == remote.isLoopback() &&
                                 ip.isLinkLocal() == remote.isLinkLocal();
            if (reaches && !other) other = &known;
        }
        if (there || !other) continue;
        codec::SocketAddress target = other->address;
        target.port = local.port;
        const auto moved = connection->migrate(target, now);
        if (!moved) LOG(state.log, Info, "quic", moved.error().text());
        state.markDirty(*connection);
    }
}

Result<void> Endpoint::migrate(LinkId link, const codec::SocketAddress& local, Now now) {
    Connection* connection = m_state->find(link);
    if (!connection) return makeError(Errc::NotFound, "moving a connection: it has ended");
    TRY_OK(connection->migrate(local, now));
    m_state->markDirty(*connection);
    return {};
}

void Endpoint::onLimitsChanged() {
    m_state->markAllDirty();
}

void Endpoint::shutdown(Now now) {
    m_state->shuttingDown = true;
    m_state->punches.clear();
    std::vector<LinkId> links;
    for (const auto& [id, connection] : m_state->connections) links.push_back(id);
    for (const LinkId link : links) close(link, link::kNoError, "shutting down", now);
}

// --- hole punching ------------------------------------------------------------------------------------------------

Result<void> Endpoint::punch(const codec::SocketAddress& remote, Instant until, Now now) {
    State& state = *m_state;
    if (!state.reaches(remote)) return makeError(Errc::Unsupported, "QUIC cannot send to " + remote.text());
    if (state.shuttingDown) return makeError(Errc::Cancelled, "the endpoint is shutting down");
    const auto known = std::ranges::find(state.punches, remote, &State::Punch::remote);
    if (known != state.punches.end()) {
        known->until = std::max(known->until, until);
        return {};
    }
    if (state.punches.size() >= kMaxPunches) return makeError(Errc::LimitReached, "too many holes to punch at once");
    state.punches.push_back({remote, now.mono, until});
    state.onPunchDeadlines(now);
    return {};
}

void Endpoint::stopPunching(const codec::SocketAddress& remote) {
    std::erase_if(m_state->punches, [&](const State::Punch& punch) { return punch.remote == remote; });
}

// --- links --------------------------------------------------------------------------------------------------------

bool Endpoint::canDial(const codec::Multiaddr& address) const {
    const auto target = address.quicAddress();
    return target && m_state->reaches(*target);
}

Result<LinkId> Endpoint::dial(const codec::Multiaddr& address, const crypto::PeerId& expected, Now now) {
    State& state = *m_state;
    if (!canDial(address)) return makeError(Errc::Unsupported, "QUIC cannot dial " + address.text());
    if (state.shuttingDown) return makeError(Errc::Cancelled, "the endpoint is shutting down");
    if (!state.admission.mayDial()) return makeError(Errc::LimitReached, "too many connections");
    const Path path = state.pathTo(*address.quicAddress());
    const LinkId link = state.linkIds.take();
    TRY(auto connection, Connection::dial(*state.services, link, path, expected, state.maxPayload(path), now));
    state.admission.addDialled();
    Connection& added = *state.connections.emplace(link, std::move(connection)).first->second;
    state.markDirty(added);
    return link;
}

void Endpoint::close(LinkId link, uint64_t code, std::string_view reason, Now now) {
    Connection* connection = m_state->find(link);
    if (!connection || connection->ended()) return;
    connection->close(code, reason, now);
    m_state->settle(*connection, now);
}

Result<StreamKey> Endpoint::openStream(LinkId link) {
    Connection* connection = m_state->find(link);
    if (!connection) return makeError(Errc::NotFound, "opening a stream: the link has ended");
    return connection->openStream();
}

std::optional<link::LinkStats> Endpoint::stats(LinkId link) const {
    const Connection* connection = m_state->find(link);
    if (!connection || connection->ended()) return std::nullopt;
    return connection->stats();
}

std::optional<link::LinkEvent> Endpoint::poll() {
    State& state = *m_state;
    if (state.events.empty()) return std::nullopt;
    link::LinkEvent event = std::move(state.events.front());
    state.events.pop_front();
    std::visit(Overloaded{[&](const link::StreamReadable& readable) {
                              if (Connection* at = state.find(readable.key.link))
                                  at->onReadablePolled(readable.key.stream);
                          },
                          [&](const link::StreamClosed& closed) {
                              if (Connection* at = state.find(closed.key.link)) at->onClosedPolled(closed.key.stream);
                          },
                          [&](const link::LinkClosed& closed) { state.forget(closed.link); }, [](const auto&) {}},
               event);
    return event;
}

// --- streams ------------------------------------------------------------------------------------------------------

size_t Endpoint::available(StreamKey key) const {
    const Connection* connection = m_state->find(key.link);
    return connection ? connection->available(key.stream) : 0;
}

ByteView Endpoint::front(StreamKey key) const {
    const Connection* connection = m_state->find(key.link);
    return connection ? connection->front(key.stream) : ByteView();
}

void Endpoint::consume(StreamKey key, size_t count) {
    m_state->change(key, [&](Connection& connection) { connection.consume(key.stream, count); });
}

Slices Endpoint::take(StreamKey key, size_t count) {
    Connection* connection = m_state->find(key.link);
    return connection ? connection->take(key.stream, count) : Slices();
}

void Endpoint::credit(StreamKey key, size_t count) {
    m_state->change(key, [&](Connection& connection) { connection.credit(key.stream, count); });
}

bool Endpoint::atEnd(StreamKey key) const {
    const Connection* connection = m_state->find(key.link);
    return connection && connection->atEnd(key.stream);
}

size_t Endpoint::writable(StreamKey key) const {
    Connection* connection = m_state->find(key.link);
    return connection ? connection->writable(key.stream) : 0;
}

size_t Endpoint::unacknowledged(StreamKey key) const {
    const Connection* connection = m_state->find(key.link);
    return connection ? connection->unacknowledged(key.stream) : 0;
}

void Endpoint::write(StreamKey key, Slice bytes, link::Fin fin) {
    m_state->change(key, [&](Connection& connection) { connection.write(key.stream, std::move(bytes), fin); });
}

void Endpoint::reset(StreamKey key, uint64_t code) {
    m_state->change(key, [&](Connection& connection) { connection.reset(key.stream, code); });
}

void Endpoint::stop(StreamKey key, uint64_t code) {
    m_state->change(key, [&](Connection& connection) { connection.stop(key.stream, code); });
}

// --- DATAGRAM frames ----------------------------------------------------------------------------------------------

bool Endpoint::sendDatagram(LinkId link, ByteView bytes) {
    Connection* connection = m_state->find(link);
    if (!connection || !connection->sendDatagram(bytes)) return false;
    m_state->markDirty(*connection);
    return true;
}

std::optional<ReceivedDatagram> Endpoint::pollDatagram() {
    if (m_state->datagrams.empty()) return std::nullopt;
    return m_state->datagrams.pop();
}

Endpoint::Load Endpoint::load() const {
    return {m_state->admission.connections(), m_state->admission.halfOpen(), m_state->closing.size(),
            m_state->ids.size(), m_state->ids.resetTokens(), m_state->punches.size()};
}

} // namespace wherry::quic

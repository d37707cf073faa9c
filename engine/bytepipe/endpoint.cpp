#include "bytepipe/endpoint.h"

#include "base/overloaded.h"
#include "base/take_front.h"
#include "bytepipe/connection.h"
#include "link/deadline_queue.h"

#include <algorithm>
#include <map>

namespace wherry::bytepipe {

using link::LinkId;
using link::StreamKey;

namespace {
/// Where a pipe to this address would lead, and what would speak on it.
std::optional<PipePath> targetOf(const codec::Multiaddr& address) {
    const auto path = [](const codec::SocketAddress& remote, PipeKind kind, const std::string& serverName) {
        return PipePath{{{remote.ip.family, {}}, 0, 0}, remote, kind, serverName};
    };
    if (const auto tcp = address.tcpAddress()) return path(*tcp, PipeKind::Tcp, {});
    if (const auto ws = address.wsAddress()) return path(*ws, PipeKind::WebSocket, {});
    if (address.circuitRelay()) {
        PipePath through = path({}, PipeKind::Circuit, {});
        through.circuit = address.withoutPeer();
        return through;
    }
    if (const auto wss = address.wssTarget()) return path(wss->socket, PipeKind::SecureWebSocket, wss->serverName);
    return std::nullopt;
}
} // namespace

/// The connections and what leads to them. A connection is in `connections` until its LinkClosed has been polled.
struct Endpoint::State {
    State(const EndpointConfig& endpointConfig, Credentials ours, Random& randomSource,
          std::shared_ptr<BlockPool> blocks, const Log& logSink);

    Connection* find(LinkId link) const;
    YamuxSession* session(LinkId link) const;
    Connection& add(link::Side side, const PipePath& path, const crypto::PeerId& expected,
                    std::unique_ptr<WssLayer> tls, Now now);
    /// The TLS around a pipe that somebody has opened, where there is to be one.
    Result<std::unique_ptr<WssLayer>> wrapping(const PipePath& path) const;
    /// Has the pipe of a secure WebSocket opened, once it is known whom to believe.
    void openSecure(Connection& connection);
    /// A handshake gives way to one from `newcomer` (Admission::givesWay). Whether one did.
    bool makeRoom(const codec::IpAddress& newcomer);
    /// After every input to a connection.
    void settle(Connection& connection);
    void bury(Connection& connection);
    void forget(LinkId link);
    void markDirty(Connection& connection);
    /// What changes a stream may give its connection something to write.
    template <typename Change> void change(StreamKey key, Change change) {
        Connection* connection = find(key.link);
        if (!connection || !connection->session()) return;
        change(*connection->session());
        markDirty(*connection);
    }

    const EndpointConfig config;
    Random& random;
    std::shared_ptr<BlockPool> pool;
    const Credentials credentials;
    link::Admission admission;
    link::DeadlineQueue deadlines;
    std::deque<link::LinkEvent> events;
    std::deque<PipeAction> actions;
    Bytes scratch;
    link::Bandwidth unlimited;
    ConnectionServices services;
    std::map<LinkId, std::unique_ptr<Connection>> connections;
    std::deque<LinkId> dirty;
    LinkId lastLink; // that was made
    std::shared_ptr<const crypto::WebCertificate> webCertificate;
    std::optional<Result<std::shared_ptr<const crypto::WebTrust>>> webTrust; // once it has been asked for and answered
    std::vector<LinkId> waitForTrust;                                        // when not empty, it has been asked for
    bool shuttingDown = false;
};

Endpoint::State::State(const EndpointConfig& endpointConfig, Credentials ours, Random& randomSource,
                       std::shared_ptr<BlockPool> blocks, const Log& logSink)
    : config(endpointConfig),
      random(randomSource),
      pool(std::move(blocks)),
      credentials(std::move(ours)),
      admission(config),
      services{config,  credentials, events, actions, *pool, random, config.bandwidth ? *config.bandwidth : unlimited,
               scratch, logSink},
      lastLink(config.linksBehind),
      webCertificate(config.webCertificate) {}

Connection* Endpoint::State::find(LinkId link) const {
    const auto found = connections.find(link);
    return found == connections.end() ? nullptr : found->second.get();
}

YamuxSession* Endpoint::State::session(LinkId link) const {
    Connection* connection = find(link);
    return connection ? connection->session() : nullptr;
}

Result<std::unique_ptr<WssLayer>> Endpoint::State::wrapping(const PipePath& path) const {
    if (path.kind != PipeKind::SecureWebSocket) return std::unique_ptr<WssLayer>();
    if (!webCertificate) return makeError(Errc::Unsupported, "no certificate to show to a secure WebSocket");
    return WssLayer::listen(webCertificate);
}

void Endpoint::State::openSecure(Connection& connection) {
    const PipePath& path = connection.path();
    auto tls = *webTrust ? WssLayer::dial(**webTrust, path.serverName.empty() ? path.remote.ip.text() : path.serverName)
                         : webTrust->error();
    if (!tls) return connection.onPipeClosed(tls.error(), false);
    connection.secure(std::move(*tls));
    actions.push_back(OpenPipe{connection.id(), path.remote, false});
}

Connection& Endpoint::State::add(link::Side side, const PipePath& path, const crypto::PeerId& expected,
                                 std::unique_ptr<WssLayer> tls, Now now) {
    const LinkId link = lastLink = lastLink.next();
    auto connection = std::make_unique<Connection>(services, link, side, path, expected, std::move(tls), now);
    return *connections.emplace(link, std::move(connection)).first->second;
}

bool Endpoint::State::makeRoom(const codec::IpAddress& newcomer) {
    const auto countedFrom = [](const Connection& connection) -> const codec::IpAddress& {
        return connection.path().remote.ip;
    };
    Connection* connection = admission.givesWay(connections, countedFrom, newcomer);
    if (!connection) return false;
    connection->abandon(makeError(Errc::LimitReached, "a handshake that did not end gave way to another"));
    settle(*connection);
    return true;
}

void Endpoint::State::settle(Connection& connection) {
    if (connection.marks.countedHalfOpen && (connection.opened() || connection.ended())) {
        connection.marks.countedHalfOpen = false;
        admission.handshakeDone(connection.path().remote.ip, true);
    }
    if (connection.ended()) return bury(connection);
    deadlines.set(connection.id(), connection.deadline());
    markDirty(connection);
}

void Endpoint::State::bury(Connection& connection) {
    if (connection.marks.buried) return;
    connection.marks.buried = true;
    if (connection.side() == link::Side::Dialer)
        admission.removeDialled();
    else
        admission.removeAccepted(connection.path().remote.ip);
    deadlines.erase(connection.id());
    if (!connection.announcedEnd()) forget(connection.id());
}

void Endpoint::State::forget(LinkId link) {
    connections.erase(link); // its entry in `dirty` finds nothing
}

void Endpoint::State::markDirty(Connection& connection) {
    ConnectionMarks& marks = connection.marks;
    if (marks.dirty || marks.blocked || !connection.hasOutput()) return;
    marks.dirty = true;
    dirty.push_back(connection.id());
}

Endpoint::Endpoint(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Endpoint::~Endpoint() = default;

Result<std::unique_ptr<Endpoint>> Endpoint::create(const EndpointConfig& config, const crypto::Identity& identity,
                                                   Random& random, std::shared_ptr<BlockPool> pool, const Log& log) {
    TRY(auto credentials, Credentials::make(identity, random));
    auto state = std::make_unique<State>(config, std::move(credentials), random, std::move(pool), log);
    return std::unique_ptr<Endpoint>(new Endpoint(std::move(state)));
}

// --- pipes --------------------------------------------------------------------------------------------------------

Result<LinkId> Endpoint::onPipeAccepted(const PipePath& path, Now now, const crypto::PeerId& expected) {
    State& state = *m_state;
    if (state.shuttingDown) return makeError(Errc::Cancelled, "the endpoint is shutting down");
    auto verdict = state.admission.judge(path.remote.ip, true);
    if (verdict == link::Admission::Verdict::Crowded && state.makeRoom(path.remote.ip))
        verdict = link::Admission::Verdict::Accept;
    if (verdict != link::Admission::Verdict::Accept)
        return makeError(Errc::LimitReached, "too many connections, or too many from " + path.remote.ip.text());
    TRY(auto tls, state.wrapping(path));
    Connection& connection = state.add(link::Side::Listener, path, expected, std::move(tls), now);
    connection.marks.countedHalfOpen = true;
    state.admission.addAccepted(path.remote.ip, true);
    state.settle(connection);
    return connection.id();
}

Result<void> Endpoint::meet(const codec::SocketAddress& remote, const crypto::PeerId& peer, Now now) {
    State& state = *m_state;
    const PipePath path{{{remote.ip.family, {}}, 0, 0}, remote, PipeKind::Tcp, {}};
    if (!canDial(codec::Multiaddr::tcp(remote))) return makeError(Errc::Unsupported, "TCP to " + remote.text());
    if (state.shuttingDown) return makeError(Errc::Cancelled, "the endpoint is shutting down");
    const bool underWay = std::ranges::any_of(state.connections, [&](const auto& entry) {
        return entry.second->side() == link::Side::Listener && entry.second->awaitsPipe() &&
               entry.second->path().remote == remote;
    });
    if (underWay) return {};
    if (state.admission.judge(remote.ip, true) != link::Admission::Verdict::Accept)
        return makeError(Errc::LimitReached, "too many connections");
    Connection& connection = state.add(link::Side::Listener, path, peer, nullptr, now);
    connection.awaitPipe();
    connection.marks.countedHalfOpen = true;
    state.admission.addAccepted(remote.ip, true);
    state.actions.push_back(OpenPipe{connection.id(), remote, true});
    state.settle(connection);
    return {};
}

void Endpoint::onPipeOpened(LinkId pipe, const codec::SocketAddress& local) {
    Connection* connection = m_state->find(pipe);
    if (!connection) return;
    connection->onPipeOpened(local);
    m_state->settle(*connection);
}

void Endpoint::onBytes(LinkId pipe, ByteView bytes, Now now) {
    Connection* connection = m_state->find(pipe);
    if (!connection) return;
    connection->onBytes(bytes, now);
    m_state->settle(*connection);
}

void Endpoint::onPipeEnded(LinkId pipe) {
    Connection* connection = m_state->find(pipe);
    if (!connection) return;
    connection->onPipeClosed(makeError(Errc::ConnectionLost, connection->where() + " closed the connection"), true);
    m_state->settle(*connection);
}

void Endpoint::onPipeFailed(LinkId pipe, Error error) {
    Connection* connection = m_state->find(pipe);
    if (!connection) return;
    connection->onPipeClosed(std::move(error), false);
    m_state->settle(*connection);
}

std::optional<LinkId> Endpoint::nextWrite(Bytes& out, Now now) {
    State& state = *m_state;
    out.clear();
    while (!state.dirty.empty()) {
        const LinkId pipe = state.dirty.front();
        state.dirty.pop_front();
        Connection* connection = state.find(pipe);
        if (!connection) continue;
        connection->marks.dirty = false;
        if (connection->marks.blocked) continue;
        connection->pull(out, now);
        state.settle(*connection); // behind all others: they have their turn first
        if (!out.empty()) return pipe;
    }
    return std::nullopt;
}

void Endpoint::onBlocked(LinkId pipe) {
    if (Connection* connection = m_state->find(pipe)) connection->marks.blocked = true;
}

void Endpoint::onWritable(LinkId pipe) {
    Connection* connection = m_state->find(pipe);
    if (!connection) return;
    connection->marks.blocked = false;
    m_state->markDirty(*connection);
}

bool Endpoint::holdsBack() const {
    const auto waits = [](const auto& entry) { return entry.second->marks.blocked || entry.second->hasOutput(); };
    return std::ranges::any_of(m_state->connections, waits);
}

std::optional<PipeAction> Endpoint::pollAction() {
    return takeFront(m_state->actions);
}

Instant Endpoint::deadline() const {
    return m_state->dirty.empty() ? m_state->deadlines.earliest() : Instant::min();
}

void Endpoint::onDeadline(Now now) {
    while (const auto link = m_state->deadlines.popDue(now.mono)) {
        Connection* connection = m_state->find(*link);
        if (!connection) continue;
        connection->onDeadline(now);
        m_state->settle(*connection);
    }
}

void Endpoint::setWebCertificate(std::shared_ptr<const crypto::WebCertificate> certificate) {
    m_state->webCertificate = std::move(certificate);
}

void Endpoint::onWebTrust(Result<std::shared_ptr<const crypto::WebTrust>> trust) {
    m_state->webTrust = std::move(trust);
    for (const LinkId link : std::exchange(m_state->waitForTrust, {})) {
        Connection* connection = m_state->find(link);
        if (!connection || connection->ended()) continue;
        m_state->openSecure(*connection);
        m_state->settle(*connection);
    }
}

void Endpoint::forgetWebTrust() {
    m_state->webTrust.reset();
}

void Endpoint::onLimitsChanged() {
    for (auto& [id, connection] : m_state->connections) {
        connection->onLimitsChanged();
        m_state->settle(*connection);
    }
}

void Endpoint::shutdown(Now now) {
    m_state->shuttingDown = true;
    std::vector<LinkId> links;
    for (const auto& [id, connection] : m_state->connections) links.push_back(id);
    for (const LinkId link : links) close(link, link::kNoError, "shutting down", now);
}

// --- links --------------------------------------------------------------------------------------------------------

bool Endpoint::canDial(const codec::Multiaddr& address) const {
    const auto target = targetOf(address);
    if (target && target->kind == PipeKind::Circuit) return m_state->config.circuits;
    if (!target || m_state->config.circuits ||
        (target->kind == PipeKind::SecureWebSocket && !m_state->config.loadsWebTrust))
        return false;
    const codec::IpAddress& ip = target->remote.ip;
    if (target->remote.port == 0 || ip.isUnspecified() || ip.isMulticast()) return false;
    return ip.isV4() ? m_state->config.ipv4 : m_state->config.ipv6;
}

Result<LinkId> Endpoint::dial(const codec::Multiaddr& address, const crypto::PeerId& expected, Now now) {
    State& state = *m_state;
    const std::string_view over = state.config.circuits ? "a relay" : "TCP";
    if (!canDial(address)) return makeError(Errc::Unsupported, std::string(over) + " cannot dial " + address.text());
    if (state.shuttingDown) return makeError(Errc::Cancelled, "the endpoint is shutting down");
    if (!state.admission.mayDial()) return makeError(Errc::LimitReached, "too many connections");
    const PipePath path = *targetOf(address);
    const bool secure = path.kind == PipeKind::SecureWebSocket;
    if (path.kind == PipeKind::Circuit && expected.empty())
        return makeError(Errc::InvalidArgument, "a relay has to be told whom to connect to");
    if (secure && state.webTrust && !*state.webTrust) return state.webTrust->error();
    Connection& connection = state.add(link::Side::Dialer, path, expected, nullptr, now);
    const LinkId link = connection.id();
    state.admission.addDialled();
    if (!secure) {
        const bool circuit = path.kind == PipeKind::Circuit;
        // At home ports are no secret, and two that dial each other there would meet in the middle by chance.
        const bool fromListener = path.kind == PipeKind::Tcp && path.remote.ip.isPublic();
        state.actions.push_back(
            OpenPipe{link, path.remote, fromListener, path.circuit, circuit ? expected : crypto::PeerId()});
    } else if (state.webTrust) {
        state.openSecure(connection);
    } else {
        if (state.waitForTrust.empty()) state.actions.push_back(LoadWebTrust{});
        state.waitForTrust.push_back(link);
    }
    state.settle(connection);
    return link;
}

void Endpoint::close(LinkId link, uint64_t code, std::string_view, Now) {
    Connection* connection = m_state->find(link);
    if (!connection || connection->ended()) return;
    connection->close(code);
    m_state->settle(*connection);
}

Result<StreamKey> Endpoint::openStream(LinkId link) {
    YamuxSession* session = m_state->session(link);
    if (!session) return makeError(Errc::NotFound, "opening a stream: the link is not open");
    return session->openStream();
}

std::optional<link::LinkStats> Endpoint::stats(LinkId link) const {
    const Connection* connection = m_state->find(link);
    if (!connection || connection->ended()) return std::nullopt;
    return connection->stats();
}

std::optional<link::LinkEvent> Endpoint::poll() {
    State& state = *m_state;
    auto event = takeFront(state.events);
    if (!event) return event;
    std::visit(Overloaded{[&](const link::StreamReadable& readable) {
                              if (YamuxSession* at = state.session(readable.key.link))
                                  at->onReadablePolled(readable.key.stream);
                          },
                          [&](const link::StreamClosed& closed) {
                              if (YamuxSession* at = state.session(closed.key.link))
                                  at->onClosedPolled(closed.key.stream);
                          },
                          [&](const link::LinkClosed& closed) { state.forget(closed.link); }, [](const auto&) {}},
               *event);
    return event;
}

// --- streams ------------------------------------------------------------------------------------------------------

size_t Endpoint::available(StreamKey key) const {
    const YamuxSession* session = m_state->session(key.link);
    return session ? session->available(key.stream) : 0;
}

ByteView Endpoint::front(StreamKey key) const {
    const YamuxSession* session = m_state->session(key.link);
    return session ? session->front(key.stream) : ByteView();
}

void Endpoint::consume(StreamKey key, size_t count) {
    m_state->change(key, [&](YamuxSession& session) { session.consume(key.stream, count); });
}

Slices Endpoint::take(StreamKey key, size_t count) {
    YamuxSession* session = m_state->session(key.link);
    return session ? session->take(key.stream, count) : Slices();
}

void Endpoint::credit(StreamKey key, size_t count) {
    m_state->change(key, [&](YamuxSession& session) { session.credit(key.stream, count); });
}

bool Endpoint::atEnd(StreamKey key) const {
    const YamuxSession* session = m_state->session(key.link);
    return session && session->atEnd(key.stream);
}

size_t Endpoint::writable(StreamKey key) const {
    YamuxSession* session = m_state->session(key.link);
    return session ? session->writable(key.stream) : 0;
}

size_t Endpoint::unacknowledged(StreamKey key) const {
    const YamuxSession* session = m_state->session(key.link);
    return session ? session->unacknowledged(key.stream) : 0;
}

void Endpoint::write(StreamKey key, Slice bytes, link::Fin fin) {
    m_state->change(key, [&](YamuxSession& session) { session.write(key.stream, std::move(bytes), fin); });
}

void Endpoint::reset(StreamKey key, uint64_t) {
    m_state->change(key, [&](YamuxSession& session) { session.reset(key.stream); });
}

void Endpoint::stop(StreamKey key, uint64_t) {
    m_state->change(key, [&](YamuxSession& session) { session.stop(key.stream); });
}

Endpoint::Load Endpoint::load() const {
    return {m_state->admission.connections(), m_state->admission.halfOpen()};
}

} // namespace wherry::bytepipe

#include "node/circuits.h"

#include "base/overloaded.h"
#include "base/take_front.h"
#include "link/abandon.h"
#include "node/node_limits.h"
#include "protocols/relay/circuit_address.h"

#include <algorithm>

namespace wherry::node {

using link::Fin;
using link::LinkId;
using link::StreamIo;
using link::StreamKey;

Result<std::unique_ptr<Circuits>> Circuits::create(const bytepipe::EndpointConfig& base,
                                                   const crypto::Identity& identity, Random& random,
                                                   std::shared_ptr<BlockPool> pool, const Log& log) {
    bytepipe::EndpointConfig config = base;
    config.circuits = true;
    config.bandwidth = nullptr; // the connection to the relay counts every byte already
    config.webCertificate = nullptr;
    config.upgradeTimeout = relay::kCircuitUpgradeTimeout;
    TRY(auto endpoint, bytepipe::Endpoint::create(config, identity, random, std::move(pool), log));
    return std::unique_ptr<Circuits>(new Circuits(std::move(endpoint), identity.peerId(), log));
}

std::optional<relay::ClientEvent> Circuits::poll() {
    return takeFront(m_events);
}

bool Circuits::settle(StreamIo& io, Now now) {
    bool moved = false;
    while (auto event = m_client.poll()) {
        moved = true;
        std::visit(
            [&](auto& what) {
                if constexpr (requires { on(what, io, now); })
                    on(what, io, now);
                else
                    m_events.push_back(std::move(what));
            },
            *event);
    }
    Bytes piece;
    while (const auto pipe = m_endpoint->nextWrite(piece, now)) {
        moved = true;
        const auto found = m_pipes.find(*pipe);
        if (found == m_pipes.end()) continue;
        append(found->second.unsent, piece);
        send(found->second, io);
        if (!found->second.unsent.empty()) m_endpoint->onBlocked(*pipe);
    }
    while (const auto action = m_endpoint->pollAction()) {
        moved = true;
        std::visit([&](const auto& what) { on(what, io, now); }, *action);
    }
    return moved;
}

// --- pipes --------------------------------------------------------------------------------------------------------

Circuits::Pipe& Circuits::add(LinkId pipe, StreamKey key, std::string through) {
    m_byStream[key] = pipe;
    return m_pipes[pipe] = {key, std::move(through), {}};
}

/// The relay has ended it. That is its right when what it allows is used up, of which it may count more than has come
/// here; and its duty when the peer has ended it, which the peer has said in it.
void Circuits::noteEnd(const Pipe& pipe, Now now) {
    const uint64_t moved = std::max(pipe.received, pipe.sent);
    const bool spent = pipe.limit.bytes > 0 && moved >= pipe.limit.bytes / 2;
    const bool over = pipe.limit.seconds > 0 && now.mono - pipe.since >= std::chrono::seconds(pipe.limit.seconds) / 2;
    if (spent || over || pipe.peer.empty()) return;
    if (m_cut.size() >= kMaxFailedCircuits) m_cut.clear();
    m_cut.insert(pipe.peer);
}

void Circuits::drop(LinkId pipe) {
    const auto dropped = m_pipes.extract(pipe);
    m_byStream.erase(dropped.mapped().key);
    m_client.forget(dropped.mapped().key);
}

std::optional<LinkId> Circuits::pipeOf(StreamKey key) const {
    const auto found = m_byStream.find(key);
    return found == m_byStream.end() ? std::nullopt : std::optional(found->second);
}

/// As much as the stream takes.
void Circuits::send(Pipe& pipe, StreamIo& io) {
    if (!pipe.open || pipe.unsent.empty()) return;
    size_t sent = 0;
    while (sent < pipe.unsent.size()) {
        const ByteView left = ByteView(pipe.unsent).subspan(sent);
        const size_t count = std::min(left.size(), io.writable(pipe.key));
        if (count == 0) break;
        io.write(pipe.key, Slice::copyOf(left.first(count)), Fin::No);
        sent += count;
    }
    pipe.sent += sent;
    pipe.unsent.erase(pipe.unsent.begin(), pipe.unsent.begin() + static_cast<ptrdiff_t>(sent));
}

void Circuits::read(LinkId pipe, Now now, StreamIo& io) {
    const StreamKey key = m_pipes.at(pipe).key;
    for (ByteView bytes = io.front(key); !bytes.empty(); bytes = io.front(key)) {
        const size_t count = bytes.size();
        m_pipes.at(pipe).received += count;
        m_endpoint->onBytes(pipe, bytes, now);
        io.consume(key, count);
    }
    if (!io.atEnd(key)) return;
    if (m_endpoint->stats(pipe)) noteEnd(m_pipes.at(pipe), now);
    m_endpoint->onPipeEnded(pipe);
    io.write(key, {}, Fin::Yes);
    io.stop(key, link::kNoError);
    drop(pipe);
}

void Circuits::on(const bytepipe::OpenPipe& action, StreamIo&, Now now) {
    const auto through = relay::circuitAddress(action.circuit);
    if (!through)
        return m_endpoint->onPipeFailed(action.pipe, makeError(Errc::InvalidArgument, "this address names no relay"));
    m_dialled[action.pipe] = {through->relay.text(), action.peer};
    m_client.connect(action.pipe, through->relay, through->relayAddress, action.peer, now);
}

/// What the endpoint says last goes out as far as the stream takes it.
void Circuits::on(const bytepipe::ClosePipe& action, StreamIo& io, Now) {
    if (m_dialled.erase(action.pipe) > 0) m_client.cancelConnect(action.pipe, io);
    const auto found = m_pipes.find(action.pipe);
    if (found == m_pipes.end()) return;
    Pipe& pipe = found->second;
    append(pipe.unsent, action.farewell);
    send(pipe, io);
    if (pipe.unsent.empty())
        io.write(pipe.key, {}, Fin::Yes);
    else
        io.reset(pipe.key, link::kNoError);
    io.stop(pipe.key, link::kNoError);
    drop(action.pipe);
}

// --- what the client says -----------------------------------------------------------------------------------------

static std::string relayText(const std::string& relay, const relay::Limit& limit) {
    std::string text = "relay " + relay;
    if (limit.bytes > 0) text += ", which lets " + std::to_string(limit.bytes) + " bytes through at a time,";
    return text;
}

void Circuits::on(const relay::CircuitOpened& event, StreamIo& io, Now now) {
    const auto dialled = m_dialled.extract(event.circuit);
    if (!dialled) {
        m_client.forget(event.key);
        return link::abandon(io, event.key, link::kNoError);
    }
    Pipe& pipe = add(event.circuit, event.key, relayText(dialled.mapped().relay, event.limit));
    pipe.peer = dialled.mapped().peer;
    pipe.limit = event.limit;
    pipe.since = now.mono;
    pipe.open = true;
    m_endpoint->onPipeOpened(event.circuit, {});
}

void Circuits::on(const relay::CircuitFailed& event, StreamIo&, Now) {
    if (m_dialled.erase(event.circuit) > 0) m_endpoint->onPipeFailed(event.circuit, event.error);
}

/// The relay says who comes; whoever proves another key is not let in.
void Circuits::on(const relay::CircuitOffered& event, StreamIo& io, Now now) {
    bytepipe::PipePath path;
    path.kind = bytepipe::PipeKind::Circuit;
    path.circuit = event.relay.remote.withPeer(event.relay.peer.multihash()).withCircuit();
    if (const auto at = event.relay.remote.transportAddress()) path.remote = at->socket;
    const auto accepted = m_endpoint->onPipeAccepted(path, now, event.peer);
    if (!accepted) return m_client.refuse(event.key, relay::status::kResourceLimitExceeded, io);
    add(*accepted, event.key, relayText(event.relay.peer.text(), {}));
    m_endpoint->onBlocked(*accepted);
    m_client.accept(event.key, io);
}

void Circuits::on(const relay::CircuitReadable& event, StreamIo& io, Now now) {
    if (const auto pipe = pipeOf(event.key)) read(*pipe, now, io);
}

void Circuits::on(const relay::CircuitWritable& event, StreamIo& io, Now) {
    const auto id = pipeOf(event.key);
    if (!id) return;
    Pipe& pipe = m_pipes.at(*id);
    pipe.open = true;
    send(pipe, io);
    if (pipe.unsent.empty()) m_endpoint->onWritable(*id);
}

void Circuits::on(const relay::CircuitEnded& event, StreamIo& io, Now now) {
    const auto pipe = pipeOf(event.key);
    if (!pipe) return;
    read(*pipe, now, io);
    if (!m_pipes.contains(*pipe)) return;
    const std::string through = m_pipes.at(*pipe).through;
    noteEnd(m_pipes.at(*pipe), now);
    drop(*pipe);
    link::abandon(io, event.key, link::kNoError);
    m_endpoint->onPipeFailed(*pipe, makeError(Errc::ConnectionLost, "the circuit through " + through + " has ended"));
}

} // namespace wherry::node

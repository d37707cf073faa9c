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

Circuits::Pipe& Circuits::add(LinkId id, Pipe pipe) {
    m_spent.erase(pipe.peer);
    m_byStream[pipe.key] = id;
    return m_pipes.insert_or_assign(id, std::move(pipe)).first->second;
}

/// As relays are configured: in round numbers of the larger units.
static std::string sizeText(uint64_t bytes) {
    if (bytes % (1024 * 1024) == 0) return std::to_string(bytes / (1024 * 1024)) + " MiB";
    return bytes % 1024 == 0 ? std::to_string(bytes / 1024) + " KiB" : std::to_string(bytes) + " bytes";
}

/// A relay may count more than has come here.
Circuits::Why Circuits::whyEnded(const Pipe& pipe, Now now) {
    if (pipe.limit.bytes > 0 && pipe.moved() >= pipe.limit.bytes / 2) return Why::Bytes;
    const bool over = pipe.limit.seconds > 0 && now.mono - pipe.since >= std::chrono::seconds(pipe.limit.seconds) / 2;
    return over ? Why::Time : Why::Unknown;
}

void Circuits::note(std::set<crypto::PeerId>& peers, const crypto::PeerId& peer) {
    if (peers.size() >= kMaxFailedCircuits) peers.clear();
    peers.insert(peer);
}

/// The relay has ended it, or had to. That is its right when what it allows is used up; and its duty when the peer has
/// ended it, which the peer has said in it.
Error Circuits::noteEnd(const Pipe& pipe, Now now) {
    const std::string relay = "relay " + (m_nameOf ? m_nameOf(pipe.relay) : pipe.relay.shortText());
    const Why why = whyEnded(pipe, now);
    if (why == Why::Bytes) note(m_spent, pipe.peer);
    if (why == Why::Unknown && pipe.dialled) note(m_cut, pipe.peer);
    switch (why) {
    case Why::Bytes:
        return makeError(Errc::ConnectionLost,
                         relay + " lets " + sizeText(pipe.limit.bytes) + " through a connection, which is used up");
    case Why::Time:
        return makeError(Errc::ConnectionLost,
                         relay + " ends a connection after " + std::to_string(pipe.limit.seconds) + " seconds");
    case Why::Unknown:
        break;
    }
    return makeError(Errc::ConnectionLost, "the connection through " + relay + " has ended");
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

/// As much as the stream takes and the relay lets through. A relay that cuts would lose what it has not delivered yet:
/// the circuit ends in good order before.
void Circuits::send(Pipe& pipe, StreamIo& io) {
    if (!pipe.open || pipe.unsent.empty() || pipe.saidAll) return;
    const uint64_t room = pipe.room();
    size_t sent = 0;
    while (sent < pipe.unsent.size()) {
        const ByteView left = ByteView(pipe.unsent).subspan(sent);
        const size_t count = std::min<uint64_t>({left.size(), io.writable(pipe.key), room - sent});
        if (count == 0) break;
        io.write(pipe.key, Slice::copyOf(left.first(count)), Fin::No);
        sent += count;
    }
    pipe.sent += sent;
    pipe.unsent.erase(pipe.unsent.begin(), pipe.unsent.begin() + static_cast<ptrdiff_t>(sent));
    if (pipe.room() > 0) return;
    pipe.saidAll = true;
    io.write(pipe.key, {}, Fin::Yes);
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
    Pipe& ended = m_pipes.at(pipe);
    std::optional<Error> why;
    if (m_endpoint->stats(pipe)) why = noteEnd(ended, now);
    if (why && ended.full())
        m_endpoint->onPipeFailed(pipe, *why);
    else
        m_endpoint->onPipeEnded(pipe);
    if (!ended.saidAll) io.write(key, {}, Fin::Yes);
    io.stop(key, link::kNoError);
    drop(pipe);
}

void Circuits::on(const bytepipe::OpenPipe& action, StreamIo&, Now now) {
    const auto through = relay::circuitAddress(action.circuit);
    if (!through)
        return m_endpoint->onPipeFailed(action.pipe, makeError(Errc::InvalidArgument, "this address names no relay"));
    m_dialled[action.pipe] = {through->relay, action.peer};
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
    if (!pipe.saidAll && pipe.unsent.empty())
        io.write(pipe.key, {}, Fin::Yes);
    else if (!pipe.saidAll)
        io.reset(pipe.key, link::kNoError);
    io.stop(pipe.key, link::kNoError);
    drop(action.pipe);
}

// --- what the client says -----------------------------------------------------------------------------------------

void Circuits::on(const relay::CircuitOpened& event, StreamIo& io, Now now) {
    const auto dialled = m_dialled.extract(event.circuit);
    if (!dialled) {
        m_client.forget(event.key);
        return link::abandon(io, event.key, link::kNoError);
    }
    Pipe pipe{event.key, dialled.mapped().relay, dialled.mapped().peer, event.limit, now.mono};
    pipe.dialled = pipe.open = true;
    add(event.circuit, std::move(pipe));
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
    add(*accepted, {event.key, event.relay.peer, event.peer, event.limit, now.mono});
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
    const Error why = noteEnd(m_pipes.at(*pipe), now);
    drop(*pipe);
    link::abandon(io, event.key, link::kNoError);
    m_endpoint->onPipeFailed(*pipe, why);
}

} // namespace wherry::node

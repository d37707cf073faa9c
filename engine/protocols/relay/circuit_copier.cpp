#include "protocols/relay/circuit_copier.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::relay {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

void CircuitCopier::add(Ends ends, const Limit& limit, StreamIo& io, Now now) {
    const CircuitId id = m_ids.take();
    Circuit& circuit = m_circuits[id];
    circuit.ends = {ends.dialler, ends.target};
    circuit.parties = std::move(ends.parties);
    circuit.maxBytes = limit.bytes == 0 ? UINT64_MAX : limit.bytes;
    if (limit.seconds > 0) circuit.until = now.mono + std::chrono::seconds(limit.seconds);
    circuit.idleAt = now.mono + kCircuitSilence;
    setEnd(id, circuit);
    m_byStream[ends.dialler] = {id, 0};
    m_byStream[ends.target] = {id, 1};
    pumpBoth(id, io, now); // the first bytes may be here already
}

void CircuitCopier::pumpBoth(CircuitId id, StreamIo& io, Now now) {
    if (pump(id, 0, io, now)) pump(id, 1, io, now);
}

/// Whether the circuit is still there.
bool CircuitCopier::pump(CircuitId id, size_t direction, StreamIo& io, Now now) {
    Circuit& circuit = m_circuits.at(id);
    Direction& way = circuit.directions[direction];
    if (way.done) return true;
    const StreamKey from = circuit.ends[direction], to = circuit.ends[1 - direction];
    size_t turn = kCircuitTurn;
    while (turn > 0) {
        const size_t count =
            std::min<uint64_t>({io.available(from), io.writable(to), turn, circuit.maxBytes - way.moved});
        if (count == 0) break;
        if (waitsToGrow(id, direction, io, now)) break;
        // Copied: a Slice of its Block would keep the whole of it for as long as the other end acknowledges nothing.
        const ByteView piece = io.front(from).first(std::min(count, io.front(from).size()));
        io.write(to, Slice::copyOf(piece), Fin::No);
        const size_t moved = piece.size();
        io.consume(from, moved);
        way.moved += moved;
        if (circuit.directions[1 - direction].moved > 0) circuit.idleAt = now.mono + kCircuitIdle;
        m_bytes += moved;
        turn -= moved;
    }
    setHeld(way, io.available(from));
    if (way.held > 0 && way.moved == circuit.maxBytes) {
        cut(id, io);
        return false;
    }
    if (io.atEnd(from)) {
        io.write(to, {}, Fin::Yes);
        finish(id, direction);
        return m_circuits.contains(id);
    }
    if (turn == 0 && way.held > 0) waitForTurn(id, circuit);
    if (m_held <= m_maxHeld) return true;
    relieve(io);
    return m_circuits.contains(id);
}

/// Small pieces one after the other would cost more than they carry while the other end takes nothing.
bool CircuitCopier::waitsToGrow(CircuitId id, size_t direction, StreamIo& io, Now now) {
    Circuit& circuit = m_circuits.at(id);
    Direction& way = circuit.directions[direction];
    const StreamKey from = circuit.ends[direction], to = circuit.ends[1 - direction];
    const uint64_t underWay = io.unacknowledged(to);
    if (std::min<uint64_t>(io.available(from), io.writable(to)) >= kSmallPiece || underWay < kManySmallPieces) {
        way.delay = kSmallPieceDelay;
        way.underWay = 0;
        return false;
    }
    if (circuit.retryAt != kNever) return true;
    const bool stuck = way.underWay > 0 && underWay >= way.underWay;
    way.delay = stuck ? std::min(2 * way.delay, kMaxSmallPieceDelay) : kSmallPieceDelay;
    way.underWay = underWay;
    retryAt(id, circuit, now.mono + way.delay);
    return true;
}

void CircuitCopier::setHeld(Direction& direction, size_t held) {
    m_held += held - direction.held;
    direction.held = held;
}

/// Memory is short, and it is the slowest that has it.
void CircuitCopier::relieve(StreamIo& io) {
    const auto heldBy = [](const auto& entry) {
        return entry.second.directions[0].held + entry.second.directions[1].held;
    };
    while (m_held > m_maxHeld) {
        const auto most = std::ranges::max_element(m_circuits, {}, heldBy);
        cut(most->first, io);
    }
}

// --- turns --------------------------------------------------------------------------------------------------------

void CircuitCopier::waitForTurn(CircuitId id, Circuit& circuit) {
    if (std::exchange(circuit.waitsForTurn, true)) return;
    m_turns[circuit.parties.from].push_back(id);
}

/// What comes meanwhile gives a circuit that waits for its turn none out of turn.
void CircuitCopier::pumpInTurn(At at, size_t direction, StreamIo& io, Now now) {
    Circuit& circuit = m_circuits.at(at.id);
    if (!circuit.waitsForTurn) return void(pump(at.id, direction, io, now));
    Direction& way = circuit.directions[direction];
    if (!way.done) setHeld(way, io.available(circuit.ends[direction]));
    relieve(io);
}

/// One turn for each peer that waits.
void CircuitCopier::takeTurns(StreamIo& io, Now now) {
    std::vector<CircuitId> next;
    for (auto peer = m_turns.begin(); peer != m_turns.end();) {
        next.push_back(peer->second.front());
        peer->second.pop_front();
        peer = peer->second.empty() ? m_turns.erase(peer) : std::next(peer);
    }
    for (const CircuitId id : next) {
        const auto found = m_circuits.find(id);
        if (found == m_circuits.end()) continue; // cut for another's sake
        found->second.waitsForTurn = false;
        pumpBoth(id, io, now);
    }
}

void CircuitCopier::retryAt(CircuitId id, Circuit& circuit, Instant when) {
    if (circuit.retryAt != kNever) return;
    circuit.retryAt = when;
    m_retries.insert({when, id});
}

// --- streams ------------------------------------------------------------------------------------------------------

void CircuitCopier::onReadable(StreamKey key, StreamIo& io, Now now) {
    const auto at = m_byStream.find(key);
    if (at != m_byStream.end()) pumpInTurn(at->second, at->second.end, io, now);
}

void CircuitCopier::onWritable(StreamKey key, StreamIo& io, Now now) {
    const auto at = m_byStream.find(key);
    if (at != m_byStream.end()) pumpInTurn(at->second, 1 - at->second.end, io, now);
}

void CircuitCopier::onReset(StreamKey key, StreamIo& io) {
    const auto at = m_byStream.find(key);
    if (at != m_byStream.end()) cut(at->second.id, io);
}

/// Who stops reading may still have something to say.
void CircuitCopier::onStopped(StreamKey key, StreamIo& io) {
    const auto at = m_byStream.find(key);
    if (at == m_byStream.end()) return;
    const auto [id, end] = at->second;
    Circuit& circuit = m_circuits.at(id);
    const size_t direction = 1 - end;
    if (circuit.directions[direction].done) return;
    io.stop(circuit.ends[direction], link::kNoError);
    setHeld(circuit.directions[direction], 0);
    finish(id, direction);
}

void CircuitCopier::onClosed(StreamKey key, StreamIo& io) {
    const auto at = m_byStream.find(key);
    if (at != m_byStream.end()) cut(at->second.id, io);
}

// --- ends ---------------------------------------------------------------------------------------------------------

/// When both directions are done the streams end by themselves.
void CircuitCopier::finish(CircuitId id, size_t direction) {
    Circuit& circuit = m_circuits.at(id);
    circuit.directions[direction].done = true;
    if (circuit.directions[0].done && circuit.directions[1].done) forget(id);
}

void CircuitCopier::cut(CircuitId id, StreamIo& io) {
    const auto ends = m_circuits.at(id).ends;
    forget(id);
    for (const StreamKey& key : ends) link::abandon(io, key, swarm::kStreamResourceLimit);
}

void CircuitCopier::cutAll(StreamIo& io) {
    while (!m_circuits.empty()) cut(CircuitId(m_circuits.begin()->first), io);
}

void CircuitCopier::forget(CircuitId id) {
    const auto found = m_circuits.find(id);
    Circuit& circuit = found->second;
    for (Direction& direction : circuit.directions) setHeld(direction, 0);
    for (const StreamKey& key : circuit.ends) m_byStream.erase(key);
    m_ends.erase({circuit.nextEnd, id});
    m_retries.erase({circuit.retryAt, id});
    if (const auto turns = m_turns.find(circuit.parties.from); circuit.waitsForTurn && turns != m_turns.end()) {
        std::erase(turns->second, id);
        if (turns->second.empty()) m_turns.erase(turns);
    }
    m_over.push_back(std::move(circuit.parties));
    m_circuits.erase(found);
}

std::optional<Parties> CircuitCopier::poll() {
    return takeFront(m_over);
}

/// Once for all bytes until then: those that come meanwhile only move what is looked at when it is due.
void CircuitCopier::setEnd(CircuitId id, Circuit& circuit) {
    m_ends.erase({circuit.nextEnd, id});
    circuit.nextEnd = std::min(circuit.until, circuit.idleAt);
    m_ends.insert({circuit.nextEnd, id});
}

void CircuitCopier::endWhatIsOver(StreamIo& io, Now now) {
    while (!m_ends.empty() && m_ends.begin()->first <= now.mono) {
        const CircuitId id = m_ends.begin()->second;
        Circuit& circuit = m_circuits.at(id);
        setEnd(id, circuit);
        if (circuit.nextEnd <= now.mono) cut(id, io);
    }
}

Instant CircuitCopier::deadline() const {
    if (!m_turns.empty()) return Instant::min();
    Instant next = m_ends.empty() ? kNever : m_ends.begin()->first;
    if (!m_retries.empty()) next = std::min(next, m_retries.begin()->first);
    return next;
}

void CircuitCopier::onDeadline(StreamIo& io, Now now) {
    endWhatIsOver(io, now);
    while (!m_retries.empty() && m_retries.begin()->first <= now.mono) {
        const CircuitId id = m_retries.begin()->second;
        m_retries.erase(m_retries.begin());
        Circuit& circuit = m_circuits.at(id);
        circuit.retryAt = kNever;
        if (!circuit.waitsForTurn) pumpBoth(id, io, now);
    }
    takeTurns(io, now);
}

} // namespace wherry::relay

#pragma once

#include "base/strong_id.h"
#include "crypto/peer_id.h"
#include "link/link.h"
#include "protocols/relay/circuit_book.h"
#include "protocols/relay/messages.h"
#include "protocols/relay/relay_limits.h"

#include <array>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

namespace wherry::relay {

/// The circuits that this relay carries: what comes in over one of two streams goes out over the other, without
/// a queue of its own. What the other stream does not take stays unread, so its sender's window closes.
///
/// - Halves end one by one: a FIN is passed on behind the bytes before it, and a stop to whoever sends.
/// - A reset, the end of either stream, the time or the bytes of the limit, and kCircuitIdle without a byte end both
///   streams at once.
/// - A circuit moves kCircuitTurn bytes, then those of other dialling peers have their turn, each peer one of its own.
/// - Unread bytes of all circuits are at most kMaxHeldBytes: beyond, the circuit that holds most is ended.
class CircuitCopier {
  public:
    struct Ends {
        link::StreamKey dialler;
        link::StreamKey target;
        Parties parties;
    };

    explicit CircuitCopier(size_t maxHeld = kMaxHeldBytes) : m_maxHeld(maxHeld) {}

    void add(Ends ends, const Limit& limit, link::StreamIo& io, Now now);
    /// All of them end at once.
    void cutAll(link::StreamIo& io);
    bool carries(link::StreamKey key) const { return m_byStream.contains(key); }

    // Of streams that it carries; harmless for others.
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now);
    void onWritable(link::StreamKey key, link::StreamIo& io, Now now);
    void onReset(link::StreamKey key, link::StreamIo& io);
    void onStopped(link::StreamKey key, link::StreamIo& io);
    void onClosed(link::StreamKey key, link::StreamIo& io);

    /// A circuit that has ended: the shares of its parties are free.
    std::optional<Parties> poll();
    Instant deadline() const;
    void onDeadline(link::StreamIo& io, Now now);

    size_t circuits() const { return m_circuits.size(); }
    uint64_t bytes() const { return m_bytes; }
    size_t heldBytes() const { return m_held; }

  private:
    using CircuitId = StrongId<struct CircuitTag>;
    /// From one end to the other.
    struct Direction {
        uint64_t moved = 0;
        size_t held = 0; ///< unread when last looked at
        /// Of small pieces that wait: how much was under way when they were last looked at, and for how long next.
        uint64_t underWay = 0;
        Duration delay = kSmallPieceDelay;
        bool done = false;
    };
    struct Circuit {
        std::array<link::StreamKey, 2> ends;
        std::array<Direction, 2> directions; ///< [0]: from ends[0] to ends[1]
        Parties parties;
        uint64_t maxBytes = 0;
        Instant until = kNever;   ///< by the limit
        Instant idleAt = kNever;  ///< when it would be over without another byte
        Instant nextEnd = kNever; ///< as in m_ends: may be before the sooner of both
        Instant retryAt = kNever;
        bool waitsForTurn = false;
    };
    struct At {
        CircuitId id;
        size_t end = 0;
    };

    bool pump(CircuitId id, size_t direction, link::StreamIo& io, Now now);
    void pumpBoth(CircuitId id, link::StreamIo& io, Now now);
    void pumpInTurn(At at, size_t direction, link::StreamIo& io, Now now);
    bool waitsToGrow(CircuitId id, size_t direction, link::StreamIo& io, Now now);
    void setHeld(Direction& direction, size_t held);
    void relieve(link::StreamIo& io);
    void waitForTurn(CircuitId id, Circuit& circuit);
    void takeTurns(link::StreamIo& io, Now now);
    void retryAt(CircuitId id, Circuit& circuit, Instant when);
    void setEnd(CircuitId id, Circuit& circuit);
    void endWhatIsOver(link::StreamIo& io, Now now);
    void finish(CircuitId id, size_t direction);
    void cut(CircuitId id, link::StreamIo& io);
    void forget(CircuitId id);

    size_t m_maxHeld;
    IdSource<CircuitId> m_ids;
    std::map<CircuitId, Circuit> m_circuits;
    std::map<link::StreamKey, At> m_byStream;
    std::set<std::pair<Instant, CircuitId>> m_ends;
    std::set<std::pair<Instant, CircuitId>> m_retries;
    std::map<crypto::PeerId, std::deque<CircuitId>> m_turns; ///< of each dialling peer
    std::deque<Parties> m_over;
    uint64_t m_bytes = 0;
    size_t m_held = 0;
};

} // namespace wherry::relay

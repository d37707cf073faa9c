#pragma once

#include "base/block.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// A link is a secured, multiplexed connection to one proven peer. This is the one interface that carries everything:
/// quic implements it, and so will bytepipe, relay circuits, routes and the simulator's light link.
///
/// A Carrier owns many links of one kind. It is a sans-I/O machine: inputs never call back; they leave events that the
/// owner drains with poll() until it is empty. Stream bytes are not events: an event says that a stream has become
/// readable or writable, and StreamIo moves the bytes.
namespace wherry::link {

using LinkId = StrongId<struct LinkTag>;

/// A stream of a link. `stream` is the carrier's own number (QUIC: the stream id) and is unique within its link.
struct StreamKey {
    LinkId link;
    uint64_t stream = 0;
    auto operator<=>(const StreamKey&) const = default;
};

enum class Side : uint8_t { Dialer, Listener };
enum class Fin : uint8_t { No, Yes };

/// Application error codes; plain libp2p peers send 0 and any number is accepted from them.
inline constexpr uint64_t kNoError = 0;

// --- events -------------------------------------------------------------------------------------------------------

/// The handshake is confirmed: both ends have proved their keys. For a dialled link, comes after HANDSHAKE_DONE.
struct LinkOpened {
    LinkId link;
    crypto::PeerId peer;
    Side side;
    codec::Multiaddr local;
    codec::Multiaddr remote;
    bool operator==(const LinkOpened&) const = default;
};
/// A link has ended, and its streams with it, or a dial has failed; nothing follows for this id. `error.code` is
/// IdentityMismatch, Timeout, Unreachable, ConnectionLost, ProtocolViolation, LimitReached, Cancelled (closed by us) ...
struct LinkClosed {
    LinkId link;
    Error error;
    bool byPeer = false;
    uint64_t applicationCode = kNoError;
    bool operator==(const LinkClosed&) const = default;
};
/// The remote or local address has changed (migration, NAT rebinding); the new path is validated.
struct LinkMoved {
    LinkId link;
    codec::Multiaddr local;
    codec::Multiaddr remote;
    bool operator==(const LinkMoved&) const = default;
};
/// The peer has opened a stream (its first bytes are here).
struct StreamOpened {
    StreamKey key;
    bool operator==(const StreamOpened&) const = default;
};
/// New bytes, or the peer's FIN.
struct StreamReadable {
    StreamKey key;
    bool operator==(const StreamReadable&) const = default;
};
/// writable() has risen above the low-water mark, for a stream whose owner has asked writable() and found less.
struct StreamWritable {
    StreamKey key;
    bool operator==(const StreamWritable&) const = default;
};
/// The peer has abandoned its sending half (RESET_STREAM); unread bytes are gone.
struct StreamReset {
    StreamKey key;
    uint64_t code;
    bool operator==(const StreamReset&) const = default;
};
/// The peer no longer wants our bytes (STOP_SENDING); our half has been reset.
struct StreamStopped {
    StreamKey key;
    uint64_t code;
    bool operator==(const StreamStopped&) const = default;
};
/// Both halves are done and acknowledged; nothing follows for this key.
struct StreamClosed {
    StreamKey key;
    bool operator==(const StreamClosed&) const = default;
};
using LinkEvent = std::variant<LinkOpened, LinkClosed, LinkMoved, StreamOpened, StreamReadable, StreamWritable,
                               StreamReset, StreamStopped, StreamClosed>;

// --- streams ------------------------------------------------------------------------------------------------------

/// The bytes of streams. Every call with a key that is not (or no longer) open is harmless: zero bytes, no effect.
///
/// Receiving: bytes wait in order. `front` shows the first contiguous piece; `consume` drops bytes and gives the peer
/// credit for them at once; `take` hands the bytes out as Slices without credit, and `credit` gives it later, when the
/// work on them is done (back-pressure for bulk). Every byte taken must be credited exactly once, also after a failure.
class StreamIo {
  public:
    virtual ~StreamIo() = default;

    virtual size_t available(StreamKey key) const = 0;
    virtual ByteView front(StreamKey key) const = 0;
    /// count <= available.
    virtual void consume(StreamKey key, size_t count) = 0;
    /// count <= available.
    virtual Slices take(StreamKey key, size_t count) = 0;
    virtual void credit(StreamKey key, size_t count) = 0;
    /// The peer has sent FIN and every byte before it has been consumed or taken.
    virtual bool atEnd(StreamKey key) const = 0;

    /// How many bytes `write` takes now. Writing beyond it is a bug of the caller; there is no hidden queue.
    virtual size_t writable(StreamKey key) const = 0;
    /// Bytes written and not yet acknowledged by the peer.
    virtual size_t unacknowledged(StreamKey key) const = 0;
    /// Holds the Slice until the peer has acknowledged it. `Fin::Yes` ends our half.
    virtual void write(StreamKey key, Slice bytes, Fin fin) = 0;
    /// Abandons our half (RESET_STREAM).
    virtual void reset(StreamKey key, uint64_t code) = 0;
    /// Asks the peer to abandon its half (STOP_SENDING); bytes that still arrive are dropped and credited.
    virtual void stop(StreamKey key, uint64_t code) = 0;
};

// --- links --------------------------------------------------------------------------------------------------------

/// Figures of one link, for status and path display.
struct LinkStats {
    Duration smoothedRtt{};
    Duration minimumRtt{};
    uint64_t bytesSent = 0;     ///< UDP payload bytes
    uint64_t bytesReceived = 0; ///< UDP payload bytes
    uint64_t congestionWindow = 0;
    size_t pathMtu = 0;
};

class Carrier : public StreamIo {
  public:
    /// Whether this carrier can dial such an address at all.
    virtual bool canDial(const codec::Multiaddr& address) const = 0;
    /// Starts a dial. `expected`: the peer that must prove its key; a different proof ends the dial with IdentityMismatch
    /// before a payload byte leaves. An empty PeerId accepts whoever answers. The outcome is LinkOpened or LinkClosed.
    virtual Result<LinkId> dial(const codec::Multiaddr& address, const crypto::PeerId& expected, Now now) = 0;
    /// Ends a link, or a dial; LinkClosed{Cancelled} follows.
    virtual void close(LinkId link, uint64_t code, std::string_view reason, Now now) = 0;
    /// Opens a bidirectional stream. LimitReached: the peer allows no more until one of ours is done.
    /// NotFound: the link has ended. The peer learns of the stream with its first byte.
    virtual Result<StreamKey> openStream(LinkId link) = 0;
    virtual std::optional<LinkStats> stats(LinkId link) const = 0;
    virtual std::optional<LinkEvent> poll() = 0;
};

} // namespace wherry::link

#pragma once

#include "base/log.h"
#include "base/random.h"
#include "base/strong_id.h"
#include "swarm/protocol.h"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wherry::ping {

using PingId = StrongId<struct PingTag>;

struct PingReply {
    PingId id;
    crypto::PeerId peer;
    uint32_t index = 0; ///< from 0
    Duration roundTrip{};
    bool last = false; ///< the request is over
    bool operator==(const PingReply&) const = default;
};
/// The request is over. Unreachable: the peer is not connected. Timeout, Unsupported, ConnectionLost, ProtocolViolation
/// (another echo than what was sent), LimitReached, InvalidArgument, Cancelled.
struct PingFailed {
    PingId id;
    crypto::PeerId peer;
    Error error;
    bool operator==(const PingFailed&) const = default;
};
using PingEvent = std::variant<PingReply, PingFailed>;

/// /ipfs/ping/1.0.0 (libp2p/specs ping): answers every peer, and measures round trips on request.
///
/// A request has one stream, kept open until its last echo; requests to the same peer run one after another, because
/// peers take one or two streams only. A peer that pings on without taking its echoes loses the stream (SECURITY D3).
class PingProtocol final : public swarm::Protocol {
  public:
    PingProtocol(Random& random, const Log& log);

    /// Sends `count` pings to a connected peer, each `interval` after the one before or, when that is later, after its
    /// echo.
    PingId ping(const crypto::PeerId& peer, uint32_t count, Duration interval, Now now);
    void cancel(PingId id, link::StreamIo& io, Now now);
    std::optional<PingEvent> poll();

    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, link::StreamIo& io,
                        Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onWritable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    Instant deadline() const override;
    void onDeadline(link::StreamIo& io, Now now) override;
    std::optional<swarm::SwarmRequest> pollRequest() override;

  private:
    using Payload = std::array<uint8_t, 32>;
    struct Request {
        crypto::PeerId peer;
        uint32_t count = 0;
        Duration interval{};
        bool started = false;
        std::optional<link::StreamKey> stream;
        uint32_t sent = 0;
        Payload payload{};
        Instant sentAt{};
        Instant nextAt = kNever; ///< when to send; kNever while an echo is awaited or there is no stream
        Instant giveUp = kNever;
        bool blocked = false; ///< due, but the stream takes nothing
    };

    struct Inbound {
        crypto::PeerId peer;
        Bytes ping; ///< the one that is arriving
    };

    void startNext(const crypto::PeerId& peer);
    void sendPing(Request& request, link::StreamIo& io, Now now);
    void readEcho(PingId id, link::StreamIo& io, Now now);
    void serve(link::StreamKey key, link::StreamIo& io);
    void finish(PingId id, link::StreamIo& io);
    void fail(PingId id, Error error, link::StreamIo& io);
    void forget(PingId id);

    Random& m_random;
    const Log& m_log;
    IdSource<PingId> m_ids;
    std::map<PingId, Request> m_requests;
    std::map<link::StreamKey, PingId> m_outbound;
    std::map<link::StreamKey, Inbound> m_inbound;
    std::deque<swarm::SwarmRequest> m_wants;
    std::deque<PingEvent> m_events;
};

} // namespace wherry::ping

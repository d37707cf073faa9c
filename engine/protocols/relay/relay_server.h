#pragma once

#include "base/deadline_set.h"
#include "base/log.h"
#include "base/rate_table.h"
#include "codec/frame.h"
#include "crypto/identity.h"
#include "protocols/relay/circuit_book.h"
#include "protocols/relay/circuit_copier.h"
#include "protocols/relay/messages.h"
#include "protocols/relay/relay_limits.h"
#include "protocols/relay/relay_server_config.h"
#include "protocols/relay/reservation_book.h"
#include "swarm/protocol.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace wherry::relay {

struct RelayServerFigures {
    uint64_t reservations = 0;
    uint64_t circuits = 0;
    uint64_t circuitsServed = 0; ///< in this run, those under way included
    uint64_t bytes = 0;          ///< carried in this run, both directions
};

/// The relay: /libp2p/circuit/relay/0.2.0/hop (libp2p/specs relay, circuit-v2). Peers reserve a place, and others are
/// connected to them through it; it sees who speaks with whom and how much, and nothing of what they say.
///
/// A request: read -> answered, or read -> the target is asked (stop stream) -> the circuit runs (CircuitCopier).
/// Nothing is done over connections that go through a relay themselves (runsOverRelay). A reservation ends with its
/// time, with the connection, and when that goes through a relay.
class RelayServer final : public swarm::Protocol {
  public:
    /// `trusts`: with Access::Trusted, who may reserve and connect.
    RelayServer(crypto::Identity identity, RelayServerConfig config, std::function<bool(const crypto::PeerId&)> trusts,
                const Log& log);

    /// Where this relay is reached, the best first: told with each reservation.
    void setAddresses(std::vector<codec::Multiaddr> addresses);
    bool hasReservation(const crypto::PeerId& peer) const { return m_reservations.holds(peer); }
    void addReservedTo(std::set<crypto::PeerId>& peers) const { m_reservations.addTo(peers); }
    RelayServerFigures figures() const;
    /// Nobody is reached through this relay any more, and what it carries ends. New requests are another matter
    /// (Swarm::setServing).
    void endAll(link::StreamIo& io);

    std::span<const std::string> protocolIds() const override;
    void onPeerMoved(const swarm::PeerInfo& info, Now now) override;
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) override;
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
    enum class Phase : uint8_t { Request, Asking, Agreed, Answered };
    struct Request {
        crypto::PeerId peer;
        std::optional<codec::IpAddress> from;
        Phase phase = Phase::Request;
        codec::FrameReader frames{kMaxMessageBytes};
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
        Bytes unsent;
        // Asking:
        crypto::PeerId target;
        swarm::RequestTag tag = 0;
        std::optional<link::StreamKey> stop;
    };
    /// The stream to the target, until its answer.
    struct Stop {
        link::StreamKey hop;
        codec::FrameReader frames{kMaxMessageBytes};
        Bytes unsent;
    };

    void readRequest(link::StreamKey key, link::StreamIo& io, Now now);
    void onRequest(link::StreamKey key, Request& request, const HopMessage& message, link::StreamIo& io, Now now);
    uint32_t reserve(const Request& request, HopStatus& answer, Now now);
    uint32_t mayConnect(const Request& request, const crypto::PeerId& target, Now now);
    bool admits(const crypto::PeerId& peer) const;
    void ask(link::StreamKey key, Request& request, const crypto::PeerId& target);
    void onStopStream(const swarm::NegotiatedStream& stream, link::StreamIo& io);
    void readStop(link::StreamKey key, link::StreamIo& io, Now now);
    void agree(link::StreamKey key, link::StreamIo& io, Now now);
    void refuse(link::StreamKey key, uint32_t status, link::StreamIo& io, Now now);
    Limit limit() const;
    void giveUpCircuit(Request& request, link::StreamIo& io);
    void endBefore(link::StreamKey key, link::StreamIo& io, Now now);
    void answer(link::StreamKey key, Request& request, HopStatus said, Phase next, link::StreamIo& io, Now now);
    void send(link::StreamKey key, Request& request, link::StreamIo& io, Now now);
    void drop(link::StreamKey key, link::StreamIo& io);
    static Parties parties(const Request& request, const crypto::PeerId& target);
    bool hasRoomFor(const swarm::NegotiatedStream& stream, const std::optional<codec::IpAddress>& from) const;
    void releaseEnded();

    crypto::Identity m_identity;
    RelayServerConfig m_config;
    std::function<bool(const crypto::PeerId&)> m_trusts;
    const Log& m_log;
    std::vector<codec::Multiaddr> m_addresses;
    ReservationBook m_reservations;
    CircuitCopier m_copier;
    RateTable<crypto::PeerId> m_rates;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_deadlines;
    std::map<link::StreamKey, Request> m_requests;
    std::map<link::StreamKey, Stop> m_stops;
    std::map<swarm::RequestTag, link::StreamKey> m_asked; ///< hop streams whose stop stream is being opened
    CircuitBook m_circuits;                               ///< those that are being made included
    uint64_t m_served = 0;
    swarm::RequestTag m_lastTag = 0;
    std::deque<swarm::SwarmRequest> m_wanted;
};

} // namespace wherry::relay

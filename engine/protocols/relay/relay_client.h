#pragma once

#include "base/deadline_set.h"
#include "base/log.h"
#include "codec/frame.h"
#include "protocols/relay/messages.h"
#include "protocols/relay/relay_limits.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>

namespace wherry::relay {

/// The relay has granted a reservation.
struct Reserved {
    crypto::PeerId relay;
    swarm::PeerInfo link;               ///< that it holds for
    std::vector<codec::Multiaddr> told; ///< the relay's own addresses, as it says
    Instant until{};
    Limit limit;
    bool operator==(const Reserved&) const = default;
};
struct ReserveFailed {
    crypto::PeerId relay;
    Error error; ///< "relay ID: ...", in plain words
    bool operator==(const ReserveFailed&) const = default;
};
/// A circuit waits for a connection to this relay: dial it, and call onUnreachable() when that fails.
struct RelayWanted {
    crypto::PeerId relay;
    codec::Multiaddr address; ///< with /p2p/RELAY
    bool operator==(const RelayWanted&) const = default;
};
/// What connect() asked for: from here on the stream is the pipe.
struct CircuitOpened {
    link::LinkId circuit;
    link::StreamKey key;
    Limit limit;
    bool operator==(const CircuitOpened&) const = default;
};
struct CircuitFailed {
    link::LinkId circuit;
    Error error;
    bool operator==(const CircuitFailed&) const = default;
};
/// A relay that holds a reservation of ours brings somebody, as it says `peer`: accept() or refuse().
struct CircuitOffered {
    link::StreamKey key;
    swarm::PeerInfo relay;
    crypto::PeerId peer;
    Limit limit{};
    bool operator==(const CircuitOffered&) const = default;
};
/// Of streams that are pipes: bytes or the end are there, there is room, nothing more comes or goes.
struct CircuitReadable {
    link::StreamKey key;
    bool operator==(const CircuitReadable&) const = default;
};
struct CircuitWritable {
    link::StreamKey key;
    bool operator==(const CircuitWritable&) const = default;
};
struct CircuitEnded {
    link::StreamKey key;
    bool operator==(const CircuitEnded&) const = default;
};
using ClientEvent = std::variant<Reserved, ReserveFailed, RelayWanted, CircuitOpened, CircuitFailed, CircuitOffered,
                                 CircuitReadable, CircuitWritable, CircuitEnded>;

/// Whoever uses relays: asks for reservations and circuits over hop streams, and accepts circuits over stop streams
/// (libp2p/specs relay, circuit-v2). A circuit that stands is a pair of byte streams for its owner; nothing in it is
/// believed, who is at the other end is for the handshake inside to prove.
///
/// Circuits are accepted from relays that setAccepting() names, and only over direct connections; all that waits for a
/// relay or a peer has a deadline and a bound.
class RelayClient final : public swarm::Protocol {
  public:
    RelayClient(crypto::PeerId self, const Log& log) : m_self(std::move(self)), m_log(log) {}

    /// Reserved or ReserveFailed follows. One at a time for each relay; others are part of it.
    void reserve(const crypto::PeerId& relay, Now now);
    /// Whether circuits are taken from it.
    void setAccepting(const crypto::PeerId& relay, bool accepting);
    /// CircuitOpened or CircuitFailed follows.
    void connect(link::LinkId circuit, const crypto::PeerId& relay, const codec::Multiaddr& address,
                 const crypto::PeerId& target, Now now);
    /// No outcome follows.
    void cancelConnect(link::LinkId circuit, link::StreamIo& io);
    void onUnreachable(const crypto::PeerId& relay, const Error& error);
    /// Answers CircuitOffered. The stream is the pipe from the first CircuitWritable on.
    void accept(link::StreamKey key, link::StreamIo& io);
    void refuse(link::StreamKey key, uint32_t status, link::StreamIo& io);
    /// Nothing more of this pipe is told.
    void forget(link::StreamKey key);

    std::optional<ClientEvent> poll();

    std::span<const std::string> protocolIds() const override;
    void onPeerConnected(const swarm::PeerInfo& info, link::StreamIo& io, Now now) override;
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
    /// A question to a relay: for a reservation, or (with a circuit) for a connection.
    struct Asking {
        crypto::PeerId relay;
        std::optional<link::LinkId> circuit;
        crypto::PeerId target;
        bool begun = false; ///< the stream has been asked for
        swarm::PeerInfo link;
        std::optional<link::StreamKey> key; ///< once there is a stream
        codec::FrameReader frames{kMaxMessageBytes};
        Bytes unsent;
        DeadlineSet<swarm::RequestTag, crypto::PeerId>::Entry deadline;
    };
    /// A relay brings somebody.
    struct Stop {
        swarm::PeerInfo relay;
        codec::FrameReader frames{kMaxMessageBytes};
        Bytes unsent;
        bool offered = false;
        bool accepted = false; ///< only the answer is still to leave
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
    };
    struct Pipe {
        bool readableTold = false;
        std::optional<crypto::PeerId> acceptedFrom;
    };

    void begin(swarm::RequestTag tag, Asking& asking);
    void beginWaiting(const swarm::PeerInfo& relay, link::StreamIo* io);
    void readAnswer(swarm::RequestTag tag, link::StreamIo& io, Now now);
    Result<Reserved> judge(const Asking& asking, const HopStatus& said, Now now) const;
    void fail(swarm::RequestTag tag, Error error, link::StreamIo* io);
    void end(swarm::RequestTag tag);
    void onStop(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now);
    void readStop(link::StreamKey key, link::StreamIo& io);
    void sendAnswer(link::StreamKey key, link::StreamIo& io);
    void endBefore(link::StreamKey key, std::string_view why, link::StreamIo& io);
    void tellReadable(link::StreamKey key);
    size_t connecting() const;

    crypto::PeerId m_self;
    const Log& m_log;
    std::map<crypto::PeerId, swarm::PeerInfo> m_peers; ///< connected
    std::set<crypto::PeerId> m_accepting;
    std::map<crypto::PeerId, size_t> m_acceptedFrom; ///< pipes that each relay has brought
    swarm::RequestTag m_lastTag = 0;
    DeadlineSet<swarm::RequestTag, crypto::PeerId> m_askDeadlines;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_stopDeadlines;
    std::map<swarm::RequestTag, Asking> m_asking;
    std::map<link::StreamKey, swarm::RequestTag> m_askStreams;
    std::map<link::StreamKey, Stop> m_stops;
    std::map<link::StreamKey, Pipe> m_pipes;
    std::deque<swarm::SwarmRequest> m_wanted;
    std::deque<ClientEvent> m_events;
};

} // namespace wherry::relay

#pragma once

#include "base/log.h"
#include "link/link.h"
#include "swarm/dial_race.h"
#include "swarm/protocol.h"
#include "swarm/swarm_limits.h"

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace wherry::swarm {

using ConnectId = StrongId<struct ConnectTag>;

struct SwarmConfig {
    crypto::PeerId self;
    Duration connectTimeout = std::chrono::seconds(30);
    size_t maxLinks = kMaxLinks;
    size_t maxInboundLinksPerPrefix = kMaxInboundLinksPerPrefix;
};

/// How full the swarm is, for status and tests.
struct SwarmFigures {
    size_t links = 0;
    size_t streams = 0;
    size_t pendingDials = 0;
    size_t waitingConnects = 0;
};

/// Outcome of Swarm::connect: exactly one per ConnectId.
struct Connected {
    ConnectId id;
    PeerInfo peer;
    bool operator==(const Connected&) const = default;
};
struct ConnectFailed {
    ConnectId id;
    crypto::PeerId peer;
    Error error; ///< IdentityMismatch when an address proved another key and none proved the right one; else
                 ///< Unreachable, naming the addresses
    bool operator==(const ConnectFailed&) const = default;
};
struct PeerConnected {
    PeerInfo peer;
    bool operator==(const PeerConnected&) const = default;
};
struct PeerMoved {
    PeerInfo peer;
    bool operator==(const PeerMoved&) const = default;
};
struct PeerGone {
    crypto::PeerId peer;
    Error error;
    bool operator==(const PeerGone&) const = default;
};
using SwarmEvent = std::variant<Connected, ConnectFailed, PeerConnected, PeerMoved, PeerGone>;

/// Peers instead of connections. Dials addresses in a race (RFC 8305), keeps one link per peer by a rule that both ends
/// share, negotiates protocols on streams (multistream-select 1.0) and hands them to their protocol, and enforces the
/// limits of swarm_limits.h. Sans-I/O: after any input to a carrier, a protocol or the swarm, call settle() and then
/// poll() until empty.
class Swarm {
  public:
    Swarm(SwarmConfig config, const Log& log);
    ~Swarm();

    /// Carriers and protocols outlive the swarm; both are added before the first input.
    void addCarrier(link::Carrier& carrier);
    void addProtocol(Protocol& protocol);
    /// Whether streams of this protocol that others open are taken, as they are at first. Those that are open stay.
    void setServing(const Protocol& protocol, bool serves);

    /// Makes sure `peer` is connected: at once when it is, otherwise by racing `addresses` (without or with /p2p/ID; an
    /// address with another id is refused as InvalidArgument in ConnectFailed). Addresses must be resolved already (no
    /// /dns*). More addresses for a peer that is being dialled join its race.
    ConnectId connect(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, Now now);
    /// The same, but only over a direct link: one that leads through a relay does not count, and neither do such
    /// addresses. Ends dials that go on for nobody, so that an address may be tried again.
    ConnectId connectDirectly(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, DialPace pace,
                              Now now);
    /// ConnectFailed{Cancelled} follows, unless the outcome is already there.
    void cancelConnect(ConnectId id, Now now);
    /// Closes every link to the peer; PeerGone follows.
    void disconnect(const crypto::PeerId& peer, uint64_t code, std::string_view reason, Now now);
    /// From now on no protocol hears of this peer: links to it are closed, new ones right after their handshake, and
    /// connect() fails with PermissionDenied. The owner bounds the number of denied peers.
    void deny(const crypto::PeerId& peer, Now now);
    void allow(const crypto::PeerId& peer);
    /// A further link that this peer makes before `until` stands beside the one in use instead of taking its place, and
    /// is closed when no stream is left on it. For peers that were asked to dial.
    void allowSecondLink(const crypto::PeerId& peer, Instant until);

    /// Drains carrier events and protocol requests until both are quiet. Bounded per call; `true` when more work is
    /// left.
    bool settle(Now now);
    std::optional<SwarmEvent> poll();

    Instant deadline() const;
    void onDeadline(Now now);

    std::optional<PeerInfo> peer(const crypto::PeerId& id) const;
    std::vector<PeerInfo> peers() const;
    std::optional<link::LinkStats> stats(const crypto::PeerId& id) const;
    /// Whether anything goes on with a connected peer: a stream of either side, negotiated or not, but those of
    /// protocols that idle on them.
    bool hasStreams(const crypto::PeerId& id) const;
    SwarmFigures figures() const;
    /// Every protocol id that is served, sorted: what identify tells.
    std::vector<std::string> servedProtocols() const;
    /// For the owner's own calls into protocols (a finished job, a command): the same view of the streams that
    /// callbacks get.
    link::StreamIo& streams();

  private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace wherry::swarm

#pragma once

#include "base/result.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "link/link.h"
#include "swarm/path_reason.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wherry::swarm {

/// A protocol's own mark on a request, given back with the outcome.
using RequestTag = uint64_t;

/// What a protocol asks of the swarm. It is polled after every input; a protocol never holds the swarm.
struct OpenStream {
    crypto::PeerId peer;                  ///< must be connected; otherwise the request fails with Unreachable
    std::vector<std::string> protocolIds; ///< in order of preference; one id alone is negotiated lazily (no round trip)
    RequestTag tag = 0;
    bool operator==(const OpenStream&) const = default;
};
struct Disconnect {
    crypto::PeerId peer;
    uint64_t code = link::kNoError;
    std::string reason;
    bool operator==(const Disconnect&) const = default;
};
using SwarmRequest = std::variant<OpenStream, Disconnect>;

/// A peer as protocols see it while it is connected.
struct PeerInfo {
    crypto::PeerId peer;
    link::LinkId link;
    link::Side side;
    codec::Multiaddr local;
    codec::Multiaddr remote;
    PathReason reason = PathReason::OnlyWay; ///< why this is the link in use

    /// A third peer carries its bytes (circuit relay v2).
    bool relayed() const { return remote.isCircuit(); }
    bool operator==(const PeerInfo&) const = default;
};

/// A stream that has been negotiated and now belongs to a protocol.
struct NegotiatedStream {
    link::StreamKey key;
    crypto::PeerId peer;
    std::string_view protocolId;    ///< valid for the length of the call
    bool outbound = false;          ///< we opened it
    RequestTag tag = 0;             ///< of the OpenStream request; 0 when inbound
    const PeerInfo* over = nullptr; ///< the link that carries it, which need not be the peer's current one; valid for
                                    ///< the length of the call
};

/// A protocol is told what happened and asked what it wants. All of a stream's bytes go through `io`, which is only
/// valid for the length of a call. Inputs mutate once and never call back into the swarm.
class Protocol {
  public:
    virtual ~Protocol() = default;

    /// The ids that inbound streams may ask for; stable for the life of the object. Empty: serves nothing.
    virtual std::span<const std::string> protocolIds() const = 0;
    /// Whether it also runs over a relayed link, whose bytes a third peer lends us. One that does not is neither served
    /// there nor opens streams (Unsupported); onPeerMoved tells when a direct link has taken its place.
    virtual bool runsOverRelay() const { return false; }

    /// Whether its streams stay open though nothing goes on: they do not count where it is asked whether a link is
    /// used.
    virtual bool idlesOnStreams() const { return false; }

    virtual void onPeerConnected(const PeerInfo&, link::StreamIo&, Now) {}
    virtual void onPeerMoved(const PeerInfo&, Now) {}
    /// A link has ended, and not because the peer has closed it: its streams are closed next, and onPeerGone comes when
    /// it was the last.
    virtual void onLinkLost(const PeerInfo&, const Error&) {}
    /// Every stream of the peer has been closed before this comes.
    virtual void onPeerGone(const crypto::PeerId&, const Error&, Now) {}

    /// A stream is ready. Outbound and lazily negotiated: bytes may be written at once; should the peer refuse the
    /// protocol after all, onStreamFailed and then nothing more follows.
    virtual void onStream(const NegotiatedStream&, link::StreamIo&, Now) = 0;
    /// An OpenStream request has failed: Unreachable, Unsupported, LimitReached, Timeout, ConnectionLost.
    virtual void onStreamFailed(RequestTag, const crypto::PeerId&, const Error&, link::StreamIo&, Now) {}
    virtual void onReadable(link::StreamKey, link::StreamIo&, Now) = 0;
    virtual void onWritable(link::StreamKey, link::StreamIo&, Now) {}
    /// The peer reset its half.
    virtual void onReset(link::StreamKey, uint64_t /*code*/, link::StreamIo&, Now) {}
    /// The peer asked us to stop sending.
    virtual void onStopped(link::StreamKey, uint64_t /*code*/, link::StreamIo&, Now) {}
    /// The stream is gone; nothing follows for this key.
    virtual void onClosed(link::StreamKey, link::StreamIo&, Now) {}

    virtual Instant deadline() const { return kNever; }
    virtual void onDeadline(link::StreamIo&, Now) {}
    virtual std::optional<SwarmRequest> pollRequest() { return std::nullopt; }
};

} // namespace wherry::swarm

#pragma once

#include "base/log.h"
#include "codec/reach.h"
#include "crypto/identity.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wherry::identify {

struct IdentifyConfig {
    std::string agent = "wherry/0.1.0";
    std::string protocolVersion = "ipfs/0.1.0"; ///< what every libp2p node says; peers only log it
};

/// What a peer says about itself. All of it is its own claim; the texts are raw and must be neutralised before they are
/// shown.
struct Identified {
    crypto::PeerId peer;
    std::string agent;
    std::string protocolVersion;
    std::vector<std::string> protocols;
    std::vector<codec::Multiaddr> listenAddresses; ///< from the signed record when there is a valid one
    bool certified = false;                        ///< the addresses are signed by the peer
    codec::Multiaddr observed;                     ///< how the peer sees us; empty when it did not say
    bool pushed = false;                           ///< a change told by the peer, not the answer to our question
    Bytes record;                                  ///< when certified: the signed record, for others
    /// Who is no farther away than this may be handed the record: all of its addresses may pass there. nullopt: nobody.
    std::optional<codec::Reach> recordFarthest;
    bool operator==(const Identified&) const = default;
};
struct IdentifyFailed {
    crypto::PeerId peer;
    Error error;
    bool operator==(const IdentifyFailed&) const = default;
};
using IdentifyEvent = std::variant<Identified, IdentifyFailed>;

/// /ipfs/id/1.0.0 and /ipfs/id/push/1.0.0 (libp2p/specs identify): asks every peer once when it connects, answers when
/// asked, and pushes to everybody when our addresses or protocols change. Nothing here is trusted: a public key that is
/// not the peer's, or a signed record of somebody else, fails the exchange.
class IdentifyProtocol final : public swarm::Protocol {
  public:
    IdentifyProtocol(crypto::Identity identity, IdentifyConfig config, const Log& log);
    ~IdentifyProtocol() override;

    /// Our own addresses, without /p2p. Each peer is told those that can lead here from where it is; a change of these
    /// is pushed to it.
    void setListenAddresses(std::vector<codec::Multiaddr> addresses, Now now);
    /// What we serve (Swarm::servedProtocols). A change is pushed to every connected peer.
    void setProtocols(std::vector<std::string> protocols, Now now);

    std::optional<IdentifyEvent> poll();
    /// What a connected peer has said so far.
    std::optional<Identified> known(const crypto::PeerId& peer) const;

    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
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
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace wherry::identify

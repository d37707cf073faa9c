#pragma once

#include "base/rate_limit.h"
#include "codec/frame.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/router.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wherry::gossipsub {

/// A message of ours has arrived at this peer's transport.
struct MessageLeft {
    MessageId id;
    crypto::PeerId peer;
    bool operator==(const MessageLeft&) const = default;
};

/// The streams of gossipsub: one of ours to each peer that speaks it, for what we say, opened when there is something;
/// one of the peer's, for what it says. A newer one of either takes the place of the one before, and ours follows the
/// peer to the link that is in use. Over direct links only: a relayed peer is as if it were not there.
///
/// Who speaks it is known from identify (onIdentified) or because it has opened a stream. After any call of the
/// router's own, pump() writes what it has left.
class GossipsubProtocol final : public swarm::Protocol {
  public:
    GossipsubProtocol(GossipsubConfig config, crypto::Identity identity, Random& random, const Log& log, Now now);

    Router& router() { return m_router; }
    const Router& router() const { return m_router; }
    /// What a connected peer serves.
    void onIdentified(const crypto::PeerId& peer, const std::vector<std::string>& protocols, link::StreamIo& io,
                      Now now);
    void pump(link::StreamIo& io, Now now);
    std::optional<MessageLeft> pollLeft();
    /// Messages of ours of which a copy waits or is under way, or has arrived and pollLeft() has not told of it yet. Of
    /// others every copy is lost, unless it has told of one.
    std::set<MessageId> carried() const;

    std::span<const std::string> protocolIds() const override;
    bool idlesOnStreams() const override { return true; }
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
    /// Bytes of ours, up to which the peer must have acknowledged the stream.
    struct Watched {
        MessageId id;
        uint64_t upTo;
    };
    struct Line {
        swarm::PeerInfo info;
        std::string speaks; ///< the newest id of identify, or that of its first stream; empty: not known, or none
        // what we say
        swarm::RequestTag opening = 0; ///< of the stream that has been asked for; 0: none
        std::optional<link::StreamKey> out;
        swarm::RequestTag tag = 0; ///< with which `out` was asked for
        Instant openAt{};          ///< not before
        Duration pause = kFirstReopen;
        bool moved = false; ///< to another link, where `out` may not be
        Slices unsent;
        std::optional<MessageId> unsentOurs;
        uint64_t written = 0;
        std::deque<Watched> watched;
        // what it says
        std::optional<link::StreamKey> in;
        codec::FrameReader frames{kMaxRpcBytes};
        RateLimit streams{kStreamsPerSecond, kStreamBurst};
        RateLimit rate{kItemTime, kReadBurst + 1}; ///< that it is read: the burst, and one that has begun
    };

    Line* lineOf(link::StreamKey key);
    void speaks(Line& line, std::string_view id, Now now);
    void forget(const crypto::PeerId& peer, Now now);
    void onInbound(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now);
    void read(Line& line, link::StreamIo& io, Now now);
    Result<bool> readOne(Line& line, link::StreamIo& io, Now now);
    void resume(link::StreamIo& io, Now now);
    void pump(Line& line, link::StreamIo& io, Now now);
    void write(Line& line, link::StreamIo& io);
    void lookAtWatched(Line& line, link::StreamIo& io);
    void forgetOut(Line& line);
    void loseOut(Line& line, Now now);
    void leaveOut(Line& line, link::StreamIo& io, Now now);
    void loseIn(Line& line);

    const Log& m_log;
    Router m_router;
    std::map<crypto::PeerId, Line> m_lines;
    std::map<link::StreamKey, crypto::PeerId> m_streams;
    std::deque<swarm::SwarmRequest> m_requests;
    swarm::RequestTag m_lastTag = 0;
    std::deque<MessageLeft> m_left;
    Instant m_look = kNever;   ///< at what is watched
    Instant m_reopen = kNever; ///< the first stream that waits for its time
    Instant m_resume = kNever; ///< reading of whom has sent more than its rate
};

} // namespace wherry::gossipsub

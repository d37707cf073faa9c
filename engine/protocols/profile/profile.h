#pragma once

#include "base/deadline_set.h"
#include "base/log.h"
#include "base/rate_table.h"
#include "codec/frame.h"
#include "peers/known_peer.h"
#include "protocols/profile/profile_limits.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wherry::profile {

/// What a connected peer has said about itself: claims, proved to be its own words by the connection and true by
/// nothing.
struct ProfileHeard {
    crypto::PeerId peer;
    peers::Claims claims;
    bool operator==(const ProfileHeard&) const = default;
};

/// /wherry/profile/1 (engine/wire/profile.proto): tells every peer who we say we are when it connects and when that
/// changes, and hears the same.
///
/// Each peer is told by one stream at a time; what changes meanwhile goes with the next one. A peer that does not speak
/// the protocol is not asked again on this connection. A message that breaks the rules ends its stream and changes
/// nothing.
class ProfileProtocol final : public swarm::Protocol {
  public:
    explicit ProfileProtocol(const Log& log) : m_log(log) {}

    /// What we say from now on, within checkOwnProfile(). Nothing is told before the first call.
    void setProfile(const peers::Claims& claims, Now now);
    std::optional<ProfileHeard> poll();

    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
    void onPeerConnected(const swarm::PeerInfo& info, link::StreamIo& io, Now now) override;
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
    struct Peer {
        uint64_t told = 0; ///< the version that it knows, or will when the stream is through
        bool telling = false;
        bool deaf = false;  ///< does not speak the protocol
        Instant nextTell{}; ///< not before
    };
    struct Telling {
        crypto::PeerId peer;
        std::optional<link::StreamKey> key; ///< once there is a stream; the peer may still refuse it
        Bytes unsent;
        DeadlineSet<swarm::RequestTag, crypto::PeerId>::Entry deadline;
    };
    struct Hearing {
        crypto::PeerId peer;
        codec::FrameReader frames{kMaxMessageBytes};
        std::optional<peers::Claims> heard; ///< the message; only the end may follow
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
    };

    void tell(const crypto::PeerId& id, Peer& peer, Now now);
    void write(Telling& telling, link::StreamIo& io);
    void told(swarm::RequestTag tag);
    void hear(link::StreamKey key, Hearing& hearing, link::StreamIo& io, Now now);
    void refuse(link::StreamKey key, link::StreamIo& io, uint64_t code);
    Telling* tellingOn(link::StreamKey key);

    const Log& m_log;
    Bytes m_message; ///< ours, framed
    uint64_t m_version = 0;
    swarm::RequestTag m_lastTag = 0;
    std::map<crypto::PeerId, Peer> m_peers;
    RateTable<crypto::PeerId> m_hearingRates{{kHearPerSecond, kHearBurst}, kMaxRates}; ///< also of peers that are gone
    std::set<crypto::PeerId> m_waiting; ///< to be told once their interval is over
    DeadlineSet<swarm::RequestTag, crypto::PeerId> m_tellingUntil;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_hearingUntil;
    std::map<swarm::RequestTag, Telling> m_telling;
    std::map<link::StreamKey, swarm::RequestTag> m_outbound;
    std::map<link::StreamKey, Hearing> m_hearing;
    std::deque<swarm::SwarmRequest> m_requests;
    std::deque<ProfileHeard> m_events;
};

} // namespace wherry::profile

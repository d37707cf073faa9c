#pragma once

#include "base/log.h"
#include "base/rate_table.h"
#include "codec/frame.h"
#include "protocols/dcutr/dcutr_limits.h"
#include "protocols/dcutr/messages.h"
#include "swarm/protocol.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wherry::dcutr {

// What the protocol asks of its owner. One peer has at most one of DialNow and PunchNow; the next one takes the place
// of the one before.

/// Dial the peer, from where we listen; whoever dials is client of security and multiplexer.
struct DialNow {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
    bool agreed = false; ///< the peer sends to us at this moment (SYNC)
    bool operator==(const DialNow&) const = default;
};
/// Send to these addresses from where we listen until the peer's packets come through or it is `until`; we stay the
/// server. `tryNumber`, from 1: in later ones dialling as well harms nobody, and finds peers that only we can reach.
struct PunchNow {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
    Instant until{};
    uint32_t tryNumber = 1;
    bool operator==(const PunchNow&) const = default;
};
/// What was asked for last is of no use any more.
struct StopNow {
    crypto::PeerId peer;
    bool operator==(const StopNow&) const = default;
};

/// How it ended; one for each begin() that has begun, unless the peer goes; as A one when a direct link has come of it.
/// `why` is empty when there is a direct link.
struct Ended {
    crypto::PeerId peer;
    std::string why;
    uint32_t tries = 0; ///< exchanges; 0 with a direct link: it came before both sides were told to send
    Duration took{};
    bool operator==(const Ended&) const = default;
};
using Action = std::variant<DialNow, PunchNow, StopNow, Ended>;

/// Whether an address that a peer names may be tried (SECURITY D10).
using MayTry = std::function<bool(const codec::Multiaddr&, const crypto::PeerId&)>;

/// From a relayed link to a direct one (libp2p/specs relay, DCUtR).
///
/// The side that the relayed link was made to is B, once its owner calls begin(): it dials the public addresses that
/// the peer has, then asks for an exchange, at most kTries times. States: dialling -> lacking an address of ours ->
/// asking -> waiting half a round trip -> punching -> asking ... -> ended. The other side is A: it answers exchanges
/// that come over relayed links which it has dialled, and dials at SYNC. A direct link (onDirect, onPeerMoved) ends
/// both at any time.
class DcutrProtocol final : public swarm::Protocol {
  public:
    DcutrProtocol(MayTry mayTry, const Log& log) : m_mayTry(std::move(mayTry)), m_log(log) {}

    /// Where this node is seen from outside, the likeliest first.
    void setOwnAddresses(std::vector<codec::Multiaddr> addresses, Now now);
    /// The peer is connected through a relay, by a link of its own; `addresses`: where it says that it listens. Whether
    /// anything is begun: not while one is under way or too many are, or when the peer has connected so too often
    /// lately.
    bool begin(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses, Now now);
    /// What DialNow asked for has failed already.
    void onDialFailed(const crypto::PeerId& peer, Now now);
    /// The peer is connected directly.
    void onDirect(const crypto::PeerId& peer, Now now);
    std::optional<Action> poll();
    bool isAtWork(const crypto::PeerId& peer) const { return m_attempts.contains(peer) || m_dialling.contains(peer); }

    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
    void onPeerConnected(const swarm::PeerInfo& info, link::StreamIo& io, Now now) override;
    void onPeerMoved(const swarm::PeerInfo& info, Now now) override;
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) override;
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, link::StreamIo& io,
                        Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    Instant deadline() const override;
    void onDeadline(link::StreamIo& io, Now now) override;
    std::optional<swarm::SwarmRequest> pollRequest() override;

    struct Load {
        size_t attempts = 0;
        size_t answers = 0;
        size_t dialling = 0;
    };
    Load load() const { return {m_attempts.size(), m_answers.size(), m_dialling.size()}; }

  private:
    enum class Stage : uint8_t { Dialling, Lacking, Asking, Waiting, Punching };
    /// As B.
    struct Attempt {
        Stage stage = Stage::Dialling;
        Instant next{}; ///< what the stage waits for is over
        Instant began{};
        Instant asked{};
        uint32_t tries = 0;
        swarm::RequestTag tag = 0;
        std::optional<link::StreamKey> stream;
        codec::FrameReader frames{kMaxMessageBytes};
        std::vector<codec::Multiaddr> theirs;
        bool synced = false; ///< both sides have been told to begin, once at least
    };
    /// As A: one exchange.
    struct Answer {
        crypto::PeerId peer;
        codec::FrameReader frames{kMaxMessageBytes};
        std::optional<std::vector<codec::Multiaddr>> theirs; ///< once CONNECT has come
        Instant giveUp{};
    };

    std::vector<codec::Multiaddr> plausible(const std::vector<codec::Multiaddr>& said,
                                            const crypto::PeerId& peer) const;
    void ask(const crypto::PeerId& peer, Attempt& attempt, Now now);
    void askWhenSeen(const crypto::PeerId& peer, Attempt& attempt, Now now);
    void onConnect(const crypto::PeerId& peer, Attempt& attempt, const Connect& said, link::StreamIo& io, Now now);
    void readAttempt(const crypto::PeerId& peer, link::StreamIo& io, Now now);
    void readAnswer(link::StreamKey key, link::StreamIo& io, Now now);
    void tryAgain(const crypto::PeerId& peer, std::string why, link::StreamIo* io, Now now);
    void end(const crypto::PeerId& peer, std::string why, Now now);
    void onStreamLost(link::StreamKey key, std::string why, Now now);
    bool write(link::StreamKey key, const Message& message, link::Fin fin, link::StreamIo& io);

    MayTry m_mayTry;
    const Log& m_log;
    std::vector<codec::Multiaddr> m_own;
    std::map<crypto::PeerId, Attempt> m_attempts;
    std::map<link::StreamKey, crypto::PeerId> m_asking;
    std::map<link::StreamKey, Answer> m_answers;
    std::map<crypto::PeerId, Instant> m_dialling; ///< as A: until when
    RateTable<crypto::PeerId> m_rates{{kAnswerInterval, kAnswersAtOnce}, kMaxRates};
    swarm::RequestTag m_lastTag = 0;
    std::deque<swarm::SwarmRequest> m_requests;
    std::deque<Action> m_actions;
};

} // namespace wherry::dcutr

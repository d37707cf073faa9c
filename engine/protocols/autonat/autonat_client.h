#pragma once

#include "base/deadline_set.h"
#include "base/log.h"
#include "base/random.h"
#include "base/strong_id.h"
#include "codec/frame.h"
#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/messages.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace wherry::autonat {

using ProbeId = StrongId<struct ProbeTag>;

/// Version 2 proves what it says (the nonce has come in); version 1 is the peer's word.
enum class Version : uint8_t { V1, V2 };

enum class ProbeOutcome : uint8_t {
    Reachable,   ///< version 2: the nonce came in over a new connection and the peer says so too; version 1: it says so
    Unreachable, ///< the peer says that it could not connect
    Inconclusive, ///< it did not try, or could not finish, or says what did not happen
};
/// Exactly one per ask().
struct ProbeDone {
    ProbeId id;
    crypto::PeerId peer;
    codec::Multiaddr address;
    Version version = Version::V2;
    ProbeOutcome outcome = ProbeOutcome::Inconclusive;
    std::string why; ///< of an outcome that is not Reachable, in our words
    bool operator==(const ProbeDone&) const = default;
};

/// The side of AutoNAT that asks, one address a question (js answers once per address), and is dialled back
/// (/libp2p/autonat/2/dial-back).
///
/// A peer that asks for dial data gets at most kMaxDialData, once a question, and only about the address that was
/// asked. A nonce counts when it is that of an open question of version 2, and comes in over a connection that was made
/// to us, other than the one we asked over, of the family and the transport of the address; a nonce that nobody waits
/// for costs the stream and nothing else.
class AutonatClient final : public swarm::Protocol {
  public:
    AutonatClient(crypto::PeerId self, Random& random, const Log& log)
        : m_self(std::move(self)),
          m_random(random),
          m_log(log) {}

    ProbeId ask(const crypto::PeerId& peer, const codec::Multiaddr& address, Version version);
    std::optional<ProbeDone> poll();

    std::span<const std::string> protocolIds() const override;
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

    /// Bytes of dial data sent so far, for tests of the bound.
    uint64_t dataSent() const { return m_dataSent; }

  private:
    struct Probe {
        ProbeDone result;
        uint64_t nonce = 0;
        std::optional<link::StreamKey> stream;
        codec::FrameReader frames{kMaxMessageBytes};
        Bytes unsent;
        uint64_t dataLeft = 0;
        bool dataAsked = false;
        bool nonceSeen = false;
        bool answered = false; ///< the peer says that it went well; the nonce may be on its way
        Instant giveUp = kNever;
    };
    struct DialBack {
        link::LinkId link;
        link::Side side = link::Side::Listener;
        codec::Multiaddr local;
        codec::FrameReader frames{kMaxDialBackBytes};
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
    };

    void read(ProbeId id, link::StreamIo& io, Now now);
    void onAnswer(ProbeId id, const DialResponse& answer, link::StreamIo& io, Now now);
    void onAnswer(ProbeId id, const Response1& answer, link::StreamIo& io);
    void onDataRequest(ProbeId id, const DialDataRequest& request, link::StreamIo& io);
    void send(Probe& probe, link::StreamIo& io);
    void finish(ProbeId id, ProbeOutcome outcome, std::string why, link::StreamIo* io);
    void readDialBack(link::StreamKey key, link::StreamIo& io);
    bool takeNonce(const DialBack& dialBack, uint64_t nonce, link::StreamIo& io);

    crypto::PeerId m_self;
    Random& m_random;
    const Log& m_log;
    IdSource<ProbeId> m_ids;
    std::map<ProbeId, Probe> m_probes;
    std::map<link::StreamKey, ProbeId> m_streams;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_dialBackDeadlines;
    std::map<link::StreamKey, DialBack> m_dialBacks;
    std::deque<swarm::SwarmRequest> m_requests;
    std::deque<ProbeDone> m_done;
    uint64_t m_dataSent = 0;
};

} // namespace wherry::autonat

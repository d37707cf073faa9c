#pragma once

#include "base/deadline_set.h"
#include "base/log.h"
#include "base/random.h"
#include "base/rate_table.h"
#include "base/strong_id.h"
#include "codec/frame.h"
#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/messages.h"
#include "swarm/protocol.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <variant>

namespace wherry::autonat {

using DialBackId = StrongId<struct DialBackTag>;

/// Dial this peer at this one address, over a socket that does not listen; with a nonce, give it that over a dial-back
/// stream. onDialBack() tells what came of it, once.
struct StartDialBack {
    DialBackId id;
    crypto::PeerId peer;
    codec::Multiaddr address;
    std::optional<uint64_t> nonce; ///< nullopt: version 1, where being connected is enough
    bool operator==(const StartDialBack&) const = default;
};
enum class DialBackOutcome : uint8_t {
    Ok,
    DialError,     ///< no connection
    DialBackError, ///< a connection, but the nonce was not taken over it
};

/// The side of AutoNAT that dials: /libp2p/autonat/1.0.0 and /libp2p/autonat/2/dial-request.
///
/// What strangers may make of it is bounded: one dial a request, to the first address that dialTarget() allows; rates
/// in all and by peer; version 1 only ever dials the address that the request came from; version 2 dials another one
/// only after 30 to 100 kB of the requester's own, at a random moment within three seconds, and rarely. A request is
/// carried out one at a time and peer.
///
/// States of a request: read -> (data) -> (wait) -> dialled -> answered. One deadline covers all of them.
class AutonatServer final : public swarm::Protocol {
  public:
    /// `canDial`: whether the dialler has a transport for such an address.
    AutonatServer(std::function<bool(const codec::Multiaddr&)> canDial, Random& random, const Log& log);

    std::optional<StartDialBack> poll();
    void onDialBack(DialBackId id, DialBackOutcome outcome, link::StreamIo& io, Now now);

    std::span<const std::string> protocolIds() const override;
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onWritable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    Instant deadline() const override;
    void onDeadline(link::StreamIo& io, Now now) override;

  private:
    enum class Phase : uint8_t { Request, Data, Delay, Dialling, Answered };
    struct Exchange {
        bool first = false; ///< version 1
        crypto::PeerId peer;
        std::optional<codec::IpAddress> observed; ///< where the request comes from; nullopt: relayed
        Phase phase = Phase::Request;
        codec::FrameReader frames{kMaxMessageBytes};
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
        uint32_t index = 0; ///< of the address that is dialled
        codec::Multiaddr address;
        uint64_t nonce = 0;
        uint64_t dataDue = 0;
        Instant dialAt = kNever;
        std::optional<DialBackId> dial;
        Bytes unsent;
    };

    bool busyFor(const crypto::PeerId& peer) const;
    bool mayServe(const crypto::PeerId& peer, Now now);
    void read(link::StreamKey key, link::StreamIo& io, Now now);
    Result<void> onMessage(link::StreamKey key, Exchange& exchange, ByteView bytes, link::StreamIo& io, Now now);
    void onDial1(link::StreamKey key, Exchange& exchange, const Dial1& dial, link::StreamIo& io, Now now);
    void onRequest2(link::StreamKey key, Exchange& exchange, const DialRequest& request, link::StreamIo& io, Now now);
    void onData(link::StreamKey key, Exchange& exchange, size_t bytes, Now now);
    void dial(link::StreamKey key, Exchange& exchange);
    void answer(link::StreamKey key, Exchange& exchange, const Message1& message, link::StreamIo& io);
    void answer(link::StreamKey key, Exchange& exchange, const DialResponse& response, link::StreamIo& io);
    void end(link::StreamKey key, Exchange& exchange, ByteView message, link::StreamIo& io);
    void send(link::StreamKey key, Exchange& exchange, link::StreamIo& io);
    void drop(link::StreamKey key);

    std::function<bool(const codec::Multiaddr&)> m_canDial;
    Random& m_random;
    const Log& m_log;
    RateLimit m_all;
    RateLimit m_otherHosts;
    RateTable<crypto::PeerId> m_ofPeer;
    IdSource<DialBackId> m_ids;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_deadlines;
    std::map<link::StreamKey, Exchange> m_exchanges;
    struct Dialled {
        crypto::PeerId peer;
        std::optional<link::StreamKey> asker; ///< nullopt: nobody waits for it any more
    };
    std::map<DialBackId, Dialled> m_dials;
    std::multimap<Instant, link::StreamKey> m_delayed;
    std::deque<StartDialBack> m_wanted;
};

} // namespace wherry::autonat

#pragma once

#include "base/deadline_set.h"
#include "base/log.h"
#include "base/strong_id.h"
#include "codec/frame.h"
#include "kad/message.h"
#include "kad/protocol_ids.h"
#include "kad/responder.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wherry::kad {

using RequestId = StrongId<struct RequestTag>;

/// The answer to a request of ours; nullopt: it has none (ADD_PROVIDER), and the peer has taken it.
struct Answered {
    RequestId id;
    crypto::PeerId peer;
    std::optional<Message> answer;
    bool operator==(const Answered&) const = default;
};
/// Unreachable: the peer is not connected. Unsupported, LimitReached, Timeout, ConnectionLost, Malformed, TooLarge,
/// ProtocolViolation (an answer of another type).
struct RequestFailed {
    RequestId id;
    crypto::PeerId peer;
    Error error;
    bool operator==(const RequestFailed&) const = default;
};
using KadEvent = std::variant<Answered, RequestFailed>;

/// The streams of one Kademlia network (libp2p/specs kad-dht, "RPC messages"); a node on two networks has two of these.
/// With a responder it is a server: it takes streams of its protocol id and answers the requests on them, one after
/// another. Without, it is a client, and serves nothing ("Client and server mode"). Each request of ours has a stream
/// of its own, as in js. Every request has exactly one outcome.
class KadProtocol final : public swarm::Protocol {
  public:
    /// `responder`: nullptr in client mode; outlives this.
    KadProtocol(std::string protocolId, Responder* responder, const Log& log);

    /// Asks a connected peer.
    RequestId request(const crypto::PeerId& peer, const Message& message);
    std::optional<KadEvent> poll();

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

  private:
    struct Wanted {
        crypto::PeerId peer;
        MessageType type = MessageType::Ping;
        Bytes frame; ///< until there is a stream
        std::optional<link::StreamKey> key;
    };
    struct Exchange {
        crypto::PeerId peer;
        RequestId id; ///< of our request; none: the peer's stream
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
        codec::FrameReader frames{kMaxMessageBytes};
        Bytes unsent; ///< one message at most
    };

    void send(link::StreamKey key, Exchange& exchange, link::StreamIo& io);
    void readAnswer(link::StreamKey key, Exchange& exchange, link::StreamIo& io);
    void serve(link::StreamKey key, link::StreamIo& io, Now now);
    Result<bool> serveOne(link::StreamKey key, Exchange& exchange, link::StreamIo& io, Now now);
    void finish(RequestId id, std::optional<Message> answer, link::StreamIo& io);
    void fail(RequestId id, Error error);
    void drop(link::StreamKey key, const Error& error);

    std::vector<std::string> m_served;
    std::string m_protocolId;
    Responder* m_responder;
    const Log& m_log;
    IdSource<RequestId> m_ids;
    std::map<RequestId, Wanted> m_wanted;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_ours;
    DeadlineSet<link::StreamKey, crypto::PeerId> m_theirs;
    std::map<link::StreamKey, Exchange> m_exchanges; ///< each with its deadline above
    std::deque<swarm::SwarmRequest> m_requests;
    std::deque<KadEvent> m_events;
};

} // namespace wherry::kad

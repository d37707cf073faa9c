#pragma once

#include "base/log.h"
#include "base/random.h"
#include "base/strong_id.h"
#include "codec/frame.h"
#include "protocols/text/text_message.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace wherry::text {

inline constexpr const char* kProtocolId = "/wherry/text/1";

/// Local number of a text that is being sent; never on the wire.
using TextId = StrongId<struct TextTag>;

/// The peer has it in its database and said so.
struct TextSent {
    TextId id;
    crypto::PeerId peer;
    MessageId message{};
    bool operator==(const TextSent&) const = default;
};
/// Given up. Unreachable, ConnectionLost, Timeout (no answer), Declined (the other side takes no texts from us),
/// LimitReached (it takes no more now), Unsupported, IdentityMismatch, ProtocolViolation, Cancelled.
struct TextFailed {
    TextId id;
    crypto::PeerId peer;
    Error error;
    bool operator==(const TextFailed&) const = default;
};
using OutboxEvent = std::variant<TextSent, TextFailed>;

/// The sending half of /wherry/text/1. Texts to one peer go one after another, in the order in which they were given;
/// each is offered again, with the same message id, until the peer has answered or its wait is over.
///
/// States of a text: queued (behind another of its peer), waiting (for the connection or the end of a pause), in flight
/// (asked for a stream, or has one). Only the first of a peer is ever waiting or in flight.
class Outbox {
  public:
    Outbox(Random& random, const Log& log) : m_random(random), m_log(log) {}

    /// `id`: as which the peer knows it; nullopt: a new one.
    TextId send(const crypto::PeerId& peer, std::string text, Duration wait, Now now,
                const std::optional<MessageId>& id = {});
    bool cancel(TextId id, link::StreamIo& io);
    void cancelAll(link::StreamIo& io);
    void onConnected(const crypto::PeerId& peer, Now now);
    void onGone(const crypto::PeerId& peer, const Error& error, Now now);
    void onUnreachable(const crypto::PeerId& peer, const Error& error, Now now);

    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now);
    void onStreamFailed(swarm::RequestTag tag, const Error& error, link::StreamIo& io, Now now);
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now);
    void onWritable(link::StreamKey key, link::StreamIo& io);
    /// Reset, stopped or closed before the answer.
    void onBroken(link::StreamKey key, link::StreamIo& io, Now now);
    Instant deadline() const;
    void onDeadline(link::StreamIo& io, Now now);

    std::optional<OutboxEvent> poll();
    std::optional<crypto::PeerId> pollWant();
    std::optional<swarm::SwarmRequest> pollRequest();

  private:
    struct Text {
        TextId id;
        Message message;
        Instant giveUp;
        Instant nextTry = kNever; ///< kNever: no pause
        Duration pause = kFirstRetryPause;
        Error lastError{Errc::Unreachable, "the peer was not reached"};
        // in flight
        swarm::RequestTag tag = 0; ///< of this attempt; 0: not in flight
        std::optional<link::StreamKey> stream;
        Instant answerBy = kNever;
        size_t written = 0;
        bool saidAll = false; ///< and ended our half
        codec::FrameReader answer{kMaxReplyBytes};
    };
    struct Peer {
        std::deque<Text> texts; ///< never empty
        bool wanted = false;    ///< a dial is under way
    };

    void advance(const crypto::PeerId& peer, Now now);
    void write(Text& text, link::StreamIo& io);
    void onReply(const crypto::PeerId& peer, Reply reply, link::StreamIo& io, Now now);
    void tryLater(const crypto::PeerId& peer, Error error, link::StreamIo& io, Now now);
    void finish(const crypto::PeerId& peer, std::optional<Error> error, link::StreamIo& io, Now now);
    void land(Text& text, link::StreamIo& io);
    void fail(const crypto::PeerId& peer, const Text& text, Error error);
    /// The text in flight on this stream or under this tag is the first of the peer; nullptr: none.
    const crypto::PeerId* peerOn(link::StreamKey key) const;

    Random& m_random;
    const Log& m_log;
    IdSource<TextId> m_ids;
    swarm::RequestTag m_lastTag = 0;
    size_t m_count = 0;
    std::map<crypto::PeerId, Peer> m_peers;
    std::set<crypto::PeerId> m_connected;
    std::map<swarm::RequestTag, crypto::PeerId> m_tags;
    std::map<link::StreamKey, crypto::PeerId> m_streams;
    std::deque<OutboxEvent> m_events;
    std::deque<crypto::PeerId> m_wants;
    std::deque<swarm::SwarmRequest> m_requests;
};

} // namespace wherry::text

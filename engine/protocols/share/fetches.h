#pragma once

#include "base/random.h"
#include "protocols/share/share_protocol.h"

namespace wherry::share {

/// One `get` of the person, from the ticket to the delivery or to giving up; numbered by the owner.
using FetchRequestId = StrongId<struct FetchRequestTag>;

/// What the owner is to do.
struct FetchPeerWanted {
    crypto::PeerId peer;
    bool operator==(const FetchPeerWanted&) const = default;
};
/// An offer with this token is to be accepted for that request, from that peer only; again after each loss.
struct FetchOfferExpected {
    FetchRequestId request;
    crypto::PeerId peer;
    FetchToken token{};
    bool operator==(const FetchOfferExpected&) const = default;
};
/// The request is over; the token is good for nothing any more. No error: delivered.
struct FetchEnded {
    FetchRequestId request;
    crypto::PeerId peer;
    FetchToken token{};
    std::optional<Error> error;
    bool operator==(const FetchEnded&) const = default;
};
using FetchAction = std::variant<FetchPeerWanted, FetchOfferExpected, FetchEnded>;

/// The fetcher's side of share tickets: reaches the sharer, asks, waits for the offer, and begins again after a loss
/// until the content is there or the sharer has been away for too long.
///
///   Reaching -> Asking -> Expecting -> Receiving -> ended
///      ^--------- loss, Busy ----------'
///
/// Invariants: one token per request for all its attempts, so that the sharer recognises it; exactly one FetchEnded.
class Fetches {
  public:
    Fetches(ShareProtocol& protocol, Random& random) : m_protocol(protocol), m_random(random) {}

    /// `wait`: how long the sharer may be away, at first and after each loss. A ticket that has expired ends at once.
    void start(FetchRequestId request, const ShareTicket& ticket, Duration wait, bool connected, Now now);
    /// NotFound: no such request. FetchEnded{Cancelled} follows.
    Result<void> cancel(FetchRequestId request, link::StreamIo& io);
    void cancelAll(link::StreamIo& io);

    void onPeerConnected(const crypto::PeerId& peer);
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now);
    void onPeerUnreachable(const crypto::PeerId& peer, const Error& error, Now now);
    void on(const FetchGranted& event, Now now);
    void on(const FetchFailed& event, Now now);
    /// Whose token it is.
    std::optional<FetchRequestId> requestOf(const FetchToken& token) const;
    // what becomes of the offer that carries the token
    void onOffered(const FetchToken& token);
    void onDelivered(const FetchToken& token);
    /// The transfer has ended without delivery: ConnectionLost and Timeout lead to another attempt.
    void onTransferFailed(const FetchToken& token, const Error& error, Now now);

    Instant deadline() const;
    void onDeadline(link::StreamIo& io, Now now);
    std::optional<FetchAction> poll();

  private:
    enum class Phase : uint8_t { Reaching, Asking, Expecting, Receiving };
    struct Fetch {
        ShareTicket ticket;
        FetchToken token{};
        Duration wait{};
        Phase phase = Phase::Reaching;
        bool connected = false;
        bool reached = false; ///< at least once
        FetchId ask;
        Instant awayUntil{};       ///< for how long the sharer may be away
        Instant giveUpAt = kNever; ///< awayUntil while it is; the protocol bounds how long it may take to answer
        Instant retryAt = kNever;
        Duration pause{};
        Error lastError;
    };
    void ask(FetchRequestId request, Fetch& fetch);
    void retryLater(FetchRequestId request, const Error& error, Now now);
    void end(FetchRequestId request, std::optional<Error> error);
    std::map<FetchRequestId, Fetch>::iterator byAsk(FetchId id);
    std::map<FetchRequestId, Fetch>::iterator byToken(const FetchToken& token);

    ShareProtocol& m_protocol;
    Random& m_random;
    std::map<FetchRequestId, Fetch> m_fetches;
    std::deque<FetchAction> m_actions;
};

} // namespace wherry::share

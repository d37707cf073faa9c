#pragma once

#include "base/log.h"
#include "base/strong_id.h"
#include "codec/frame.h"
#include "protocols/share/share_book.h"
#include "swarm/protocol.h"

namespace wherry::share {

using FetchToken = std::array<uint8_t, 16>;
/// A request of our own.
using FetchId = StrongId<struct FetchTag>;
/// A request of a peer.
using AskId = StrongId<struct AskTag>;

/// Fetcher: the sharer has said yes; its offer carries the token.
struct FetchGranted {
    FetchId fetch;
    bool operator==(const FetchGranted&) const = default;
};
/// Fetcher. NotFound (the share is not there any more, or the ticket is wrong), Io (it cannot be read now), Busy (ask
/// again later); Unsupported; ConnectionLost, Timeout, Unreachable, ProtocolViolation: no answer came.
struct FetchFailed {
    FetchId fetch;
    Error error;
    bool operator==(const FetchFailed&) const = default;
};
/// Sharer: somebody has proved that he holds the ticket. Owes an answer().
struct FetchAsked {
    AskId ask;
    crypto::PeerId peer;
    ShareId share{};
    FetchToken token{};
    bool operator==(const FetchAsked&) const = default;
};
using ShareEvent = std::variant<FetchGranted, FetchFailed, FetchAsked>;

/// /wherry/share/1 (engine/wire/share.proto), both roles. It decides who may have a share; the content goes over
/// /wherry/transfer/1.
///
/// Invariants: FetchAsked only after the proof was checked against a share that is valid now; what a peer learns about
/// a share that it may not have is always the same answer. Exactly one FetchGranted or FetchFailed for each fetch().
class ShareProtocol final : public swarm::Protocol {
  public:
    ShareProtocol(const crypto::PeerId& self, const ShareBook& book, const Log& log);
    ~ShareProtocol() override;

    /// The sharer must be connected. A ticket of our own, or one too many, fails at once.
    FetchId fetch(const ShareTicket& ticket, const FetchToken& token);
    void cancel(FetchId fetch, link::StreamIo& io);
    /// `granted`: an offer is on its way, or why not. Harmless when the peer has gone meanwhile.
    void answer(AskId ask, const Result<void>& granted, link::StreamIo& io);
    std::optional<ShareEvent> poll();

    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
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

/// What proves to `sharer` that `fetcher` holds the secret of the share (engine/wire/share.proto, FetchRequest).
std::array<uint8_t, 32> fetchProof(const ShareSecret& secret, const ShareId& share, const FetchToken& token,
                                   const crypto::PeerId& sharer, const crypto::PeerId& fetcher);

} // namespace wherry::share

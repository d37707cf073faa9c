#pragma once

#include "base/log.h"
#include "base/random.h"
#include "crypto/identity.h"
#include "link/bandwidth.h"
#include "link/link.h"
#include "quic/config.h"
#include "quic/send_batch.h"

#include <memory>
#include <optional>
#include <span>

namespace wherry::quic {

/// An address of this node and the MTU of its interface.
struct LocalAddress {
    codec::SocketAddress address;
    /// Bytes, IP header included.
    size_t linkMtu = kDefaultLinkMtu;
};

/// One UDP socket's worth of QUIC with libp2p TLS, for both directions (RFC 9000, 9001, 9002, 9221; libp2p/specs quic,
/// tls). A sans-I/O machine. The owner's loop:
///
///   onDatagram(...) for every datagram that has come, onDeadline(now) when deadline() has passed;
///   poll() until empty, and whatever that leads to (dial, streams, close);
///   nextBatch() until nullopt. A socket that is full is told by `canSend`; what would use it is held back and costs
///     nothing until resume() says that a socket has room again;
///   poll() once more: writing may have ended connections or found streams stopped;
///   deadline() is now valid.
///
/// A dialled link opens at handshake confirmed, an accepted one at handshake completed; before that no stream exists.
/// Only links that have something to do are looked at: idle ones cost one entry in an ordered set.
class Endpoint final : public link::Carrier {
  public:
    /// `identity` is used only during the call. `random`, `log` outlive the endpoint.
    static Result<std::unique_ptr<Endpoint>> create(const EndpointConfig& config, const crypto::Identity& identity,
                                                    Random& random, std::shared_ptr<BlockPool> pool, const Log& log);
    /// Links that are still open vanish without a word: call shutdown() first.
    ~Endpoint() override;

    // --- the socket ---
    /// One datagram (each segment of a GRO batch). `ecn`: the two bits of the IP header. `path.local` is the address
    /// that it was sent to, or unspecified where the system cannot tell.
    void onDatagram(const Path& path, uint8_t ecn, ByteView payload, Now now);
    /// Fills `buffer` (at least kBatchBuffer bytes) with one batch. An unspecified `path.local.ip` leaves the choice to
    /// the system. Connections and answers whose path `canSend` denies are held back until resume(); the others go on.
    /// A connection that changes its path while it writes may still give a batch for a denied path: drop it.
    std::optional<SendBatch> nextBatch(MutableBytes buffer, Now now, const CanSend& canSend = {});
    /// What was held back is asked anew by the next nextBatch().
    void resume();
    bool holdsBack() const;
    Instant deadline() const;
    void onDeadline(Now now);
    void onSendFailed(const Path& path, SendFailure failure, Now now);
    /// The node's addresses now. Dialled links whose local address has gone move to another one (RFC 9000 9).
    void setLocalAddresses(std::vector<LocalAddress> addresses, Now now);
    /// Moves one dialled link. Busy: not possible now (the peer has given no spare connection id, or forbids it).
    Result<void> migrate(link::LinkId link, const codec::SocketAddress& local, Now now);
    /// EndpointConfig::bandwidth has other limits: links that wait ask again.
    void onLimitsChanged();
    /// Closes every link; nothing is dialled or accepted from now on. Send what nextBatch() gives, then destroy.
    void shutdown(Now now);

    // --- hole punching ---
    /// Sends random datagrams of kPunchBytes to `remote` at random pauses until something comes from there, `until`, or
    /// kMaxPunchDatagrams: they make what lies in between let that peer's packets in. One address has one such series.
    /// Unsupported: this endpoint cannot send there; LimitReached: to too many already.
    Result<void> punch(const codec::SocketAddress& remote, Instant until, Now now);
    void stopPunching(const codec::SocketAddress& remote);

    // --- link::Carrier ---
    bool canDial(const codec::Multiaddr& address) const override;
    Result<link::LinkId> dial(const codec::Multiaddr& address, const crypto::PeerId& expected, Now now) override;
    void close(link::LinkId link, uint64_t code, std::string_view reason, Now now) override;
    Result<link::StreamKey> openStream(link::LinkId link) override;
    std::optional<link::LinkStats> stats(link::LinkId link) const override;
    std::optional<link::LinkEvent> poll() override;

    // --- link::StreamIo ---
    size_t available(link::StreamKey key) const override;
    ByteView front(link::StreamKey key) const override;
    void consume(link::StreamKey key, size_t count) override;
    Slices take(link::StreamKey key, size_t count) override;
    void credit(link::StreamKey key, size_t count) override;
    bool atEnd(link::StreamKey key) const override;
    size_t writable(link::StreamKey key) const override;
    size_t unacknowledged(link::StreamKey key) const override;
    void write(link::StreamKey key, Slice bytes, link::Fin fin) override;
    void reset(link::StreamKey key, uint64_t code) override;
    void stop(link::StreamKey key, uint64_t code) override;

    // --- DATAGRAM frames (RFC 9221) ---
    /// False when it was dropped: link not open, too long for path or peer, or too many waiting.
    bool sendDatagram(link::LinkId link, ByteView bytes);
    std::optional<ReceivedDatagram> pollDatagram();

    /// Figures for the diagnostics and for tests of the bounds.
    struct Load {
        size_t connections = 0;
        size_t halfOpen = 0;
        size_t closing = 0;
        size_t connectionIds = 0;
        size_t resetTokens = 0;
        size_t punches = 0;
    };
    Load load() const;

  private:
    struct State;
    explicit Endpoint(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace wherry::quic

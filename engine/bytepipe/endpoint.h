#pragma once

#include "base/log.h"
#include "base/random.h"
#include "bytepipe/config.h"
#include "bytepipe/pipe.h"
#include "crypto/identity.h"
#include "link/link.h"

#include <memory>
#include <optional>

namespace wherry::bytepipe {

/// Links over reliable byte pipes, TCP connections for one: Noise or TLS, and
/// Yamux (libp2p/specs connections, noise, tls, yamux),
/// for both directions. A sans-I/O machine. The owner of the pipes has this loop:
///
///   onPipeAccepted(), onPipeOpened(), onBytes(), onWritable(), onPipeClosed() for what has happened, onDeadline(now)
///     when deadline() has passed;
///   poll() until empty, and whatever that leads to (dial, streams, close);
///   nextWrite() until nullopt. A pipe that did not take all is told by onBlocked(): the owner keeps what is left over,
///     and nothing more comes for it until onWritable(), when that has gone;
///   poll() once more: writing closes streams and finds room in others;
///   pollAction() until empty;
///   deadline() is now valid.
///
/// What waits for a pipe is in the buffers of its streams, which are bounded, and at most one write in the owner's
/// hands. A link opens when the peer has proved its key and the multiplexer is agreed; before that no stream exists. A
/// dialled link may be closed by the peer right after, when it does not want ours.
class Endpoint final : public link::Carrier {
  public:
    /// `identity` is used only during the call. `random`, `log` outlive the endpoint.
    static Result<std::unique_ptr<Endpoint>> create(const EndpointConfig& config, const crypto::Identity& identity,
                                                    Random& random, std::shared_ptr<BlockPool> pool, const Log& log);
    /// Links that are still open vanish without a word: call shutdown() first.
    ~Endpoint() override;

    // --- pipes: each has the number of its link; numbers that are unknown, or no longer known, are harmless ---
    /// Somebody has connected. LimitReached, or Unsupported for a secure WebSocket without a certificate: close it at
    /// once.
    /// `expected`: who has to prove its key, when that is known; empty: anybody.
    Result<link::LinkId> onPipeAccepted(const PipePath& path, Now now, const crypto::PeerId& expected = {});
    /// What OpenPipe asked for has succeeded.
    void onPipeOpened(link::LinkId pipe, const codec::SocketAddress& local);
    /// Connects to `remote` at the moment when `peer` connects to us, through NATs and firewalls that let in only whom
    /// they have let out (libp2p/specs relay, DCUtR): from the listening port, and as the listener of the link, for the
    /// peer is its dialler. Nothing is heard of it before the link opens. Does nothing while one like it is under way.
    Result<void> meet(const codec::SocketAddress& remote, const crypto::PeerId& peer, Now now);
    /// What has been read, in pieces of any size.
    void onBytes(link::LinkId pipe, ByteView bytes, Now now);
    /// The peer has ended it in good order, or OpenPipe or the pipe has failed: `error` says how. Not after ClosePipe.
    void onPipeEnded(link::LinkId pipe);
    void onPipeFailed(link::LinkId pipe, Error error);
    /// Fills `out` anew with what is to be written next, and says on which pipe.
    std::optional<link::LinkId> nextWrite(Bytes& out, Now now);
    void onBlocked(link::LinkId pipe);
    void onWritable(link::LinkId pipe);
    /// Whether a pipe still has something to be written: nextWrite() would give it, or the pipe is blocked.
    bool holdsBack() const;
    std::optional<PipeAction> pollAction();
    /// At once while nextWrite() may have something.
    Instant deadline() const;
    void onDeadline(Now now);
    /// Shown to those who open secure WebSockets from now on.
    void setWebCertificate(std::shared_ptr<const crypto::WebCertificate> certificate);
    /// What LoadWebTrust asked for. A failure is that of every dial that needs it, until forgetWebTrust().
    void onWebTrust(Result<std::shared_ptr<const crypto::WebTrust>> trust);
    /// The next dial that needs it asks anew.
    void forgetWebTrust();
    /// EndpointConfig::bandwidth has other limits: links that wait ask again.
    void onLimitsChanged();
    /// Closes every link; nothing is dialled or accepted from now on. Do what pollAction() asks, then destroy.
    void shutdown(Now now);

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

    /// Figures for the diagnostics and for tests of the bounds.
    struct Load {
        size_t connections = 0;
        size_t halfOpen = 0;
    };
    Load load() const;

  private:
    struct State;
    explicit Endpoint(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace wherry::bytepipe

#pragma once

#include "base/log.h"
#include "base/random.h"
#include "base/spill.h"
#include "base/store.h"
#include "swarm/protocol.h"
#include "transfer/job.h"
#include "transfer/transfer_types.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wherry::transfer {

struct TransfersConfig {
    size_t workers = 2; ///< worker threads that run jobs; bounds the jobs under way
    std::shared_ptr<BlockPool> pool;
    SpillMaker spills{}; ///< for manifests that are too large for memory
};

/// What is to be sent, and for how long.
struct SendOrder {
    std::vector<std::string> paths; ///< absolute
    /// While the peer is away: after the start or the last loss of an attempt that had come to an Accept or stood for a
    /// while.
    Duration wait{};
    std::optional<FetchToken> fetch; ///< whose request it answers
};

/// Asks the owner to connect (again) to the peer of an outgoing transfer; the swarm tells by onPeerConnected.
struct WantPeer {
    crypto::PeerId peer;
    TransferId transfer;
};

/// All transfers of a node, both directions: the protocol /wherry/transfer/1. Owns one SendMachine or ReceiveMachine
/// per transfer. After any input the owner drains pollRequest(), pollJob(), pollStore(), pollWant() and pollEvent()
/// until all are empty.
class Transfers final : public swarm::Protocol {
  public:
    Transfers(TransfersConfig config, Random& random, const Log& log);
    ~Transfers() override;

    // --- commands ---
    /// Starts sending to `peer`. The transfer lives until it is delivered, declined, failed or cancelled; while the
    /// peer is away it waits as the order says, then fails (Unreachable if never reached, else ConnectionLost).
    TransferId send(const crypto::PeerId& peer, SendOrder order, Now now);
    /// The number of a transfer that begins later, by send() with it.
    TransferId reserve();
    void send(TransferId reserved, const crypto::PeerId& peer, SendOrder order, Now now);
    /// Offers of `peer` with this token have been asked for: they are met under `policy` and accepted, whatever the
    /// receive policy says (only what is dangerous in a home folder is still asked about), until forgetExpected().
    void expect(const FetchToken& token, const crypto::PeerId& peer, ReceivePolicy policy);
    void forgetExpected(const FetchToken& token);
    /// The expected token that an incoming transfer carries.
    std::optional<FetchToken> expectedBy(TransferId transfer) const;
    /// Says that a wanted peer could not be reached just now and why; the transfer keeps waiting or fails when its time
    /// is over. IdentityMismatch fails it at once.
    void onPeerUnreachable(const crypto::PeerId& peer, const Error& error, Now now);
    /// Behind onPeerGone(): the relay in between has ended the connection, because all the bytes that it lets through
    /// at a time had gone through; `error` names it. True: nothing has got on by it and the one before. What several
    /// such circuits in a row do not help fails.
    bool onCircuitSpent(const crypto::PeerId& peer, const Error& error, Now now);
    void setReceivePolicy(ReceivePolicy policy, Now now);
    /// The transfer that has these paths on their way to the peer already; nullopt: none.
    std::optional<TransferId> sending(const crypto::PeerId& peer, const std::vector<std::string>& paths) const;
    /// `selection`: entry indices to take; empty takes all. NotFound when no such offer waits.
    Result<void> answer(TransferId transfer, bool accept, std::string reason, std::vector<uint32_t> selection,
                        link::StreamIo& io, Now now);
    /// Looks whether the offer could land in another place than it would by itself; creates nothing. pollPlaced() tells,
    /// exactly once for each question, which `look` numbers. An offer has one question at a time: the next one ends the
    /// one before (Cancelled), unless that is about to accept (Busy).
    /// `selection`: accepts these entries (empty: all) there once nothing is in the way; else the offer waits on.
    /// NotFound when no such offer waits.
    Result<void> lookAt(TransferId transfer, uint64_t look, OfferPlace place,
                        std::optional<std::vector<uint32_t>> selection, link::StreamIo& io, Now now);
    /// The same offer of an incoming one needs a new yes. What is here of it stays for that.
    Result<void> cancel(TransferId transfer, link::StreamIo& io, Now now);
    /// The content stops: frames that the streams have taken still go out, nothing after them. The other side may have
    /// paused it too; it goes on when neither has. NotFound: no such transfer.
    /// An outgoing one stays so through losses of the connection, which it does not seek while paused, and no wait ends
    /// it. An incoming one stays so through losses, the end of the sender and that of this program (Space::Paused),
    /// under the same number while this runs, and in its folder, whatever is configured meanwhile; a fetch that asks
    /// for it anew ends the pause. InvalidArgument: nobody has accepted it. LimitReached: kMaxPausedReceives. Resuming
    /// what is not paused changes nothing.
    Result<void> pause(TransferId transfer, link::StreamIo& io, Now now);
    Result<void> resume(TransferId transfer, link::StreamIo& io, Now now);
    /// How many incoming transfers take content at once; the others wait for their turn: of the peer with the fewest
    /// turns first, then the oldest. Those that run go on when there are fewer now.
    void setParallelReceives(uint32_t turns, link::StreamIo& io, Now now);
    /// The content of an outgoing transfer stops in the same way until letGo(), and besides pausing; but it goes on
    /// seeking its peer and its offer stands. Nothing happens when there is no such transfer.
    void hold(TransferId transfer, link::StreamIo& io);
    void letGo(TransferId transfer, link::StreamIo& io, Now now);
    /// Ends all, without a word to the other side: what was verified is kept, senders go on trying as long as they are
    /// willing to wait, and what was paused here stays so.
    void shutdown(link::StreamIo& io, Now now);

    // --- inputs ---
    void onJobDone(JobDone done, link::StreamIo& io, Now now);
    void onStoreScanned(StoreScanned scanned, link::StreamIo& io, Now now);
    /// The store has lost what it held: what is paused goes there once more.
    void onStoreBegunAnew(Now now);

    // --- outputs ---
    std::optional<Job> pollJob();
    std::optional<StoreOp> pollStore();
    std::optional<WantPeer> pollWant();
    std::optional<TransferEvent> pollEvent();
    std::optional<OfferPlaced> pollPlaced();
    /// Peers that had something to offer and were sent away unread, because too many offers wait: tells each once,
    /// however often it has tried since.
    std::optional<crypto::PeerId> pollTurnedAway();

    // --- swarm::Protocol ---
    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
    void onPeerConnected(const swarm::PeerInfo& peer, link::StreamIo& io, Now now) override;
    void onPeerMoved(const swarm::PeerInfo& peer, Now now) override;
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) override;
    void onLinkLost(const swarm::PeerInfo& link, const Error& error) override;
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

} // namespace wherry::transfer

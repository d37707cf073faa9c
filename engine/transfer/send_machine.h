#pragma once

#include "base/rate_limit.h"
#include "transfer/control_channel.h"
#include "transfer/figures.h"
#include "transfer/machine_limits.h"
#include "transfer/outbox.h"
#include "transfer/send_pump.h"
#include "transfer/source_manifest.h"

#include <memory>
#include <optional>
#include <vector>

namespace wherry::transfer {

/// One transfer to a peer, from the person's paths to the receiver's receipt. Lives through any number of attempts:
/// each has an id and streams of its own, the offer key stays, so that the receiver finds what it has.
///
///   Scanning -> Connecting -> Offering -> Asked -> Sending -> Ended
///                   ^------ loss, back-off --------'
///
/// Invariants: nothing but the offer goes out before Accept; TransferDelivered only after Receipt; exactly one of
/// OfferDeclined, TransferDelivered, TransferFailed ends it; outcomes and streams of an earlier attempt are ignored.
class SendMachine {
  public:
    /// `connected`: whether a connection to the peer is relayed, if there is one.
    SendMachine(MachineContext& context, TransferId id, const crypto::PeerId& peer, SendOrder order,
                std::optional<bool> connected, Now now);

    const crypto::PeerId& peer() const { return m_peer; }
    bool ended() const { return m_phase == Phase::Ended; }
    /// Whether these paths are on their way, at the sender's own wish.
    bool sends(const std::vector<std::string>& paths) const {
        return m_phase != Phase::Ended && !m_order.fetch && m_order.paths == paths;
    }
    /// Nothing more will come of it.
    bool finished() const { return m_phase == Phase::Ended && !m_control.attached(); }

    void onPeerConnected(bool relayed, Now now);
    /// Another link to the peer is in use: what is under way goes over to it.
    void onPeerMoved(link::LinkId to, bool relayed);
    /// Whether more was there than ever before since the last call.
    bool takeProgress() { return std::exchange(m_gotOn, false); }
    /// Behind onPeerGone(): a relay has ended the connection because all that it lets through had gone through, and
    /// nothing has got on by it. True: not by the one before, either.
    bool onCircuitSpent(const Error& error, Now now);
    void onPeerGone(const Error& error, Now now);
    void onPeerUnreachable(const Error& error, Now now);
    void onStream(swarm::RequestTag tag, link::StreamKey key, link::StreamIo& io, Now now);
    /// The stream was never there.
    void onStreamFailed(swarm::RequestTag tag, const Error& error, link::StreamIo& io, Now now);
    /// A stream that onStream has announced came to nothing after all; it is gone already.
    void onStreamRefused(link::StreamKey key, const Error& error, link::StreamIo& io, Now now);
    bool owns(link::StreamKey key) const;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now);
    void onWritable(link::StreamIo& io, Now now);
    /// The stream was reset, stopped or closed: it is of no use any more.
    void onStreamGone(link::StreamKey key, bool closed, link::StreamIo& io, Now now);
    void onJobDone(JobDone done, link::StreamIo& io, Now now);
    void cancel(link::StreamIo& io, Now now);
    /// Ends without a word, as the end of the program would.
    void leave(const Error& error, link::StreamIo& io, Now now);
    void pause(link::StreamIo& io);
    void resume(link::StreamIo& io, Now now);
    /// No content until letGo(); everything else goes on.
    void hold(link::StreamIo& io);
    void letGo(link::StreamIo& io);
    Instant deadline() const;
    void onDeadline(link::StreamIo& io, Now now);

  private:
    enum class Phase { Scanning, Connecting, Offering, Asked, Sending, Ended };

    // reaching the peer
    void seek(Now now);
    void attempt(Now now);
    void lost(const Error& error, link::StreamIo* io, Now now);
    void giveUp(Now now);
    void noteProgress(uint64_t there);
    size_t streamsWanted() const;
    Instant waitEnds() const;
    Instant silenceEnds() const;
    Instant stillAt() const;
    // going over to another link
    /// The receiver has the whole offer, or will have it; nothing has come of it yet.
    bool offered() const { return m_phase == Phase::Asked || m_phase == Phase::Sending; }
    void move();
    void moveControl(link::StreamKey key, link::StreamIo& io);
    void dropFormerControls(link::StreamIo& io);
    Result<void> onMoved(const wire::Moved& moved, link::StreamIo& io);
    // the offer
    void onScanned(Result<JobValue>& outcome, Now now);
    void beginOffer(link::StreamKey key, link::StreamIo& io, Now now);
    void fillPages(link::StreamIo& io);
    void tellOffer();
    // messages
    Result<void> onMessage(ControlMessage& message, link::StreamIo& io, Now now);
    Result<void> onAccept(const wire::Accept& accept, link::StreamIo& io, Now now);
    Result<void> onProgress(const wire::Progress& progress, Now now);
    void tellProgress(Now now);
    Result<void> onFileFailed(const wire::FileFailed& failed);
    Result<void> onReceipt(const wire::Receipt& receipt, link::StreamIo& io, Now now);
    void onDecline(const wire::Decline& decline, link::StreamIo& io, Now now);
    // holding
    Result<void> onHold(const wire::Hold& hold, link::StreamIo& io, Now now);
    bool isHeld() const { return m_paused || m_held || m_heldThere != Hold::None; }
    void applyHold(link::StreamIo& io);
    // the end
    void end(TransferEvent event, Now now);
    void fail(Error error, std::string file, link::StreamIo* io, Now now, bool byPeer = false);
    void sayCancel(const Error& error, link::StreamIo& io);

    MachineContext& m_context;
    const TransferId m_id;
    const crypto::PeerId m_peer;
    const SendOrder m_order;
    Phase m_phase = Phase::Scanning;
    Instant m_startedAt;

    JobId m_scanJob;
    SourceManifestPtr m_source;
    crypto::Digest m_offerKey{};
    bool m_offerTold = false;
    bool m_acceptTold = false;

    bool m_paused = false;
    bool m_held = false;
    RateLimit m_holds{kHoldsPerSecond, kHoldBurst};
    Hold m_heldThere = Hold::None; ///< by the receiver, as it said last in this attempt
    bool m_receiverHears = false;  ///< of Hold
    Hold m_holdSaid = Hold::None;
    bool m_connected = false;
    bool m_reached = false; ///< a control stream has been open once
    Instant m_giveUpAt = kNever;
    Instant m_offeredAt; ///< when this attempt's control stream was opened
    Instant m_retryAt = kNever;
    Duration m_backOff;
    bool m_relayed = false; ///< the connection in use, or the last one
    uint64_t m_there = 0;   ///< the most that the receiver has ever said that it has
    bool m_gotOn = false;
    bool m_tried = true;              ///< the last attempt was free to get on
    uint32_t m_fruitlessCircuits = 0; ///< since more was there than before
    Error m_lastError;

    Bytes m_attempt;
    swarm::RequestTag m_controlTag = 0;
    ControlChannel m_control;
    link::LinkId m_link;                           ///< the one that is in use, once the peer has moved
    std::vector<link::StreamKey> m_formerControls; ///< until the receiver has come over
    uint32_t m_moves = 0;                          ///< of the control stream in this attempt
    uint32_t m_nextPage = 0;
    bool m_pagesDone = false;
    std::unique_ptr<SendPump> m_pump;
    Instant m_streamLostBy =
        kNever; ///< a data stream is gone; the reason should come on the control stream before this
    Instant m_closeBy = kNever;
    Instant m_heardAt; ///< the last message of the receiver

    TransferFigures m_figures;
    ProgressTeller m_progress;
    Bytes m_verified; ///< the latest map of the receiver that has not been told
};

} // namespace wherry::transfer

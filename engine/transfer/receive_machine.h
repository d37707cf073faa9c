#pragma once

#include "base/rate_limit.h"
#include "transfer/control_channel.h"
#include "transfer/delivery_check.h"
#include "transfer/figures.h"
#include "transfer/incoming_offer.h"
#include "transfer/machine_limits.h"
#include "transfer/offer_choice.h"
#include "transfer/part_sweep.h"
#include "transfer/place_look.h"
#include "transfer/receive_content.h"
#include "transfer/taken_names.h"

#include <map>
#include <memory>
#include <optional>

namespace wherry::transfer {

/// An offer that we have asked for ourselves.
struct ExpectedOffer {
    crypto::PeerId peer;
    ReceivePolicy policy;
};

/// What the receiving transfers of a node share.
struct ReceiveShared {
    explicit ReceiveShared(MachineContext& context) : paused(context), sweep(context, places, paused) {}

    ReceivePolicy policy;
    std::map<FetchToken, ExpectedOffer> expected;
    ReservedNames reserved;
    std::map<Bytes, TransferId> places; ///< record key -> the transfer that works there now
    PendingOffers pending;
    PausedReceives paused;
    PartSweep sweep;
    KeptBeginnings beginnings;
};

/// The right of one attempt to work under its record key; another one waits.
class PlaceClaim {
  public:
    explicit PlaceClaim(std::map<Bytes, TransferId>& places) : m_places(places) {}
    ~PlaceClaim() { giveBack(); }
    PlaceClaim(const PlaceClaim&) = delete;
    PlaceClaim& operator=(const PlaceClaim&) = delete;

    void want(Bytes key) {
        m_key = std::move(key);
        m_state = State::Wanted;
    }
    void take(TransferId owner) {
        m_places[m_key] = owner;
        m_state = State::Held;
    }
    void giveBack() {
        if (m_state == State::Held) m_places.erase(m_key);
        m_state = State::None;
    }
    void giveUpWaiting() {
        if (m_state == State::Wanted) m_state = State::None;
    }
    bool wanted() const { return m_state == State::Wanted; }
    bool held() const { return m_state == State::Held; }
    const Bytes& key() const { return m_key; }

  private:
    enum class State { None, Wanted, Held };
    std::map<Bytes, TransferId>& m_places;
    Bytes m_key;
    State m_state = State::None;
};

/// One attempt of a peer to give us something, from its offer to our receipt.
///
///   Offering -> Checking -> Asking -> Placing -> Waiting -> Receiving -> Ended
///
/// Offering: the manifest comes (IncomingOffer). Checking: waits until no other attempt works in the same place, then
/// reads what the person has chosen for this offer before, and the record of an earlier attempt. The download folder
/// names the place; a folder that was chosen instead is another place, which it has besides. Asking: waits for answer()
/// or lookAt(). Placing: see Placement. Waiting: accepted, but
/// paused by the person or behind others; goes on as soon as it is not, usually at once. Receiving: see ReceiveContent;
/// it can be paused and lose its turn there too, which the sender is asked to mind: one that does not know how begins
/// anew and waits for its Accept. Ended: said so; what is under way is still finished and recorded, so that nothing
/// verified is lost.
///
/// Invariants: nothing is created before Placing; exactly one of OfferDeclined, TransferDelivered, TransferFailed,
/// TransferInterrupted ends it (none before OfferMade, but for an offer that is refused). OfferAccepted is told when
/// somebody has said yes; under Conflict::Fail only when no name is taken, because else the offer is declined.
class ReceiveMachine {
  public:
    ReceiveMachine(MachineContext& context, ReceiveShared& shared, TransferId id, const crypto::PeerId& peer,
                   link::StreamKey control, std::string attempt, Now now);

    const crypto::PeerId& peer() const { return m_peer; }
    const std::string& attempt() const { return m_attempt; }
    /// The token of ours that the offer carries.
    const std::optional<FetchToken>& fetch() const { return m_offer.fetch(); }
    /// Nobody has said yes yet.
    bool pending() const { return m_phase < Phase::Placing; }
    bool ended() const { return m_phase == Phase::Ended; }
    /// Ended, and nothing is under way any more.
    bool finished() const;

    /// The record key of the place that it waits for; nullptr: none.
    const Bytes* wantsPlace() const {
        if (m_place.wanted()) return &m_place.key();
        return m_chosenPlace.wanted() ? &m_chosenPlace.key() : nullptr;
    }
    /// While it waits for its place: a further attempt of what is paused goes where that has gone, whatever the
    /// download folder is now. What was asked for here goes where it was asked to.
    void followPause();
    /// The same: it is a further attempt of the transfer with this number.
    void adopt(TransferId transfer) {
        m_id = transfer;
        m_toldHere = Hold::Paused;
    }
    void onPlaceFree(Now now);
    /// Makes room for a newer attempt, or the connection is gone.
    void interrupt(const Error& error, link::StreamIo& io, Now now);
    Result<void> answer(bool accept, std::string reason, std::vector<uint32_t> selection, link::StreamIo& io, Now now);
    /// See Transfers::lookAt().
    Result<void> lookAt(uint64_t look, OfferPlace place, std::optional<std::vector<uint32_t>> selection);
    /// By the person: an earlier yes does not count any more.
    void cancel(link::StreamIo& io, Now now);

    /// InvalidArgument: nobody has said yes. NotFound: it has ended.
    Result<void> mayPause() const;
    /// What is remembered of it while it is paused.
    PausedReceive asPaused() const;
    /// In the download folder, wherever it lands.
    const Bytes& recordKey() const { return m_place.key(); }
    /// After PausedReceives was told that it is paused, or is not any more.
    void applyPause(link::StreamIo& io, Now now);
    bool hasTurn() const { return m_turn; }
    /// Whether content would come if it were its turn.
    bool wantsTurn() const;
    /// Since when it has its turn or waits for one.
    Instant turnSince() const { return m_turnSince; }
    /// When whoever waits may have its turn, because no content has come although it may; kNever: what has come keeps
    /// us busy.
    Instant patienceEnds() const {
        return content() && !content()->idle() ? kNever : std::max(m_contentAt, m_turnSince) + kReceivePatience;
    }
    void setTurn(bool turn, link::StreamIo& io, Now now);
    /// The sender is told whether it waits for its turn, and it begins when it does not.
    void applyHold(link::StreamIo& io, Now now);

    bool owns(link::StreamKey key) const;
    /// A data stream of this attempt. False: it is not accepted, or has enough of them.
    bool onDataStream(link::StreamKey key, ReceiveStreams::Origin origin, link::StreamIo& io, Now now);
    /// A stream that takes the place of the control stream. False: there is nothing to move, or it comes late.
    bool onControlMoved(link::StreamKey key, const wire::StreamHello& hello, link::StreamIo& io, Now now);
    /// Another link to the peer is in use: the sender is expected to come over to it.
    void onPeerMoved(link::LinkId to) { m_link = to; }
    void onPeerGone(Now now);
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now);
    void onWritable(link::StreamIo& io) { m_control.flush(io); }
    /// Reset, stopped or closed.
    void onStreamGone(link::StreamKey key, bool closed, link::StreamIo& io, Now now);
    void onJobDone(JobDone done, link::StreamIo& io, Now now);
    void onStoreScanned(StoreScanned scanned, link::StreamIo& io, Now now);
    Instant deadline() const;
    void onDeadline(link::StreamIo& io, Now now);
    /// Emits the records of what has been verified since the last call; Transfers calls it before the store is polled.
    void flushRecords();

  private:
    enum class Phase { Offering, Checking, Asking, Placing, Waiting, Receiving, Ended };
    /// What there is from the yes on; content from Receiving on.
    struct Accepted {
        Accepted(ReceiveMachine& machine);
        FileBook book;
        Placement placement;
        ReceiveTask task;
        std::optional<ReceiveContent> content;
    };
    ReceiveContent* content() const;

    // receive_machine.cpp: the offer, consent, and the way to content
    Result<void> onMessage(ControlMessage& message, link::StreamIo& io, Now now);
    Result<void> onOfferMessage(ControlMessage& message, link::StreamIo& io, Now now);
    std::string refusalOf();
    void onOffered();
    void onCancel(const wire::Cancel& cancel, link::StreamIo& io, Now now);
    void readControl(link::StreamIo& io, Now now);
    bool mayReadControl() const { return !content() || content()->mayReadControl(); }
    void onWithdrawal(const StoreScanned& scanned, link::StreamIo& io, Now now);
    void lookAtPlace();
    void onTraits(Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void recognise(link::StreamIo& io, Now now);
    void decide(link::StreamIo& io, Now now);
    bool acceptedByPolicy() const;
    void accept(const std::vector<uint32_t>& selection, Now now);
    void tellAccepted();
    void beginReceiving(link::StreamIo& io, Now now);

    // receive_place.cpp: another place than the download folder, by the choice of the person
    void onChoice(const StoreScanned& scanned, Now now);
    bool losesChoice(const Result<JobValue>& traits);
    bool othersWorkAt(const Bytes& place) const;
    Result<void> checkAnswer(const std::vector<uint32_t>& selection) const;
    void onLooked(link::StreamIo& io, Now now);
    void land(PlaceLook& look);
    void endLook(const Error& error);
    void rememberChoice(Now now);
    const Bytes& landingKey() const { return m_chosenPlace.held() ? m_chosenPlace.key() : m_place.key(); }

    // receive_hold.cpp: pausing and turns
    void onPlaced(link::StreamIo& io, Now now);
    void waitForTurn(Now now);
    Result<void> onHold(const wire::Hold& message, Now now);
    void tellHeld();
    bool isPaused() const { return m_shared.paused.contains(m_place.key()); }
    TransferId shownAs() const;
    TransferFigures figures() const;
    void forgetPause() { m_shared.paused.remove(m_place.key(), Durable::Yes); }
    void countHeld();
    void checkHeld(link::StreamIo& io, Now now);

    void takeComing(link::StreamIo& io, Now now);
    void dropComing(link::StreamIo& io);
    bool comesOver(link::StreamKey gone) const { return m_link != link::LinkId() && m_link != gone.link; }
    void settle(link::StreamIo& io, Now now);
    void progress(link::StreamIo& io, Now now);
    Instant silenceEnds() const;

    // receive_end.cpp: the end
    void decline(const std::string& reason, link::StreamIo& io);
    void refuse(const Error& error, link::StreamIo& io, Now now);
    void fail(const Error& error, uint32_t entry, link::StreamIo& io, Now now);
    void sayCancel(const Error& error, uint32_t entry);
    void tellFailed(const Error& error, const std::string& file);
    void tellInterrupted(const Error& error);
    void turnAway(link::StreamIo& io, Now now);
    void declineClashes(const std::string& names, link::StreamIo& io, Now now);
    void end(link::StreamIo& io, Now now);
    void deliver(link::StreamIo& io, Now now);
    void dropControl(link::StreamIo& io);

    MachineContext& m_context;
    ReceiveShared& m_shared;
    TransferId m_id;
    const crypto::PeerId m_peer;
    const std::string m_attempt;
    Phase m_phase = Phase::Offering;
    Instant m_startedAt;
    Instant m_phaseEnds; ///< at the latest
    Instant m_streamLostBy = kNever;
    Instant m_moveBy = kNever; ///< the connection is gone, and the sender should come over to another one
    link::LinkId m_link;       ///< the one that is in use, once the peer has moved
    uint32_t m_moved = 0;      ///< number of the stream that has last come to take the place of the control stream
    /// That stream, while it waits; the sender has heard so many messages.
    struct Coming {
        link::StreamKey key;
        uint64_t heard = 0;
    };
    std::optional<Coming> m_coming;
    Instant m_busyAt;    ///< something last came from the sender or from a job
    Instant m_contentAt; ///< content last came, or was verified or published
    ControlChannel m_control;
    IncomingOffer m_offer;
    ReceivePolicy m_policy; ///< as it was when the offer was complete; of what we have asked for, when it began
    PlaceClaim m_place;
    PlaceClaim m_chosenPlace; ///< of another folder than the download folder
    OfferPlace m_usual; ///< where it lands when nobody chooses
    std::optional<OfferChoice> m_choice; ///< an earlier one, that holds for this attempt too
    std::vector<OfferName> m_chosenNames; ///< as it is shown and accepted
    bool m_choiceStored = false;
    bool m_choiceLost = false; ///< its folder is not there any more
    StoreRequestId m_choiceScan;
    /// What is being looked at because somebody has asked, and what is accepted there when it is good.
    struct Looking {
        uint64_t number = 0;
        PlaceLook look;
        std::optional<std::vector<uint32_t>> selection;
    };
    std::optional<Looking> m_looking;
    uint64_t m_freeBytes = 0;
    StoreRequestId m_withdrawalScan;
    StoreRequestId m_recordScan; ///< after m_withdrawalScan
    StoreRequestId m_ownersScan; ///< after m_recordScan
    JobId m_traitsJob;           ///< asks what the volume does to names
    std::optional<TransferRecord> m_known;
    std::optional<TakenNames> m_taken;       ///< before somebody is asked
    std::optional<DeliveryCheck> m_delivery; ///< whether what m_known has delivered is still there
    bool m_folderThere = false;
    std::optional<TransferRecord> m_expired; ///< of an attempt too long ago
    bool m_acceptTold = false;
    bool m_withdrawn = false; ///< the person has cancelled an earlier attempt: what m_known says yes to needs a new one
    bool m_turn = false;
    bool m_turnJudged = false; ///< since it has been placed
    Instant m_turnSince{};
    Hold m_holdSaid = Hold::None; ///< to the sender
    bool m_held = true;           ///< it has no turn, or the sender holds it
    uint64_t m_bytesWhenHeld = 0; ///< that had come when that began
    RateLimit m_holds{kHoldsPerSecond, kHoldBurst};
    Hold m_heldThere = Hold::None;                          ///< by the sender
    Hold m_toldHere = Hold::None, m_toldThere = Hold::None; ///< in the last TransferHeld
    TransferFigures m_figures;
    std::unique_ptr<Accepted> m_accepted;
    ProgressTeller m_progress;
    Instant m_mapAt{}; ///< the map of what is verified is told again from then on
};

} // namespace wherry::transfer

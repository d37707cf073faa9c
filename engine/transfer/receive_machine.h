#pragma once

#include "transfer/arriving_file.h"
#include "transfer/control_channel.h"
#include "transfer/figures.h"
#include "transfer/file_book.h"
#include "transfer/frame_reader.h"
#include "transfer/outbox.h"
#include "transfer/part_book.h"
#include "transfer/part_sweep.h"
#include "transfer/placement.h"
#include "transfer/publisher.h"
#include "transfer/volume_names.h"

#include <map>
#include <memory>
#include <optional>
#include <set>

namespace wherry::transfer {

/// Bytes that offers hold that nobody has accepted yet, of all peers and of each.
class PendingBytes {
  public:
    /// False: over a bound; it counts all the same until it is released.
    bool grow(const crypto::PeerId& peer, size_t bytes, size_t perPeer, size_t inAll) {
        m_inAll += bytes;
        size_t& ofPeer = m_ofPeer[peer];
        ofPeer += bytes;
        return ofPeer <= perPeer && m_inAll <= inAll;
    }
    void release(const crypto::PeerId& peer, size_t bytes) {
        if (bytes == 0) return;
        m_inAll -= bytes;
        const auto found = m_ofPeer.find(peer);
        if ((found->second -= bytes) == 0) m_ofPeer.erase(found);
    }

  private:
    size_t m_inAll = 0;
    std::map<crypto::PeerId, size_t> m_ofPeer;
};

/// What the receiving transfers of a node share.
struct ReceiveShared {
    explicit ReceiveShared(MachineContext& context) : sweep(context, places) {}

    ReceivePolicy policy;
    ReservedNames reserved;
    std::map<Bytes, TransferId> places; ///< record key -> the transfer that works there now
    PendingBytes manifests;
    PendingBytes shown; ///< the entries as somebody is asked about them
    PartSweep sweep;
};

/// One attempt of a peer to give us something, from its offer to our receipt.
///
///   Offering -> Checking -> Asking -> Placing -> Receiving -> Finishing -> Ended
///
/// Offering: the manifest comes and is validated page by page. Checking: waits until no other attempt works in the same
/// place, then reads the record of an earlier one. Asking: waits for answer(). Placing: see Placement. Receiving:
/// frames become jobs, jobs become files. Finishing: folder times. Ended: said so; what is under way is still finished
/// and recorded, so that nothing verified is lost.
///
/// Invariants: nothing is created before Placing; every byte taken from a stream is credited once; a chunk counts only
/// when its job has verified it; exactly one of OfferDeclined, TransferDelivered, TransferFailed, TransferInterrupted
/// ends it (none before OfferMade, but for an offer that is refused).
class ReceiveMachine {
  public:
    ReceiveMachine(MachineContext& context, ReceiveShared& shared, TransferId id, const crypto::PeerId& peer,
                   link::StreamKey control, std::string attempt, Now now);
    ~ReceiveMachine();

    const crypto::PeerId& peer() const { return m_peer; }
    const std::string& attempt() const { return m_attempt; }
    /// Nobody has said yes yet.
    bool pending() const { return m_phase < Phase::Placing; }
    bool ended() const { return m_phase == Phase::Ended; }
    /// Ended, and nothing is under way any more.
    bool finished() const;

    /// The record key of the place that it waits for; nullptr: none.
    const Bytes* wantsPlace() const { return m_wantsPlace ? &m_recordKey : nullptr; }
    void onPlaceFree(Now now);
    /// Makes room for a newer attempt, or the connection is gone.
    void interrupt(const Error& error, link::StreamIo& io, Now now);
    Result<void> answer(bool accept, std::string reason, std::vector<uint32_t> selection, link::StreamIo& io, Now now);
    void cancel(link::StreamIo& io, Now now);

    bool owns(link::StreamKey key) const { return m_control.is(key) || m_streams.contains(key); }
    /// A data stream of this attempt. False: it is not accepted, or has enough of them.
    bool onDataStream(link::StreamKey key, link::StreamIo& io, Now now);
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
    enum class Phase { Offering, Checking, Asking, Placing, Receiving, Finishing, Ended };
    struct DataStream {
        FrameReader reader;
        bool discard = false; ///< the frame under way is not wanted any more
        bool used = false;
    };
    struct WritingChunk {
        uint32_t entry = 0;
        uint32_t chunk = 0;
        uint32_t length = 0;
        crypto::Digest groupRoot{};
    };
    struct WritingBatch {
        std::vector<uint32_t> entries;
    };
    struct Checking {
        uint32_t entry = 0;
        uint32_t group = 0;
    };
    struct Preparing {
        uint32_t entry = 0;
    };
    struct TidyingUp {};
    struct RemovingLeftOver {};
    struct Work {
        std::variant<WritingChunk, WritingBatch, Checking, Preparing, TidyingUp, RemovingLeftOver> what;
        link::StreamKey stream{};
        size_t credit = 0; ///< to be given to the stream when it is done
    };

    // receive_machine.cpp: the offer, and the end
    Result<void> onMessage(ControlMessage& message, link::StreamIo& io, Now now);
    Result<void> onOffer(const wire::Offer& offer, link::StreamIo& io, Now now);
    Result<void> onPage(const wire::ManifestPage& page);
    Result<void> onManifestEnd();
    void readControl(link::StreamIo& io, Now now);
    void onTraits(Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void decide(link::StreamIo& io, Now now);
    Result<void> tellOffer(bool needsAnswer);
    void accept(const std::vector<uint32_t>& selection, Now now);
    void decline(const std::string& reason, link::StreamIo& io);
    void refuse(const Error& error, link::StreamIo& io, Now now);
    void beginReceiving(link::StreamIo& io, Now now);
    void sendAccept();
    void releasePending();
    void fail(const Error& error, const std::string& file, link::StreamIo& io, Now now);
    void end(link::StreamIo& io, Now now);
    void deliver(link::StreamIo& io, Now now);

    // receive_content.cpp: content
    Result<void> onContentMessage(ControlMessage& message, Now now);
    Result<void> onGroupRoots(const wire::GroupRoots& message);
    Result<void> onFileEnd(const wire::FileEnd& message);
    Result<void> onUnavailable(const wire::FileUnavailable& message);
    void readStream(link::StreamKey key, link::StreamIo& io, Now now);
    Result<void> checkHeader(DataStream& stream);
    Result<void> checkBatch(const BatchHeader& header);
    Result<void> takeFrame(DataStream& stream, link::StreamIo& io);
    void writeChunk(ArrivedFrame frame);
    void writeBatch(ArrivedFrame frame);
    ArrivingFile& arriving(uint32_t entry);
    bool mayTake() const;
    bool mayReadControl() const;
    bool nothingUnderWay() const { return m_work.empty() && m_publisher.idle(); }
    void onWork(const Work& work, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void onChunkWritten(const WritingChunk& chunk, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void onBatchWritten(const WritingBatch& batch, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void onChecked(const Checking& check, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void onPrepared(const Preparing& preparing, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void onPublished(Publisher::Outcome& outcome, link::StreamIo& io, Now now);
    void finishWhenComplete(uint32_t entry, link::StreamIo& io, Now now);
    void need(uint32_t entry, uint32_t group, const GroupBits& bits);
    /// Counts failed chunks and asks for them again; false: the transfer has ended over it.
    bool askAgain(uint32_t entry, uint32_t group, const GroupBits& bits, link::StreamIo& io, Now now);
    void failFile(uint32_t entry, const Error& error, link::StreamIo& io, Now now, bool tellSender);
    enum class Keep { Part, Nothing };
    static Keep keptAfter(Errc code);
    void dropFile(uint32_t entry, Keep keep);
    void keepParts();
    void creditHeld(link::StreamIo& io);
    Instant silenceEnds() const;
    void settle(link::StreamIo& io, Now now);
    void publish(Now now);
    void progress(link::StreamIo& io, Now now);
    void removeLeftOver();
    void setFolderTimes();
    bool nextFolderTimes();
    JobId submit(JobWork job, Work work);

    MachineContext& m_context;
    ReceiveShared& m_shared;
    const TransferId m_id;
    const crypto::PeerId m_peer;
    const std::string m_attempt;
    Phase m_phase = Phase::Offering;
    Instant m_startedAt;
    Instant m_offerBy;
    Instant m_closeBy = kNever;
    Instant m_streamLostBy = kNever;
    Instant m_busyAt; ///< something last came from the sender or from a job
    ControlChannel m_control;

    // the offer
    Bytes m_offerKey;
    std::string m_label;
    std::optional<ManifestReader> m_reader;
    std::optional<Manifest> m_manifest;
    size_t m_pendingBytes = 0;
    size_t m_shownBytes = 0;
    ReceivePolicy m_policy; ///< as it was when the offer was complete
    Bytes m_recordKey;
    bool m_wantsPlace = false;
    bool m_hasPlace = false;
    StoreRequestId m_recordScan;
    JobId m_traitsJob;   ///< what the volume does to names; zero: known
    VolumeNames m_names; ///< under which entries land that the volume cannot hold as they are
    std::optional<TransferRecord> m_known;
    std::optional<TransferRecord> m_expired; ///< of an attempt too long ago
    std::optional<FileBook> m_book;
    std::unique_ptr<Placement> m_placement;

    // content
    std::map<link::StreamKey, DataStream> m_streams;
    std::set<link::StreamKey> m_paused; ///< have payload for which there is no room
    std::map<uint32_t, ArrivingFile> m_arriving;
    std::set<uint32_t> m_changed; ///< entries of m_arriving with unrecorded chunks
    std::unordered_map<JobId, Work> m_work;
    size_t m_held = 0; ///< frames that wait for their part
    size_t m_checks = 0;
    Publisher m_publisher;
    PartBook m_parts;
    bool m_partsStay = false; ///< some are kept for the next attempt or could not be removed
    std::map<std::pair<uint32_t, uint32_t>, uint8_t> m_failedChunks;
    std::vector<uint32_t> m_ended;                              ///< FileEnd has come since the last settle()
    std::vector<std::pair<uint32_t, uint32_t>> m_mismatched;    ///< entry and chunk that came with another group root
    std::vector<std::pair<link::StreamKey, size_t>> m_toCredit; ///< of frames that were dropped
    UnixTime m_recordExpiry{};
    UnixTime m_partsExpiry{};
    bool m_sendEnd = false;
    uint32_t m_timesLeft = 0; ///< entries that may be folders without their time
    bool m_broken = false; ///< the disk: nothing more is published
    uint64_t m_verifiedBytes = 0;
    struct FirstFailure {
        std::string file;
        Error error;
        bool byPeer = false; ///< the sender could not read it
    };
    std::optional<FirstFailure> m_firstFailure;
    TransferFigures m_figures;
    ProgressTeller m_progress;
};

} // namespace wherry::transfer

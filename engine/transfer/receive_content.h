#pragma once

#include "transfer/arriving_files.h"
#include "transfer/chunk_beginnings.h"
#include "transfer/chunk_failures.h"
#include "transfer/control_message.h"
#include "transfer/first_failure.h"
#include "transfer/receive_finish.h"
#include "transfer/receive_streams.h"
#include "transfer/verified_map.h"

#include <optional>
#include <unordered_map>

namespace wherry::transfer {

/// The content of one accepted offer, from frames on streams to published files.
///
///   Receiving -> AllSent -> Finishing -> Finished
///       \___________\___________\_______> Stopped
///
/// Receiving: frames become jobs, jobs become files. AllSent: the sender has sent everything once; what failed may
/// still come again. Finishing: every file is Done or Failed and nothing is under way; what is left over is removed,
/// then folders get their times. Stopped: nothing more is taken; what is under way is still recorded and published.
///
/// Chunks are written in pairs, because two hash for little more than one: a single one waits for a second while any
/// job is under way, and goes alone when none is.
///
/// Invariants: every byte taken from a stream is credited once; a chunk counts only when its job has verified it; what
/// ends the whole transfer is in ending() from then on and stops the content; outcomes of jobs are taken in every
/// state. The owner calls settle() after any input.
class ReceiveContent {
  public:
    explicit ReceiveContent(const ReceiveTask& task);
    /// What the placement has found: claims and failures; and the beginnings that the Accept has claimed. After the
    /// Accept, which goes out before.
    void begin(ChunkBeginnings beginnings, Now now);

    // --- inputs ---
    /// A message of the sender after Accept. An error ends the transfer.
    Result<void> onMessage(ControlMessage& message, link::StreamIo& io, Now now);
    /// False: it is not taken, or has enough of them.
    bool addStream(link::StreamKey key, ReceiveStreams::Origin origin, link::StreamIo& io);
    bool owns(link::StreamKey key) const { return m_streams.owns(key); }
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now);
    void removeStream(link::StreamKey key);
    /// False: not a job of this.
    bool onJobDone(JobDone& done, link::StreamIo& io, Now now);
    /// Moves everything that can move.
    void settle(link::StreamIo& io, Now now);
    void stop(link::StreamIo& io, Now now);
    /// After stop(): what has come of chunks that were cut off.
    ChunkBeginnings takeBeginnings() { return std::move(m_beginnings); }
    /// Puts on record what has been verified since the last call.
    void flushRecords() { m_files.flush(partsExpiry(m_wall)); }

    // --- state ---
    /// Each message may be a job: no more are read than may be under way.
    bool mayReadControl() const;
    bool receiving() const { return m_state == State::Receiving || m_state == State::AllSent; }
    bool finished() const { return m_state == State::Finished; }
    /// Everything has been sent, something is missing, and only the sender can bring it.
    bool waitsForSender() const { return m_state == State::AllSent && idle(); }
    bool idle() const { return m_work.empty() && !m_single && m_finish.idle(); }
    /// Why the whole transfer must end, and over which entry (kNoEntry: none).
    const std::optional<std::pair<Error, uint32_t>>& ending() const { return m_ending; }
    const std::optional<FirstFailure>& firstFailure() const { return m_firstFailure; }
    /// What has been verified of it, also by earlier attempts.
    const VerifiedMap& verified() const { return m_verified; }
    bool partsStay() const { return m_finish.partsStay(); }
    Instant deadline() const { return m_finish.deadline(); }

  private:
    enum class State { Receiving, AllSent, Finishing, Finished, Stopped };
    struct WritingChunk {
        uint32_t entry = 0;
        uint32_t chunk = 0;
        uint32_t length = 0;
        crypto::Digest groupRoot{};
    };
    /// A chunk with all that its job needs.
    struct ReadyChunk {
        WriteChunkJob job;
        WritingChunk what;
        link::StreamKey stream{};
        size_t credit = 0;
    };
    struct WritingBatch {
        std::vector<uint32_t> entries;
        std::vector<crypto::Digest> digests; ///< of each
    };
    struct Checking {
        uint32_t entry = 0;
        uint32_t group = 0;
    };
    struct Preparing {
        uint32_t entry = 0;
    };
    struct Credit {
        link::StreamKey stream;
        size_t bytes = 0;
    };
    struct Work {
        std::variant<std::vector<WritingChunk>, WritingBatch, Checking, Preparing> what;
        std::vector<Credit> credits{}; ///< of its frames, to be given to their streams when it is done
    };

    // receive_content.cpp: what comes in
    Result<void> onGroupRoots(const wire::GroupRoots& message);
    Result<void> onFileEnd(const wire::FileEnd& message, Now now);
    Result<void> onUnavailable(const wire::FileUnavailable& message, link::StreamIo& io);
    Result<void> onSendEnd();
    Result<void> onStreamEnded(const wire::StreamEnded& ended, link::StreamIo& io);
    void tellTaken(uint32_t stream);
    Result<void> checkHeader(ReceiveStreams::Stream& stream, Now now);
    Result<void> checkBatch(const BatchHeader& header);
    void takeFrame(ReceiveStreams::Stream& stream, link::StreamIo& io, Now now);
    Result<void> checkBeginning(const ChunkHeader& header);
    void putBeginning(ArrivedFrame& frame);
    void keepBeginning(const ReceiveStreams::Stream& stream);
    void writeChunk(ArrivedFrame frame);
    void writeBatch(ArrivedFrame frame, Now now);
    ArrivingFile& arriving(uint32_t entry, Now now);
    void preparePart(uint32_t entry, Now now);
    void submitPair(ReadyChunk first, ReadyChunk second);
    void submitSingle();
    void noteVerified(uint32_t entry, uint32_t chunk, bool isThere);
    bool mayTake() const;
    size_t framesWaiting() const { return m_files.held() + (m_single ? 1 : 0); }
    size_t jobs() const { return m_work.size() + m_finish.jobs(); }
    void submit(JobWork job, Work work);

    // receive_outcomes.cpp: what comes of it
    void onChunksWritten(const std::vector<WritingChunk>& chunks, const Result<JobValue>& outcome, link::StreamIo& io,
                         Now now);
    void onChunkWritten(const WritingChunk& chunk, const Result<void>& written, link::StreamIo& io, Now now);
    void onBatchWritten(const WritingBatch& batch, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void onChecked(const Checking& check, Result<JobValue>& outcome, Now now);
    void onPrepared(const Preparing& preparing, Result<JobValue>& outcome, link::StreamIo& io, Now now);
    void finishWhenComplete(uint32_t entry, Now now);
    void need(uint32_t entry, uint32_t group, const GroupBits& bits);
    bool askAgain(uint32_t entry, uint32_t group, const GroupBits& bits);
    void failFile(uint32_t entry, const Error& error, link::StreamIo& io);
    void dropFile(uint32_t entry, Errc why, link::StreamIo& io);
    void tellFailed(uint32_t entry, const Error& error);
    void noteFailure(uint32_t entry, const Error& error, bool byPeer);
    void endAll(const Error& error, uint32_t entry);

    const ReceiveTask& m_task;
    State m_state = State::Receiving;
    ReceiveStreams m_streams;
    ArrivingFiles m_files;
    ReceiveFinish m_finish;
    VerifiedMap m_verified;
    std::unordered_map<JobId, Work> m_work;
    size_t m_framesInWork = 0;
    std::optional<ReadyChunk> m_single; ///< waits for a second one
    ChunkBeginnings m_beginnings;       ///< of chunks that are not whole yet: claimed, or cut off since
    ChunkFailures m_failures;
    std::optional<FirstFailure> m_firstFailure;
    std::optional<std::pair<Error, uint32_t>> m_ending;
    UnixTime m_wall{}; ///< of the latest input
};

} // namespace wherry::transfer

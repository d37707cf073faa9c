#pragma once

#include "transfer/control_channel.h"
#include "transfer/first_failure.h"
#include "transfer/send_plan.h"
#include "transfer/send_streams.h"
#include "transfer/source_manifest.h"

#include <deque>
#include <map>
#include <unordered_map>

namespace wherry::transfer {

/// The content side of one attempt to send: from the receiver's Accept to SendEnd and every Need after it.
///
/// Work goes through three bounded stages: groups are hashed at most kHashAheadBytes ahead of the chunks that are read;
/// chunks and batches are read at most one job budget and kReadyFrames ahead of what the streams have taken; streams
/// take what the peer allows. Small files skip the first stage. So memory does not depend on sizes or counts, and
/// hashing overlaps with sending.
///
/// Outcomes of jobs of an earlier attempt never reach a pump: jobs are known by id.
class SendPump {
  public:
    SendPump(MachineContext& context, TransferId transfer, const crypto::PeerId& peer, ByteView attempt,
             const SourceManifest& source, ControlChannel& control, TransferFigures& figures);

    SendPlan& plan() { return m_plan; }
    SendStreams& streams() { return m_streams; }

    /// Whether the job is of this pump; takes its outcome.
    bool onJobDone(JobDone& done);
    /// The receiver cannot store the file.
    void onFileFailed(uint32_t entry, Error error);
    /// The receiver has said that it has everything: so has its transport.
    void onEverythingReceived() { m_figures.bytesSent = m_sentBefore + m_payloadWritten; }
    /// Moves everything that can move. Sends FileEnd, GroupRoots, FileUnavailable and SendEnd on the control channel.
    void pump(link::StreamIo& io);
    /// Nothing more of the content is read or sent. What the receiver wants again after SendEnd still is: it waits for
    /// nothing else then, and not for long.
    void setPaused(bool paused) { m_paused = paused; }
    /// A stream of an earlier connection has ended: the receiver is asked what has come of it. False: it is none.
    bool onFormerEnded(link::StreamKey key);
    Result<void> onTaken(const wire::StreamTaken& taken);
    bool saidEnd() const { return m_saidEnd; }
    const std::optional<FirstFailure>& firstFailure() const { return m_firstFailure; }

  private:
    struct Hashed {
        GroupUnit unit;
        ChunkRoots roots; ///< null: being hashed
        uint32_t nextChunk = 0;
        bool dropped = false;
    };
    /// A chunked file between its first group and its FileEnd.
    struct FileRun {
        RootAccumulator accumulator;
        std::map<uint32_t, crypto::Digest> waitingRoots; ///< hashed before an earlier group
        uint32_t groupsLeft = 0;                         ///< whose chunks have not all been read
        uint32_t framesOut = 0;                          ///< chunks being read or waiting for a stream
    };
    struct ReadChunk {
        uint32_t entry = 0;
        uint32_t chunk = 0;
        bool resend = false;
        bool sentBefore = false;
    };
    struct ReadBatch {
        std::vector<uint32_t> entries;
        bool resend = false;
    };
    struct HashGroup {
        uint32_t entry = 0;
        uint32_t group = 0;
        bool resend = false;
    };
    using Purpose = std::variant<HashGroup, ReadChunk, ReadBatch>;

    bool mayRead() const;
    bool mayHash() const;
    void takeUnits();
    void readChunks();
    void startGroup(GroupUnit unit);
    void startBatch(BatchUnit unit);
    void finishGroup(const GroupUnit& unit);
    void onHashed(const HashGroup& purpose, Result<JobValue>& outcome);
    void onChunkRead(const ReadChunk& purpose, Result<JobValue>& outcome);
    void onBatchRead(const ReadBatch& purpose, Result<JobValue>& outcome);
    void onFramesWritten(const std::vector<OutFrame>& frames);
    void countReceived(const link::StreamIo& io);
    void endFileWhenSent(uint32_t entry);
    void unavailable(uint32_t entry, const Error& error);
    void forget(uint32_t entry);

    MachineContext& m_context;
    TransferId m_transfer;
    const SourceManifest& m_source;
    ControlChannel& m_control;
    TransferFigures& m_figures;
    SendPlan m_plan;
    SendStreams m_streams;

    std::unordered_map<JobId, Purpose> m_jobs;
    size_t m_reads = 0; ///< jobs that will become frames
    std::deque<Hashed> m_groups;
    uint64_t m_groupBytes = 0; ///< of m_groups
    std::optional<BatchUnit> m_nextBatch;
    std::map<uint32_t, FileRun> m_files;
    std::deque<OutFrame> m_ready;
    const uint64_t m_sentBefore;   ///< m_figures.bytesSent when this attempt began
    uint64_t m_payloadWritten = 0; ///< of the frames that the streams have taken
    std::optional<FirstFailure> m_firstFailure;
    bool m_saidEnd = false;
    bool m_paused = false;
};

} // namespace wherry::transfer

#include "transfer/send_pump.h"

#include "base/overloaded.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

uint64_t groupBytes(uint64_t size, uint32_t group) {
    return std::min<uint64_t>(kGroupSize, size - uint64_t(group) * kGroupSize);
}

} // namespace

SendPump::SendPump(MachineContext& context, TransferId transfer, const crypto::PeerId& peer, ByteView attempt,
                   const SourceManifest& source, ControlChannel& control, TransferFigures& figures)
    : m_context(context),
      m_transfer(transfer),
      m_source(source),
      m_control(control),
      m_figures(figures),
      m_plan(source.manifest()),
      m_streams(context, transfer, peer, attempt),
      m_sentBefore(figures.bytesSent) {}

/// One slot of the budget is left to hashing, so that the next group is ready when this one has been read.
bool SendPump::mayRead() const {
    const size_t budget = m_context.jobBudget();
    return m_reads < budget - 1 && m_reads + m_ready.size() < budget + kReadyFrames;
}

bool SendPump::mayHash() const {
    return m_jobs.size() - m_reads < m_context.jobBudget() / 2 && m_groups.size() < kHashAheadGroups &&
           m_groupBytes < kHashAheadBytes && m_control.queuedBytes() < kControlQueueRefill;
}

void SendPump::pump(link::StreamIo& io) {
    if (!m_plan.complete()) return;
    m_control.flush(io); // first: a queue that only waits for this flush would hold up the hashing
    if (m_paused && !m_saidEnd) return countReceived(io);
    onFramesWritten(m_streams.write(m_ready, io));
    // A group of which nothing is wanted leaves no job behind whose end would bring us here again: go on until none has
    // gone.
    size_t groups = 0;
    do {
        takeUnits();
        groups = m_groups.size();
        readChunks();
    } while (m_groups.size() < groups);
    countReceived(io);
    if (!m_ready.empty()) m_streams.request(1);
    if (!m_saidEnd && m_plan.exhausted() && !m_nextBatch && m_groups.empty() && m_files.empty() && m_jobs.empty() &&
        m_ready.empty() && m_streams.idle()) {
        m_saidEnd = true;
        m_control.send(wire::SendEnd());
    }
    m_control.flush(io);
}

void SendPump::takeUnits() {
    while (true) {
        if (m_nextBatch) {
            if (!mayRead()) return;
            startBatch(std::move(*std::exchange(m_nextBatch, std::nullopt)));
            continue;
        }
        if (!mayHash()) return;
        std::optional<SendUnit> unit = m_plan.next();
        if (!unit) return;
        std::visit(Overloaded{[&](BatchUnit& batch) { m_nextBatch = std::move(batch); },
                              [&](GroupUnit& group) { startGroup(std::move(group)); }},
                   *unit);
    }
}

void SendPump::startGroup(GroupUnit unit) {
    const uint64_t size = m_source.manifest().fileSize(unit.entry);
    if (!unit.resend && unit.group == 0) m_files[unit.entry].groupsLeft = groupCount(size);
    const HashGroup purpose{unit.entry, unit.group, unit.resend};
    m_groupBytes += groupBytes(size, unit.group);
    m_groups.push_back({std::move(unit), nullptr, 0, false});
    const JobId id =
        m_context.out.submit(m_transfer, JobLane::Worker, HashGroupJob{m_source.source(purpose.entry), purpose.group});
    m_jobs.emplace(id, purpose);
}

void SendPump::startBatch(BatchUnit unit) {
    std::erase_if(unit.entries, [&](uint32_t entry) { return !m_plan.wants(entry); });
    if (unit.entries.empty()) return;
    ReadBatchJob job;
    job.files.reserve(unit.entries.size());
    for (const uint32_t entry : unit.entries) job.files.push_back({entry, m_source.source(entry)});
    const JobId id = m_context.out.submit(m_transfer, JobLane::Worker, std::move(job));
    m_jobs.emplace(id, ReadBatch{std::move(unit.entries), unit.resend});
    ++m_reads;
}

void SendPump::readChunks() {
    while (!m_groups.empty()) {
        Hashed& group = m_groups.front();
        if (!group.roots) return;
        const GroupUnit& unit = group.unit;
        const uint32_t count = static_cast<uint32_t>(group.roots->size());
        while (!group.dropped && group.nextChunk < count) {
            if (!unit.wanted[group.nextChunk]) {
                ++group.nextChunk;
                continue;
            }
            if (!mayRead()) return;
            const bool sentBefore = unit.sentBefore[group.nextChunk];
            const uint32_t chunk = unit.group * kChunksPerGroup + group.nextChunk++;
            ReadChunkJob job{m_source.source(unit.entry), unit.entry, chunk, group.roots, true, {}};
            job.held = m_plan.takePart(unit.entry, chunk);
            if (unit.resend) job.held.reset(); // what it was good for has been tried
            m_jobs.emplace(m_context.out.submit(m_transfer, JobLane::Worker, std::move(job)),
                           ReadChunk{unit.entry, chunk, unit.resend, sentBefore});
            ++m_reads;
            if (!unit.resend) ++m_files[unit.entry].framesOut;
        }
        finishGroup(unit);
        m_groups.pop_front();
    }
}

/// Every wanted chunk of the group is being read.
void SendPump::finishGroup(const GroupUnit& unit) {
    m_groupBytes -= groupBytes(m_source.manifest().fileSize(unit.entry), unit.group);
    const auto file = m_files.find(unit.entry);
    if (unit.resend || file == m_files.end()) return;
    --file->second.groupsLeft;
    endFileWhenSent(unit.entry);
}

void SendPump::endFileWhenSent(uint32_t entry) {
    const auto file = m_files.find(entry);
    if (file == m_files.end() || file->second.groupsLeft > 0 || file->second.framesOut > 0) return;
    ASSERT(file->second.waitingRoots.empty());
    const crypto::Digest digest = fileDigest(m_source.manifest().fileSize(entry), file->second.accumulator.root());
    m_files.erase(file);
    wire::FileEnd end;
    end.set_entry(entry);
    end.set_digest(digest.data(), digest.size());
    m_control.send(end);
}

bool SendPump::onJobDone(JobDone& done) {
    const auto found = m_jobs.find(done.id);
    if (found == m_jobs.end()) return false;
    const Purpose purpose = std::move(found->second);
    m_jobs.erase(found);
    std::visit(Overloaded{[&](const HashGroup& hash) { onHashed(hash, done.outcome); },
                          [&](const ReadChunk& read) { onChunkRead(read, done.outcome); },
                          [&](const ReadBatch& read) { onBatchRead(read, done.outcome); }},
               purpose);
    return true;
}

void SendPump::onHashed(const HashGroup& purpose, Result<JobValue>& outcome) {
    const auto group = std::find_if(m_groups.begin(), m_groups.end(), [&](const Hashed& one) {
        return !one.roots && one.unit.entry == purpose.entry && one.unit.group == purpose.group &&
               one.unit.resend == purpose.resend;
    });
    ASSERT(group != m_groups.end());
    static const ChunkRoots kNoRoots = std::make_shared<const GroupTree>();
    if (!outcome) {
        group->roots = kNoRoots;
        unavailable(purpose.entry, outcome.error());
        return;
    }
    group->roots = std::get<ChunkRoots>(*outcome);
    if (group->dropped) return;
    if (group->unit.claimed) {
        wire::GroupRoots message;
        message.set_entry(purpose.entry);
        message.set_group(purpose.group);
        for (const crypto::Digest& root : *group->roots) message.mutable_roots()->append(asText(root));
        m_control.send(message);
    }
    const auto file = m_files.find(purpose.entry);
    if (purpose.resend || file == m_files.end()) return;
    FileRun& run = file->second;
    run.waitingRoots.emplace(purpose.group, group->roots->root());
    for (auto next = run.waitingRoots.begin(); next != run.waitingRoots.end() && next->first == run.accumulator.count();
         next = run.waitingRoots.erase(next))
        run.accumulator.add(next->second);
}

void SendPump::onChunkRead(const ReadChunk& purpose, Result<JobValue>& outcome) {
    --m_reads;
    if (!outcome) {
        unavailable(purpose.entry, outcome.error());
        return;
    }
    FrameReady& frame = std::get<FrameReady>(*outcome);
    if (!m_plan.wants(purpose.entry)) return;
    if (frame.compressed) ++m_figures.chunksCompressed;
    if (purpose.sentBefore) ++m_figures.chunksResent;
    m_ready.push_back(
        {std::move(frame.frame), frame.payloadOnWire, purpose.entry, true, !purpose.resend, purpose.chunk});
}

void SendPump::onBatchRead(const ReadBatch& purpose, Result<JobValue>& outcome) {
    --m_reads;
    if (!outcome) {
        for (const uint32_t entry : purpose.entries) unavailable(entry, outcome.error());
        return;
    }
    BatchReady& batch = std::get<BatchReady>(*outcome);
    for (const FileFailure& failure : batch.failures) unavailable(failure.entry, failure.error);
    if (batch.entries.empty()) return;
    if (purpose.resend)
        m_figures.chunksResent += batch.entries.size();
    else
        m_figures.filesBatched += batch.entries.size();
    if (batch.frame.compressed) ++m_figures.chunksCompressed;
    m_ready.push_back({std::move(batch.frame.frame), batch.frame.payloadOnWire, 0, false, false, 0, batch.entries});
}

/// What the transport still holds has not reached the peer: after a loss it is sent again and counts then.
void SendPump::countReceived(const link::StreamIo& io) {
    const uint64_t held = m_streams.unacknowledged(io);
    const uint64_t received = m_payloadWritten - std::min(m_payloadWritten, held);
    m_figures.bytesSent = std::max(m_figures.bytesSent, m_sentBefore + received);
}

void SendPump::onFramesWritten(const std::vector<OutFrame>& frames) {
    for (const OutFrame& frame : frames) {
        m_payloadWritten += frame.payloadOnWire;
        if (!frame.isChunk || !frame.lastNeeded) continue;
        const auto file = m_files.find(frame.entry);
        if (file == m_files.end()) continue;
        --file->second.framesOut;
        endFileWhenSent(frame.entry);
    }
    m_figures.streamsUsed = std::max<uint64_t>(m_figures.streamsUsed, m_streams.used());
}

bool SendPump::onFormerEnded(link::StreamKey key) {
    auto ended = m_streams.endFormer(key);
    if (!ended) return false;
    if (ended->begun) onFramesWritten({std::move(*ended->begun)});
    wire::StreamEnded message;
    message.set_stream(ended->number);
    message.set_frames(ended->frames);
    m_control.send(message);
    return true;
}

/// What has not come counts when it is sent again.
Result<void> SendPump::onTaken(const wire::StreamTaken& taken) {
    TRY(std::vector<OutFrame> lost, m_streams.settle(taken.stream(), taken.frames()));
    for (OutFrame& frame : lost) {
        m_payloadWritten -= std::min<uint64_t>(m_payloadWritten, frame.payloadOnWire);
        if (frame.isChunk)
            m_plan.resendChunk(frame.entry, frame.chunk);
        else
            m_plan.resendBatch(std::move(frame.entries));
    }
    return {};
}

void SendPump::onFileFailed(uint32_t entry, Error error) {
    if (!m_firstFailure) m_firstFailure = {m_source.manifest().path(entry), std::move(error), true};
    forget(entry);
}

void SendPump::unavailable(uint32_t entry, const Error& error) {
    if (!m_plan.wants(entry)) return;
    if (!m_firstFailure) m_firstFailure = {m_source.manifest().path(entry), error, false};
    wire::FileUnavailable message;
    message.set_entry(entry);
    message.set_code(wireCode(error.code));
    message.set_message(reasonForPeer(error));
    m_control.send(message);
    forget(entry);
}

/// Sends nothing more of the file; frames that are ready already may still go out and are ignored by the receiver.
void SendPump::forget(uint32_t entry) {
    m_plan.drop(entry);
    m_files.erase(entry);
    for (Hashed& group : m_groups)
        if (group.unit.entry == entry) group.dropped = true;
}

} // namespace wherry::transfer

#include "base/overloaded.h"
#include "transfer/machine_limits.h"
#include "transfer/receive_machine.h"

#include <algorithm>

/// The second half of ReceiveMachine: content, from frames on streams to published files.
namespace wherry::transfer {

namespace {

Error violation(std::string what) {
    return makeError(Errc::ProtocolViolation, std::move(what));
}

bool notIntact(Errc code) {
    return code == Errc::VerificationFailed || code == Errc::Malformed || code == Errc::TooLarge;
}

} // namespace

JobId ReceiveMachine::submit(JobWork job, Work work) {
    const JobId id = m_context.out.submit(m_id, JobLane::Worker, std::move(job));
    m_work.emplace(id, std::move(work));
    return id;
}

// --- control messages ---------------------------------------------------------------------------------------------

Result<void> ReceiveMachine::onContentMessage(ControlMessage& message, Now) {
    return std::visit(
        Overloaded{[&](const wire::GroupRoots& roots) { return onGroupRoots(roots); },
                   [&](const wire::FileEnd& end) { return onFileEnd(end); },
                   [&](const wire::FileUnavailable& one) { return onUnavailable(one); },
                   [&](const wire::SendEnd&) {
                       if (std::exchange(m_sendEnd, true)) return Result<void>(violation("a second SendEnd"));
                       return Result<void>();
                   },
                   [&](const auto&) { return Result<void>(violation("a message that a sender never sends now")); }},
        message);
}

Result<void> ReceiveMachine::onGroupRoots(const wire::GroupRoots& message) {
    const auto found = m_arriving.find(message.entry());
    if (found == m_arriving.end()) {
        const bool late = message.entry() < m_manifest->count() && m_book->state(message.entry()) == EntryState::Failed;
        return late ? Result<void>() : violation("roots of a group that were not asked for");
    }
    const ByteView raw = asBytes(message.roots());
    if (raw.empty() || raw.size() % sizeof(crypto::Digest) != 0 ||
        raw.size() > kChunksPerGroup * sizeof(crypto::Digest))
        return violation("group roots of the wrong length");
    std::vector<crypto::Digest> roots(raw.size() / sizeof(crypto::Digest));
    for (size_t i = 0; i < roots.size(); ++i)
        std::copy_n(raw.begin() + static_cast<ptrdiff_t>(i * sizeof(crypto::Digest)), sizeof(crypto::Digest),
                    roots[i].begin());
    const auto tree = std::make_shared<const GroupTree>(std::move(roots));
    TRY(std::vector<bool> claimed, found->second.beginCheck(message.group(), *tree));
    CheckGroupJob job{m_placement->destination(), m_placement->partPath(message.entry()),
                      found->second.size(),       message.group(),
                      std::move(claimed),         tree};
    submit(std::move(job), {Checking{message.entry(), message.group()}});
    ++m_checks;
    return {};
}

Result<void> ReceiveMachine::onFileEnd(const wire::FileEnd& message) {
    const uint32_t entry = message.entry();
    if (entry >= m_manifest->count() || m_manifest->isFolder(entry) || m_manifest->fileSize(entry) <= kSmallFileMax)
        return violation("FileEnd of no chunked file");
    if (message.digest().size() != sizeof(crypto::Digest)) return violation("a digest of the wrong length");
    if (m_book->state(entry) == EntryState::Failed) return {};
    if (m_book->state(entry) != EntryState::Waiting && m_book->state(entry) != EntryState::Arriving)
        return violation("FileEnd of a file that is not being received");
    crypto::Digest digest{};
    std::copy_n(asBytes(message.digest()).begin(), digest.size(), digest.begin());
    if (!arriving(entry).end(digest)) return violation("a second FileEnd");
    m_ended.push_back(entry);
    return {};
}

Result<void> ReceiveMachine::onUnavailable(const wire::FileUnavailable& message) {
    const uint32_t entry = message.entry();
    if (entry >= m_manifest->count() || m_manifest->isFolder(entry)) return violation("FileUnavailable of no file");
    const EntryState state = m_book->state(entry);
    if (state == EntryState::Failed) return {};
    if (state != EntryState::Waiting && state != EntryState::Arriving)
        return violation("FileUnavailable of a file that is here");
    const Error error = makeError(errcOfWire(message.code()), "the sender: " + cutReason(message.message()));
    if (!m_firstFailure) m_firstFailure = {m_manifest->path(entry), error, true};
    dropFile(entry, keptAfter(error.code));
    return {};
}

// --- frames -------------------------------------------------------------------------------------------------------

bool ReceiveMachine::mayTake() const {
    return m_work.size() + m_held < m_context.jobBudget() && m_publisher.unpublishedBytes() < kMaxUnpublishedBytes;
}

/// Each GroupRoots is a job, and a FileEnd or FileUnavailable may be one: no more are read than may be under way.
bool ReceiveMachine::mayReadControl() const {
    return m_checks < m_context.jobBudget() && m_work.size() + m_held < 2 * m_context.jobBudget();
}

void ReceiveMachine::readStream(link::StreamKey key, link::StreamIo& io, Now now) {
    while (m_phase == Phase::Receiving) {
        const auto found = m_streams.find(key);
        if (found == m_streams.end()) return;
        DataStream& stream = found->second;
        if (stream.reader.readsPayload() && !stream.discard && !mayTake()) {
            m_paused.insert(key);
            return;
        }
        const Result<FrameReader::Step> step = stream.reader.read(io);
        if (!step) return fail(step.error(), {}, io, now);
        if (*step == FrameReader::Step::NeedBytes) break;
        const Result<void> taken = *step == FrameReader::Step::HeaderRead ? checkHeader(stream) : takeFrame(stream, io);
        if (!taken) return fail(taken.error(), {}, io, now);
    }
}

Result<void> ReceiveMachine::checkHeader(DataStream& stream) {
    stream.discard = false;
    if (!std::exchange(stream.used, true)) ++m_figures.streamsUsed;
    if (const auto* batch = std::get_if<BatchHeader>(&stream.reader.header())) return checkBatch(*batch);
    const ChunkHeader& header = std::get<ChunkHeader>(stream.reader.header());
    if (header.entry >= m_manifest->count() || m_manifest->isFolder(header.entry) ||
        m_manifest->fileSize(header.entry) <= kSmallFileMax)
        return violation("a chunk of no chunked file");
    const EntryState state = m_book->state(header.entry);
    if (state == EntryState::Failed) {
        stream.discard = true;
        return {};
    }
    if (state != EntryState::Waiting && state != EntryState::Arriving)
        return violation("a chunk of a file that is not wanted");
    TRY(const ArrivingFile::Verdict verdict, arriving(header.entry).begin(header));
    stream.discard = verdict == ArrivingFile::Verdict::OtherRoot;
    return {};
}

/// Every file of a batch must be wanted, small and new; then all are on their way.
Result<void> ReceiveMachine::checkBatch(const BatchHeader& header) {
    uint64_t total = 0;
    for (const BatchFile& file : header.files) {
        if (file.entry >= m_manifest->count() || m_manifest->isFolder(file.entry) ||
            m_manifest->fileSize(file.entry) != file.size || file.size > kSmallFileMax)
            return violation("a batch with a file that is not in the offer");
        const EntryState state = m_book->state(file.entry);
        if (state == EntryState::Waiting)
            m_book->set(file.entry, EntryState::Arriving);
        else if (state != EntryState::Failed)
            return violation("a batch with a file that is here already or not wanted");
        total += file.size;
    }
    if (header.files.empty() || total != header.plainLength) return violation("a batch whose sizes do not add up");
    return {};
}

Result<void> ReceiveMachine::takeFrame(DataStream& stream, link::StreamIo& io) {
    ArrivedFrame frame = stream.reader.takeFrame();
    m_figures.bytesSent += totalLength(frame.payload);
    const bool discard = std::exchange(stream.discard, false);
    if (std::holds_alternative<BatchHeader>(frame.header)) {
        writeBatch(std::move(frame));
        return {};
    }
    const ChunkHeader& header = std::get<ChunkHeader>(frame.header);
    const auto file = m_arriving.find(header.entry);
    if (discard || file == m_arriving.end()) {
        io.credit(frame.stream, frame.uncredited);
        if (file != m_arriving.end()) m_mismatched.emplace_back(header.entry, header.chunk);
        return {};
    }
    if (file->second.prepared) {
        writeChunk(std::move(frame));
    } else {
        file->second.waiting.push_back(std::move(frame));
        ++m_held;
    }
    return {};
}

void ReceiveMachine::writeChunk(ArrivedFrame frame) {
    ChunkHeader& header = std::get<ChunkHeader>(frame.header);
    if (header.compressed) ++m_figures.chunksCompressed;
    const Work work{WritingChunk{header.entry, header.chunk, header.plainLength, header.groupRoot}, frame.stream,
                    frame.uncredited};
    WriteChunkJob job{m_placement->destination(), m_placement->partPath(header.entry),
                      m_manifest->fileSize(header.entry), std::move(header), std::move(frame.payload)};
    submit(std::move(job), work);
}

void ReceiveMachine::writeBatch(ArrivedFrame frame) {
    BatchHeader& header = std::get<BatchHeader>(frame.header);
    if (header.compressed) ++m_figures.chunksCompressed;
    m_figures.filesBatched += header.files.size();
    WritingBatch batch;
    WriteBatchJob job{m_placement->destination(), {}, {}, std::move(frame.payload)};
    std::vector<std::string> parts;
    for (const BatchFile& file : header.files) {
        const ManifestEntry entry = m_manifest->entry(file.entry);
        if (m_book->state(file.entry) != EntryState::Arriving) { // it has failed while it was on its way
            job.targets.push_back({});
            continue;
        }
        batch.entries.push_back(file.entry);
        parts.push_back(m_placement->partPath(file.entry));
        job.targets.push_back({parts.back(), entry.modifiedNs, entry.executable});
    }
    m_parts.addBatch(batch.entries, parts, m_partsExpiry);
    job.header = std::move(header);
    submit(std::move(job), {std::move(batch), frame.stream, frame.uncredited});
}

/// The state of a chunked file; its part is asked for with its first frame.
ArrivingFile& ReceiveMachine::arriving(uint32_t entry) {
    const auto [found, isNew] = m_arriving.try_emplace(entry, m_manifest->fileSize(entry));
    if (isNew) {
        m_book->set(entry, EntryState::Arriving);
        // A part of that name may be left over without a record; nothing in it counts before it has been verified.
        std::string part = m_placement->partPath(entry);
        m_parts.addChunked(m_manifest->entryKey(entry), part, m_partsExpiry);
        submit(PreparePartJob{m_placement->destination(), std::move(part), m_manifest->fileSize(entry), true},
               {Preparing{entry}});
    }
    return found->second;
}

// --- outcomes -----------------------------------------------------------------------------------------------------

void ReceiveMachine::onWork(const Work& work, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    std::visit(Overloaded{[&](const WritingChunk& chunk) { onChunkWritten(chunk, outcome, io, now); },
                          [&](const WritingBatch& batch) { onBatchWritten(batch, outcome, io, now); },
                          [&](const Checking& check) { onChecked(check, outcome, io, now); },
                          [&](const Preparing& preparing) { onPrepared(preparing, outcome, io, now); },
                          [&](const TidyingUp&) {},
                          [&](const RemovingLeftOver&) { m_partsStay = m_partsStay || !outcome; }},
               work.what);
}

void ReceiveMachine::onChunkWritten(const WritingChunk& chunk, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    const auto found = m_arriving.find(chunk.entry);
    if (found == m_arriving.end()) return;
    ArrivingFile& file = found->second;
    const uint32_t group = groupOfChunk(chunk.chunk);
    if (outcome && file.onVerified(chunk.chunk, chunk.groupRoot)) {
        m_verifiedBytes += chunk.length;
        m_changed.insert(chunk.entry);
        return finishWhenComplete(chunk.entry, io, now);
    }
    file.onFailed(chunk.chunk);
    if (outcome || notIntact(outcome.error().code)) {
        GroupBits bits;
        bits.set(indexInGroup(chunk.chunk));
        askAgain(chunk.entry, group, bits, io, now);
    } else {
        failFile(chunk.entry, outcome.error(), io, now, true);
    }
}

void ReceiveMachine::onBatchWritten(const WritingBatch& batch, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    std::map<uint32_t, Error> failures;
    if (!outcome)
        for (const uint32_t entry : batch.entries) failures.emplace(entry, outcome.error());
    else
        for (FileFailure& failure : std::get<FilesWritten>(*outcome).failures)
            failures.emplace(failure.entry, std::move(failure.error));
    for (const uint32_t entry : batch.entries) {
        if (m_book->state(entry) != EntryState::Arriving) { // failed meanwhile: what dropFile removed may be back
            submit(RemovePartsJob{m_placement->destination(), {m_placement->partPath(entry)}}, {TidyingUp{}});
            continue;
        }
        const auto failed = failures.find(entry);
        if (failed == failures.end()) {
            m_verifiedBytes += m_manifest->fileSize(entry);
            m_book->set(entry, EntryState::Written);
            const OnExisting onExisting = m_book->replaces(entry) ? OnExisting::Replace : OnExisting::Fail;
            m_publisher.addSmall({entry, m_placement->partPath(entry), m_placement->finalPath(entry), onExisting, {}},
                                 m_manifest->fileSize(entry), now);
        } else if (notIntact(failed->second.code)) {
            m_book->set(entry, EntryState::Waiting);
            m_parts.settled(entry);
            if (!askAgain(entry, 0, firstBits(1), io, now)) return;
        } else {
            failFile(entry, failed->second, io, now, true);
        }
    }
}

void ReceiveMachine::onChecked(const Checking& check, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    --m_checks;
    const auto found = m_arriving.find(check.entry);
    if (found == m_arriving.end()) return;
    // A part that cannot be read has nothing to claim; writing it will say what is wrong.
    const std::vector<bool> none;
    const GroupBits bad = found->second.onChecked(check.group, outcome ? std::get<GroupChecked>(*outcome).good : none);
    m_changed.insert(check.entry);
    for (uint32_t i = 0; i < kChunksPerGroup; ++i)
        if (bad[i]) m_verifiedBytes -= chunkLength(found->second.size(), check.group * kChunksPerGroup + i);
    // Nothing has failed: what a power cut has taken out of the part comes for the first time.
    if (bad.any() && m_phase == Phase::Receiving) need(check.entry, check.group, bad);
    finishWhenComplete(check.entry, io, now);
}

void ReceiveMachine::onPrepared(const Preparing& preparing, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    const auto found = m_arriving.find(preparing.entry);
    if (found == m_arriving.end()) return;
    if (!outcome) return failFile(preparing.entry, outcome.error(), io, now, true);
    found->second.prepared = true;
    std::vector<ArrivedFrame> waiting = std::exchange(found->second.waiting, {});
    m_held -= waiting.size();
    for (ArrivedFrame& frame : waiting) writeChunk(std::move(frame));
}

void ReceiveMachine::finishWhenComplete(uint32_t entry, link::StreamIo& io, Now now) {
    const auto found = m_arriving.find(entry);
    if (found == m_arriving.end() || !found->second.complete()) return;
    if (!found->second.digestMatches()) {
        // The chunks fit their groups, but the groups are not the file's: nothing of it may be believed.
        dropFile(entry, Keep::Nothing);
        return fail(makeError(Errc::VerificationFailed, "the content is not what its digest says"),
                    m_manifest->path(entry), io, now);
    }
    const ManifestEntry what = m_manifest->entry(entry);
    flushRecords();
    m_changed.erase(entry);
    m_arriving.erase(found);
    m_book->set(entry, EntryState::Written);
    const OnExisting onExisting = m_book->replaces(entry) ? OnExisting::Replace : OnExisting::Fail;
    std::string part = m_placement->partPath(entry);
    std::string path = m_placement->finalPath(entry);
    if (what.size <= kGroupedFileMax)
        m_publisher.addSmall({entry, std::move(part), std::move(path), onExisting,
                              FinishItem{what.size, what.modifiedNs, what.executable}},
                             0, now);
    else
        m_publisher.addLarge(entry, {m_placement->destination(), std::move(part), std::move(path), what.size,
                                     what.modifiedNs, what.executable, onExisting});
}

void ReceiveMachine::onPublished(Publisher::Outcome& outcome, link::StreamIo& io, Now now) {
    const LocalKey& local = m_placement->record().localKey;
    for (const uint32_t entry : outcome.published) {
        const EntryKey key = m_manifest->entryKey(entry);
        m_book->set(entry, EntryState::Done);
        m_context.out.put(Space::Done, doneKey(local, key), Bytes{1}, recordExpiry(now.wall));
        m_parts.settled(entry);
        if (m_manifest->fileSize(entry) > kSmallFileMax) m_context.out.erase(Space::Chunks, chunksPrefix(local, key));
    }
    if (outcome.fatal) {
        m_broken = true;
        m_publisher.abandon();
        const std::string file =
            outcome.failed.empty() ? std::string() : m_manifest->path(outcome.failed.front().entry);
        return fail(*outcome.fatal, file, io, now);
    }
    for (const FileFailure& failure : outcome.failed) {
        m_context.out.erase(Space::Done, doneKey(local, m_manifest->entryKey(failure.entry)));
        failFile(failure.entry, failure.error, io, now, true);
    }
}

// --- failures -----------------------------------------------------------------------------------------------------

bool ReceiveMachine::askAgain(uint32_t entry, uint32_t group, const GroupBits& bits, link::StreamIo& io, Now now) {
    if (m_phase != Phase::Receiving) return false;
    for (uint32_t i = 0; i < kChunksPerGroup; ++i) {
        if (!bits[i]) continue;
        ++m_figures.chunksResent;
        const bool tooMany = m_failedChunks.size() >= kMaxFailedChunks;
        if (!tooMany && ++m_failedChunks[{entry, group * kChunksPerGroup + i}] < kMaxChunkFailures) continue;
        fail(makeError(Errc::VerificationFailed, "the content does not match its hash"), m_manifest->path(entry), io,
             now);
        return false;
    }
    need(entry, group, bits);
    return true;
}

void ReceiveMachine::need(uint32_t entry, uint32_t group, const GroupBits& bits) {
    const uint64_t size = m_manifest->fileSize(entry);
    const Bytes bitmap = encodeBits(bits, size <= kSmallFileMax ? 1 : chunksInGroup(size, group));
    wire::Need need;
    need.set_entry(entry);
    need.set_group(group);
    need.set_bitmap(bitmap.data(), bitmap.size());
    m_control.send(need);
}

/// One file cannot be stored; when that is the disk's fault, the transfer ends.
void ReceiveMachine::failFile(uint32_t entry, const Error& error, link::StreamIo& io, Now now, bool tellSender) {
    if (endsTransfer(error.code)) return fail(error, m_manifest->path(entry), io, now);
    if (!m_firstFailure) m_firstFailure = {m_manifest->path(entry), error, false};
    dropFile(entry, keptAfter(error.code));
    if (!tellSender) return;
    wire::FileFailed message;
    message.set_entry(entry);
    message.set_code(wireCode(error.code));
    message.set_message(reasonForPeer(error, m_manifest->path(entry)));
    m_control.send(message);
}

/// What the next attempt can still use of a file that fails so: all of it, unless the content itself was wrong or the
/// volume will never hold the name.
ReceiveMachine::Keep ReceiveMachine::keptAfter(Errc code) {
    const bool lasts = code == Errc::SourceChanged || code == Errc::VerificationFailed || code == Errc::UnportableName;
    return lasts ? Keep::Nothing : Keep::Part;
}

/// The file will not come in this attempt. The part of a chunked one may stay with its records for the next.
void ReceiveMachine::dropFile(uint32_t entry, Keep keep) {
    if (m_manifest->fileSize(entry) <= kSmallFileMax) keep = Keep::Nothing; // nobody knows what is in its part
    if (keep == Keep::Part) flushRecords();
    const auto found = m_arriving.find(entry);
    if (found != m_arriving.end()) {
        for (ArrivedFrame& frame : found->second.waiting) m_toCredit.emplace_back(frame.stream, frame.uncredited);
        m_held -= found->second.waiting.size();
        m_arriving.erase(found);
    }
    m_changed.erase(entry);
    m_book->set(entry, EntryState::Failed);
    const LocalKey& local = m_placement->record().localKey;
    m_parts.settled(entry);
    if (keep == Keep::Part) {
        m_partsStay = true;
        return;
    }
    m_context.out.erase(Space::Chunks, chunksPrefix(local, m_manifest->entryKey(entry)));
    submit(RemovePartsJob{m_placement->destination(), {m_placement->partPath(entry)}}, {TidyingUp{}});
}

void ReceiveMachine::creditHeld(link::StreamIo& io) {
    for (auto& [entry, file] : m_arriving) {
        for (const ArrivedFrame& frame : file.waiting) io.credit(frame.stream, frame.uncredited);
        m_held -= file.waiting.size();
        file.waiting.clear();
    }
    for (const auto& [stream, count] : std::exchange(m_toCredit, {})) io.credit(stream, count);
}

// --- after every input --------------------------------------------------------------------------------------------

void ReceiveMachine::flushRecords() {
    if (!m_placement) return;
    for (const uint32_t entry : std::exchange(m_changed, {})) {
        const auto found = m_arriving.find(entry);
        if (found == m_arriving.end()) continue;
        const EntryKey key = m_manifest->entryKey(entry);
        for (const auto& [group, bits] : found->second.takeChanged())
            m_context.out.put(Space::Chunks, chunksKey(m_placement->record().localKey, key, group),
                              encodeBits(bits, chunksInGroup(found->second.size(), group)), m_partsExpiry);
    }
}

void ReceiveMachine::publish(Now now) {
    m_recordExpiry = recordExpiry(now.wall);
    m_partsExpiry = partsExpiry(now.wall);
    if (m_broken || !m_placement || !m_book) return;
    const bool hurry = m_phase != Phase::Receiving || m_book->filesToArrive() == 0;
    for (const uint32_t entry : m_publisher.pump(hurry ? Publisher::Hurry::Yes : Publisher::Hurry::No, now)) {
        m_book->set(entry, EntryState::Publishing);
        const Bytes key = doneKey(m_placement->record().localKey, m_manifest->entryKey(entry));
        m_context.out.put(Space::Done, key, Bytes{0}, m_recordExpiry);
    }
}

void ReceiveMachine::settle(link::StreamIo& io, Now now) {
    for (const auto& [stream, count] : std::exchange(m_toCredit, {})) io.credit(stream, count);
    for (const uint32_t entry : std::exchange(m_ended, {})) finishWhenComplete(entry, io, now);
    for (const auto& [entry, chunk] : std::exchange(m_mismatched, {})) {
        GroupBits bits;
        bits.set(indexInGroup(chunk));
        if (!askAgain(entry, groupOfChunk(chunk), bits, io, now)) break;
    }
    if (m_phase == Phase::Receiving) {
        if (mayReadControl() && io.available(m_control.key()) > 0) readControl(io, now);
        if (mayTake())
            for (const link::StreamKey key : std::exchange(m_paused, {})) readStream(key, io, now);
    }
    publish(now);
    if (m_phase == Phase::Receiving) {
        progress(io, now);
        if (m_sendEnd && m_book->settled() && nothingUnderWay()) removeLeftOver();
    }
    if (m_phase == Phase::Finishing) {
        if (m_work.empty() && !nextFolderTimes())
            deliver(io, now);
        else
            progress(io, now);
    }
    m_control.flush(io);
}

void ReceiveMachine::progress(link::StreamIo& io, Now now) {
    m_figures.bytesVerified = m_verifiedBytes;
    m_figures.filesDone = m_book->filesDone();
    if (!m_progress.due(now.mono)) return;
    m_context.out.event(m_progress.tell(m_id, true, m_figures, now.mono));
    wire::Progress message;
    message.set_verified_bytes(m_verifiedBytes);
    message.set_done_files(static_cast<uint32_t>(m_figures.filesDone));
    m_control.send(message);
    m_control.flush(io);
}

/// Parts of what the source does not have any more as it was; then the folders are left alone and get their times.
void ReceiveMachine::removeLeftOver() {
    if (m_partsStay) keepParts();
    std::vector<std::string> parts = m_parts.takeLeftOver();
    if (parts.empty()) return setFolderTimes();
    submit(RemovePartsJob{m_placement->destination(), std::move(parts)}, {RemovingLeftOver{}});
}

/// Those of files that have failed; what dropFile has removed does not matter here.
void ReceiveMachine::keepParts() {
    std::set<std::string> names;
    for (uint32_t i = 0; i < m_manifest->count(); ++i)
        if (m_manifest->fileSize(i) > kSmallFileMax && m_book->state(i) == EntryState::Failed)
            names.insert(partName(m_placement->record().localKey, m_manifest->entryKey(i)));
    m_parts.keep(names);
}

/// The deepest folders first, so that none is touched after it has got its time.
void ReceiveMachine::setFolderTimes() {
    m_phase = Phase::Finishing;
    m_timesLeft = m_manifest->count();
}

/// The next batch; false: every folder has its time.
bool ReceiveMachine::nextFolderTimes() {
    FolderTimesJob job{m_placement->destination(), {}};
    while (m_timesLeft > 0 && job.folders.size() < kPathsPerJob) {
        const uint32_t i = --m_timesLeft;
        if (m_manifest->isFolder(i) && m_book->state(i) == EntryState::Done)
            job.folders.emplace_back(m_placement->finalPath(i), m_manifest->entry(i).modifiedNs);
    }
    if (job.folders.empty()) return false;
    submit(std::move(job), {TidyingUp{}});
    return true;
}

} // namespace wherry::transfer

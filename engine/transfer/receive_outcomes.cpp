#include "base/overloaded.h"
#include "transfer/machine_limits.h"
#include "transfer/receive_content.h"

/// The second half of ReceiveContent: what comes of its jobs, failures, and the way to the end.
namespace wherry::transfer {

namespace {

bool notIntact(Errc code) {
    return code == Errc::VerificationFailed || code == Errc::Malformed || code == Errc::TooLarge;
}

/// The next attempt has no use for what is here of a file that fails so: the content itself was wrong, or the volume
/// will never hold the name.
bool failsForGood(Errc code) {
    return code == Errc::SourceChanged || code == Errc::VerificationFailed || code == Errc::UnportableName;
}

} // namespace

// --- jobs ---------------------------------------------------------------------------------------------------------

bool ReceiveContent::onJobDone(JobDone& done, link::StreamIo& io, Now now) {
    m_wall = now.wall;
    const auto found = m_work.find(done.id);
    if (found == m_work.end()) {
        const std::optional<Publisher::Outcome> published = m_finish.onJobDone(done, now);
        if (!published) return false;
        const auto& failed = published->failed;
        if (published->fatal)
            endAll(*published->fatal, failed.empty() ? kNoEntry : failed.front().entry);
        else
            for (const FileFailure& failure : failed) failFile(failure.entry, failure.error, io);
        return true;
    }
    const Work work = std::move(found->second);
    m_work.erase(found);
    m_framesInWork -= work.credits.size();
    for (const Credit& credit : work.credits)
        if (credit.bytes > 0) io.credit(credit.stream, credit.bytes);
    std::visit(
        Overloaded{[&](const std::vector<WritingChunk>& chunks) { onChunksWritten(chunks, done.outcome, io, now); },
                   [&](const WritingBatch& batch) { onBatchWritten(batch, done.outcome, io, now); },
                   [&](const Checking& check) { onChecked(check, done.outcome, now); },
                   [&](const Preparing& preparing) { onPrepared(preparing, done.outcome, io, now); }},
        work.what);
    return true;
}

/// One of a job of its own, or a pair.
void ReceiveContent::onChunksWritten(const std::vector<WritingChunk>& chunks, const Result<JobValue>& outcome,
                                     link::StreamIo& io, Now now) {
    const PairWritten* pair = outcome ? std::get_if<PairWritten>(&*outcome) : nullptr;
    for (size_t i = 0; i < chunks.size(); ++i) {
        Result<void> written;
        if (!outcome)
            written = outcome.error();
        else if (pair)
            written = pair->chunks[i];
        onChunkWritten(chunks[i], written, io, now);
    }
}

void ReceiveContent::onChunkWritten(const WritingChunk& chunk, const Result<void>& written, link::StreamIo& io,
                                    Now now) {
    ArrivingFile* file = m_files.find(chunk.entry);
    if (!file) return;
    if (written && file->onVerified(chunk.chunk, chunk.groupRoot)) {
        m_task.figures.bytesVerified += chunk.length;
        noteVerified(chunk.entry, chunk.chunk, true);
        m_files.touch(chunk.entry);
        return finishWhenComplete(chunk.entry, now);
    }
    file->onFailed(chunk.chunk);
    if (!written && !notIntact(written.error().code)) return failFile(chunk.entry, written.error(), io);
    GroupBits bits;
    bits.set(indexInGroup(chunk.chunk));
    askAgain(chunk.entry, groupOfChunk(chunk.chunk), bits);
}

void ReceiveContent::onBatchWritten(const WritingBatch& batch, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    std::map<uint32_t, Error> failures;
    if (!outcome)
        for (const uint32_t entry : batch.entries) failures.emplace(entry, outcome.error());
    else
        for (FileFailure& failure : std::get<FilesWritten>(*outcome).failures)
            failures.emplace(failure.entry, std::move(failure.error));
    for (size_t i = 0; i < batch.entries.size(); ++i) {
        const uint32_t entry = batch.entries[i];
        if (m_task.book.state(entry) != EntryState::Arriving) { // failed meanwhile: what was removed may be back
            m_finish.removePart(entry);
            continue;
        }
        const auto failed = failures.find(entry);
        if (failed == failures.end()) {
            m_task.figures.bytesVerified += m_task.manifest.fileSize(entry);
            m_verified.add(entry, 0, m_task.manifest.fileSize(entry));
            m_finish.addFile(entry, batch.digests[i], now);
        } else if (notIntact(failed->second.code) ||
                   (failed->second.code == Errc::Exists && m_task.placement.avoidPart(entry))) {
            m_task.book.set(entry, EntryState::Waiting);
            m_finish.settled(entry);
            if (!askAgain(entry, 0, firstBits(1))) return;
        } else {
            failFile(entry, failed->second, io);
        }
    }
}

void ReceiveContent::onChecked(const Checking& check, Result<JobValue>& outcome, Now now) {
    ArrivingFile* file = m_files.find(check.entry);
    if (!file) return;
    // A part that cannot be read has nothing to claim; writing it will say what is wrong.
    const std::vector<bool> none;
    const GroupBits bad = file->onChecked(check.group, outcome ? std::get<GroupChecked>(*outcome).good : none);
    m_files.touch(check.entry);
    for (uint32_t i = 0; i < kChunksPerGroup; ++i) {
        if (!bad[i]) continue;
        const uint32_t chunk = check.group * kChunksPerGroup + i;
        m_task.figures.bytesVerified -= chunkLength(file->size(), chunk);
        noteVerified(check.entry, chunk, false);
    }
    // Nothing has failed: what a power cut has taken out of the part comes for the first time.
    if (bad.any() && receiving()) need(check.entry, check.group, bad);
    finishWhenComplete(check.entry, now);
}

void ReceiveContent::onPrepared(const Preparing& preparing, Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    ArrivingFile* file = m_files.find(preparing.entry);
    if (!file) { // failed meanwhile: the part may have been made after it was removed, and holds nothing
        if (outcome) m_finish.removePart(preparing.entry);
        return;
    }
    if (!outcome && outcome.error().code == Errc::Exists && receiving() && m_task.placement.avoidPart(preparing.entry))
        return preparePart(preparing.entry, now);
    if (!outcome) return failFile(preparing.entry, outcome.error(), io);
    file->prepared = true;
    for (ArrivedFrame& frame : m_files.takeHeld(preparing.entry)) writeChunk(std::move(frame));
}

void ReceiveContent::finishWhenComplete(uint32_t entry, Now now) {
    const ArrivingFile* file = m_files.find(entry);
    if (!file || !file->complete()) return;
    if (!file->digestMatches()) {
        // The chunks fit their groups, but the groups are not the file's: nothing of it may be believed.
        m_files.close(entry);
        m_task.book.set(entry, EntryState::Failed);
        m_finish.discardPart(entry);
        return endAll(makeError(Errc::VerificationFailed, "the content is not what its digest says"), entry);
    }
    flushRecords();
    const crypto::Digest digest = file->digest();
    m_files.close(entry);
    m_finish.addFile(entry, digest, now);
}

// --- failures -----------------------------------------------------------------------------------------------------

/// Counts failed chunks and asks for them again; false: the transfer has ended, over it or before.
bool ReceiveContent::askAgain(uint32_t entry, uint32_t group, const GroupBits& bits) {
    if (!receiving()) return false;
    for (uint32_t i = 0; i < kChunksPerGroup; ++i) {
        if (!bits[i]) continue;
        ++m_task.figures.chunksResent;
        if (m_failures.add(entry, group * kChunksPerGroup + i, kMaxChunkFailures - 1)) continue;
        endAll(makeError(Errc::VerificationFailed, "the content does not match its hash"), entry);
        return false;
    }
    need(entry, group, bits);
    return true;
}

void ReceiveContent::need(uint32_t entry, uint32_t group, const GroupBits& bits) {
    const Bytes bitmap =
        encodeBits(bits, m_task.chunked(entry) ? chunksInGroup(m_task.manifest.fileSize(entry), group) : 1);
    wire::Need need;
    need.set_entry(entry);
    need.set_group(group);
    need.set_bitmap(bitmap.data(), bitmap.size());
    m_task.control.send(need);
}

/// One file cannot be stored; when that is the disk's fault, the transfer ends.
void ReceiveContent::failFile(uint32_t entry, const Error& error, link::StreamIo& io) {
    if (endsTransfer(error.code)) return endAll(error, entry);
    noteFailure(entry, error, false);
    dropFile(entry, error.code, io);
    tellFailed(entry, error);
}

/// The file will not come in this attempt. What is verified of a chunked one may stay with its records for the next.
void ReceiveContent::dropFile(uint32_t entry, Errc why, link::StreamIo& io) {
    const bool keep = m_task.chunked(entry) && !failsForGood(why); // of a batched one nobody knows what is in its part
    if (keep) flushRecords();
    for (const ArrivedFrame& frame : m_files.close(entry)) io.credit(frame.stream, frame.uncredited);
    m_task.book.set(entry, EntryState::Failed);
    if (keep)
        m_finish.keepPart(entry);
    else
        m_finish.discardPart(entry);
}

void ReceiveContent::tellFailed(uint32_t entry, const Error& error) {
    wire::FileFailed message;
    message.set_entry(entry);
    message.set_code(wireCode(error.code));
    message.set_message(reasonForPeer(error));
    m_task.control.send(message);
}

void ReceiveContent::noteFailure(uint32_t entry, const Error& error, bool byPeer) {
    if (!m_firstFailure) m_firstFailure = {m_task.manifest.path(entry), error, byPeer};
}

void ReceiveContent::endAll(const Error& error, uint32_t entry) {
    if (m_state == State::Stopped || m_state == State::Finished) return;
    m_state = State::Stopped;
    m_ending = {error, entry};
}

// --- after every input --------------------------------------------------------------------------------------------

void ReceiveContent::settle(link::StreamIo& io, Now now) {
    m_wall = now.wall;
    if (receiving() && mayTake())
        for (const link::StreamKey key : m_streams.takePaused()) onReadable(key, io, now);
    if (m_single && m_work.empty()) submitSingle();
    const bool hurry = !receiving() || m_task.book.filesToArrive() == 0;
    m_finish.publish(hurry ? Publisher::Hurry::Yes : Publisher::Hurry::No, now);
    if (m_state == State::AllSent && m_task.book.settled() && idle()) m_state = State::Finishing;
    if (m_state == State::Finishing && idle() && !m_finish.tidyUp()) m_state = State::Finished;
}

void ReceiveContent::stop(link::StreamIo& io, Now now) {
    m_state = State::Stopped;
    for (const auto& [key, stream] : m_streams.all()) keepBeginning(stream);
    m_streams.stopAll(io);
    for (const ArrivedFrame& frame : m_files.takeAllHeld()) io.credit(frame.stream, frame.uncredited);
    if (m_single) submitSingle();
    settle(io, now);
}

} // namespace wherry::transfer

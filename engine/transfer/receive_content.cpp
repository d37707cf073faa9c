#include "transfer/receive_content.h"

#include "base/overloaded.h"
#include "transfer/machine_limits.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

ReceiveContent::ReceiveContent(const ReceiveTask& task) : m_task(task), m_files(task), m_finish(task), m_verified(task.manifest, task.book) {}

void ReceiveContent::begin(ChunkBeginnings beginnings, Now now) {
    m_wall = now.wall;
    m_beginnings = std::move(beginnings);
    for (const FileFailure& failure : m_task.placement.failures()) {
        tellFailed(failure.entry, failure.error);
        noteFailure(failure.entry, failure.error, false);
    }
    for (const auto& [entry, claims] : m_task.placement.claims()) {
        ArrivingFile& file = *m_files.open(entry).first;
        file.prepared = true;
        m_finish.addChunked(entry, now);
        for (const auto& [group, bits] : claims) {
            file.claim(group, bits);
            for (uint32_t i = 0; i < kChunksPerGroup; ++i)
                if (bits[i]) noteVerified(entry, group * kChunksPerGroup + i, true);
        }
    }
}

void ReceiveContent::submit(JobWork job, Work work) {
    m_framesInWork += work.credits.size();
    m_work.emplace(m_task.submit(JobLane::Worker, std::move(job)), std::move(work));
}

// --- control messages ---------------------------------------------------------------------------------------------

bool ReceiveContent::mayReadControl() const {
    const auto isCheck = [](const auto& one) { return std::holds_alternative<Checking>(one.second.what); };
    const size_t budget = m_task.context.jobBudget();
    return m_state != State::Stopped && jobs() + framesWaiting() < 2 * budget &&
           static_cast<size_t>(std::count_if(m_work.begin(), m_work.end(), isCheck)) < budget;
}

Result<void> ReceiveContent::onMessage(ControlMessage& message, link::StreamIo& io, Now now) {
    m_wall = now.wall;
    return std::visit(
        Overloaded{[&](const wire::GroupRoots& roots) { return onGroupRoots(roots); },
                   [&](const wire::FileEnd& end) { return onFileEnd(end, now); },
                   [&](const wire::FileUnavailable& one) { return onUnavailable(one, io); },
                   [&](const wire::SendEnd&) { return onSendEnd(); },
                   [&](const wire::StreamEnded& ended) { return onStreamEnded(ended, io); },
                   [&](const auto&) { return Result<void>(violation("a message that a sender never sends now")); }},
        message);
}

Result<void> ReceiveContent::onGroupRoots(const wire::GroupRoots& message) {
    const uint32_t entry = message.entry();
    ArrivingFile* file = m_files.find(entry);
    if (!file) {
        const bool late = entry < m_task.manifest.count() && m_task.book.state(entry) == EntryState::Failed;
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
    TRY(std::vector<bool> claimed, file->beginCheck(message.group(), *tree));
    CheckGroupJob job{m_task.placement.destination(),
                      m_task.placement.partPath(entry),
                      file->size(),
                      message.group(),
                      std::move(claimed),
                      tree};
    submit(std::move(job), {Checking{entry, message.group()}});
    return {};
}

Result<void> ReceiveContent::onFileEnd(const wire::FileEnd& message, Now now) {
    const uint32_t entry = message.entry();
    if (!m_task.isChunkedFile(entry)) return violation("FileEnd of no chunked file");
    if (message.digest().size() != sizeof(crypto::Digest)) return violation("a digest of the wrong length");
    const EntryState state = m_task.book.state(entry);
    if (state == EntryState::Failed) return {};
    if (state != EntryState::Waiting && state != EntryState::Arriving)
        return violation("FileEnd of a file that is not being received");
    crypto::Digest digest{};
    std::copy_n(asBytes(message.digest()).begin(), digest.size(), digest.begin());
    if (!arriving(entry, now).end(digest)) return violation("a second FileEnd");
    finishWhenComplete(entry, now);
    return {};
}

Result<void> ReceiveContent::onUnavailable(const wire::FileUnavailable& message, link::StreamIo& io) {
    const uint32_t entry = message.entry();
    if (!m_task.isFile(entry)) return violation("FileUnavailable of no file");
    const EntryState state = m_task.book.state(entry);
    if (state == EntryState::Failed) return {};
    if (state != EntryState::Waiting && state != EntryState::Arriving)
        return violation("FileUnavailable of a file that is here");
    const Error error = makeError(errcOfWire(message.code()), "the sender: " + cutReason(message.message()));
    noteFailure(entry, error, true);
    dropFile(entry, error.code, io);
    return {};
}

Result<void> ReceiveContent::onSendEnd() {
    if (m_state != State::Receiving) return violation("a second SendEnd");
    m_state = State::AllSent;
    return {};
}

// --- frames -------------------------------------------------------------------------------------------------------

bool ReceiveContent::addStream(link::StreamKey key, ReceiveStreams::Origin origin, link::StreamIo& io) {
    return receiving() && m_streams.add(key, origin, io);
}

/// What a relay has cut off goes on in the next attempt, if it has not come by then. Other connections do not end by
/// the hundred.
void ReceiveContent::keepBeginning(const ReceiveStreams::Stream& stream) {
    if (!stream.relayed || !stream.midFrame || stream.discard) return;
    const auto* header = std::get_if<ChunkHeader>(&stream.reader.header());
    if (!header || stream.reader.payload().empty()) return;
    const std::pair which(header->entry, header->chunk);
    if (m_beginnings.size() >= kMaxBeginningsKept && !m_beginnings.contains(which)) return;
    Bytes& beginning = m_beginnings[which];
    for (const Slice& slice : stream.reader.payload()) append(beginning, slice.view());
}

/// A frame that goes on must do so where what is here ends. One that begins anew makes that useless.
Result<void> ReceiveContent::checkBeginning(const ChunkHeader& header) {
    const auto found = m_beginnings.find({header.entry, header.chunk});
    if (header.from == 0) {
        if (found != m_beginnings.end()) m_beginnings.erase(found);
        return {};
    }
    if (found == m_beginnings.end() || found->second.size() != header.from)
        return violation("a chunk that goes on where nothing ends");
    return {};
}

/// The frame is whole with what has come of it before, and is verified as a whole.
void ReceiveContent::putBeginning(ArrivedFrame& frame) {
    ChunkHeader& header = std::get<ChunkHeader>(frame.header);
    const auto beginning = m_beginnings.extract({header.entry, header.chunk});
    if (header.from == 0) return;
    ASSERT(beginning && beginning.mapped().size() == header.from);
    frame.payload.insert(frame.payload.begin(), Slice::copyOf(beginning.mapped()));
    header.from = 0;
}

/// A frame of which a part is missing has never come: it may come again.
void ReceiveContent::removeStream(link::StreamKey key) {
    const ReceiveStreams::Stream* stream = m_streams.find(key);
    if (stream) keepBeginning(*stream);
    if (stream && stream->midFrame && !stream->discard) {
        const FrameHeader& header = stream->reader.header();
        if (const auto* batch = std::get_if<BatchHeader>(&header)) {
            for (const BatchFile& file : batch->files)
                if (m_task.book.state(file.entry) == EntryState::Arriving)
                    m_task.book.set(file.entry, EntryState::Waiting);
        } else if (ArrivingFile* file = m_files.find(std::get<ChunkHeader>(header).entry)) {
            file->onFailed(std::get<ChunkHeader>(header).chunk);
        }
    }
    const std::optional<uint32_t> asked = stream && stream->asked ? std::optional(stream->number) : std::nullopt;
    m_streams.remove(key);
    if (asked) tellTaken(*asked);
}

/// What a stream carries that has ended in good order may take longer than the message over another connection: it is
/// waited for until the stream ends here, too.
Result<void> ReceiveContent::onStreamEnded(const wire::StreamEnded& ended, link::StreamIo& io) {
    const auto open = m_streams.keyOf(ended.stream());
    if (open && m_streams.find(*open)->frames < ended.frames()) {
        m_streams.find(*open)->asked = true;
        return {};
    }
    if (open) {
        io.stop(*open, link::kNoError);
        removeStream(*open);
    }
    tellTaken(ended.stream());
    return {};
}

void ReceiveContent::tellTaken(uint32_t stream) {
    wire::StreamTaken taken;
    taken.set_stream(stream);
    taken.set_frames(m_streams.takeFrames(stream));
    m_task.control.send(taken);
}

/// Frames that wait become half as many jobs, those of batches one each.
bool ReceiveContent::mayTake() const {
    const size_t budget = m_task.context.jobBudget();
    return jobs() + framesWaiting() / 2 < budget &&
           m_framesInWork + framesWaiting() < std::min(2 * budget, kMaxJobsInFlight) &&
           m_finish.publishesInTime();
}

void ReceiveContent::onReadable(link::StreamKey key, link::StreamIo& io, Now now) {
    m_wall = now.wall;
    while (receiving()) {
        ReceiveStreams::Stream* stream = m_streams.find(key);
        if (!stream) return;
        if (stream->reader.readsPayload() && !stream->discard && !mayTake()) return m_streams.pause(key);
        const Result<FrameReader::Step> step = stream->reader.read(io);
        if (!step) return endAll(step.error(), kNoEntry);
        if (*step == FrameReader::Step::NeedBytes) return;
        if (*step == FrameReader::Step::FrameRead) {
            takeFrame(*stream, io, now);
            continue;
        }
        const Result<void> checked = checkHeader(*stream, now);
        if (!checked) return endAll(checked.error(), kNoEntry);
        stream->midFrame = true;
    }
}

Result<void> ReceiveContent::checkHeader(ReceiveStreams::Stream& stream, Now now) {
    stream.discard = false;
    if (!std::exchange(stream.used, true)) ++m_task.figures.streamsUsed;
    if (const auto* batch = std::get_if<BatchHeader>(&stream.reader.header())) return checkBatch(*batch);
    const ChunkHeader& header = std::get<ChunkHeader>(stream.reader.header());
    if (!m_task.isChunkedFile(header.entry)) return violation("a chunk of no chunked file");
    const EntryState state = m_task.book.state(header.entry);
    if (state == EntryState::Failed) {
        stream.discard = true;
        return {};
    }
    if (state != EntryState::Waiting && state != EntryState::Arriving)
        return violation("a chunk of a file that is not wanted");
    TRY(const ArrivingFile::Verdict verdict, arriving(header.entry, now).begin(header));
    TRY_OK(checkBeginning(header));
    stream.discard = verdict == ArrivingFile::Verdict::OtherRoot;
    return {};
}

/// Every file of a batch must be wanted, small and new; then all are on their way.
Result<void> ReceiveContent::checkBatch(const BatchHeader& header) {
    uint64_t total = 0;
    for (const BatchFile& file : header.files) {
        if (!m_task.isFile(file.entry) || m_task.manifest.fileSize(file.entry) != file.size ||
            m_task.chunked(file.entry))
            return violation("a batch with a file that is not in the offer");
        const EntryState state = m_task.book.state(file.entry);
        if (state == EntryState::Waiting)
            m_task.book.set(file.entry, EntryState::Arriving);
        else if (state != EntryState::Failed)
            return violation("a batch with a file that is here already or not wanted");
        total += file.size;
    }
    if (header.files.empty() || total != header.plainLength) return violation("a batch whose sizes do not add up");
    return {};
}

void ReceiveContent::takeFrame(ReceiveStreams::Stream& stream, link::StreamIo& io, Now now) {
    ArrivedFrame frame = stream.reader.takeFrame();
    stream.midFrame = false;
    ++stream.frames;
    m_task.figures.bytesSent += totalLength(frame.payload);
    const bool discard = std::exchange(stream.discard, false);
    if (std::holds_alternative<BatchHeader>(frame.header)) return writeBatch(std::move(frame), now);
    if (!discard) putBeginning(frame);
    const ChunkHeader& header = std::get<ChunkHeader>(frame.header);
    const ArrivingFile* file = m_files.find(header.entry);
    if (discard || !file) {
        io.credit(frame.stream, frame.uncredited);
        if (!file) return;
        GroupBits bits; // it came with another group root than those before
        bits.set(indexInGroup(header.chunk));
        askAgain(header.entry, groupOfChunk(header.chunk), bits);
    } else if (file->prepared) {
        writeChunk(std::move(frame));
    } else {
        m_files.hold(header.entry, std::move(frame));
    }
}

void ReceiveContent::writeChunk(ArrivedFrame frame) {
    ChunkHeader& header = std::get<ChunkHeader>(frame.header);
    if (header.compressed) ++m_task.figures.chunksCompressed;
    const WritingChunk what{header.entry, header.chunk, header.plainLength, header.groupRoot};
    WriteChunkJob job{m_task.placement.destination(), m_task.placement.partPath(header.entry),
                      m_task.manifest.fileSize(header.entry), std::move(header), std::move(frame.payload)};
    ReadyChunk chunk{std::move(job), what, frame.stream, frame.uncredited};
    if (m_single)
        submitPair(std::move(*std::exchange(m_single, std::nullopt)), std::move(chunk));
    else
        m_single = std::move(chunk);
}

void ReceiveContent::submitPair(ReadyChunk first, ReadyChunk second) {
    submit(WriteChunkPairJob{{std::move(first.job), std::move(second.job)}},
           {std::vector{first.what, second.what}, {{first.stream, first.credit}, {second.stream, second.credit}}});
}

void ReceiveContent::submitSingle() {
    ReadyChunk chunk = std::move(*std::exchange(m_single, std::nullopt));
    submit(std::move(chunk.job), {std::vector{chunk.what}, {{chunk.stream, chunk.credit}}});
}

void ReceiveContent::writeBatch(ArrivedFrame frame, Now now) {
    BatchHeader& header = std::get<BatchHeader>(frame.header);
    if (header.compressed) ++m_task.figures.chunksCompressed;
    m_task.figures.filesBatched += header.files.size();
    WritingBatch batch;
    WriteBatchJob job{m_task.placement.destination(), {}, {}, std::move(frame.payload)};
    std::vector<std::string> parts;
    for (const BatchFile& file : header.files) {
        const ManifestEntry entry = m_task.manifest.entry(file.entry);
        if (m_task.book.state(file.entry) != EntryState::Arriving) { // it has failed while it was on its way
            job.targets.push_back({});
            continue;
        }
        batch.entries.push_back(file.entry);
        batch.digests.push_back(file.digest);
        parts.push_back(m_task.placement.partPath(file.entry));
        job.targets.push_back({parts.back(), entry.modifiedNs, entry.executable});
    }
    m_finish.addBatch(batch.entries, parts, now);
    job.header = std::move(header);
    submit(std::move(job), {std::move(batch), {{frame.stream, frame.uncredited}}});
}

/// A chunk of a chunked file, for the map.
void ReceiveContent::noteVerified(uint32_t entry, uint32_t chunk, bool isThere) {
    const uint64_t size = m_task.manifest.fileSize(entry);
    const uint64_t from = uint64_t(chunk) * kChunkSize;
    if (isThere)
        m_verified.add(entry, from, chunkLength(size, chunk));
    else
        m_verified.take(entry, from, chunkLength(size, chunk));
}

/// The state of a chunked file; its part is asked for with its first frame.
ArrivingFile& ReceiveContent::arriving(uint32_t entry, Now now) {
    const auto [file, isNew] = m_files.open(entry);
    if (isNew) preparePart(entry, now);
    return *file;
}

void ReceiveContent::preparePart(uint32_t entry, Now now) {
    m_finish.addChunked(entry, now);
    // A part of that name may be left over without a record; nothing in it counts before it has been verified.
    submit(PreparePartJob{m_task.placement.destination(), m_task.placement.partPath(entry),
                          m_task.manifest.fileSize(entry), true},
           {Preparing{entry}});
}

} // namespace wherry::transfer

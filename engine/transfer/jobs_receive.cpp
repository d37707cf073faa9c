#include "base/assert.h"
#include "codec/lz4_block.h"
#include "transfer/job_execution.h"
#include "transfer/merkle.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace wherry::transfer {

namespace {

Slice wholeBlock(const BlockPtr& block, size_t length) {
    return {block, 0, length};
}

/// All bytes in one piece: as they are when they already are, else copied into a Block.
Slice gathered(const Slices& pieces, BlockPool& pool) {
    if (pieces.size() == 1) return pieces.front();
    const BlockPtr block = pool.take();
    const size_t length = totalLength(pieces);
    copyTo(pieces, MutableBytes(block->data(), length));
    return wholeBlock(block, length);
}

/// The content of a frame: decompressed when it was compressed, to exactly the length that the header commits to (F6).
Result<Slices> unpack(const Slices& payload, bool compressed, uint32_t plainLength, BlockPool& pool) {
    if (!compressed) return payload;
    const Slice packed = gathered(payload, pool);
    const BlockPtr block = pool.take();
    const auto unpacked = codec::lz4Decompress(packed.view(), MutableBytes(block->data(), plainLength));
    if (!unpacked) return makeError(Errc::VerificationFailed, "a frame that does not decompress to its length");
    return Slices{wholeBlock(block, plainLength)};
}

/// A link or special file is an answer here, not an error: the conflict policy decides what happens to the name.
Result<std::optional<ExistingEntry>> lookOnce(Destination& destination, const std::string& path) {
    auto existing = destination.look(path);
    if (existing || existing.error().code != Errc::Exists) return existing;
    ExistingEntry special;
    special.isSpecial = true;
    special.size = kMaxFileSize + 1; // whoever compares sizes only: it is never what was offered
    return std::optional<ExistingEntry>(special);
}

/// A header that passed the decoder and the machine always fits; a job trusts neither.
Result<void> checkChunk(const WriteChunkJob& job) {
    const ChunkHeader& header = job.header;
    const bool fits =
        header.chunk < chunkCount(job.fileSize) && header.plainLength == chunkLength(job.fileSize, header.chunk) &&
        totalLength(job.payload) == header.wireLength && (header.compressed || header.wireLength == header.plainLength);
    if (!fits) return makeError(Errc::ProtocolViolation, "a chunk that does not fit its file");
    return {};
}

/// Once a region of the part is through, tells the disk to begin with it. Chunks come in any order over several
/// streams, so the region before is named again for those that came late.
void writeBack(PartFile& part, uint64_t begin, uint64_t end) {
    if (begin / kWritebackRegion == end / kWritebackRegion) return;
    const uint64_t region = begin / kWritebackRegion * kWritebackRegion;
    const uint64_t from = region < kWritebackRegion ? 0 : region - kWritebackRegion;
    part.startWriteback(from, region + kWritebackRegion - from);
}

/// What is to be written, in few pieces.
Result<Slices> contentOf(const WriteChunkJob& job, BlockPool& pool) {
    TRY_OK(checkChunk(job));
    TRY(Slices content, unpack(job.payload, job.header.compressed, job.header.plainLength, pool));
    if (content.size() > kMaxPiecesWritten) content = {gathered(content, pool)};
    return content;
}

Result<void> verify(const WriteChunkJob& job, const crypto::Digest& root) {
    const ChunkHeader& header = job.header;
    const uint32_t count = chunksInGroup(job.fileSize, groupOfChunk(header.chunk));
    if (verifyProof(root, indexInGroup(header.chunk), count, header.proof, header.groupRoot)) return {};
    return makeError(Errc::VerificationFailed, "chunk " + std::to_string(header.chunk));
}

/// Stops at the first byte that is none: what is not made of zeros costs next to nothing.
bool isZeros(const Slices& content) {
    return std::all_of(content.begin(), content.end(), [](const Slice& piece) {
        const ByteView bytes = piece.view();
        return bytes.empty() || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
    });
}

Result<void> writeContent(PartFile& part, const WriteChunkJob& job, const Slices& content) {
    const uint64_t begin = uint64_t(job.header.chunk) * kChunkSize;
    if (isZeros(content)) return part.writeZeros(begin, totalLength(content)); // a sparse file stays sparse
    uint64_t offset = begin;
    for (const Slice& piece : content) {
        TRY_OK(part.write(offset, piece.view()));
        offset += piece.length;
    }
    writeBack(part, begin, offset);
    return {};
}

/// Creates the part; one of that name is left from an earlier attempt (the name is derived from a local secret) and
/// gives way, also when somebody has put a link or a pipe in its place. Exists: a folder has the name.
Result<std::unique_ptr<PartFile>> createAnew(Destination& destination, const std::string& part, uint64_t size) {
    auto created = destination.createPart(part, size);
    if (created || created.error().code != Errc::Exists) return created;
    const Result<void> removed = destination.removePart(part);
    if (removed) return destination.createPart(part, size);
    const auto there = destination.look(part);
    return there && *there && (*there)->isFolder ? created.error() : removed.error();
}

Result<void> writeSmallFile(Destination& destination, const BatchTarget& target, ByteView content) {
    TRY(const std::unique_ptr<PartFile> part, createAnew(destination, target.part, content.size()));
    return part->writeWhole(content, target.modifiedNs, target.executable);
}

/// The contents of a batch, one view per file.
std::vector<ByteView> splitBatch(ByteView content, const std::vector<BatchFile>& files) {
    std::vector<ByteView> out;
    out.reserve(files.size());
    for (const BatchFile& file : files) {
        out.push_back(content.first(file.size));
        content = content.subspan(file.size);
    }
    return out;
}

Result<void> checkBatch(const WriteBatchJob& job) {
    uint64_t total = 0;
    for (const BatchFile& file : job.header.files) total += file.size;
    const BatchHeader& header = job.header;
    const bool fits = total == header.plainLength && total <= kChunkSize &&
                      totalLength(job.payload) == header.wireLength &&
                      (header.compressed || header.wireLength == header.plainLength);
    if (!fits) return makeError(Errc::ProtocolViolation, "a batch that does not fit its header");
    return {};
}

} // namespace

Result<JobValue> execute(const OpenDestinationJob& job, JobContext& context) {
    TRY(DestinationPtr destination, context.storage.openDestination(job.path));
    return JobValue(std::move(destination));
}

Result<JobValue> execute(const NameTraitsJob& job, JobContext& context) {
    TRY(const NameTraits traits, context.storage.nameTraits(job.path));
    return JobValue(traits);
}

Result<JobValue> execute(const LookJob& job, JobContext&) {
    LookOutcome outcome;
    TRY(outcome.freeBytes, job.destination->freeBytes());
    outcome.foldsNames = job.destination->foldsNames();
    outcome.existing.reserve(job.paths.size());
    for (const std::string& path : job.paths) {
        TRY(std::optional<ExistingEntry> existing, lookOnce(*job.destination, path));
        outcome.existing.push_back(existing);
    }
    return JobValue(std::move(outcome));
}

Result<JobValue> execute(const MakeFoldersJob& job, JobContext&) {
    for (const std::string& path : job.paths) {
        auto made = job.destination->makeFolder(path);
        if (!made && made.error().code == Errc::Exists && job.onExisting == OnExisting::Replace) {
            TRY_OK(job.destination->clearName(path));
            made = job.destination->makeFolder(path);
        }
        TRY_OK(made);
    }
    return JobValue(Written{});
}

Result<JobValue> execute(const PreparePartJob& job, JobContext&) {
    if (job.resume) {
        auto existing = job.destination->adoptPart(job.part);
        if (existing) {
            TRY_OK((*existing)->extend(job.size));
            return JobValue(PartReady{true});
        }
        // What cannot be opened as our part is not our part any more: a link, a pipe, a file with a second name.
        const Errc why = existing.error().code;
        const bool ours = why != Errc::NotFound && why != Errc::PermissionDenied && why != Errc::Exists;
        const auto there = lookOnce(*job.destination, job.part);
        if (ours && !(there && *there && (*there)->isSpecial)) return std::move(existing).error();
    }
    TRY(const std::unique_ptr<PartFile> part, createAnew(*job.destination, job.part, job.size));
    TRY_OK(part->extend(job.size));
    return JobValue(PartReady{false});
}

Result<JobValue> execute(const WriteChunkJob& job, JobContext& context) {
    TRY(const Slices content, contentOf(job, context.pool));
    TRY_OK(verify(job, chunkRoot(content)));
    TRY(const std::unique_ptr<PartFile> part, job.destination->openPart(job.part));
    TRY_OK(writeContent(*part, job, content));
    return JobValue(Written{});
}

Result<JobValue> execute(const WriteChunkPairJob& job, JobContext& context) {
    PairWritten outcome;
    std::array<Slices, 2> contents;
    for (size_t i = 0; i < 2; ++i) {
        Result<Slices> content = contentOf(job.chunks[i], context.pool);
        if (content)
            contents[i] = std::move(*content);
        else
            outcome.chunks[i] = content.error();
    }
    // One that does not even unpack has no leaves, and the root of none is no chunk's.
    std::array<crypto::Digest, 2> roots;
    chunkRoots(contents, roots);
    std::unique_ptr<PartFile> part;
    for (size_t i = 0; i < 2; ++i) {
        const WriteChunkJob& chunk = job.chunks[i];
        if (outcome.chunks[i]) outcome.chunks[i] = verify(chunk, roots[i]);
        if (!outcome.chunks[i]) continue;
        const bool samePart = part && chunk.part == job.chunks[0].part;
        outcome.chunks[i] = samePart ? writeContent(*part, chunk, contents[i]) : [&]() -> Result<void> {
            TRY(part, chunk.destination->openPart(chunk.part));
            return writeContent(*part, chunk, contents[i]);
        }();
    }
    return JobValue(std::move(outcome));
}

Result<JobValue> execute(const CheckGroupJob& job, JobContext& context) {
    const uint32_t count = chunksInGroup(job.fileSize, job.group);
    if (job.claimed.size() != count || !job.roots || job.roots->size() != count)
        return makeError(Errc::ProtocolViolation, "roots of a group that has another number of chunks");
    GroupChecked checked{std::vector<bool>(count, false)};
    const auto part = job.destination->openPart(job.part);
    // What is not there is not good; anything else (no permission, broken disk) is worth an error.
    if (!part && part.error().code == Errc::NotFound) return JobValue(std::move(checked));
    if (!part) return part.error();
    const BlockPtr block = context.pool.take();
    for (uint32_t index = 0; index < count; ++index) {
        if (!job.claimed[index]) continue;
        const uint32_t chunk = job.group * kChunksPerGroup + index;
        const MutableBytes content(block->data(), chunkLength(job.fileSize, chunk));
        // A part that a crash has cut short cannot be read there: that chunk is simply not good.
        checked.good[index] = (*part)->read(uint64_t(chunk) * kChunkSize, content).has_value() &&
                              chunkRoot(content) == (*job.roots)[index];
    }
    return JobValue(std::move(checked));
}

Result<JobValue> execute(const WriteBatchJob& job, JobContext& context) {
    ASSERT(job.targets.size() == job.header.files.size());
    TRY_OK(checkBatch(job));
    TRY(const Slices unpacked, unpack(job.payload, job.header.compressed, job.header.plainLength, context.pool));
    const Slice whole = unpacked.empty() ? Slice{} : gathered(unpacked, context.pool);
    const std::vector<ByteView> contents = splitBatch(whole.view(), job.header.files);
    std::vector<crypto::Digest> roots(contents.size());
    fileRoots(contents, roots);
    FilesWritten outcome;
    std::optional<Error> volumeFailure;
    for (size_t i = 0; i < contents.size(); ++i) {
        const BatchFile& file = job.header.files[i];
        if (job.targets[i].part.empty()) continue;
        Result<void> written;
        if (fileDigest(file.size, roots[i]) != file.digest)
            written = makeError(Errc::VerificationFailed, "a small file that does not match its digest");
        else if (volumeFailure)
            written = *volumeFailure;
        else
            written = writeSmallFile(*job.destination, job.targets[i], contents[i]);
        if (written) continue;
        outcome.failures.push_back({file.entry, written.error()});
        if (isVolumeFailure(written.error().code)) volumeFailure = written.error();
    }
    return JobValue(std::move(outcome));
}

} // namespace wherry::transfer

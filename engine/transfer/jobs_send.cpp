#include "base/assert.h"
#include "codec/lz4_block.h"
#include "transfer/group_hashing.h"
#include "transfer/job_execution.h"
#include "transfer/merkle.h"
#include "transfer/source_manifest.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <array>

namespace wherry::transfer {

namespace {

std::string sourceName(const SourceRef& ref) {
    return ref.inside.empty() ? ref.rootPath : ref.rootPath + "/" + ref.inside;
}

Error changed(const SourceRef& ref) {
    return makeError(Errc::SourceChanged, "'" + sourceName(ref) + "' has changed since it was offered");
}

/// A source file whose stamp is checked before and after it is read: what was read in between belongs to the content
/// that the scan saw, or it is an error (B10). A change that leaves size and both times as they were is caught by
/// nobody but the hash: the group's root is made from one reading and the chunk from another, so such a chunk fails at
/// the receiver.
class StampedSource {
  public:
    static Result<StampedSource> open(const SourceRef& ref, Storage& storage) {
        auto file = storage.openSource(ref.rootPath, ref.inside);
        // Gone since the scan: for the person that is a change like any other.
        if (!file && file.error().code == Errc::NotFound) return changed(ref);
        if (!file) return std::move(file).error();
        StampedSource source(ref, std::move(file).value());
        TRY_OK(source.check());
        return source;
    }

    /// Fills all of `out`.
    Result<void> read(uint64_t offset, MutableBytes out) {
        TRY(const size_t count, m_file->read(offset, out));
        if (count < out.size()) return changed(*m_ref);
        return {};
    }
    Result<void> check() {
        TRY(const SourceStamp now, m_file->stamp());
        if (now != m_ref->stamp) return changed(*m_ref);
        return {};
    }

  private:
    StampedSource(const SourceRef& ref, std::unique_ptr<SourceFile> file) : m_ref(&ref), m_file(std::move(file)) {}

    const SourceRef* m_ref;
    std::unique_ptr<SourceFile> m_file;
};

/// Payload in a Block behind kBlockHeaderRoom, compressed or as it was.
struct Payload {
    BlockPtr block;
    uint32_t plainLength = 0;
    uint32_t wireLength = 0;
    bool compressed = false;
};

MutableBytes payloadRoom(Block& block) {
    return MutableBytes(block.data(), block.capacity()).subspan(kBlockHeaderRoom);
}

/// A piece from the middle, where files look more like themselves than at their beginning, must shrink by an eighth.
bool sampleShrinks(ByteView content, MutableBytes scratch) {
    if (content.size() <= 2 * kCompressSample) return true;
    const ByteView sample = content.subspan((content.size() - kCompressSample) / 2, kCompressSample);
    const auto length = codec::lz4Compress(sample, scratch);
    return length && *length <= kCompressSample - kCompressSample / 8;
}

void compressIfWorthIt(Payload& payload, BlockPool& pool) {
    if (payload.plainLength == 0) return;
    const ByteView content = payloadRoom(*payload.block).first(payload.plainLength);
    const BlockPtr packed = pool.take();
    const MutableBytes out = payloadRoom(*packed);
    if (!sampleShrinks(content, out)) return;
    const auto length = codec::lz4Compress(content, out);
    if (!length) return;
    payload.block = packed;
    payload.wireLength = uint32_t(*length);
    payload.compressed = true;
}

/// A copy in memory of just its size.
Slice compactFrame(const Bytes& header, ByteView payload) {
    auto block = std::make_shared<Block>(header.size() + payload.size());
    std::copy(header.begin(), header.end(), block->data());
    std::copy(payload.begin(), payload.end(), block->data() + header.size());
    return {block, 0, block->capacity()};
}

/// Header and payload as one Slice when the header fits into the room in front of the payload, else as two. A frame
/// that leaves most of its Block empty (it was compressed well, or is the last of a file) does not keep it: what waits
/// for acknowledgement is bounded in bytes sent. `from`: so much of the payload is left out.
FrameReady frameOf(const FrameHeader& header, const Payload& payload, uint32_t from = 0) {
    const Bytes encoded = encodeFrameHeader(header);
    const uint32_t length = payload.wireLength - from;
    FrameReady ready;
    ready.payloadOnWire = length;
    ready.plainLength = payload.plainLength;
    ready.compressed = payload.compressed;
    if (length <= kChunkSize / 2) {
        ready.frame.push_back(compactFrame(encoded, payloadRoom(*payload.block).subspan(from, length)));
    } else if (encoded.size() <= kBlockHeaderRoom) {
        const size_t begin = kBlockHeaderRoom + from - encoded.size();
        std::copy(encoded.begin(), encoded.end(), payload.block->data() + begin);
        ready.frame.push_back({payload.block, begin, encoded.size() + length});
    } else {
        ready.frame.push_back(Slice::copyOf(encoded));
        if (length > 0) ready.frame.push_back({payload.block, kBlockHeaderRoom + from, length});
    }
    return ready;
}

/// Whether the receiver has kept what this payload begins with.
bool beginsWith(const Payload& payload, const HeldPart& held) {
    return held.bytes > 0 && held.bytes < payload.wireLength &&
           crypto::sha256(payloadRoom(*payload.block).first(held.bytes)) == held.digest;
}

/// Reads one small file to the front of `out`.
Result<void> readWhole(const SourceRef& ref, MutableBytes out, Storage& storage) {
    TRY(StampedSource source, StampedSource::open(ref, storage));
    TRY_OK(source.read(0, out));
    return source.check();
}

} // namespace

Result<JobValue> execute(const ScanJob& job, JobContext& context) {
    SourceManifestBuilder builder(job.spills);
    TRY(ScanOutcome outcome, context.storage.scan(job.paths, builder));
    TRY(SourceManifest manifest, builder.finish(std::move(outcome)));
    return JobValue(std::make_shared<SourceManifest>(std::move(manifest)));
}

Result<JobValue> execute(const HashGroupJob& job, JobContext& context) {
    TRY(StampedSource source, StampedSource::open(job.file, context.storage));
    const auto read = [&](uint64_t offset, MutableBytes out) { return source.read(offset, out); };
    TRY(ChunkRoots roots, hashGroup(job.file.stamp.size, job.group, context.pool, read));
    TRY_OK(source.check());
    return JobValue(std::move(roots));
}

Result<JobValue> execute(const HashPlacedJob& job, JobContext& context) {
    const auto changed = [&] { return makeError(Errc::SourceChanged, job.path); };
    TRY(const std::unique_ptr<SourceFile> file, job.destination->openPublished(job.path));
    TRY(const SourceStamp stamp, file->stamp());
    if (stamp.size != job.size) return changed();
    if (job.size == 0) return JobValue(ChunkRoots(std::make_shared<const GroupTree>()));
    const auto read = [&](uint64_t offset, MutableBytes out) -> Result<void> {
        TRY(const size_t count, file->read(offset, out));
        return count == out.size() ? Result<void>() : changed();
    };
    TRY(ChunkRoots roots, hashGroup(job.size, job.group, context.pool, read));
    return JobValue(std::move(roots));
}

Result<JobValue> execute(const ReadChunkJob& job, JobContext& context) {
    ASSERT(job.groupRoots);
    const uint64_t size = job.file.stamp.size;
    Payload payload{context.pool.take()};
    payload.plainLength = payload.wireLength = chunkLength(size, job.chunk);
    TRY(StampedSource source, StampedSource::open(job.file, context.storage));
    TRY_OK(source.read(uint64_t(job.chunk) * kChunkSize, payloadRoom(*payload.block).first(payload.plainLength)));
    TRY_OK(source.check());
    if (job.mayCompress) compressIfWorthIt(payload, context.pool);
    ChunkHeader header;
    header.entry = job.entry;
    header.chunk = job.chunk;
    header.wireLength = payload.wireLength;
    header.plainLength = payload.plainLength;
    header.compressed = payload.compressed;
    header.groupRoot = job.groupRoots->root();
    header.proof = job.groupRoots->proof(indexInGroup(job.chunk));
    if (job.held && beginsWith(payload, *job.held)) header.from = job.held->bytes;
    return JobValue(frameOf(header, payload, header.from));
}

Result<JobValue> execute(const ReadBatchJob& job, JobContext& context) {
    ASSERT(!job.files.empty() && job.files.size() <= kMaxBatchFiles);
    Payload payload{context.pool.take()};
    MutableBytes room = payloadRoom(*payload.block);
    BatchReady ready;
    BatchHeader header;
    std::vector<ByteView> contents;
    for (const BatchSource& source : job.files) {
        const uint64_t size = source.file.stamp.size;
        ASSERT(size <= kSmallFileMax && size <= room.size());
        const MutableBytes content = room.first(size);
        if (const auto read = readWhole(source.file, content, context.storage); !read) {
            ready.failures.push_back({source.entry, read.error()});
            continue;
        }
        room = room.subspan(size);
        header.files.push_back({source.entry, uint32_t(size), {}});
        contents.push_back(content);
        ready.entries.push_back(source.entry);
        payload.plainLength += uint32_t(size);
    }
    if (header.files.empty()) return JobValue(std::move(ready));
    ASSERT(payload.plainLength <= kChunkSize);
    std::vector<crypto::Digest> roots(contents.size());
    fileRoots(contents, roots);
    for (size_t i = 0; i < roots.size(); ++i) header.files[i].digest = fileDigest(header.files[i].size, roots[i]);
    payload.wireLength = payload.plainLength;
    if (job.mayCompress) compressIfWorthIt(payload, context.pool);
    header.wireLength = payload.wireLength;
    header.plainLength = payload.plainLength;
    header.compressed = payload.compressed;
    ready.frame = frameOf(header, payload);
    return JobValue(std::move(ready));
}

} // namespace wherry::transfer

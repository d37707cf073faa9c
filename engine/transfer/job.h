#pragma once

#include "base/block.h"
#include "base/result.h"
#include "base/spill.h"
#include "base/strong_id.h"
#include "crypto/sha256.h"
#include "transfer/frame.h"
#include "transfer/merkle.h"
#include "transfer/storage.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Slow work of a transfer as values. A job is a pure function of itself and the Storage port; runJob() executes it on a worker,
/// and its JobDone comes back to the machine as an input. Every submitted job has exactly one completion.
namespace wherry::transfer {

using JobId = StrongId<struct JobTag>;

/// Which thread runs it: hashing and reading and writing on the workers, whatever waits for the disk on the disk thread.
enum class JobLane : uint8_t { Worker, Disk };

using DestinationPtr = std::shared_ptr<Destination>;
class SourceManifest;
using SourceManifestPtr = std::shared_ptr<SourceManifest>;
/// The subtree roots of a group's chunks, in order, and the tree above them.
using ChunkRoots = std::shared_ptr<const GroupTree>;

struct SourceRef {
    std::string rootPath; ///< absolute
    std::string inside;   ///< below the root; empty: the root itself
    SourceStamp stamp;    ///< what the scan saw; any other stamp is SourceChanged
};

// --- sender ---

/// The manifest of what the paths hold, root paths canonical in the order of the request.
struct ScanJob {
    std::vector<std::string> paths;
    SpillMaker spills{};
};
/// Hashes one group (32 MiB) of a source file.
struct HashGroupJob {
    SourceRef file;
    uint32_t group = 0;
};
/// Reads one chunk, compresses it when that helps, and puts frame header and proof in front: ready to be written to a stream.
struct ReadChunkJob {
    SourceRef file;
    uint32_t entry = 0;
    uint32_t chunk = 0;
    ChunkRoots groupRoots;
    bool mayCompress = true;
    std::optional<HeldPart> held{}; ///< left out if the payload begins with it; else the frame is as ever
};
struct BatchSource {
    uint32_t entry = 0;
    SourceRef file;
};
/// Reads several small files into one batch frame. Sum of sizes <= kChunkSize, count <= kMaxBatchFiles.
struct ReadBatchJob {
    std::vector<BatchSource> files;
    bool mayCompress = true;
};

// --- receiver ---

struct OpenDestinationJob {
    std::string path;
};
/// What the volume of a download folder does to names; nothing is created.
struct NameTraitsJob {
    std::string path;
};
/// What has each of these names in the destination, and how much is free.
struct LookJob {
    DestinationPtr destination;
    std::vector<std::string> paths;
};
/// Hashes one group of a file under its final name (of an empty one: nothing); `size`: of the whole file. SourceChanged when it has another one.
struct HashPlacedJob {
    DestinationPtr destination;
    std::string path;
    uint64_t size = 0;
    uint32_t group = 0;
};
/// OnExisting::Replace: a file or link that has the name of one goes first.
struct MakeFoldersJob {
    DestinationPtr destination;
    std::vector<std::string> paths;
    OnExisting onExisting = OnExisting::Fail;
};
/// Creates the part file, or reopens it when `resume` (a part that is not there any more, or is not ours, is created
/// anew: `PartReady::existed` says which). Exists: a folder has its name.
struct PreparePartJob {
    DestinationPtr destination;
    std::string part;
    uint64_t size = 0;
    bool resume = false;
};
/// Verifies a chunk against its proof and group root and writes it into the part.
struct WriteChunkJob {
    DestinationPtr destination;
    std::string part;
    uint64_t fileSize = 0;
    ChunkHeader header;
    Slices payload; ///< as on the wire: header.wireLength bytes
};
/// Two chunks in one go, of one file or of two: their leaves fill the SHA-256 lanes together. Each verifies alone and is
/// written or fails alone.
struct WriteChunkPairJob {
    std::array<WriteChunkJob, 2> chunks;
};
/// Hashes the claimed chunks of a part on the disk again and says which of them match.
struct CheckGroupJob {
    DestinationPtr destination;
    std::string part;
    uint64_t fileSize = 0;
    uint32_t group = 0;
    std::vector<bool> claimed; ///< per chunk of the group
    ChunkRoots roots;
};
struct BatchTarget {
    std::string part; ///< empty: the file is not wanted any more
    int64_t modifiedNs = 0;
    bool executable = false;
};
/// Decompresses a batch, verifies each file against its digest and writes each into a part of its own.
struct WriteBatchJob {
    DestinationPtr destination;
    BatchHeader header;
    std::vector<BatchTarget> targets; ///< one per header.files, in the same order
    Slices payload;
};
/// Sync and publish one large file: finish(), sync, rename, sync of the folder. A part that another program has changed is hashed
/// first; Busy: it has other content, or something else is in its place. Disk lane.
struct FinishFileJob {
    DestinationPtr destination;
    std::string part;
    std::string path;
    uint64_t size = 0;
    int64_t modifiedNs = 0;
    bool executable = false;
    OnExisting onExisting = OnExisting::Fail;
    crypto::Digest digest{};
};
/// What PartFile::finish() has to be told, and what the part must hold.
struct FinishItem {
    uint64_t size = 0;
    int64_t modifiedNs = 0;
    bool executable = false;
    crypto::Digest digest{};
};
struct PublishItem {
    uint32_t entry = 0;
    std::string part;
    std::string path;
    OnExisting onExisting = OnExisting::Fail;
    FinishItem what{};
    bool isFinished = true; ///< false: a chunked one; files of a batch were finished when they were written
};
/// Publishes a group of small files: sync the volume, rename all, sync the volume; of each the same as FinishFileJob. Disk lane.
struct PublishGroupJob {
    DestinationPtr destination;
    std::vector<PublishItem> items;
};
/// Removes parts that nobody needs any more; those that are not there are fine.
struct RemovePartsJob {
    DestinationPtr destination;
    std::vector<std::string> parts;
};
/// Sets modification times of folders once everything below them is there.
struct FolderTimesJob {
    DestinationPtr destination;
    std::vector<std::pair<std::string, int64_t>> folders;
};

using JobWork = std::variant<ScanJob, HashGroupJob, ReadChunkJob, ReadBatchJob, OpenDestinationJob, NameTraitsJob, LookJob, HashPlacedJob, MakeFoldersJob, PreparePartJob,
                             WriteChunkJob, WriteChunkPairJob, CheckGroupJob, WriteBatchJob, FinishFileJob, PublishGroupJob, RemovePartsJob, FolderTimesJob>;

struct Job {
    JobId id;
    JobLane lane = JobLane::Worker;
    JobWork work;
};

// --- outcomes ---

struct FrameReady {
    Slices frame; ///< header, proof and payload
    uint32_t payloadOnWire = 0; ///< in the frame
    uint32_t plainLength = 0;
    bool compressed = false;
};
struct FileFailure {
    uint32_t entry = 0;
    Error error;
};
struct BatchReady {
    FrameReady frame;                  ///< empty when every file failed
    std::vector<uint32_t> entries;     ///< in the frame
    std::vector<FileFailure> failures; ///< left out of the frame
};
struct LookOutcome {
    uint64_t freeBytes = 0;
    bool foldsNames = false;
    std::vector<std::optional<ExistingEntry>> existing; ///< as asked
};
struct PartReady {
    bool existed = false;
};
struct Written {};
/// Of each chunk of a pair.
struct PairWritten {
    std::array<Result<void>, 2> chunks;
};
struct GroupChecked {
    std::vector<bool> good;
};
/// Failures per file; those not named have succeeded.
struct FilesWritten {
    std::vector<FileFailure> failures;
    /// Publishing: each file of the job under its final name, in their order; nullopt: it could not be looked at.
    std::vector<std::optional<ExistingEntry>> placed{};
};
using JobValue = std::variant<SourceManifestPtr, ChunkRoots, FrameReady, BatchReady, DestinationPtr, NameTraits, LookOutcome, PartReady, Written, PairWritten, GroupChecked, FilesWritten>;

struct JobDone {
    JobId id;
    Result<JobValue> outcome;
};

/// Executes a job. Never throws; every failure is an Error that names the file.
JobDone runJob(const Job& job, Storage& storage, BlockPool& pool);

} // namespace wherry::transfer

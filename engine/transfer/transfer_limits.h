#pragma once

#include "base/block.h"
#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of the transfer protocol, with its unit and where it comes from.
namespace wherry::transfer {

/// Merkle leaf, bytes. Small, so that several SHA-256 lanes work on one chunk at once.
inline constexpr size_t kLeafSize = 32 * 1024;
/// Leaves of a full chunk: 256 KiB / 32 KiB.
inline constexpr size_t kLeavesPerChunk = kChunkSize / kLeafSize;
/// Chunks of a group, the aligned subtree whose root goes before its chunks: 32 MiB / 256 KiB.
inline constexpr uint32_t kChunksPerGroup = 128;
inline constexpr uint64_t kGroupSize = uint64_t(kChunkSize) * kChunksPerGroup;
/// Siblings from a chunk up to its group's root: log2(128).
inline constexpr size_t kMaxProofLength = 7;
/// Files up to this many bytes travel in batches; one batch still holds a few of the largest.
inline constexpr uint64_t kSmallFileMax = 64 * 1024;
/// Files of one batch frame: keeps its header (40 bytes a file) under 41 KiB.
inline constexpr size_t kMaxBatchFiles = 1024;
/// Largest file, bytes: chunk indices are 32 bit, and 2^31 chunks of 256 KiB are 512 TiB.
inline constexpr uint64_t kMaxFileSize = uint64_t(kChunkSize) << 31;
/// Bytes of one offer: the sum of sizes stays below 2^60, far from overflow.
inline constexpr uint64_t kMaxOfferBytes = uint64_t(1) << 60;
/// Entries of one offer: a million files and folders, at about 100 bytes each in memory.
inline constexpr uint32_t kMaxEntries = 1'000'000;
/// Length of a relative path, bytes (Linux PATH_MAX) and of one name, bytes (NAME_MAX).
inline constexpr size_t kMaxPathLength = 4096 - 64; // leaves room for the download folder's handle-relative part name
inline constexpr size_t kMaxNameLength = 255;
/// Nested folders: far beyond real trees, far below what makes a file system walk slow.
inline constexpr size_t kMaxDepth = 200;
/// One control message, bytes: a manifest page of kMaxPageEntries average names fits; the receiver allocates no more than this.
inline constexpr size_t kMaxControlMessage = 256 * 1024;
/// Entries of one manifest page.
inline constexpr size_t kMaxPageEntries = 1000;
/// Skipped source entries that a report names one by one.
inline constexpr size_t kMaxSkippedReported = 100;
/// Names of all entries of one manifest together, bytes: a million names of 64 bytes, several times what real trees have.
inline constexpr size_t kMaxManifestNames = size_t(64) * 1024 * 1024;
/// One page of a table that need not stay in memory, bytes: some hundred entries of a manifest, four pages of a disk.
inline constexpr size_t kTablePageBytes = size_t(16) * 1024;
/// Pages of one such table in memory: 1 MiB, some 20 000 entries. A manifest of that many never leaves memory.
inline constexpr size_t kTablePagesInMemory = 64;
/// Modification times, nanoseconds since 1970: 1700-01-01 and 2250-01-01. Times outside are clamped, so that arithmetic with them is safe.
inline constexpr int64_t kMinModifiedNs = int64_t(-8'520'336'000) * 1'000'000'000;
inline constexpr int64_t kMaxModifiedNs = int64_t(8'835'955'200) * 1'000'000'000;
/// Parallel data streams of one transfer (MISSION A).
inline constexpr size_t kDataStreams = 8;
/// Small files that one publish group holds, and how long it waits for more.
inline constexpr size_t kPublishGroupFiles = 1024;
inline constexpr Duration kPublishGroupWait = std::chrono::milliseconds(500);
/// Times that a part is hashed because another program goes on changing it, before its file fails.
inline constexpr int kMaxProofs = 3;
/// How much of a part is written before the disk is told to begin, bytes: dirty pages stay few, and the last sync finds little to do.
inline constexpr uint64_t kWritebackRegion = 8 * 1024 * 1024;
/// What is compressed to judge whether the rest is worth it, bytes: a few microseconds of LZ4. Content up to twice that is just tried.
inline constexpr size_t kCompressSample = 8 * 1024;
/// Pieces that a chunk's payload is written in as it came; above that it is gathered first, a copy being cheaper than system calls.
inline constexpr size_t kMaxPiecesWritten = 8;
/// Jobs of one transfer under way at once, per worker.
inline constexpr size_t kJobsPerWorker = 2;

} // namespace wherry::transfer

#pragma once

#include "transfer/job.h"

/// How each job of job.h is done; inside of runJob(), nobody else includes this.
///
/// Why a crash at any write loses nothing and leaves nothing that looks complete (SECURITY promise 7, B12):
///  1. Content only ever goes into `.<id>.part`, created exclusively. Only bytes that have been verified are written,
///  so a part holds
///     right bytes or none, never wrong ones; but which of them have reached the disk is unknown until a sync.
///  2. The store learns "chunk verified" after the write and before any sync. A power cut can therefore leave claims
///  without bytes:
///     that is why a claim is only a hint and CheckGroup hashes the part again before it counts.
///  3. Publishing is: finish (exact size, time, mode) -> sync of the content -> rename -> sync of the folder -> answer.
///     The rename comes after the sync, so a final name never stands on incomplete content; "done" is only said after
///     the folder's sync, so it never stands on a name that a power cut takes back. A crash between rename and answer
///     leaves a complete file that nobody has recorded: the next attempt finds at its own rename that the same content
///     with the same time is there already, and that counts as published.
///  4. A group of small files does the same with one sync of the volume before all renames and one after.
///
/// Why nobody else who writes into the download folder gets "delivered" said of other bytes than were sent: the Destination
/// knows each part by its file and by how our last write has left it. Another file in its place is never written to nor
/// published; one that was written to gets its name only after it has been hashed to the file's digest. Nothing of this
/// reads content that nobody has touched.
namespace wherry::transfer {

struct JobContext {
    Storage& storage;
    BlockPool& pool;
};

// sending (jobs_send.cpp)
Result<JobValue> execute(const ScanJob& job, JobContext& context);
Result<JobValue> execute(const HashGroupJob& job, JobContext& context);
Result<JobValue> execute(const ReadChunkJob& job, JobContext& context);
Result<JobValue> execute(const ReadBatchJob& job, JobContext& context);

// receiving (jobs_receive.cpp)
Result<JobValue> execute(const OpenDestinationJob& job, JobContext& context);
Result<JobValue> execute(const NameTraitsJob& job, JobContext& context);
Result<JobValue> execute(const LookJob& job, JobContext& context);
Result<JobValue> execute(const HashPlacedJob& job, JobContext& context);
Result<JobValue> execute(const MakeFoldersJob& job, JobContext& context);
Result<JobValue> execute(const PreparePartJob& job, JobContext& context);
Result<JobValue> execute(const WriteChunkJob& job, JobContext& context);
Result<JobValue> execute(const WriteChunkPairJob& job, JobContext& context);
Result<JobValue> execute(const CheckGroupJob& job, JobContext& context);
Result<JobValue> execute(const WriteBatchJob& job, JobContext& context);

// publishing (jobs_publish.cpp)
Result<JobValue> execute(const FinishFileJob& job, JobContext& context);
Result<JobValue> execute(const PublishGroupJob& job, JobContext& context);
Result<JobValue> execute(const RemovePartsJob& job, JobContext& context);
Result<JobValue> execute(const FolderTimesJob& job, JobContext& context);

/// Failures that are the volume's and not one file's: the other files of a job would only meet them again.
bool isVolumeFailure(Errc code);

} // namespace wherry::transfer

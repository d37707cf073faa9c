#include "transfer/group_hashing.h"
#include "transfer/job_execution.h"
#include "transfer/merkle.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace wherry::transfer {

namespace {

std::string_view folderOf(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

/// Whether both hold the same bytes. Reads through two Blocks.
Result<bool> sameContent(PartFile& part, SourceFile& file, uint64_t size, BlockPool& pool) {
    const BlockPtr ours = pool.take();
    const BlockPtr theirs = pool.take();
    for (uint64_t offset = 0; offset < size; offset += kChunkSize) {
        const size_t length = size_t(std::min<uint64_t>(kChunkSize, size - offset));
        const MutableBytes a(ours->data(), length);
        const MutableBytes b(theirs->data(), length);
        TRY_OK(part.read(offset, a));
        TRY(const size_t count, file.read(offset, b));
        if (count != length || !equal(a, b)) return false;
    }
    return true;
}

/// Somebody has the final name already. When that is a file of the same time and content, then an earlier attempt
/// published it and died before it could say so: the part is dropped and all is well. Anything else stays Exists.
Result<void> acceptIfPublishedBefore(Destination& destination, const std::string& part, const std::string& path,
                                     const Error& exists, BlockPool& pool) {
    TRY(const std::unique_ptr<SourceFile> published, destination.openPublished(path));
    TRY(const SourceStamp stamp, published->stamp());
    TRY(const std::optional<ExistingEntry> ours, destination.look(part));
    if (!ours || ours->isFolder || ours->size != stamp.size || ours->modifiedNs != stamp.modifiedNs) return exists;
    TRY(const std::unique_ptr<PartFile> file, destination.openPart(part));
    TRY(const bool same, sameContent(*file, *published, stamp.size, pool));
    if (!same) return exists;
    return destination.removePart(part);
}

/// How the file stands there now: what it is recognised by later.
std::optional<ExistingEntry> placedAs(Destination& destination, const std::string& path) {
    const Result<std::optional<ExistingEntry>> found = destination.look(path);
    return found ? *found : std::nullopt;
}

/// Whether the part holds this content.
Result<bool> holds(PartFile& part, const FinishItem& what, BlockPool& pool) {
    const auto read = [&](uint64_t offset, MutableBytes out) { return part.read(offset, out); };
    RootAccumulator file;
    for (uint32_t group = 0; group < groupCount(what.size); ++group) {
        TRY(const ChunkRoots roots, hashGroup(what.size, group, pool, read));
        file.add(roots->root());
    }
    return fileDigest(what.size, file.root()) == what.digest;
}

/// Another program has changed the part since our last write, or nothing is known of it: what is in it counts when it
/// hashes to what was sent. Leaves it as if we had written it.
Result<void> prove(Destination& destination, const std::string& part, const FinishItem& what, BlockPool& pool) {
    TRY(const std::unique_ptr<PartFile> file, destination.openPart(part));
    TRY_OK(file->finish(what.size, what.modifiedNs, what.executable));
    TRY_OK(file->takeAsIs());
    TRY(const bool isIt, holds(*file, what, pool));
    if (!isIt)
        return makeError(Errc::Busy, "another program has written to '" + destination.displayPath() + "/" + part +
                                         "' while it was being received");
    return file->sync();
}

/// Gives the part its final name, or says why not. Gives what it is recognised by later; the rename has changed it for
/// the last time.
Result<std::optional<ExistingEntry>> publish(Destination& destination, const std::string& part, const std::string& path,
                                             OnExisting onExisting, const FinishItem& what, BlockPool& pool) {
    auto published = destination.publish(part, path, onExisting);
    for (int i = 0; i < kMaxProofs && !published && published.error().code == Errc::Busy; ++i) {
        TRY_OK(prove(destination, part, what, pool));
        published = destination.publish(part, path, onExisting);
    }
    if (published || published.error().code != Errc::Exists) return published;
    const auto accepted = acceptIfPublishedBefore(destination, part, path, published.error(), pool);
    // Whatever keeps us from comparing (a link, a folder, no permission): what counts is that the name is taken.
    if (!accepted) return published;
    return placedAs(destination, path);
}

Result<void> syncPart(Destination& destination, const std::string& part) {
    TRY(const std::unique_ptr<PartFile> file, destination.openPart(part));
    return file->sync();
}

/// Cuts a chunked file to its size and gives it its time, before the sync that makes all of the group durable.
Result<void> finishPart(Destination& destination, const PublishItem& item) {
    if (item.isFinished) return {};
    TRY(const std::unique_ptr<PartFile> part, destination.openPart(item.part));
    return part->finish(item.what.size, item.what.modifiedNs, item.what.executable);
}

} // namespace

Result<JobValue> execute(const FinishFileJob& job, JobContext& context) {
    Destination& destination = *job.destination;
    {
        TRY(const std::unique_ptr<PartFile> part, destination.openPart(job.part));
        TRY_OK(part->finish(job.size, job.modifiedNs, job.executable));
        TRY_OK(part->sync());
    }
    const FinishItem what{job.size, job.modifiedNs, job.executable, job.digest};
    TRY(const std::optional<ExistingEntry> placed,
        publish(destination, job.part, job.path, job.onExisting, what, context.pool));
    FilesWritten outcome;
    outcome.placed.push_back(placed);
    TRY_OK(destination.syncFolderOf(job.path));
    return JobValue(std::move(outcome));
}

Result<JobValue> execute(const PublishGroupJob& job, JobContext& context) {
    Destination& destination = *job.destination;
    std::vector<Result<void>> finished;
    for (const PublishItem& item : job.items) finished.push_back(finishPart(destination, item));
    const auto synced = destination.syncVolume();
    const bool wholeVolume = synced.has_value();
    if (!wholeVolume && synced.error().code != Errc::Unsupported) return synced.error();
    std::map<std::string_view, const std::string*> folders; // where the volume cannot be synced as one: a path in each
    FilesWritten outcome;
    for (size_t i = 0; i < job.items.size(); ++i) {
        const PublishItem& item = job.items[i];
        Result<void> done = finished[i];
        if (done && !wholeVolume) done = syncPart(destination, item.part);
        Result<std::optional<ExistingEntry>> placed(std::nullopt);
        if (done) placed = publish(destination, item.part, item.path, item.onExisting, item.what, context.pool);
        if (done && !placed) done = placed.error();
        outcome.placed.push_back(done ? *placed : std::nullopt);
        if (!done)
            outcome.failures.push_back({item.entry, done.error()});
        else
            folders.emplace(folderOf(item.path), &item.path);
    }
    if (wholeVolume) {
        TRY_OK(destination.syncVolume());
    } else {
        for (const auto& [folder, path] : folders) TRY_OK(destination.syncFolderOf(*path));
    }
    return JobValue(std::move(outcome));
}

Result<JobValue> execute(const RemovePartsJob& job, JobContext&) {
    std::optional<Error> failure;
    for (const std::string& part : job.parts) {
        const auto removed = job.destination->removePart(part);
        if (!removed && removed.error().code != Errc::NotFound && !failure) failure = removed.error();
    }
    if (failure) return *failure;
    return JobValue(Written{});
}

Result<JobValue> execute(const FolderTimesJob& job, JobContext&) {
    std::optional<Error> failure;
    for (const auto& [path, modifiedNs] : job.folders) {
        const auto set = job.destination->setFolderTime(path, modifiedNs);
        if (!set && !failure) failure = set.error();
    }
    if (failure) return *failure;
    return JobValue(Written{});
}

} // namespace wherry::transfer

#include "transfer/receive_finish.h"

#include "transfer/machine_limits.h"

namespace wherry::transfer {

namespace {

std::string nameOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1); // without a separator npos + 1 is the beginning
}

} // namespace

ReceiveFinish::ReceiveFinish(const ReceiveTask& task)
    : m_task(task),
      m_publisher(task.context, task.id),
      m_parts(task.context),
      m_timesLeft(task.manifest.count()) {
    m_publisher.setDestination(task.placement.destination());
    m_parts.begin(task.local(), task.placement.takeLeftOver());
    for (const FileFailure& failure : task.placement.failures())
        m_partsStay = m_partsStay || task.chunked(failure.entry);
}

void ReceiveFinish::submit(JobWork job) {
    m_jobs.insert(m_task.submit(JobLane::Worker, std::move(job)));
}

// --- parts --------------------------------------------------------------------------------------------------------

void ReceiveFinish::addChunked(uint32_t entry, Now now) {
    m_parts.addChunked(m_task.manifest.entryKey(entry), m_task.placement.partPath(entry), partsExpiry(now.wall));
}

void ReceiveFinish::addBatch(const std::vector<uint32_t>& entries, const std::vector<std::string>& parts, Now now) {
    m_parts.addBatch(entries, parts, partsExpiry(now.wall));
}

void ReceiveFinish::keepPart(uint32_t entry) {
    m_parts.settled(entry);
    m_partsStay = true;
}

void ReceiveFinish::discardPart(uint32_t entry) {
    m_parts.settled(entry);
    m_task.context.out.erase(Space::Chunks, chunksPrefix(m_task.local(), m_task.manifest.entryKey(entry)));
    removePart(entry);
}

void ReceiveFinish::removePart(uint32_t entry) {
    submit(RemovePartsJob{m_task.placement.destination(), {m_task.placement.partPath(entry)}});
}

// --- publishing ---------------------------------------------------------------------------------------------------

void ReceiveFinish::addFile(uint32_t entry, const crypto::Digest& digest, Now now) {
    m_contents[entry] = contentId(digest);
    const ManifestEntry what = m_task.manifest.entry(entry);
    m_task.book.set(entry, EntryState::Written);
    const OnExisting onExisting = m_task.book.replaces(entry) ? OnExisting::Replace : OnExisting::Fail;
    std::string part = m_task.placement.partPath(entry);
    std::string path = m_task.placement.finalPath(entry);
    const FinishItem finish{what.size, what.modifiedNs, what.executable, digest};
    if (!m_task.chunked(entry))
        m_publisher.addSmall({entry, std::move(part), std::move(path), onExisting, finish, true}, what.size, now);
    else if (what.size <= kGroupedFileMax)
        m_publisher.addSmall({entry, std::move(part), std::move(path), onExisting, finish, false}, 0, now);
    else
        m_publisher.addLarge(entry, {m_task.placement.destination(), std::move(part), std::move(path), what.size,
                                     what.modifiedNs, what.executable, onExisting, digest});
}

void ReceiveFinish::publish(Publisher::Hurry hurry, Now now) {
    for (const uint32_t entry : m_publisher.pump(hurry, now)) {
        m_task.book.set(entry, EntryState::Publishing);
        recordPlaced(entry, false, 0, now);
    }
}

std::optional<Publisher::Outcome> ReceiveFinish::onJobDone(JobDone& done, Now now) {
    if (m_jobs.erase(done.id) > 0) {
        if (done.id == m_placeJob) return Publisher::Outcome{{}, {}, onPlaceChecked(done)};
        if (done.id == m_leftOverJob && !done.outcome) m_partsStay = true;
        return Publisher::Outcome{};
    }
    std::optional<Publisher::Outcome> outcome = m_publisher.onJobDone(done);
    if (!outcome) return std::nullopt;
    onPublished(outcome->published, now);
    if (outcome->fatal) {
        m_publisher.abandon();
        return outcome;
    }
    // The record stays: it may have its final name all the same, and only that content counts there.
    for (const FileFailure& failure : outcome->failed) m_contents.erase(failure.entry);
    return outcome;
}

void ReceiveFinish::recordPlaced(uint32_t entry, bool published, uint64_t mark, Now now) {
    m_task.context.out.put(
        Space::Done, doneKey(m_task.local(), m_task.manifest.entryKey(entry)),
        encodePlaced({published, m_task.manifest.entry(entry).change, mark, m_contents.at(entry)}),
        recordExpiry(now.wall));
}

void ReceiveFinish::onPublished(const std::vector<Publisher::Published>& files, Now now) {
    for (const auto& [entry, mark] : files) {
        const EntryKey key = m_task.manifest.entryKey(entry);
        m_task.book.set(entry, EntryState::Done);
        recordPlaced(entry, true, mark, now);
        m_contents.erase(entry);
        m_parts.settled(entry);
        if (m_task.chunked(entry)) m_task.context.out.erase(Space::Chunks, chunksPrefix(m_task.local(), key));
    }
}

// --- the end ------------------------------------------------------------------------------------------------------

bool ReceiveFinish::tidyUp() {
    return removeLeftOver() || setFolderTimes() || checkFolder() || checkRoots();
}

/// The download folder was opened at the beginning; somebody may have renamed or unmounted it since.
bool ReceiveFinish::checkFolder() {
    if (std::exchange(m_folderChecked, true)) return false;
    m_placeJob = m_task.submit(JobLane::Worker, NameTraitsJob{m_task.placement.destination()->displayPath()});
    m_jobs.insert(m_placeJob);
    return true;
}

/// The same of what has landed in it, some at a time; false: all of it has been looked at.
bool ReceiveFinish::checkRoots() {
    const std::vector<uint32_t>& roots = m_task.manifest.roots();
    LookJob job{m_task.placement.destination(), {}};
    m_rootsAsked.clear();
    for (; m_rootsChecked < roots.size() && job.paths.size() < kPathsPerJob; ++m_rootsChecked) {
        const EntryState state = m_task.book.state(roots[m_rootsChecked]);
        if (state != EntryState::Done && state != EntryState::Complete) continue;
        m_rootsAsked.push_back(roots[m_rootsChecked]);
        job.paths.push_back(m_task.placement.finalPath(roots[m_rootsChecked]));
    }
    if (job.paths.empty()) return false;
    m_placeJob = m_task.submit(JobLane::Worker, std::move(job));
    m_jobs.insert(m_placeJob);
    return true;
}

/// nullopt: it is.
std::optional<Error> ReceiveFinish::onPlaceChecked(JobDone& done) {
    if (!done.outcome) return done.outcome.error();
    const std::string folder = m_task.placement.destination()->displayPath();
    const NameTraits* traits = std::get_if<NameTraits>(&*done.outcome);
    if (traits && !traits->folderThere)
        return makeError(Errc::VolumeGone, "the folder '" + folder + "' is not there any more");
    const LookOutcome* looked = std::get_if<LookOutcome>(&*done.outcome);
    for (size_t i = 0; looked && i < m_rootsAsked.size(); ++i) {
        const std::optional<ExistingEntry>& there = looked->existing.at(i);
        if (there && !there->isSpecial && there->isFolder == m_task.manifest.isFolder(m_rootsAsked[i])) continue;
        return makeError(Errc::VolumeGone, "'" + folder + "/" + m_task.placement.finalPath(m_rootsAsked[i]) +
                                               "' was moved or removed while it was being received");
    }
    return std::nullopt;
}

/// Parts of what the source does not have any more as it was, at most kPathsPerJob of them; false: none are left.
bool ReceiveFinish::removeLeftOver() {
    if (m_leftOverGone) return false;
    if (m_partsStay) keepFailedParts();
    std::vector<std::string> parts = m_parts.takeLeftOver();
    m_leftOverGone = parts.empty();
    if (m_leftOverGone) return false;
    m_leftOverJob = m_task.submit(JobLane::Worker, RemovePartsJob{m_task.placement.destination(), std::move(parts)});
    m_jobs.insert(m_leftOverJob);
    return true;
}

/// Those of files that have failed; what discardPart has removed does not matter here.
void ReceiveFinish::keepFailedParts() {
    std::set<std::string> names;
    for (uint32_t i = 0; i < m_task.manifest.count(); ++i)
        if (m_task.chunked(i) && m_task.book.state(i) == EntryState::Failed)
            names.insert(nameOf(m_task.placement.partPath(i)));
    m_parts.keep(names);
}

/// The deepest first, so that none is touched after it has got its own; false: all have theirs.
bool ReceiveFinish::setFolderTimes() {
    FolderTimesJob job{m_task.placement.destination(), {}};
    while (m_timesLeft > 0 && job.folders.size() < kPathsPerJob) {
        const uint32_t i = --m_timesLeft;
        if (m_task.manifest.isFolder(i) && m_task.book.state(i) == EntryState::Done)
            job.folders.emplace_back(m_task.placement.finalPath(i), m_task.manifest.entry(i).modifiedNs);
    }
    if (job.folders.empty()) return false;
    submit(std::move(job));
    return true;
}

} // namespace wherry::transfer

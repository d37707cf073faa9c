#pragma once

#include "transfer/machine_limits.h"
#include "transfer/part_book.h"
#include "transfer/placed_file.h"
#include "transfer/publisher.h"
#include "transfer/receive_task.h"

#include <set>
#include <unordered_map>

namespace wherry::transfer {

/// The second half of a received file's life: from a verified part to its final name, and at the end of the transfer
/// the parts that nobody needs any more and the times of folders.
///
/// Invariants: a part is on record (PartBook) before the job that makes it; "about to be published" is on record before
/// the job that renames; once the disk has failed nothing more is published.
class ReceiveFinish {
  public:
    explicit ReceiveFinish(const ReceiveTask& task);

    // --- parts ---
    /// A chunked file begins to arrive in its part.
    void addChunked(uint32_t entry, Now now);
    /// The files of a batch are about to be written.
    void addBatch(const std::vector<uint32_t>& entries, const std::vector<std::string>& parts, Now now);
    /// Nothing of this batched file is in its part.
    void settled(uint32_t entry) { m_parts.settled(entry); }
    /// The file has failed; its part stays for the next attempt.
    void keepPart(uint32_t entry);
    /// The file has failed, and nothing of it may be used again.
    void discardPart(uint32_t entry);
    /// Removes the part only.
    void removePart(uint32_t entry);
    /// Parts are kept for the next attempt or could not be removed.
    bool partsStay() const { return m_partsStay; }

    // --- publishing ---
    /// The whole content is verified and in its part.
    void addFile(uint32_t entry, const crypto::Digest& digest, Now now);
    /// Submits what is due.
    void publish(Publisher::Hurry hurry, Now now);
    /// nullopt: not a job of this. Files that are published are Done already; the failures are the caller's.
    std::optional<Publisher::Outcome> onJobDone(JobDone& done, Now now);
    Instant deadline() const { return m_publisher.deadline(); }
    /// No more of small files is taken than may wait for its names.
    bool publishesInTime() const {
        return m_publisher.unpublishedBytes() < kMaxUnpublishedBytes &&
               m_publisher.unpublishedFiles() < kMaxUnpublishedFiles;
    }
    /// Nothing is under way or waits.
    bool idle() const { return m_jobs.empty() && m_publisher.idle(); }
    size_t jobs() const { return m_jobs.size(); }

    /// Everything has settled and is idle: submits what is left to be done, one job at a time. False: nothing is.
    bool tidyUp();

  private:
    void onPublished(const std::vector<Publisher::Published>& files, Now now);
    void recordPlaced(uint32_t entry, bool published, uint64_t mark, Now now);
    bool removeLeftOver();
    bool setFolderTimes();
    bool checkFolder();
    bool checkRoots();
    std::optional<Error> onPlaceChecked(JobDone& done);
    void keepFailedParts();
    void submit(JobWork job);

    const ReceiveTask& m_task;
    Publisher m_publisher;
    PartBook m_parts;
    std::unordered_map<uint32_t, ContentId> m_contents; ///< of files that are to be published
    std::set<JobId> m_jobs; ///< removals and folder times; Publisher knows its own
    JobId m_leftOverJob;
    bool m_partsStay = false;
    bool m_leftOverGone = false;
    JobId m_placeJob; ///< is what was delivered still where we say that it is
    bool m_folderChecked = false;
    size_t m_rootsChecked = 0; ///< of the roots of the manifest
    std::vector<uint32_t> m_rootsAsked;
    uint32_t m_timesLeft; ///< entries that may be folders without their time
};

} // namespace wherry::transfer

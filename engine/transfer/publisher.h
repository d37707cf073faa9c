#pragma once

#include "base/time.h"
#include "transfer/outbox.h"

#include <deque>
#include <unordered_map>
#include <vector>

namespace wherry::transfer {

/// Whether a failure ends the whole transfer (the disk is full, gone, may not be written, no handles are left ...) and not just one file.
bool endsTransfer(Errc code);

/// Gives verified files their final names: small ones in groups with one sync for all, large ones one by one. At most
/// one group and kFinishJobs large files are under way.
class Publisher {
  public:
    /// What one job has brought about.
    struct Published {
        uint32_t entry = 0;
        uint64_t mark = 0; ///< placedMark under its final name
    };
    struct Outcome {
        std::vector<Published> published;
        std::vector<FileFailure> failed;
        std::optional<Error> fatal; ///< nothing of it is published and nothing more will be
    };

    Publisher(MachineContext& context, TransferId transfer) : m_context(context), m_transfer(transfer) {}
    void setDestination(DestinationPtr destination) { m_destination = std::move(destination); }

    /// `bytes`: content that a crash would cost before it is published.
    void addSmall(PublishItem item, uint64_t bytes, Now now);
    void addLarge(uint32_t entry, FinishFileJob job);

    enum class Hurry { No, Yes };
    /// Submits what is due; Hurry::Yes: does not wait for a group to become full. Returns the entries that are about to
    /// be published.
    std::vector<uint32_t> pump(Hurry hurry, Now now);
    /// nullopt: not a job of ours.
    std::optional<Outcome> onJobDone(JobDone& done);
    /// Drops what has not been submitted, now and later: it stays in its parts.
    void abandon();

    bool idle() const { return m_jobs.empty() && m_group.empty() && m_large.empty(); }
    bool working() const { return !m_jobs.empty(); }
    /// Content of small files that would have to be sent again after a crash.
    uint64_t unpublishedBytes() const { return m_groupBytes + m_publishingBytes; }
    size_t unpublishedFiles() const { return m_group.size() + m_publishingFiles; }
    Instant deadline() const;

  private:
    bool groupDue(Hurry hurry, Now now) const;

    MachineContext& m_context;
    TransferId m_transfer;
    DestinationPtr m_destination;
    std::vector<std::pair<PublishItem, uint64_t>> m_group; ///< and the bytes of each
    uint64_t m_groupBytes = 0;
    Instant m_groupSince{};
    std::deque<std::pair<uint32_t, FinishFileJob>> m_large;
    std::unordered_map<JobId, std::vector<uint32_t>> m_jobs; ///< the entries each is about
    JobId m_groupJob;
    uint64_t m_publishingBytes = 0;
    size_t m_publishingFiles = 0;
    bool m_abandoned = false;
};

} // namespace wherry::transfer

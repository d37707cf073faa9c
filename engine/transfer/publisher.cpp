#include "transfer/publisher.h"

#include "transfer/machine_limits.h"
#include "transfer/placed_file.h"

#include <algorithm>

namespace wherry::transfer {

bool endsTransfer(Errc code) {
    switch (code) {
    case Errc::DiskFull:
    case Errc::ReadOnly:
    case Errc::VolumeGone:
    case Errc::PermissionDenied:
    case Errc::Io:
    case Errc::LimitReached:
    case Errc::Internal:
    case Errc::Cancelled:
        return true;
    default:
        return false;
    }
}

void Publisher::addSmall(PublishItem item, uint64_t bytes, Now now) {
    if (m_abandoned) return;
    if (m_group.empty()) m_groupSince = now.mono;
    m_group.emplace_back(std::move(item), bytes);
    m_groupBytes += bytes;
}

void Publisher::addLarge(uint32_t entry, FinishFileJob job) {
    if (!m_abandoned) m_large.emplace_back(entry, std::move(job));
}

bool Publisher::groupDue(Hurry hurry, Now now) const {
    if (m_group.empty() || m_groupJob) return false;
    return hurry == Hurry::Yes || m_group.size() >= kPublishGroupFiles || m_groupBytes >= kPublishGroupBytes ||
           now.mono - m_groupSince >= kPublishGroupWait;
}

std::vector<uint32_t> Publisher::pump(Hurry hurry, Now now) {
    std::vector<uint32_t> starting;
    if (groupDue(hurry, now)) {
        // What has come while the last group was being published may be more than one group holds.
        const size_t count = std::min(m_group.size(), kPublishGroupFiles);
        PublishGroupJob job{m_destination, {}};
        const auto end = m_group.begin() + static_cast<ptrdiff_t>(count);
        std::vector<uint32_t> entries;
        for (auto one = m_group.begin(); one != end; ++one) {
            entries.push_back(one->first.entry);
            m_publishingBytes += one->second;
            job.items.push_back(std::move(one->first));
        }
        m_group.erase(m_group.begin(), end);
        starting = entries;
        m_groupBytes -= m_publishingBytes;
        m_publishingFiles = count;
        m_groupSince = now.mono;
        m_groupJob = m_context.out.submit(m_transfer, JobLane::Disk, std::move(job));
        m_jobs.emplace(m_groupJob, std::move(entries));
    }
    while (!m_large.empty() && m_jobs.size() < kFinishJobs) {
        auto [entry, job] = std::move(m_large.front());
        m_large.pop_front();
        starting.push_back(entry);
        m_jobs.emplace(m_context.out.submit(m_transfer, JobLane::Disk, std::move(job)), std::vector<uint32_t>{entry});
    }
    return starting;
}

std::optional<Publisher::Outcome> Publisher::onJobDone(JobDone& done) {
    const auto found = m_jobs.find(done.id);
    if (found == m_jobs.end()) return std::nullopt;
    std::vector<uint32_t> entries = std::move(found->second);
    m_jobs.erase(found);
    Outcome outcome;
    const bool group = done.id == m_groupJob;
    if (group) {
        m_groupJob = {};
        m_publishingBytes = 0;
        m_publishingFiles = 0;
    }
    if (!done.outcome) {
        if (group || endsTransfer(done.outcome.error().code)) outcome.fatal = done.outcome.error();
        outcome.failed.push_back({entries.front(), done.outcome.error()}); // the first of a group stands for all of it
        return outcome;
    }
    FilesWritten& written = std::get<FilesWritten>(*done.outcome);
    outcome.failed = std::move(written.failures);
    for (const FileFailure& failure : outcome.failed)
        if (endsTransfer(failure.error.code)) outcome.fatal = failure.error;
    std::vector<uint32_t> failed;
    for (const FileFailure& failure : outcome.failed) failed.push_back(failure.entry);
    std::sort(failed.begin(), failed.end());
    for (size_t i = 0; i < entries.size(); ++i) {
        if (std::binary_search(failed.begin(), failed.end(), entries[i])) continue;
        const bool looked = i < written.placed.size() && written.placed[i];
        outcome.published.push_back({entries[i], looked ? placedMark(*written.placed[i]) : 0});
    }
    return outcome;
}

void Publisher::abandon() {
    m_abandoned = true;
    m_group.clear();
    m_groupBytes = 0;
    m_large.clear();
}

Instant Publisher::deadline() const {
    return m_group.empty() || m_groupJob ? kNever : m_groupSince + kPublishGroupWait;
}

} // namespace wherry::transfer

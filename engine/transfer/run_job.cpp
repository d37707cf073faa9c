#include "transfer/job_execution.h"

#include <new>

namespace wherry::transfer {

bool isVolumeFailure(Errc code) {
    return code == Errc::DiskFull || code == Errc::ReadOnly || code == Errc::VolumeGone;
}

JobDone runJob(const Job& job, Storage& storage, BlockPool& pool) {
    JobContext context{storage, pool};
    // Only the standard library throws here, and only for want of memory; a worker must still give its one answer.
    try {
        return {job.id, std::visit([&context](const auto& work) { return execute(work, context); }, job.work)};
    } catch (const std::bad_alloc&) {
        return {job.id, makeError(Errc::LimitReached, "no memory left for a job")};
    }
}

} // namespace wherry::transfer

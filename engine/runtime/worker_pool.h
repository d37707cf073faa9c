#pragma once

#include "node/job.h"

#include <functional>
#include <memory>
#include <vector>

namespace wherry::runtime {

/// Worker threads for a machine with so many cores: one stays free for the network thread, but never fewer than two.
size_t workerCount();

/// Threads that run jobs: `workers` for JobLane::Worker and one of its own for JobLane::Disk, because a sync
/// must not stop the hashing. Jobs of a lane start in the order of submission.
///
/// Every job that has begun has exactly one completion. submit() and takeDone() belong to one thread; `wake` is called
/// on a worker thread when the first completion since the last takeDone() has come in, so that one wake collects them
/// all.
class WorkerPool {
  public:
    /// Executes one job on the calling thread: node::runJob with its Storage and BlockPool.
    using Run = std::function<node::JobDone(const node::Job&)>;

    WorkerPool(size_t workers, Run run, std::function<void()> wake);
    /// Waits for the jobs that run; those that wait are dropped without completion.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    void submit(node::Job job);
    std::vector<node::JobDone> takeDone();
    /// Jobs submitted and not yet handed out by takeDone().
    size_t pending() const;

  private:
    struct Shared;
    std::unique_ptr<Shared> m;
};

} // namespace wherry::runtime

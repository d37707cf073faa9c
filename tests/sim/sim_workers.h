#pragma once

#include "node/job.h"
#include "sim/net/simulation.h"

#include <deque>
#include <functional>
#include <memory>

namespace wherry::sim {

/// How long jobs take: a base, and time per MiB that the job touches, each varied by half up and down from the seed.
struct WorkerSpeed {
    size_t workers = 2;
    Duration base = std::chrono::microseconds(50);
    Duration perMiB = std::chrono::milliseconds(2);  ///< 500 MB/s a worker
    Duration perSync = std::chrono::milliseconds(5); ///< jobs of the disk lane wait for the disk
};

/// Workers and the disk thread of one simulated process: jobs really run (node::runJob), their results come after a
/// virtual time. Whether the effect on the storage happens at the beginning or at the end of that time is drawn from
/// the seed, so that a process that is killed in between leaves either behind.
class SimWorkers {
  public:
    using Done = std::function<void(node::JobDone)>;

    SimWorkers(Simulation& simulation, const std::string& name, transfer::Storage& storage,
               std::shared_ptr<BlockPool> pool, WorkerSpeed speed, Done done);
    ~SimWorkers();

    void submit(node::Job job);
    size_t pending() const;

  private:
    struct Lane {
        size_t free = 1;
        std::deque<node::Job> waiting;
    };
    void startNext(Lane& lane);
    Duration durationOf(const node::Job& job);

    Simulation& m_simulation;
    transfer::Storage& m_storage;
    std::shared_ptr<BlockPool> m_pool;
    WorkerSpeed m_speed;
    Done m_done;
    SeededRandom m_random;
    Lane m_workers;
    Lane m_disk;
    size_t m_running = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace wherry::sim

#include "runtime/worker_pool.h"

#include "base/assert.h"
#include "runtime/runtime_limits.h"
#include "runtime/thread_name.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace wherry::runtime {

using node::Job;
using node::JobDone;
using transfer::JobLane;

size_t workerCount() {
    size_t cores = std::thread::hardware_concurrency();
    return std::clamp(cores > 1 ? cores - 1 : size_t(1), kMinWorkers, kMaxWorkers);
}

struct WorkerPool::Shared {
    Shared(Run runIn, std::function<void()> wakeIn) : runJob(std::move(runIn)), wake(std::move(wakeIn)) {}

    struct Lane {
        std::deque<Job> waiting;
        std::condition_variable changed;
    };

    Lane& laneOf(JobLane lane) { return lane == JobLane::Disk ? disk : worker; }

    /// Called with the mutex held. Whether the owner has to be woken.
    bool finish(JobDone outcome) {
        done.push_back(std::move(outcome));
        return done.size() == 1;
    }

    void work(Lane& lane) {
        std::unique_lock lock(mutex);
        while (true) {
            lane.changed.wait(lock, [&] { return stopping || !lane.waiting.empty(); });
            if (stopping) return;
            Job job = std::move(lane.waiting.front());
            lane.waiting.pop_front();
            lock.unlock();

            JobDone outcome = runJob(job);
            job = Job(); // what the job holds is released here, not under the lock

            lock.lock();
            if (finish(std::move(outcome)) && !stopping) {
                lock.unlock();
                wake();
                lock.lock();
            }
        }
    }

    Run runJob;
    std::function<void()> wake;
    mutable std::mutex mutex;
    Lane worker;
    Lane disk;
    std::vector<JobDone> done;
    bool stopping = false;
    size_t pending = 0; ///< of the owner's thread
    std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(size_t workers, Run run, std::function<void()> wake)
    : m(std::make_unique<Shared>(std::move(run), std::move(wake))) {
    ASSERT(workers > 0);
    const auto begin = [this](std::string name, Shared::Lane& lane) {
        m->threads.emplace_back([this, &lane, name = std::move(name)] {
            nameThisThread(name.c_str());
            m->work(lane);
        });
    };
    for (size_t i = 1; i <= workers; ++i) begin("worker-" + std::to_string(i), m->worker);
    begin("disk", m->disk);
}

WorkerPool::~WorkerPool() {
    {
        std::lock_guard lock(m->mutex);
        m->stopping = true;
    }
    m->worker.changed.notify_all();
    m->disk.changed.notify_all();
    for (std::thread& thread : m->threads) thread.join();
}

void WorkerPool::submit(Job job) {
    ++m->pending;
    Shared::Lane& lane = m->laneOf(node::laneOf(job));
    {
        std::lock_guard lock(m->mutex);
        lane.waiting.push_back(std::move(job));
    }
    lane.changed.notify_one();
}

std::vector<JobDone> WorkerPool::takeDone() {
    std::vector<JobDone> taken;
    {
        std::lock_guard lock(m->mutex);
        taken.swap(m->done);
    }
    m->pending -= taken.size();
    return taken;
}

size_t WorkerPool::pending() const {
    return m->pending;
}

} // namespace wherry::runtime

#include "sim/sim_workers.h"

#include "base/overloaded.h"
#include "transfer/transfer_limits.h"

namespace wherry::sim {

namespace {

/// Roughly how many bytes a job reads, hashes or writes.
uint64_t bytesOf(const node::Job& any) {
    constexpr uint64_t kHashBlock = 64; // a search for work takes as long as hashing so much a try
    if (const auto* search = std::get_if<node::DhtJob>(&any)) return search->work.tries * kHashBlock;
    const auto& job = std::get<transfer::Job>(any);
    return std::visit(
        Overloaded{
            [](const transfer::HashGroupJob& hash) { return std::min(hash.file.stamp.size, transfer::kGroupSize); },
            [](const transfer::CheckGroupJob& check) { return std::min(check.fileSize, transfer::kGroupSize); },
            [](const transfer::ReadChunkJob& read) { return std::min<uint64_t>(read.file.stamp.size, kChunkSize); },
            [](const transfer::WriteChunkJob& write) { return uint64_t(write.header.plainLength); },
            [](const transfer::WriteChunkPairJob& write) {
                return uint64_t(write.chunks[0].header.plainLength) + write.chunks[1].header.plainLength;
            },
            [](const transfer::WriteBatchJob& write) { return uint64_t(write.header.plainLength); },
            [](const transfer::ReadBatchJob& read) {
                uint64_t sum = 0;
                for (const auto& source : read.files) sum += source.file.stamp.size;
                return sum;
            },
            [](const auto&) { return uint64_t(0); },
        },
        job.work);
}

} // namespace

SimWorkers::SimWorkers(Simulation& simulation, const std::string& name, transfer::Storage& storage,
                       std::shared_ptr<BlockPool> pool, WorkerSpeed speed, Done done)
    : m_simulation(simulation),
      m_storage(storage),
      m_pool(std::move(pool)),
      m_speed(speed),
      m_done(std::move(done)),
      m_random(simulation.random("workers " + name)) {
    m_workers.free = speed.workers;
}

SimWorkers::~SimWorkers() {
    *m_alive = false;
}

size_t SimWorkers::pending() const {
    return m_running + m_workers.waiting.size() + m_disk.waiting.size();
}

void SimWorkers::submit(node::Job job) {
    Lane& lane = node::laneOf(job) == transfer::JobLane::Disk ? m_disk : m_workers;
    lane.waiting.push_back(std::move(job));
    startNext(lane);
}

Duration SimWorkers::durationOf(const node::Job& job) {
    const double mebibytes = static_cast<double>(bytesOf(job)) / (1024.0 * 1024.0);
    double nanoseconds =
        static_cast<double>(m_speed.base.count()) + mebibytes * static_cast<double>(m_speed.perMiB.count());
    if (node::laneOf(job) == transfer::JobLane::Disk) nanoseconds += static_cast<double>(m_speed.perSync.count());
    return Duration(static_cast<int64_t>(nanoseconds * (0.5 + m_random.unit())));
}

void SimWorkers::startNext(Lane& lane) {
    if (lane.free == 0 || lane.waiting.empty()) return;
    --lane.free;
    ++m_running;
    auto job = std::make_shared<node::Job>(std::move(lane.waiting.front()));
    lane.waiting.pop_front();
    std::shared_ptr<node::JobDone> early;
    const Duration duration = durationOf(*job);
    if (m_random.chance(0.5)) early = std::make_shared<node::JobDone>(node::runJob(*job, m_storage, *m_pool));
    m_simulation.after(duration, [this, alive = m_alive, &lane, job, early] {
        if (!*alive) return; // the process was killed
        node::JobDone done = early ? std::move(*early) : node::runJob(*job, m_storage, *m_pool);
        ++lane.free;
        --m_running;
        startNext(lane);
        m_done(std::move(done));
    });
}

} // namespace wherry::sim

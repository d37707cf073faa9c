#include "node/job.h"

#include "base/overloaded.h"

namespace wherry::node {

transfer::JobLane laneOf(const Job& job) {
    const auto* transfer = std::get_if<transfer::Job>(&job);
    return transfer ? transfer->lane : transfer::JobLane::Worker;
}

JobDone runJob(const Job& job, transfer::Storage& storage, BlockPool& pool) {
    return std::visit(
        Overloaded{[&](const transfer::Job& one) -> JobDone { return transfer::runJob(one, storage, pool); },
                   [](const DhtJob& one) -> JobDone {
                       return DhtJobDone{one.network, kad::runJob(one.work)};
                   }},
        job);
}

} // namespace wherry::node

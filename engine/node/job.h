#pragma once

#include "kad/work_job.h"
#include "transfer/job.h"

#include <cstddef>
#include <variant>

namespace wherry::node {

/// Proof of work for a record of one of this node's hash tables.
struct DhtJob {
    size_t network = 0; ///< which of them
    kad::WorkJob work;
};
struct DhtJobDone {
    size_t network = 0;
    kad::WorkDone done;
};

/// Slow work of any part of a node; each has exactly one completion.
using Job = std::variant<transfer::Job, DhtJob>;
using JobDone = std::variant<transfer::JobDone, DhtJobDone>;

/// Which thread runs it.
transfer::JobLane laneOf(const Job& job);
/// Executes a job on the calling thread. Never throws.
JobDone runJob(const Job& job, transfer::Storage& storage, BlockPool& pool);

} // namespace wherry::node

#include "kad/work_job.h"

#include "kad/signed_record.h"

namespace wherry::kad {

WorkDone runJob(const WorkJob& job) {
    return {job.lookup, job.from, findWork(job.envelope, job.bits, job.from, job.tries)};
}

} // namespace wherry::kad

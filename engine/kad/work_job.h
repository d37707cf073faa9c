#pragma once

#include "base/bytes.h"
#include "kad/wish.h"

#include <optional>

namespace wherry::kad {

/// A slice of the search for a record's proof of work (signed_record.h), for a worker: a pure function of itself.
struct WorkJob {
    LookupId lookup; ///< whose record it is
    Bytes envelope;
    unsigned bits = 0;
    uint64_t from = 0; ///< the nonces from here on
    uint64_t tries = 0;
};
struct WorkDone {
    LookupId lookup;
    uint64_t from = 0;
    std::optional<uint64_t> nonce; ///< nullopt: none of those tried
};

WorkDone runJob(const WorkJob& job);

} // namespace wherry::kad

#include "runtime/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <climits>

namespace wherry::runtime {

std::optional<size_t> raiseDescriptorLimit(size_t wanted) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    const rlim_t before = limit.rlim_cur;
    for (const rlim_t aim : {
             static_cast<rlim_t>(wanted),
#ifdef OPEN_MAX
             static_cast<rlim_t>(OPEN_MAX) // macOS says "no limit" and takes no more than this
#endif
         }) {
        const rlim_t soft = std::min(aim, limit.rlim_max);
        if (soft <= before) break;
        limit.rlim_cur = soft;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return static_cast<size_t>(soft);
    }
    return static_cast<size_t>(before);
}

} // namespace wherry::runtime

#include "runtime/descriptor_limit.h"

#include "runtime/runtime_limits.h"

#include <algorithm>

namespace wherry::runtime {

size_t connectionBudget(size_t wanted, std::optional<size_t> limit) {
    if (!limit) return wanted;
    return std::min(wanted, *limit - std::min(kDescriptorReserve, *limit / 2));
}

} // namespace wherry::runtime

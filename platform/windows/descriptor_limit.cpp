#ifdef _WIN32
#include "runtime/descriptor_limit.h"

namespace wherry::runtime {

std::optional<size_t> raiseDescriptorLimit(size_t) {
    return std::nullopt; // handles are bounded by memory alone
}

} // namespace wherry::runtime
#endif

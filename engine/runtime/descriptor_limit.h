#pragma once

#include <cstddef>
#include <optional>

namespace wherry::runtime {

/// Lets this process have up to `wanted` descriptors (files and sockets together), or as many as the system allows
/// it; never fewer than before. How many that are now; nullopt: this system does not count them. Implemented once per
/// system in platform/.
std::optional<size_t> raiseDescriptorLimit(size_t wanted);

/// How many connections, each with a descriptor, a process with `limit` descriptors may have of the `wanted` ones:
/// kDescriptorReserve stays for everything else, or half of them where there are so few.
size_t connectionBudget(size_t wanted, std::optional<size_t> limit);

} // namespace wherry::runtime

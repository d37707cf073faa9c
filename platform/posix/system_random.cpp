#include "runtime/system_random.h"

#include "base/assert.h"

#include <unistd.h>

#include <algorithm>
#ifdef __APPLE__
#include <sys/random.h>
#endif

namespace wherry::runtime {

void SystemRandom::fill(MutableBytes out) {
    constexpr size_t kMostAtOnce = 256; // of getentropy, POSIX.1-2024
    while (!out.empty()) {
        size_t count = std::min(out.size(), kMostAtOnce);
        // It fails only where the system has no generator at all, and then nothing of ours would be safe.
        ASSERT(getentropy(out.data(), count) == 0);
        out = out.subspan(count);
    }
}

} // namespace wherry::runtime

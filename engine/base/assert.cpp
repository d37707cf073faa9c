#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace wherry {

void assertionFailed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "wherry: internal error: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

} // namespace wherry

#include "crypto/sodium.h"

#include "base/assert.h"

#include <sodium.h>

namespace wherry::crypto {

void requireSodium() {
    static const int kOutcome = sodium_init();
    ASSERT(kOutcome >= 0);
}

} // namespace wherry::crypto

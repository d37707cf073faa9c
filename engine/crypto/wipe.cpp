#include "crypto/wipe.h"

#include <sodium.h>

namespace wherry::crypto {

void wipe(MutableBytes secret) {
    sodium_memzero(secret.data(), secret.size());
}

} // namespace wherry::crypto

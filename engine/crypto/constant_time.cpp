#include "crypto/constant_time.h"

#include <sodium.h>

namespace wherry::crypto {

bool equalSecrets(ByteView a, ByteView b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace wherry::crypto

#pragma once

#include "base/bytes.h"

namespace wherry::crypto {

/// Overwrites a secret that is no longer needed, also where the compiler sees that nobody reads it again.
void wipe(MutableBytes secret);

} // namespace wherry::crypto

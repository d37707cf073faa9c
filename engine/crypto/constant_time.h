#pragma once

#include "base/bytes.h"

namespace wherry::crypto {

/// Compares in a time that does not depend on the content: for proofs and other secrets. Different lengths: false at
/// once.
bool equalSecrets(ByteView a, ByteView b);

} // namespace wherry::crypto

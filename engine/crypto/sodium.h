#pragma once

namespace wherry::crypto {

/// Makes libsodium ready; to be called before any other of its functions. Cheap after the first time, thread-safe.
void requireSodium();

} // namespace wherry::crypto

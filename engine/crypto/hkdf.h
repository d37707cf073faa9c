#pragma once

#include "base/bytes.h"

namespace wherry::crypto {

/// HKDF-SHA-256 (RFC 5869): extract and expand in one. Fills all of `out`; out.size() <= 255 x 32.
void hkdfSha256(ByteView secret, ByteView salt, ByteView info, MutableBytes out);

} // namespace wherry::crypto

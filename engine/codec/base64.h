#pragma once

#include "base/bytes.h"

#include <string>

namespace wherry::codec {

/// RFC 4648 section 4, with padding.
std::string encodeBase64(ByteView bytes);

} // namespace wherry::codec

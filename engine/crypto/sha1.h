#pragma once

#include "base/bytes.h"

#include <array>

namespace wherry::crypto {

/// SHA-1, for protocols that name it and need no strength from it (the opening handshake of WebSocket). Nothing that
/// must withstand an attacker may rest on it.
std::array<uint8_t, 20> sha1(ByteView data);

} // namespace wherry::crypto

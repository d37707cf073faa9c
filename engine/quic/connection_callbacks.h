#pragma once

#include <ngtcp2/ngtcp2.h>

namespace wherry::quic {

/// The callbacks of a Connection, for both sides; the user data is the Connection.
ngtcp2_callbacks makeCallbacks();

} // namespace wherry::quic

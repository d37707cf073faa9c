#pragma once

#include "base/rate_limit.h"

namespace wherry::quic {

using wherry::RateLimit;

} // namespace wherry::quic

#pragma once

#include "base/time.h"

namespace wherry::runtime {

/// Both clocks of the system. The monotonic one goes on while the machine sleeps, so that a peer that was away for an
/// hour is seen to have been away for an hour.
Now readClocks();

} // namespace wherry::runtime

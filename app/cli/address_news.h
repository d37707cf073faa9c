#pragma once

#include "api/types.h"
#include "cli/output.h"

#include <vector>

namespace wherry::cli {

/// Says where this device is reached that was not said before, and where no longer.
void tellAddressNews(Output& output, const std::vector<api::Multiaddr>& before, const std::vector<api::Multiaddr>& now);

} // namespace wherry::cli

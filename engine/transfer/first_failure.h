#pragma once

#include "base/result.h"

#include <string>

namespace wherry::transfer {

/// The first file of a transfer that could not be delivered, for the end of it.
struct FirstFailure {
    std::string file; ///< in the offer
    Error error;
    bool byPeer = false; ///< it failed at the other end
};

} // namespace wherry::transfer

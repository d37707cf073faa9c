#pragma once

#include "base/result.h"

namespace wherry::transfer {

/// What a peer did that the protocol forbids.
inline Error violation(std::string what) {
    return makeError(Errc::ProtocolViolation, std::move(what));
}

} // namespace wherry::transfer

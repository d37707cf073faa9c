#pragma once

#include "api/types.h"

namespace wherry::cli {

/// The exit codes that scripts rely on (CLI.md).
enum class ExitCode : int {
    Done = 0,
    Internal = 1,
    Usage = 2,
    Declined = 3,
    Unreachable = 4,
    Verification = 5,
    LocalIo = 6,
    PeerFailed = 7,
    Interrupted = 130,
};

/// Whose disk an error is about: a sender never writes files, so that a full disk that ends its transfer is the
/// receiver's.
enum class Side { Sender, Receiver };

ExitCode exitCodeOf(api::Errc code, Side side);

} // namespace wherry::cli

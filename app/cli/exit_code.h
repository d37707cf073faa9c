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

/// Where an error has arisen: the same "permission denied" is for the person here to mend, or for the one there.
enum class Origin {
    Setup,     ///< this device alone: home, key, database, sockets, paths
    Sending,   ///< this side of sending, ping or perf
    Receiving, ///< this side of receiving
    Peer,      ///< the other side has said so
    Receiver,  ///< the other side, which receives what is sent here: what no new attempt mends there has a code of its
               ///< own
};

/// Whether a request that fails like this names something that is not there, that cannot be meant or that is taken
/// already: Usage for commands that only look into the books of this device.
bool isMistakenWord(api::Errc code);

ExitCode exitCodeOf(api::Errc code, Origin origin);

} // namespace wherry::cli

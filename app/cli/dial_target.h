#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// The TARGET operand of send, ping and perf. On failure prints why and gives the exit code: Usage when it makes no
/// sense, Unreachable when nobody knows an address for it.
struct DialTarget {
    ExitCode code = ExitCode::Done;
    api::Target target; ///< with code Done
};
DialTarget readDialTarget(const std::string& operand, Output& output);
/// What to say of a target whose key is this very engine's.
api::Error selfAsTarget();

} // namespace wherry::cli

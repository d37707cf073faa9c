#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// The TARGET operand of the commands that reach out. On failure prints why and gives the exit code: Usage, when it
/// makes no sense.
struct DialTarget {
    ExitCode code = ExitCode::Done;
    api::Target target; ///< with code Done
};
DialTarget readDialTarget(const std::string& operand, Output& output);
/// "peer …Xy12Ab", or the name in quotes while nobody is known by it.
std::string targetText(const api::Target& target);
/// Whether the person has to mend TARGET: a name of several devices, a device that is blocked here. Exit code Usage.
bool isTargetWrong(const api::Error& error);
/// What to say of a target whose key is this very engine's.
api::Error selfAsTarget();

} // namespace wherry::cli

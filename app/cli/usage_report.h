#pragma once

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace wherry::cli {

/// A mistake in the command line, with the help that would answer; Usage.
ExitCode reportUsage(const UsageError& error, const Arguments& arguments, Output& output);

} // namespace wherry::cli

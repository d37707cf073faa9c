#pragma once

#include "cli/arguments.h"

#include <string>

namespace wherry::cli {

/// What `wherry --help` prints; with a command what `wherry COMMAND --help` prints. Written from option_table.h, lines
/// of at most 80 columns.
std::string helpText(CommandName command);

} // namespace wherry::cli

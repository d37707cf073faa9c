#pragma once

#include "cli/arguments.h"
#include "cli/json_line.h"

#include <string>

namespace wherry::cli {

/// What `wherry --help` prints; with a command what `wherry COMMAND --help` prints. Written from option_table.h, lines
/// of at most 80 columns, with the commands as `program` is called.
std::string helpText(CommandName command, const std::string& program = "wherry");
/// The same for programs: commands, operands and options as fields.
JsonLine helpJson(CommandName command);

} // namespace wherry::cli

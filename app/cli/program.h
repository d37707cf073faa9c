#pragma once

#include <string>
#include <vector>

namespace wherry::cli {

/// The program `wherry` from its words (without its own name) to its exit code; `program`: how the person calls it
/// (program_name.h). Needs a QCoreApplication.
int runProgram(const std::vector<std::string>& words, const std::string& program);

} // namespace wherry::cli

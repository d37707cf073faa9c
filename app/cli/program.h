#pragma once

#include <string>
#include <vector>

namespace wherry::cli {

/// The program `wherry` from its words (without its own name) to its exit code. Needs a QCoreApplication.
int runProgram(const std::vector<std::string>& words);

} // namespace wherry::cli

#pragma once

#include "base/spill.h"

#include <string>

namespace wherry::runtime {

/// Spills in a file of `folder` that has no name where the system can make such files, and is removed with the object
/// elsewhere. nullptr when the folder takes no file.
std::unique_ptr<Spill> makeSpillFile(const std::string& folder);

} // namespace wherry::runtime

#pragma once

#include "api/types.h"

#include <string>

namespace wherry::cli {

/// One line of at most `columns` - 1 characters (a full line would wrap): bar, percentage, bytes, rate, time left,
/// files. What does not fit is left out, least important first; plain ASCII.
std::string progressLine(const api::TransferProgress& progress, size_t columns);

} // namespace wherry::cli

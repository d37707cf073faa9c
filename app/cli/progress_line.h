#pragma once

#include "api/types.h"

#include <string>

namespace wherry::cli {

/// One line of at most `columns` - 1 characters (a full line would wrap): bar, percentage, bytes, rate, time left,
/// files. With `silentSeconds` it says, instead of the rate and what is left, for how long nothing has come. What does
/// not fit is left out, least important first; plain ASCII. `transfers`: how many these are the sums of.
std::string progressLine(const api::TransferProgress& progress, size_t columns, double silentSeconds = 0,
                         size_t transfers = 1);

} // namespace wherry::cli

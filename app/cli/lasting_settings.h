#pragma once

#include "cli/arguments.h"

namespace wherry::cli {

/// The settings of the file that the command line names, or of the one in the home, with the changes of `--set`. What
/// the file says that has an option of its own too is a default for that option. Errors as api::readSettings().
api::Result<api::LastingSettings> lastingSettings(const Arguments& arguments);
/// The defaults of options, as the settings have them.
Arguments optionDefaults(const api::LastingSettings& settings);

} // namespace wherry::cli

#pragma once

#include "api/types.h"

#include <string>

namespace wherry::cli {

/// The folder that --out names, absolute and without links in its path; made when it is not there. The error names
/// --out.
api::Result<std::string> openDownloadFolder(const std::string& out);

/// Where files go and what happens to names that are taken.
api::ReceivePolicy downloadPolicy(const std::string& folder, api::Accept accept, api::Conflict conflict);

} // namespace wherry::cli

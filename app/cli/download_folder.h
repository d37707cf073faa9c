#pragma once

#include "api/types.h"

#include <string>

namespace wherry::cli {

/// The folder that --out names, absolute and without links in its path; made when it is not there. The error names
/// --out: PermissionDenied when this user cannot write there, or when it is the engine's `home` (empty: the platform's
/// folder) or in it.
api::Result<std::string> openDownloadFolder(const std::string& out, const std::string& home);

/// Where files go and what happens to names that are taken.
api::ReceivePolicy downloadPolicy(const std::string& folder, api::Accept accept, api::Conflict conflict);

} // namespace wherry::cli

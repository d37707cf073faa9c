#pragma once

#include "api/types.h"

#include <string>

namespace wherry::api {

/// The folder `out`, absolute and without links in its path; made when it is not there. The error begins with `out`:
/// PermissionDenied when this user cannot write there, or when it is the engine's `home` (empty: the platform's
/// folder) or in it.
Result<std::string> openDownloadFolder(const std::string& out, const std::string& home);

/// Where files go and what happens to names that are taken.
ReceivePolicy downloadPolicy(const std::string& folder, Accept accept, Conflict conflict);

} // namespace wherry::api

#pragma once

#include "runtime/rooted_dir.h"

#include <string>

namespace wherry::runtime {

/// The platform's folder for an application's data, with ours in it: ~/.local/share/wherry, %APPDATA%\wherry,
/// ~/Library/Application Support/wherry.
std::string defaultHome();
/// Opens the home, or creates it for this user alone. An empty path stands for defaultHome(). PermissionDenied: another
/// user's, or one that everybody may write to.
Result<RootedDir> openHome(const std::string& path);

} // namespace wherry::runtime

#pragma once

#include "runtime/rooted_dir.h"

#include <string>

namespace wherry::runtime {

/// The platform's folder for an application's data, with ours in it: ~/.local/share/wherry, %APPDATA%\wherry,
/// ~/Library/Application Support/wherry. Empty: nobody says where this user's home folder is.
std::string defaultHome();
/// Opens the home, or creates it for this user alone. An empty path stands for defaultHome(). PermissionDenied: another
/// user's, or one that everybody may write to. UnportableName: a name that is not UTF-8. NotFound: there is no
/// defaultHome().
Result<RootedDir> openHome(const std::string& path);

} // namespace wherry::runtime

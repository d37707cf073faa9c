#pragma once

#include <string>

namespace wherry::gateway {

/// Where the control socket of a home is: `control.sock` in it; where that path is too long for a socket, a name made
/// from the home's path in the user's runtime folder, which nobody else can enter. On Windows the name of a pipe.
/// `home`: as given on the command line; different spellings of one folder give one place.
std::string controlPath(const std::string& home);

} // namespace wherry::gateway

#pragma once

#include <string>

namespace wherry::runtime {

/// The home folder of this user, absolute: what the environment says (HOME, USERPROFILE on Windows), otherwise what the
/// system's list of users does. Empty when neither does. Any bytes but NUL on systems whose names are that.
std::string userHome();

} // namespace wherry::runtime

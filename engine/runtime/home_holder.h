#pragma once

#include <string>

namespace wherry::runtime {

/// Whether a running engine has this home (empty: defaultHome()) at this moment. Makes no home.
bool homeIsHeld(const std::string& home);

} // namespace wherry::runtime

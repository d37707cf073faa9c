#include "runtime/home_holder.h"

#include "runtime/home_lock.h"
#include "runtime/paths.h"

namespace wherry::runtime {

bool homeIsHeld(const std::string& home) {
    const auto folder = RootedDir::open(home.empty() ? defaultHome() : home);
    return folder && HomeLock::isHeld(*folder);
}

} // namespace wherry::runtime

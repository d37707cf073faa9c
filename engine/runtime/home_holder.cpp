#include "runtime/home_holder.h"

#include "runtime/home_lock.h"
#include "runtime/paths.h"

namespace wherry::runtime {

bool homeIsHeld(const std::string& home) {
    const auto folder = RootedDir::open(home.empty() ? defaultHome() : home);
    if (!folder) return false;
    const auto lock = HomeLock::take(*folder, "wherry");
    return !lock && lock.error().code == Errc::Busy;
}

} // namespace wherry::runtime

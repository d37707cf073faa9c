#include "runtime/user_home.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

namespace wherry::runtime {

namespace {

/// Bytes of one entry of the list of users; directory services have long ones, and more than this is none.
constexpr size_t kFirstEntry = 1024;
constexpr size_t kLargestEntry = size_t(1024) * 1024;

std::string homeInUserList() {
    for (std::vector<char> room(kFirstEntry); room.size() <= kLargestEntry; room.resize(room.size() * 2)) {
        passwd entry{};
        passwd* found = nullptr;
        const int problem = getpwuid_r(getuid(), &entry, room.data(), room.size(), &found);
        if (problem == ERANGE) continue;
        return found && found->pw_dir ? found->pw_dir : "";
    }
    return {};
}

} // namespace

std::string userHome() {
    const char* named = std::getenv("HOME");
    if (named && *named == '/') return named;
    const std::string listed = homeInUserList();
    return listed.starts_with('/') ? listed : std::string();
}

} // namespace wherry::runtime

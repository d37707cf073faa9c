#include "runtime/user_home.h"

#include <cstdlib>
#include <filesystem>

namespace wherry::runtime {

std::string userHome() {
    const wchar_t* profile = _wgetenv(L"USERPROFILE");
    if (!profile) return {};
    const std::u8string text = std::filesystem::path(profile).generic_u8string();
    return std::string(text.begin(), text.end());
}

} // namespace wherry::runtime

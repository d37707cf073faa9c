#include "api/download_folder.h"

#include "api/settings.h"

#include <filesystem>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace wherry::api {

namespace {

/// Whether shells and desktops read their settings from there.
bool isHomeFolder(const std::string& folder) {
    std::error_code code;
    const std::string home = userHome();
    return !home.empty() && std::filesystem::equivalent(folder, home, code);
}

/// Whether this user may make files in `folder`, whose name may be of any bytes.
bool mayWriteIn(const std::filesystem::path& folder) {
#ifdef _WIN32
    constexpr int kWrite = 2;
    return _waccess(folder.c_str(), kWrite) == 0;
#else
    return access(folder.c_str(), W_OK | X_OK) == 0;
#endif
}

/// Whether `folder` is `home` or below it, wherever links lead.
bool isIn(const std::filesystem::path& folder, const std::string& home) {
    namespace fs = std::filesystem;
    std::error_code code;
    const fs::path inner = fs::weakly_canonical(folder, code);
    const fs::path outer = code ? fs::path() : fs::weakly_canonical(fs::absolute(home, code), code);
    if (code || outer.empty()) return false; // whoever opens it says what is wrong
    const std::string relative = inner.lexically_relative(outer).generic_string();
    return !relative.empty() && relative != ".." && !relative.starts_with("../");
}

} // namespace

Result<std::string> openDownloadFolder(const std::string& out, const std::string& home) {
    namespace fs = std::filesystem;
    std::error_code code;
    const fs::path folder = fs::absolute(out, code);
    if (!code && isIn(folder, homeFolder(home)))
        return makeError(Errc::PermissionDenied, out + ": this is where the program keeps its own key and records");
    if (!code) fs::create_directories(folder, code);
    const fs::path resolved = code ? folder : fs::canonical(folder, code);
    if (!code && !fs::is_directory(resolved)) code = std::make_error_code(std::errc::not_a_directory);
    if (!code && !mayWriteIn(resolved)) code = std::make_error_code(std::errc::permission_denied);
    if (!code) return resolved.string();
    const bool denied = code == std::errc::permission_denied;
    return makeError(denied ? Errc::PermissionDenied : Errc::Io,
                     out + (denied ? ": this user cannot write there" : ": " + code.message()));
}

ReceivePolicy downloadPolicy(const std::string& folder, Accept accept, Conflict conflict) {
    ReceivePolicy policy;
    policy.enabled = true;
    policy.accept = accept;
    policy.conflict = conflict;
    policy.folder = folder;
    policy.folderIsHome = isHomeFolder(folder);
    return policy;
}

} // namespace wherry::api

#include "cli/download_folder.h"

#include <QDir>
#include <filesystem>

namespace wherry::cli {

namespace {

/// Whether shells and desktops read their settings from there.
bool isHomeFolder(const std::string& folder) {
    return QDir(QString::fromStdString(folder)) == QDir(QDir::home().canonicalPath());
}

} // namespace

api::Result<std::string> openDownloadFolder(const std::string& out) {
    namespace fs = std::filesystem;
    std::error_code code;
    const fs::path folder = fs::absolute(out, code);
    if (!code) fs::create_directories(folder, code);
    const fs::path resolved = code ? folder : fs::canonical(folder, code);
    if (!code && !fs::is_directory(resolved)) code = std::make_error_code(std::errc::not_a_directory);
    if (!code) return resolved.string();
    const bool denied = code == std::errc::permission_denied;
    return api::makeError(denied ? api::Errc::PermissionDenied : api::Errc::Io, "--out " + out + ": " + code.message());
}

api::ReceivePolicy downloadPolicy(const std::string& folder, api::Accept accept, api::Conflict conflict) {
    api::ReceivePolicy policy;
    policy.enabled = true;
    policy.accept = accept;
    policy.conflict = conflict;
    policy.folder = folder;
    policy.folderIsHome = isHomeFolder(folder);
    return policy;
}

} // namespace wherry::cli

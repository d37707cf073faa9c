#include "gateway/control_path.h"

#include "crypto/sha256.h"
#include "gateway/gateway_limits.h"
#include "runtime/paths.h"
#include "runtime/rooted_dir.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace wherry::gateway {

namespace {

/// Enough that two homes of one user never meet.
constexpr size_t kHashBytes = 16;

std::string hashedName(const std::string& home) {
    const crypto::Digest digest = crypto::sha256(asBytes(home));
    return "wherry-" + toHex(ByteView(digest).first(kHashBytes));
}

std::string canonicalFolder(const std::string& home) {
    const QString given = QString::fromStdString(home.empty() ? runtime::defaultHome() : home);
    if (given.isEmpty()) return {};                                 // nobody listens there
    const QString canonical = QFileInfo(given).canonicalFilePath(); // empty: there is no such folder yet
    return (canonical.isEmpty() ? QDir(given).absolutePath() : canonical).toStdString();
}

#ifdef Q_OS_LINUX
Result<runtime::File> openedFolder(const std::string& path) {
    TRY(const auto folder, runtime::RootedDir::open(path));
    return folder.openFolder("");
}
#endif

} // namespace

ControlPath::ControlPath(const std::string& home) {
    const std::string folder = canonicalFolder(home);
    m_shown = folder + "/control.sock";
    m_address = m_shown;
#ifdef Q_OS_WIN
    m_address = hashedName(folder);
#else
    if (m_address.size() <= kMaxSocketPath) return;
#ifdef Q_OS_LINUX
    if (auto opened = openedFolder(folder)) {
        m_folder = std::move(*opened);
        m_address = "/proc/self/fd/" + std::to_string(m_folder.native()) + "/control.sock";
        return;
    }
#endif
    const QString own = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    m_address = own.toStdString() + "/" + hashedName(folder);
#endif
}

} // namespace wherry::gateway

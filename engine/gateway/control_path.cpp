#include "gateway/control_path.h"

#include "crypto/sha256.h"
#include "gateway/gateway_limits.h"
#include "runtime/paths.h"

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

} // namespace

std::string controlPath(const std::string& home) {
    const QString given = QString::fromStdString(home.empty() ? runtime::defaultHome() : home);
    if (given.isEmpty()) return {};                                 // nobody listens there
    const QString canonical = QFileInfo(given).canonicalFilePath(); // empty: there is no such folder yet
    const std::string folder = (canonical.isEmpty() ? QDir(given).absolutePath() : canonical).toStdString();
#ifdef Q_OS_WIN
    return hashedName(folder);
#else
    std::string path = folder + "/control.sock";
    if (path.size() <= kMaxSocketPath) return path;
    return QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation).toStdString() + "/" + hashedName(folder);
#endif
}

} // namespace wherry::gateway

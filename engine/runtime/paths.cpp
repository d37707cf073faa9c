#include "runtime/paths.h"

#include <QStandardPaths>

namespace wherry::runtime {

std::string defaultHome() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation).toStdString() + "/wherry";
}

Result<RootedDir> openHome(const std::string& path) {
    return RootedDir::create(path.empty() ? defaultHome() : path, FolderAccess::Private);
}

} // namespace wherry::runtime

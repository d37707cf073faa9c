#include "runtime/paths.h"

#include <QStandardPaths>

namespace wherry::runtime {

std::string defaultHome() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation).toStdString() + "/wherry";
}

Result<RootedDir> openHome(const std::string& path) {
    TRY(RootedDir home, RootedDir::create(path.empty() ? defaultHome() : path, FolderAccess::Private));
    TRY(File folder, home.openFolder(""));
    TRY(FileInfo info, folder.info());
    if (!info.ownedByUs)
        return makeError(Errc::PermissionDenied, "the home '" + home.path() + "' belongs to another user");
    // Whoever may write there decides whom this program trusts and where it puts files.
    if (info.anybodyMayWrite)
        return makeError(Errc::PermissionDenied,
                         "everybody may write to the home '" + home.path() + "'; make it private first (chmod go-w)");
    return home;
}

} // namespace wherry::runtime

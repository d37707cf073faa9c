#include "runtime/paths.h"

#include "base/utf8.h"
#include "runtime/user_home.h"

#include <QDir>
#include <QStandardPaths>

namespace wherry::runtime {

/// Qt knows where in a home folder the data of applications belongs, but takes the root of the file system for the home
/// when HOME does not say.
std::string defaultHome() {
    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    const QString named = qEnvironmentVariable("XDG_DATA_HOME");
    const QString home = QDir::homePath();
    if ((!named.isEmpty() && data == QDir::cleanPath(named)) || !data.startsWith(home))
        return data.toStdString() + "/wherry";
    std::string folder = userHome();
    if (folder.empty()) return {};
    QString below = data.mid(home.size());
    while (below.startsWith('/')) below.remove(0, 1);
    if (!folder.ends_with('/')) folder += '/';
    return folder + below.toStdString() + "/wherry";
}

Result<RootedDir> openHome(const std::string& path) {
    const std::string named = path.empty() ? defaultHome() : path;
    if (named.empty())
        return makeError(Errc::NotFound, "HOME is not set and the system knows no home folder of this user, so there "
                                         "is no place for key and records: set HOME or name a folder with --home");
    // The database and the control socket take names in UTF-8 only.
    if (!isUtf8(named))
        return makeError(Errc::UnportableName, "the home '" + named + "' has a name that is not UTF-8; take another");
    TRY(RootedDir home, RootedDir::create(named, FolderAccess::Private));
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

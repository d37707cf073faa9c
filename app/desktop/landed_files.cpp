#include "desktop/landed_files.h"

#include "desktop/display.h"
#include "desktop/file_opener.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace wherry::desktop {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("LandedFiles", text);
}

QString placeOf(const QString& path) {
    return shownFolder(path.toStdString());
}

} // namespace

QStringList LandedFiles::paths() const {
    QStringList there;
    for (const std::string& name : names) {
        const QString part = QString::fromStdString(name);
        const QString path = QDir(QString::fromStdString(folder)).filePath(part);
        if (QFileInfo(path).fileName() == part && QFileInfo::exists(path)) there.append(path);
    }
    return there;
}

void LandedFiles::open(QObject* whose, const Complaint& complain) const {
    const QStringList there = paths();
    if (there.isEmpty())
        return complain(tr("%1 is no longer there").arg(placeOf(QString::fromStdString(folder + '/' + names.front()))));
    FileOpener::open(there.front(), whose, [complain, path = there.front()](bool opened) {
        if (!opened) complain(tr("No program has opened %1").arg(placeOf(path)));
    });
}

void LandedFiles::show(QObject* whose, const Complaint& complain) const {
    const QString place = QString::fromStdString(folder);
    if (!QFileInfo::exists(place)) return complain(tr("The folder %1 is no longer there").arg(placeOf(place)));
    FileOpener::show(paths(), place, whose, [complain, place](bool opened) {
        if (!opened) complain(tr("No file manager has opened %1").arg(placeOf(place)));
    });
}

} // namespace wherry::desktop

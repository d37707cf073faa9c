#include "desktop/view_cache.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>

namespace wherry::desktop {

QString viewCache(const QString& cache, const QString& program) {
    const QFileInfo build(program);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(build.canonicalFilePath().toUtf8());
    hash.addData(QByteArray::number(build.size()) + ' ' + QByteArray::number(build.lastModified().toMSecsSinceEpoch()));
    const QString own = QStringLiteral("views-") + QString::fromLatin1(hash.result().toHex().left(16));
    QDir folder(cache);
    for (const QString& other : folder.entryList({QStringLiteral("views-*")}, QDir::Dirs | QDir::NoSymLinks))
        if (other != own) QDir(folder.filePath(other)).removeRecursively();
    return folder.mkpath(own) ? folder.filePath(own) : QString();
}

} // namespace wherry::desktop

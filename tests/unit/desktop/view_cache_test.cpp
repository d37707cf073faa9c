#include "desktop/view_cache.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

using wherry::desktop::viewCache;

class ViewCacheTest : public QObject {
    Q_OBJECT

  private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void aBuildFindsItsViewsAgain() {
        write("program", "one");
        const QString first = viewCache(cache(), path("program"));
        QVERIFY(QDir(first).exists() && first.startsWith(cache()));
        write("cache/" + QDir(first).dirName() + "/Page.qmlc", "compiled");
        QCOMPARE(viewCache(cache(), path("program")), first);
        QVERIFY(QFile::exists(first + "/Page.qmlc"));
    }

    void anotherBuildHasAFolderOfItsOwnAndRemovesTheOld() {
        write("program", "one");
        const QString first = viewCache(cache(), path("program"));
        write("cache/" + QDir(first).dirName() + "/Page.qmlc", "compiled");
        write("cache/other.txt", "of somebody else");
        write("program", "another");
        const QString second = viewCache(cache(), path("program"));
        QVERIFY(second != first);
        QVERIFY(QDir(second).exists() && QDir(second).isEmpty());
        QVERIFY(!QDir(first).exists());
        QVERIFY(QFile::exists(path("cache/other.txt")));
    }

    void whereNoFolderCanBeThereIsNone() {
        write("program", "one");
        write("cache", "a file in the way");
        QCOMPARE(viewCache(cache(), path("program")), QString());
    }

  private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    QString cache() const { return path("cache"); }
    void write(const QString& name, const QByteArray& content) {
        QVERIFY(QDir().mkpath(QFileInfo(path(name)).path()));
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(ViewCacheTest)
#include "view_cache_test.moc"

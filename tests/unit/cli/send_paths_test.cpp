#include "cli/send_command.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wherry;
using namespace wherry::cli;

class SendPathsTest : public QObject {
    Q_OBJECT

  private slots:
    void init();
    void relativePathsBecomeAbsolute();
    void theSameFileHasOneName();
    void aLinkAtTheEndStaysWhatItIs();
    void whatIsNotThereIsNamed();
    void theRootOfTheFileSystemIsRefused();

  private:
    std::string resolved(const std::string& path) {
        auto result = absolutePath(path);
        return result ? *result : "error: " + result.error().text();
    }
    std::string root() const { return QDir(m_folder->path()).canonicalPath().toStdString(); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void SendPathsTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir(m_folder->path()).mkpath("a/b"));
    QFile file(m_folder->path() + "/a/file");
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(QFile::link("b", m_folder->path() + "/a/link"));
    QVERIFY(QDir::setCurrent(m_folder->path()));
}

void SendPathsTest::relativePathsBecomeAbsolute() {
    QCOMPARE(resolved("a/file"), root() + "/a/file");
    QCOMPARE(resolved("a"), root() + "/a");
}

void SendPathsTest::theSameFileHasOneName() {
    for (const char* path : {"a/b", "a/b/", "./a/../a/b", "a/b/.", "a/link/../b"})
        QCOMPARE(resolved(path), root() + "/a/b");
    QVERIFY(QDir::setCurrent("a/b"));
    QCOMPARE(resolved("."), root() + "/a/b");
    QCOMPARE(resolved(".."), root() + "/a");
}

void SendPathsTest::aLinkAtTheEndStaysWhatItIs() {
    QCOMPARE(resolved("a/link"), root() + "/a/link");
}

void SendPathsTest::whatIsNotThereIsNamed() {
    for (const char* path : {"a/none", "none/file", "a/file/x", ""}) {
        const auto result = absolutePath(path);
        QVERIFY2(!result && result.error().code == api::Errc::NotFound, path);
        QVERIFY(result.error().context.find(path) != std::string::npos);
    }
}

void SendPathsTest::theRootOfTheFileSystemIsRefused() {
    QVERIFY(!absolutePath("/"));
}

QTEST_GUILESS_MAIN(SendPathsTest)
#include "send_paths_test.moc"

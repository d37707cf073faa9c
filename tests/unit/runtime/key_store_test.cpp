#include "runtime/home_lock.h"
#include "runtime/key_store.h"
#include "runtime/paths.h"
#include "runtime/system_random.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wherry;
using namespace wherry::runtime;

namespace {

struct Home {
    Home() : path(dir.filePath("home").toStdString()), root(openHome(path)), keys(*root, random) {}
    std::string keyFile() const { return path + "/identity.key"; }
    QByteArray content() const {
        QFile file(QString::fromStdString(keyFile()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QTemporaryDir dir;
    std::string path;
    SystemRandom random;
    Result<RootedDir> root;
    FileKeyStore keys;
};

} // namespace

class KeyStoreTest : public QObject {
    Q_OBJECT

  private slots:
    void anIdentityIsMadeOnceAndStaysTheSame() {
        Home home;
        QVERIFY(!*home.keys.load());
        auto first = loadOrCreateIdentity(home.keys, home.random);
        auto second = loadOrCreateIdentity(home.keys, home.random);
        QVERIFY(first.has_value() && second.has_value());
        QVERIFY(first->peerId() == second->peerId());
        QVERIFY(first->encode() == second->encode());
        QCOMPARE(QDir(QString::fromStdString(home.path)).entryList(QDir::Files | QDir::Hidden),
                 QStringList{"identity.key"});
    }

    void onlyItsOwnerMayReadTheFileAndTheHome() {
        Home home;
        QVERIFY(loadOrCreateIdentity(home.keys, home.random).has_value());
        struct stat status {};
        stat(home.keyFile().c_str(), &status);
        QCOMPARE(status.st_mode & 07777, 0600u);
        stat(home.path.c_str(), &status);
        QCOMPARE(status.st_mode & 07777, 0700u);
    }

    void aFileThatOthersMayReadIsRefusedByNameAndLeftAlone() {
        Home home;
        QVERIFY(loadOrCreateIdentity(home.keys, home.random).has_value());
        QByteArray before = home.content();
        for (mode_t mode : {0644, 0640, 0604, 0620, 0602}) {
            chmod(home.keyFile().c_str(), mode);
            auto refused = loadOrCreateIdentity(home.keys, home.random);
            QCOMPARE(refused.error().code, Errc::PermissionDenied);
            QVERIFY(refused.error().context.find("identity.key") != std::string::npos);
        }
        QCOMPARE(home.content(), before);
        chmod(home.keyFile().c_str(), 0600);
        QVERIFY(loadOrCreateIdentity(home.keys, home.random).has_value());
    }

    void aDamagedFileIsRefusedByNameAndLeftAlone() {
        Home home;
        QVERIFY(loadOrCreateIdentity(home.keys, home.random).has_value());
        QByteArray good = home.content();
        for (const QByteArray& bad :
             {QByteArray(), good.left(40), QByteArray(68, 'x'), good + QByteArray(5000, '\0')}) {
            QFile file(QString::fromStdString(home.keyFile()));
            QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
            file.write(bad);
            file.close();
            auto refused = loadOrCreateIdentity(home.keys, home.random);
            QVERIFY(!refused.has_value());
            QCOMPARE(refused.error().code, Errc::Malformed);
            QVERIFY(refused.error().context.find("identity.key") != std::string::npos);
            QCOMPARE(home.content(), bad);
        }
    }

    void aLinkOrAHardLinkIsRefused() {
        Home home;
        QVERIFY(loadOrCreateIdentity(home.keys, home.random).has_value());
        std::string other = home.path + "/other";
        QCOMPARE(link(home.keyFile().c_str(), other.c_str()), 0);
        QCOMPARE(home.keys.load().error().code, Errc::PermissionDenied);
        QCOMPARE(unlink(home.keyFile().c_str()), 0);
        QCOMPARE(symlink("other", home.keyFile().c_str()), 0);
        QCOMPARE(home.keys.load().error().code, Errc::PermissionDenied);
    }

    void creatingNeverReplaces() {
        Home home;
        auto first = loadOrCreateIdentity(home.keys, home.random);
        QByteArray before = home.content();
        QCOMPARE(home.keys.create(crypto::Identity::generate(home.random)).error().code, Errc::Exists);
        QCOMPARE(home.content(), before);
        QCOMPARE(QDir(QString::fromStdString(home.path)).entryList(QDir::Files | QDir::Hidden).size(), 1);
    }

    void oneEngineHoldsAHomeAndTheOtherIsToldWho() {
        Home home;
        {
            auto first = HomeLock::take(*home.root, "wherry receive");
            QVERIFY(first.has_value());
            auto second = HomeLock::take(*home.root, "wherry send");
            QCOMPARE(second.error().code, Errc::Busy);
            QVERIFY(second.error().context.find("wherry receive (process " + std::to_string(getpid())) !=
                    std::string::npos);
        }
        QVERIFY(HomeLock::take(*home.root, "wherry send").has_value());
    }

    void aKilledEngineHoldsNothing() {
        Home home;
        int ready[2];
        QCOMPARE(pipe(ready), 0);
        pid_t child = fork();
        if (child == 0) {
            auto held = HomeLock::take(*home.root, "child");
            char ok = held ? 'y' : 'n';
            (void)!write(ready[1], &ok, 1);
            pause();
            _exit(0);
        }
        char ok = 0;
        QCOMPARE(read(ready[0], &ok, 1), 1);
        QCOMPARE(ok, 'y');
        QCOMPARE(HomeLock::take(*home.root, "parent").error().code, Errc::Busy);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        QVERIFY(HomeLock::take(*home.root, "parent").has_value());
    }

    void randomBytesDifferAndLongRequestsAreFilled() {
        SystemRandom random;
        Bytes a = random.bytes(1000), b = random.bytes(1000);
        QVERIFY(a != b);
        QVERIFY(std::count(a.begin() + 900, a.end(), 0) < 20);
    }
};

QTEST_APPLESS_MAIN(KeyStoreTest)
#include "key_store_test.moc"

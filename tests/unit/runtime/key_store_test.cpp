#include "runtime/home_lock.h"
#include "runtime/key_store.h"
#include "runtime/paths.h"
#include "runtime/system_random.h"
#include "runtime/user_home.h"

#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
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

/// Somebody who is not root, in none of its groups and in no list of users.
constexpr uid_t kNobodyKnown = 54321;

/// What `work` says in a process of its own, of that user where this one is root.
template <typename Work> bool holdsForAnotherUser(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        const bool changed = geteuid() != 0 || (setgid(kNobodyKnown) == 0 && setuid(kNobodyKnown) == 0);
        _exit(changed && work() ? 0 : 1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Not for the root of a container without other users.
bool canBecomeAnotherUser() {
    return geteuid() == 0 && holdsForAnotherUser([] { return true; });
}

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

    void aKeyThatMayOnlyBeReadIsRead() {
        Home home;
        const auto made = loadOrCreateIdentity(home.keys, home.random);
        QVERIFY(made.has_value());
        QCOMPARE(chmod(home.keyFile().c_str(), 0400), 0);
        if (geteuid() == 0 && !canBecomeAnotherUser())
            QSKIP("root that can be nobody else reads and writes everything");
        if (geteuid() == 0)
            for (const std::string& path : {home.dir.path().toStdString(), home.path, home.keyFile()})
                QCOMPARE(chown(path.c_str(), kNobodyKnown, kNobodyKnown), 0);
        QVERIFY(holdsForAnotherUser([&] {
            const auto root = openHome(home.path);
            if (!root) return false;
            const auto read = FileKeyStore(*root, home.random).load();
            return read && *read && (*read)->peerId() == made->peerId();
        }));
    }

    void aKeyOfAnotherUserIsRefused() {
        if (!canBecomeAnotherUser()) QSKIP("only root can give a file away");
        Home home;
        QVERIFY(loadOrCreateIdentity(home.keys, home.random).has_value());
        QCOMPARE(chown(home.keyFile().c_str(), kNobodyKnown, kNobodyKnown), 0);
        QCOMPARE(home.keys.load().error().code, Errc::PermissionDenied);
    }

    void withoutHomeTheListOfUsersSaysWhereItIs() {
        const QByteArray before = qgetenv("HOME");
        const QByteArray data = qgetenv("XDG_DATA_HOME");
        qunsetenv("XDG_DATA_HOME");
        for (const char* home : {"/home/boat", "/home/caf\xe9/", "/"}) {
            qputenv("HOME", home);
            const std::string folder = std::string(home).ends_with('/') ? home : home + std::string("/");
            QCOMPARE(userHome(), std::string(home));
            QVERIFY2(defaultHome().starts_with(folder) && defaultHome().ends_with("/wherry"), defaultHome().c_str());
            QVERIFY2(defaultHome().find("//") == std::string::npos, defaultHome().c_str());
        }
        const passwd* me = getpwuid(getuid());
        for (const char* none : {"", "boat"}) { // names no folder
            qputenv("HOME", none);
            if (!me) continue;
            QCOMPARE(userHome(), std::string(me->pw_dir));
            QVERIFY(defaultHome().starts_with(me->pw_dir));
        }
        qputenv("XDG_DATA_HOME", "/data/of/mine");
#ifdef Q_OS_LINUX
        QCOMPARE(defaultHome(), std::string("/data/of/mine/wherry"));
#endif
        qunsetenv("XDG_DATA_HOME");
        qunsetenv("HOME");
        if (canBecomeAnotherUser())
            QVERIFY(holdsForAnotherUser([] {
                const auto refused = openHome("");
                return defaultHome().empty() && !refused && refused.error().context.starts_with("HOME is not set");
            }));
        qputenv("HOME", before);
        if (!data.isEmpty()) qputenv("XDG_DATA_HOME", data);
    }

    void aHomeWhoseNameIsNotUtf8IsRefusedByName() {
        QTemporaryDir folder;
        const std::string path = folder.path().toStdString() + "/h\xe9";
        const auto refused = openHome(path);
        QCOMPARE(refused.error().code, Errc::UnportableName);
        QVERIFY(refused.error().context.find("not UTF-8") != std::string::npos);
        QVERIFY(!QFileInfo::exists(QString::fromStdString(path)) && QDir(folder.path()).isEmpty());
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

    void askingWhoHoldsAHomeDisturbsNobodyWhoTakesIt() {
        Home home;
        QVERIFY(!HomeLock::isHeld(*home.root));
        const pid_t asker = fork();
        if (asker == 0) {
            while (true) (void)HomeLock::isHeld(*home.root);
        }
        int refused = 0;
        for (int i = 0; i < 300; ++i) refused += HomeLock::take(*home.root, "taker").has_value() ? 0 : 1;
        const auto held = HomeLock::take(*home.root, "taker");
        const bool seen = HomeLock::isHeld(*home.root);
        kill(asker, SIGKILL);
        waitpid(asker, nullptr, 0);
        QCOMPARE(refused, 0);
        QVERIFY(held.has_value() && seen);
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

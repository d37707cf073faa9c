#include "runtime/rooted_dir.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

using namespace wherry;
using namespace wherry::runtime;

namespace {

/// A download folder beside a sentinel tree that nothing may touch.
struct Sandbox {
    Sandbox() {
        base = folder.path().toStdString();
        mkdir((base + "/out").c_str(), 0755);
        mkdir((base + "/sentinel").c_str(), 0755);
        write(base + "/sentinel/secret", "untouched");
    }
    static void write(const std::string& path, std::string_view text) {
        int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
        QVERIFY(::write(file, text.data(), text.size()) == ssize_t(text.size()));
        ::close(file);
    }
    std::string out() const { return base + "/out"; }
    bool sentinelUntouched() const {
        QFile file(QString::fromStdString(base + "/sentinel/secret"));
        return file.open(QIODevice::ReadOnly) && file.readAll() == "untouched" &&
               QDir(QString::fromStdString(base + "/sentinel"))
                       .entryList(QDir::AllEntries | QDir::NoDotAndDotDot)
                       .size() == 1;
    }
    QTemporaryDir folder;
    std::string base;
};

Bytes contentOf(const RootedDir& dir, std::string_view path) {
    auto file = dir.openToRead(path);
    if (!file) return {};
    Bytes bytes(1000);
    bytes.resize(*file->readAt(0, bytes));
    return bytes;
}

void bothWalks() {
    QTest::addColumn<int>("walk");
    QTest::newRow("openat2") << int(PathWalk::Kernel);
    QTest::newRow("component by component") << int(PathWalk::Components);
}

PathWalk currentWalk() {
    return PathWalk(*static_cast<int*>(QTest::qData("walk", QMetaType::Int)));
}

} // namespace

class RootedDirTest : public QObject {
    Q_OBJECT

  private slots:
    void writesReadsAndPublishesFilesBelowItsRoot_data() { bothWalks(); }
    void writesReadsAndPublishesFilesBelowItsRoot() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        QVERIFY(dir.has_value());
        QVERIFY(dir->makeFolder("a/b/c").has_value());
        QVERIFY(dir->makeFolder("a/b/c").has_value());
        auto part = dir->createFile("a/b/c/.1.part");
        QVERIFY(part.has_value());
        QVERIFY(part->writeAt(0, asBytes("hello")).has_value());
        QCOMPARE(part->info()->size, 5u);
        QVERIFY(!part->info()->othersMayRead);
        QVERIFY(dir->rename("a/b/c/.1.part", "a/b/c/x", WhenTaken::Fail).has_value());
        QCOMPARE(contentOf(*dir, "a/b/c/x"), toBytes(asBytes("hello")));
        QVERIFY(!*dir->look("a/b/c/.1.part"));
        QVERIFY(!*dir->look("no/such/folder/x"));
        QVERIFY(dir->syncFolderOf("a/b/c/x").has_value());
        QVERIFY(dir->syncFolderOf("x").has_value());
        QVERIFY(dir->syncVolume().has_value());
        QVERIFY(*dir->freeBytes() > 0);
    }

    void refusesEveryPathThatIsNotPlainlyBelowTheRoot_data() { bothWalks(); }
    void refusesEveryPathThatIsNotPlainlyBelowTheRoot() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        using namespace std::string_view_literals;
        for (std::string_view path : {""sv, "/"sv, "/etc/passwd"sv, "//x"sv, ".."sv, "."sv, "../out2/f"sv,
                                      "a/../../x"sv, "a/.."sv, "a//b"sv, "a/"sv, "./a"sv, "a/./b"sv, "a\0b"sv}) {
            QCOMPARE(dir->createFile(path).error().code, Errc::UnsafePath);
            QCOMPARE(dir->openToRead(path).error().code, Errc::UnsafePath);
            QCOMPARE(dir->openToWrite(path).error().code, Errc::UnsafePath);
            QCOMPARE(dir->makeFolder(path).error().code, Errc::UnsafePath);
            QCOMPARE(dir->removeFile(path).error().code, Errc::UnsafePath);
            QCOMPARE(dir->look(path).error().code, Errc::UnsafePath);
            QCOMPARE(dir->rename(path, "x", WhenTaken::Fail).error().code, Errc::UnsafePath);
            QCOMPARE(dir->rename("x", path, WhenTaken::Replace).error().code, Errc::UnsafePath);
            QCOMPARE(dir->syncFolderOf(path).error().code, Errc::UnsafePath);
        }
        QVERIFY(box.sentinelUntouched());
    }

    void followsNoSymbolicLinkAnywhereOnThePath_data() { bothWalks(); }
    void followsNoSymbolicLinkAnywhereOnThePath() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        QVERIFY(dir->makeFolder("real").has_value());
        QCOMPARE(symlink("../sentinel", (box.out() + "/link").c_str()), 0);
        QCOMPARE(symlink("real", (box.out() + "/inner").c_str()), 0);
        QCOMPARE(symlink("../sentinel/secret", (box.out() + "/file").c_str()), 0);
        QCOMPARE(symlink("/etc", (box.out() + "/absolute").c_str()), 0);
        QCOMPARE(symlink("/proc/self/root", (box.out() + "/magic").c_str()), 0);
        for (const char* path : {"link/x", "link/secret", "inner/x", "absolute/x", "magic/x", "real/../link"}) {
            auto code = std::string_view(path) == "real/../link" ? Errc::UnsafePath : Errc::PermissionDenied;
            QCOMPARE(dir->createFile(path).error().code, code);
            QCOMPARE(dir->openToRead(path).error().code, code);
            QCOMPARE(dir->openToWrite(path).error().code, code);
            QCOMPARE(dir->makeFolder(path).error().code, code);
            QCOMPARE(dir->removeFile(path).error().code, code);
            QCOMPARE(dir->syncFolderOf(path).error().code, code);
        }
        QCOMPARE(dir->openToRead("file").error().code, Errc::PermissionDenied);
        QCOMPARE(dir->openToWrite("file").error().code, Errc::PermissionDenied);
        QCOMPARE(dir->createFile("file").error().code, Errc::Exists);
        QCOMPARE(dir->makeFolder("link").error().code, Errc::PermissionDenied);
        QCOMPARE(dir->openFolder("inner").error().code, Errc::PermissionDenied);
        QVERIFY(dir->createFile("link/x").error().context.find("link/x") != std::string::npos);
        QVERIFY(dir->createFile("link/x").error().context.find("symbolic link") != std::string::npos);
        QVERIFY(dir->look("file").value()->kind == EntryKind::Link);
        QVERIFY(box.sentinelUntouched());
    }

    void neverReplacesWithoutBeingTold_data() { bothWalks(); }
    void neverReplacesWithoutBeingTold() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        Sandbox::write(box.out() + "/new", "new");
        Sandbox::write(box.out() + "/old", "old");
        QVERIFY(dir->makeFolder("folder").has_value());
        QCOMPARE(symlink("../sentinel/secret", (box.out() + "/link").c_str()), 0);
        for (const char* taken : {"old", "folder", "link"})
            QCOMPARE(dir->rename("new", taken, WhenTaken::Fail).error().code, Errc::Exists);
        QCOMPARE(dir->rename("new", "folder", WhenTaken::Replace).error().code, Errc::Exists);
        Sandbox::write(box.out() + "/newer", "newer");
        QVERIFY(dir->rename("newer", "link", WhenTaken::Replace).has_value()); // the link itself
        QCOMPARE(contentOf(*dir, "link"), toBytes(asBytes("newer")));
        QCOMPARE(contentOf(*dir, "old"), toBytes(asBytes("old")));
        QVERIFY(dir->rename("new", "old", WhenTaken::Replace).has_value());
        QCOMPARE(contentOf(*dir, "old"), toBytes(asBytes("new")));
        QCOMPARE(dir->rename("gone", "other", WhenTaken::Fail).error().code, Errc::NotFound);
        QVERIFY(box.sentinelUntouched());
    }

    void whatIsSwappedInAtTheLastMomentDoesNotKeepTheFinalName_data() { bothWalks(); }
    void whatIsSwappedInAtTheLastMomentDoesNotKeepTheFinalName() {
        for (const bool replace : {false, true}) {
            Sandbox box;
            auto dir = RootedDir::open(box.out(), currentWalk());
            Sandbox::write(box.out() + "/part", "ours");
            Sandbox::write(box.out() + "/other", "theirs");
            if (replace) Sandbox::write(box.out() + "/f", "older");
            uint64_t inode = 0;
            const auto swapThen = [&](const FileInfo& info) {
                inode = info.inode;
                return rename((box.out() + "/other").c_str(), (box.out() + "/part").c_str()) == 0;
            };
            const auto isIt = [&](const FileInfo& info) { return info.inode == inode; };
            const WhenTaken taken = replace ? WhenTaken::Replace : WhenTaken::Fail;
            QCOMPARE(dir->renameKnown("part", "f", taken, swapThen, isIt).error().code, Errc::Busy);
            QVERIFY(!*dir->look("f"));
            QCOMPARE(std::string(asText(contentOf(*dir, "part"))), std::string("theirs"));
            // What nobody has swapped gets its name, and what it is then is told.
            const auto note = [&](const FileInfo& info) { return (inode = info.inode, true); };
            const auto there = dir->renameKnown("part", "f", taken, note, isIt);
            QCOMPARE((*there)->inode, inode);
            const auto never = [](const FileInfo&) { return false; };
            QCOMPARE(dir->renameKnown("f", "g", taken, never, never).error().code, Errc::Busy);
            QVERIFY(*dir->look("f"));
        }
    }

    void aPublishThatCannotTakeThePartAwayLeavesNothingBehind() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), PathWalk::Components); // without RENAME_NOREPLACE: link, then unlink
        for (const char* folder : {"locked", "open"}) QVERIFY(dir->makeFolder(folder).has_value());
        Sandbox::write(box.out() + "/locked/part", "content");
        const bool root = geteuid() == 0; // whom no mode of a folder stops
        const uid_t user = root ? 65534 : geteuid();
        QCOMPARE(chmod(box.base.c_str(), 0755), 0);
        QCOMPARE(chown((box.out() + "/locked/part").c_str(), user, gid_t(-1)), 0);
        QCOMPARE(chown((box.out() + "/open").c_str(), user, gid_t(-1)), 0);
        QCOMPARE(chmod((box.out() + "/locked").c_str(), 0555), 0);
        if (root) QCOMPARE(seteuid(user), 0);
        auto renamed = dir->rename("locked/part", "open/file", WhenTaken::Fail);
        if (root) QCOMPARE(seteuid(0), 0);
        QCOMPARE(chmod((box.out() + "/locked").c_str(), 0755), 0);
        QCOMPARE(renamed.error().code, Errc::PermissionDenied);
        QVERIFY(!*dir->look("open/file"));
        QCOMPARE(contentOf(*dir, "locked/part"), toBytes(asBytes("content")));
    }

    void writesOnlyToPartsThatAreItsOwnPlainFiles_data() { bothWalks(); }
    void writesOnlyToPartsThatAreItsOwnPlainFiles() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        QVERIFY(dir->createFile("part").has_value());
        QVERIFY(dir->openToWrite("part").has_value());
        QCOMPARE(dir->createFile("part").error().code, Errc::Exists);
        QCOMPARE(link((box.base + "/sentinel/secret").c_str(), (box.out() + "/hard").c_str()), 0);
        QCOMPARE(dir->openToWrite("hard").error().code, Errc::PermissionDenied);
        QCOMPARE(dir->openToWrite("none").error().code, Errc::NotFound);
        QCOMPARE(mkfifo((box.out() + "/fifo").c_str(), 0644), 0);
        QCOMPARE(dir->openToWrite("fifo").error().code, Errc::PermissionDenied); // and does not block
        QCOMPARE(dir->openToRead("fifo").error().code, Errc::PermissionDenied);
        QVERIFY(!dir->removeFile("none").has_value());
        QVERIFY(dir->makeFolder("folder").has_value());
        QVERIFY(!dir->removeFile("folder").has_value());
        QVERIFY(!dir->openToRead("folder").has_value());
        QVERIFY(box.sentinelUntouched());
    }

    void aFileOfAnotherUserIsNotTakenForAPart() {
        if (geteuid() != 0) QSKIP("only root can give a file away");
        Sandbox box;
        auto dir = RootedDir::open(box.out());
        QVERIFY(dir->createFile("part").has_value());
        QCOMPARE(chown((box.out() + "/part").c_str(), 12345, 12345), 0);
        QCOMPARE(dir->openToWrite("part").error().code, Errc::PermissionDenied);
    }

    void aFolderThatIsAFileSaysSo_data() { bothWalks(); }
    void aFolderThatIsAFileSaysSo() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        Sandbox::write(box.out() + "/file", "x");
        QCOMPARE(dir->makeFolder("file").error().code, Errc::Exists);
        QCOMPARE(dir->makeFolder("file/below").error().code, Errc::Exists);
        QCOMPARE(dir->createFile("file/below").error().code, Errc::Exists);
        QCOMPARE(dir->createFile("missing/below").error().code, Errc::NotFound);
        QCOMPARE(dir->createFile(std::string(256, 'n')).error().code, Errc::UnportableName);
        QVERIFY(dir->createFile(std::string(255, 'n')).has_value());
    }

    void aRootThatWasRemovedIsAVanishedVolume_data() { bothWalks(); }
    void aRootThatWasRemovedIsAVanishedVolume() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        QCOMPARE(rmdir(box.out().c_str()), 0);
        QCOMPARE(dir->createFile("x").error().code, Errc::VolumeGone);
        QCOMPARE(dir->makeFolder("x").error().code, Errc::VolumeGone);
        QCOMPARE(dir->look("x").error().code, Errc::VolumeGone);
    }

    void aLinkSwappedInWhileFilesAreWrittenNeverLeadsOut_data() { bothWalks(); }
    void aLinkSwappedInWhileFilesAreWrittenNeverLeadsOut() {
        Sandbox box;
        auto dir = RootedDir::open(box.out(), currentWalk());
        QVERIFY(dir->makeFolder("a").has_value());
        QCOMPARE(symlink("../sentinel", (box.out() + "/evil").c_str()), 0);
        std::atomic<bool> stop = false;
        std::string folder = box.out() + "/a", link = box.out() + "/evil";
        std::thread attacker([&] { // a folder and a link that trade places as fast as they can
            while (!stop) renameat2(AT_FDCWD, folder.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
        });
        size_t written = 0, refused = 0;
        for (int round = 0; round < 4000; ++round) {
            std::string name = "a/" + std::to_string(round);
            auto made = dir->createFile(name + ".part");
            if (made) {
                (void)made->writeAt(0, asBytes("x"));
                (void)dir->rename(name + ".part", name, WhenTaken::Fail);
                (void)dir->rename(name + ".part", "a/secret", WhenTaken::Replace);
                (void)dir->removeFile(name);
                ++written;
            } else {
                ++refused;
            }
            (void)dir->makeFolder("a/" + std::to_string(round) + "d");
            (void)dir->openToWrite("a/secret");
            (void)dir->removeFile("a/secret");
            if (auto leaked = dir->openToRead("a/secret")) QVERIFY(leaked->info()->size != 9);
        }
        stop = true;
        attacker.join();
        QVERIFY(written > 0);
        QVERIFY(refused > 0); // the attack did happen
        QVERIFY(box.sentinelUntouched());
    }

    void listsNamesInByteOrderAndLooksAtLinksThemselves() {
        Sandbox box;
        auto dir = RootedDir::open(box.out());
        for (const char* name : {"b", "a", "B", "\xC3\xA9", "\xFF\xFE", ".hidden"})
            Sandbox::write(box.out() + "/" + name, name);
        QCOMPARE(symlink("nowhere", (box.out() + "/l").c_str()), 0);
        const auto listed = dir->list("");
        std::vector<std::string> names;
        for (size_t i = 0; i < listed->size(); ++i) names.push_back(listed->at(i));
        QCOMPARE(names, (std::vector<std::string>{".hidden", "B", "a", "b", "l", "\xC3\xA9", "\xFF\xFE"}));
        QVERIFY(dir->removeFile("a").has_value());
        const auto entries = dir->look("", *listed, 1, 4);
        QVERIFY(entries.has_value() && entries->size() == 3); // one has gone since
        QCOMPARE((*entries)[0].name, std::string("B"));
        QVERIFY((*entries)[2].name == "l" && (*entries)[2].info.kind == EntryKind::Link);
        QVERIFY(dir->removeFile("\xFF\xFE").has_value()); // QTemporaryDir could not
    }

    void keepsTimesAndOnlyThePermissionBitsOfAnOrdinaryFile() {
        Sandbox box;
        mode_t old = umask(0);
        umask(old);
        auto dir = RootedDir::open(box.out());
        auto plain = dir->createFile("plain");
        auto program = dir->createFile("program");
        QVERIFY(plain->publishMode(ExecutableBit::Clear).has_value());
        QVERIFY(program->publishMode(ExecutableBit::Set).has_value());
        struct stat status {};
        stat((box.out() + "/plain").c_str(), &status);
        QCOMPARE(status.st_mode & 07777, 0666u & ~old);
        stat((box.out() + "/program").c_str(), &status);
        QCOMPARE(status.st_mode & 07777, 0777u & ~old);
        for (int64_t time : {int64_t(0), int64_t(1'700'000'000'123'456'789), int64_t(-1'500'000'000)}) {
            QVERIFY(plain->setModified(time).has_value());
            QCOMPARE(plain->info()->modifiedNs, time);
        }
        for (int64_t wild : {INT64_MAX, INT64_MIN})
            QVERIFY(plain->setModified(wild).has_value()); // clamped by the volume
    }

    void createsTheDownloadFolderAndThoseAboveIt() {
        Sandbox box;
        auto dir = RootedDir::create(box.base + "/x/y/z", FolderAccess::Private);
        QVERIFY(dir.has_value());
        struct stat status {};
        stat((box.base + "/x/y/z").c_str(), &status);
        QCOMPARE(status.st_mode & 07777, 0700u);
        QVERIFY(RootedDir::create(box.base + "/x/y/z/").has_value());
        Sandbox::write(box.base + "/file", "x");
        QCOMPARE(RootedDir::create(box.base + "/file").error().code, Errc::Exists);
        QCOMPARE(RootedDir::create(box.base + "/file/below").error().code, Errc::Exists);
        QCOMPARE(RootedDir::open(box.base + "/nothing").error().code, Errc::NotFound);
    }
};

QTEST_APPLESS_MAIN(RootedDirTest)
#include "rooted_dir_test.moc"

#include "runtime/disk_storage.h"
#include "runtime/runtime_limits.h"
#include "transfer/entry_name.h"
#include "transfer/transfer_limits.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <deque>

using namespace wherry;
using namespace wherry::runtime;
using transfer::OnExisting;

namespace {

struct Folder {
    Folder() : base(dir.path().toStdString()) {}
    void file(const std::string& path, std::string_view text = "x", mode_t mode = 0644) const {
        int handle = ::open((base + "/" + path).c_str(), O_CREAT | O_TRUNC | O_WRONLY, mode);
        QVERIFY(handle >= 0);
        QCOMPARE(::write(handle, text.data(), text.size()), ssize_t(text.size()));
        ::close(handle);
    }
    void folder(const std::string& path) const { QCOMPARE(mkdir((base + "/" + path).c_str(), 0755), 0); }
    void link(const std::string& path, const std::string& to) const {
        QCOMPARE(symlink(to.c_str(), (base + "/" + path).c_str()), 0);
    }
    std::string at(const std::string& path) const { return base + "/" + path; }
    QTemporaryDir dir;
    std::string base;
};

/// A scan with all that it finds.
struct Scanned : transfer::ScanOutcome, transfer::ScanSink {
    Result<void> take(transfer::ScannedEntry entry) override {
        entries.push_back(std::move(entry));
        return {};
    }
    std::vector<transfer::ScannedEntry> entries;
};

Result<Scanned> scanOf(DiskStorage& storage, const std::vector<std::string>& paths) {
    Scanned scanned;
    TRY(static_cast<transfer::ScanOutcome&>(scanned), storage.scan(paths, scanned));
    return scanned;
}
Result<Scanned> scanOf(const std::vector<std::string>& paths) {
    DiskStorage storage;
    return scanOf(storage, paths);
}

std::vector<std::string> pathsOf(const Scanned& outcome) {
    std::vector<std::string> paths;
    for (const auto& entry : outcome.entries) paths.push_back(entry.path + (entry.isFolder ? "/" : ""));
    return paths;
}

/// A volume of its own, so small that it fills up; unmounted at the end.
struct TinyVolume {
    explicit TinyVolume(const std::string& where) : path(where) {
        mkdir(path.c_str(), 0755);
        mounted = mount("tmpfs", path.c_str(), "tmpfs", 0, "size=2m") == 0;
    }
    ~TinyVolume() {
        if (mounted) umount2(path.c_str(), MNT_DETACH);
    }
    std::string path;
    bool mounted = false;
};

} // namespace

class DiskStorageTest : public QObject {
    Q_OBJECT

  private slots:
    void scansFoldersBeforeTheirContentWithNamesInByteOrder() {
        Folder box;
        box.folder("in");
        box.folder("in/b");
        box.folder("in/b/empty");
        box.file("in/b/z", "12345");
        box.file("in/a.txt");
        box.file("in/B", "", 0755);
        box.file("in/c");
        auto outcome = scanOf({box.at("in")});
        QCOMPARE(pathsOf(*outcome),
                 (std::vector<std::string>{"in/", "in/B", "in/a.txt", "in/b/", "in/b/empty/", "in/b/z", "in/c"}));
        QVERIFY(outcome->entries[1].executable);
        QCOMPARE(outcome->entries[5].stamp.size, 5u);
        QCOMPARE(outcome->entries[0].stamp.size, 0u);
        QVERIFY(!outcome->entries[0].executable);
        QCOMPARE(outcome->skippedCount, 0u);
        QCOMPARE(outcome->rootPaths, std::vector<std::string>{box.at("in")});
    }

    void aScanEndsWhenItIsTold() {
        Folder box;
        box.folder("in");
        box.file("in/a");
        DiskStorage storage;
        QVERIFY(scanOf(storage, {box.at("in")}).has_value());
        storage.stopScans();
        QCOMPARE(scanOf(storage, {box.at("in")}).error().code, Errc::Cancelled);
    }

    void leavesOutLinksSocketsAndFifosAndSaysWhy() {
        Folder box;
        box.folder("in");
        box.file("in/real");
        box.file("outside", "secret");
        box.link("in/link", "../outside");
        box.link("in/loop", ".");
        QCOMPARE(mkfifo(box.at("in/fifo").c_str(), 0644), 0);
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::snprintf(address.sun_path, sizeof(address.sun_path), "%s", box.at("in/socket").c_str());
        QCOMPARE(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        auto outcome = scanOf({box.at("in")});
        ::close(listener);
        QCOMPARE(pathsOf(*outcome), (std::vector<std::string>{"in/", "in/real"}));
        QCOMPARE(outcome->skippedCount, 4u);
        QCOMPARE(outcome->skippedFailures, 0u);
        QCOMPARE(outcome->skipped[0].path, std::string("in/fifo"));
        QCOMPARE(outcome->skipped[1].reason, std::string("symbolic link"));
        QCOMPARE(outcome->skipped[3].reason, std::string("socket, fifo or device"));
        for (const char* inside : {"link", "loop/real", "fifo", "socket"})
            QCOMPARE(DiskStorage().openSource(box.at("in"), inside).error().code, Errc::PermissionDenied);
    }

    void followsARootThatIsALinkAndRefusesOneThatIsNoFile() {
        Folder box;
        box.folder("real");
        box.file("real/f");
        box.link("shortcut", "real");
        QCOMPARE(pathsOf(*scanOf({box.at("shortcut")})), (std::vector<std::string>{"shortcut/", "shortcut/f"}));
        QVERIFY(DiskStorage().openSource(box.at("shortcut"), "f").has_value());
        QCOMPARE(mkfifo(box.at("fifo").c_str(), 0644), 0);
        QCOMPARE(scanOf({box.at("fifo")}).error().code, Errc::InvalidArgument);
        auto missing = scanOf({box.at("missing")});
        QCOMPARE(missing.error().code, Errc::NotFound);
        QVERIFY(missing.error().context.find("missing") != std::string::npos);
        QCOMPARE(scanOf({}).error().code, Errc::InvalidArgument);
    }

    void givesRootsOfOneNameDifferentNames() {
        Folder box;
        for (const char* folder : {"1", "2", "3"}) {
            box.folder(folder);
            box.folder(std::string(folder) + "/in");
            box.file(std::string(folder) + "/a.txt");
        }
        auto outcome =
            scanOf({box.at("1/in"), box.at("1/a.txt"), box.at("2/in/"), box.at("2/a.txt"), box.at("3/./in/.")});
        QCOMPARE(outcome->rootNames, (std::vector<std::string>{"in", "a.txt", "in (1)", "a (1).txt", "in (2)"}));
        QCOMPARE(outcome->rootPaths[4], box.at("3/in"));
    }

    void walksDeepTreesWithFewHandlesAndStopsAtTheDepthLimit() {
        Folder box;
        std::string path = box.at("d");
        int handle = AT_FDCWD;
        for (size_t depth = 1; depth <= transfer::kMaxDepth + 1; ++depth) {
            QCOMPARE(mkdirat(handle, depth == 1 ? path.c_str() : "d", 0755), 0);
            int next = openat(handle, depth == 1 ? path.c_str() : "d", O_DIRECTORY | O_RDONLY);
            if (handle != AT_FDCWD) ::close(handle);
            handle = next;
        }
        ::close(handle);
        auto outcome = scanOf({box.at("d")});
        QCOMPARE(outcome->entries.size(), transfer::kMaxDepth);
        QCOMPARE(outcome->skippedCount, 1u);
        QCOMPARE(outcome->skipped[0].reason, std::string("nested too deeply"));
    }

    void reportsAFolderThatCannotBeRead() {
        Folder box;
        chmod(box.base.c_str(), 0755);
        box.folder("in");
        box.folder("in/closed");
        chmod(box.at("in/closed").c_str(), 0);
        const bool root = geteuid() == 0; // root would read everything
        if (root) QCOMPARE(seteuid(12345), 0);
        auto outcome = scanOf({box.at("in")});
        if (root) QCOMPARE(seteuid(0), 0);
        chmod(box.at("in/closed").c_str(), 0755);
        QCOMPARE(outcome->skippedCount, 1u);
        QCOMPARE(outcome->skippedFailures, 1u);
        QCOMPARE(outcome->skipped[0].path, std::string("in/closed"));
        QVERIFY(outcome->skipped[0].reason.starts_with("unreadable folder"));
        QCOMPARE(pathsOf(*outcome), std::vector<std::string>{"in/"}); // it would arrive as an empty folder
    }

    void aRootThatCannotBeReadDoesNotKeepTheOthersAtHome() {
        Folder box;
        chmod(box.base.c_str(), 0755);
        box.folder("in");
        box.file("in/good");
        box.folder("closed");
        box.file("secret");
        for (const char* name : {"closed", "secret"}) chmod(box.at(name).c_str(), 0);
        const bool root = geteuid() == 0; // root would read everything
        if (root) QCOMPARE(seteuid(12345), 0);
        auto outcome = scanOf({box.at("secret"), box.at("in"), box.at("closed")});
        auto nothing = scanOf({box.at("secret")});
        if (root) QCOMPARE(seteuid(0), 0);
        chmod(box.at("closed").c_str(), 0755);
        QVERIFY(outcome.has_value());
        QVERIFY(std::ranges::count(pathsOf(*outcome), std::string("in/good")) == 1);
        QCOMPARE(outcome->skippedFailures, 2u);
        QCOMPARE(outcome->rootPaths.size(), size_t(3)); // the same offer when everything can be read
        QCOMPARE(nothing.error().code, Errc::PermissionDenied);
        QVERIFY(nothing.error().context.find("secret") != std::string::npos);
    }

    void aSourceFileShowsWhenItChanges() {
        Folder box;
        box.file("f", "before");
        auto file = DiskStorage().openSource(box.at("f"), "");
        auto before = (*file)->stamp();
        QCOMPARE(*before, scanOf({box.at("f")})->entries[0].stamp);
        Bytes bytes(10);
        QCOMPARE(*(*file)->read(0, bytes), 6u);
        QCOMPARE(*(*file)->read(6, bytes), 0u);
        box.file("f", "behind!");
        QVERIFY(*(*file)->stamp() != *before);
    }

    void storesPartsAndPublishesThem() {
        Folder box;
        DiskStorage storage;
        auto target = *storage.openDestination(box.at("out/new"));
        QVERIFY(target->makeFolder("a/b").has_value());
        auto part = target->createPart("a/b/.1.part", 3 * kReserveFrom);
        QVERIFY(part.has_value());
        QCOMPARE(*(*part)->size(), 0u);
        QVERIFY((*part)->write(2, asBytes("cd")).has_value());
        QVERIFY((*part)->write(0, asBytes("ab")).has_value());
        (*part)->startWriteback(0, 4);
        Bytes back(4);
        QVERIFY((*part)->read(0, back).has_value());
        QCOMPARE(std::string(asText(back)), std::string("abcd"));
        QCOMPARE((*part)->read(1, back).error().code, Errc::Io);
        QVERIFY((*part)->finish(3, 1'600'000'000'000'000'007, true).has_value());
        QVERIFY((*part)->sync().has_value());
        QVERIFY(target->publish("a/b/.1.part", "a/b/f", OnExisting::Fail).has_value());
        auto seen = *target->look("a/b/f");
        QCOMPARE(seen->size, 3u);
        QVERIFY(seen->executable);
        QCOMPARE(seen->modifiedNs, 1'600'000'000'000'000'007);
        QVERIFY(target->openPublished("a/b/f").has_value());
        QVERIFY(target->setFolderTime("a/b", 1'500'000'000'000'000'000).has_value());
        QCOMPARE((*target->look("a/b"))->modifiedNs, 1'500'000'000'000'000'000);
        QVERIFY(target->syncVolume().has_value());
        QVERIFY(target->syncFolderOf("a/b/f").has_value());
        struct stat status {};
        stat(box.at("out/new/a/b/f").c_str(), &status);
        QVERIFY(uint64_t(status.st_blocks) * 512 < kReserveFrom); // what was reserved too much is given back
    }

    void zerosTakeNoSpaceAndLeaveNothingOfWhatWasThere() {
        for (const bool anew : {true, false}) {
            Folder box;
            const uint64_t size = 4 << 20;
            if (!anew) box.file(".x.part", std::string(size, 's')); // of an earlier attempt
            DiskStorage storage;
            auto target = *storage.openDestination(box.base);
            auto part = anew ? target->createPart(".x.part", size) : target->adoptPart(".x.part");
            QVERIFY((*part)->write(0, asBytes("begin")).has_value());
            QVERIFY((*part)->writeZeros(1 << 20, size - (1 << 20)).has_value());
            QCOMPARE(*(*part)->size(), size); // what is checked after a crash is there to be read
            QVERIFY((*part)->finish(size, 1'600'000'000'000'000'000, false).has_value());
            QVERIFY((*part)->sync().has_value());
            QVERIFY(target->publish(".x.part", "x", OnExisting::Fail).has_value());
            QFile file(QString::fromStdString(box.at("x")));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray content = file.readAll();
            QCOMPARE(content.size(), qsizetype(size));
            QVERIFY(content.startsWith("begin"));
            QVERIFY(content.mid(1 << 20) == QByteArray(qsizetype(size - (1 << 20)), '\0'));
            const int probe = ::open(box.at("probe").c_str(), O_CREAT | O_WRONLY, 0600);
            const bool canHole =
                ftruncate(probe, 8192) == 0 && runtime::File(probe, "probe").makeHole(0, 4096).has_value();
            struct stat status {};
            stat(box.at("x").c_str(), &status);
            if (canHole) QVERIFY(uint64_t(status.st_blocks) * 512 <= (2u << 20));
        }
    }

    /// A part "x.part" that holds "abcd", made through `target`.
    static void makePart(transfer::Destination& target) {
        auto part = target.createPart(".x.part", 4);
        QVERIFY((*part)->write(0, asBytes("abcd")).has_value());
        QVERIFY((*part)->finish(4, 1'600'000'000'000'000'000, false).has_value());
    }

    void aPartThatSomebodyElseHasWrittenToIsNotPublishedUntilItIsTakenAsItIs() {
        for (const bool inPlace : {true, false}) {
            Folder box;
            DiskStorage storage;
            auto target = *storage.openDestination(box.base);
            makePart(*target);
            if (inPlace)
                box.file(".x.part", "abXd");
            else
                QCOMPARE(truncate(box.at(".x.part").c_str(), 2), 0);
            QCOMPARE(target->publish(".x.part", "x", OnExisting::Fail).error().code, Errc::Busy);
            QVERIFY(!*target->look("x"));
            auto part = target->openPart(".x.part");
            QVERIFY(part.has_value());
            QVERIFY((*part)->finish(4, 1'600'000'000'000'000'000, false).has_value());
            QCOMPARE(target->publish(".x.part", "x", OnExisting::Fail).error().code, Errc::Busy);
            QVERIFY((*part)->takeAsIs().has_value());
            const auto placed = target->publish(".x.part", "x", OnExisting::Fail);
            QVERIFY(placed.has_value());
            QCOMPARE((*placed)->size, 4u);
            QCOMPARE((*placed)->changedNs, (*target->look("x"))->changedNs);
        }
    }

    void whatWasWrittenBetweenTwoWritesOfOursIsNoticed() {
        Folder box;
        DiskStorage storage;
        auto target = *storage.openDestination(box.base);
        auto part = target->createPart(".x.part", 4);
        QVERIFY((*part)->write(0, asBytes("ab")).has_value());
        // Until the clock for files has gone on, whatever its tick is.
        const int64_t before = (*target->look(".x.part"))->changedNs;
        while ((*target->look(".x.part"))->changedNs == before) box.file(".x.part", "XX");
        QVERIFY((*part)->write(2, asBytes("cd")).has_value());
        QVERIFY((*part)->finish(4, 1'600'000'000'000'000'000, false).has_value());
        QCOMPARE(target->publish(".x.part", "x", OnExisting::Fail).error().code, Errc::Busy);
    }

    void anotherFileInPlaceOfAPartIsNeverOpenedNorPublished() {
        enum class Other { File, Link, HardLink, Pipe, Gone };
        for (const Other other : {Other::File, Other::Link, Other::HardLink, Other::Pipe, Other::Gone}) {
            Folder box;
            box.folder("out");
            box.file("victim", "abcd");
            DiskStorage storage;
            auto target = *storage.openDestination(box.at("out"));
            makePart(*target);
            QCOMPARE(rename(box.at("out/.x.part").c_str(), box.at("away").c_str()), 0);
            const std::string path = box.at("out/.x.part");
            if (other == Other::File) box.file("out/.x.part", "abcd");
            if (other == Other::Link) box.link("out/.x.part", "../victim");
            if (other == Other::HardLink) QCOMPARE(::link(box.at("away").c_str(), path.c_str()), 0); // our own, twice
            if (other == Other::Pipe) QCOMPARE(mkfifo(path.c_str(), 0644), 0);
            const auto opened = target->openPart(".x.part");
            QCOMPARE(opened.error().code, Errc::Busy);
            QVERIFY(opened.error().context.find("out/.x.part") != std::string::npos);
            QCOMPARE(target->publish(".x.part", "x", OnExisting::Replace).error().code, Errc::Busy);
            QVERIFY(!*target->look("x"));
            QCOMPARE(QFile(QString::fromStdString(box.at("victim"))).size(), 4);
        }
    }

    void aPartOfAnEarlierProcessIsAdoptedAndOneThatNobodyKnowsIsDoubted() {
        Folder box;
        box.file(".x.part", "abcd");
        for (const bool adopt : {true, false}) {
            DiskStorage storage;
            auto target = *storage.openDestination(box.base);
            QCOMPARE(target->publish(".x.part", "x", OnExisting::Fail).error().code, Errc::Busy);
            auto part = adopt ? target->adoptPart(".x.part") : target->openPart(".x.part");
            QVERIFY((*part)->finish(4, 1'600'000'000'000'000'000, false).has_value());
            QCOMPARE(target->publish(".x.part", "x", OnExisting::Fail).has_value(), adopt);
            if (adopt) QCOMPARE(rename(box.at("x").c_str(), box.at(".x.part").c_str()), 0);
        }
    }

    void aDownloadFolderThatIsGoneOrReplacedIsNotMadeAnew() {
        for (const bool foundAtTheStart : {false, true}) {
            Folder box;
            DiskStorage storage;
            QVERIFY(storage.nameTraits(box.at("a/out")).has_value());
            QVERIFY(!QDir(QString::fromStdString(box.at("a"))).exists()); // asking makes nothing
            if (foundAtTheStart) {
                box.folder("a");
                box.folder("a/out");
                QVERIFY(storage.nameTraits(box.at("a/out")).has_value());
            } else {
                QVERIFY(storage.openDestination(box.at("a/out")).has_value());
            }
            QCOMPARE(rename(box.at("a/out").c_str(), box.at("a/away").c_str()), 0);
            const auto gone = storage.openDestination(box.at("a/out"));
            QCOMPARE(gone.error().code, Errc::VolumeGone);
            QVERIFY(gone.error().context.find("a/out") != std::string::npos);
            QCOMPARE(storage.nameTraits(box.at("a/out")).error().code, Errc::VolumeGone);
            QVERIFY(!QDir(QString::fromStdString(box.at("a/out"))).exists());
            box.folder("a/out"); // another one
            QCOMPARE(storage.openDestination(box.at("a/out")).error().code, Errc::VolumeGone);
            QCOMPARE(rmdir(box.at("a/out").c_str()), 0);
            QCOMPARE(rename(box.at("a/away").c_str(), box.at("a/out").c_str()), 0);
            QVERIFY(storage.openDestination(box.at("a/out")).has_value());
        }
    }

    void nothingIsReceivedWhereTheProgramKeepsItsKey() {
        Folder box;
        box.folder("out");
        box.folder("out/.local");
        box.folder("out/.local/home");
        DiskStorage storage;
        storage.guard(box.at("out/.local/home"));
        for (const char* inside : {"out/.local/home", "out/.local/home/below"}) {
            QCOMPARE(storage.openDestination(box.at(inside)).error().code, Errc::PermissionDenied);
            QCOMPARE(storage.nameTraits(box.at(inside)).error().code, Errc::PermissionDenied);
        }
        auto above = *storage.openDestination(box.at("out"));
        const auto denied = [](const auto& outcome) {
            return !outcome && outcome.error().code == Errc::PermissionDenied;
        };
        QVERIFY(denied(above->makeFolder(".local/home")));
        QVERIFY(denied(above->makeFolder(".local/home/x")));
        QVERIFY(denied(above->clearName(".local/home/identity.key")));
        QVERIFY(denied(above->createPart(".local/home/.1.part", 1)));
        QVERIFY(denied(above->openPart(".local/home/.1.part")));
        QVERIFY(above->createPart(".local/.1.part", 1).has_value());
        QVERIFY(denied(above->publish(".local/.1.part", ".local/home/identity.key", transfer::OnExisting::Replace)));
        QVERIFY(above->makeFolder(".local/home2").has_value());
        QVERIFY(above->publish(".local/.1.part", ".local/homefile", transfer::OnExisting::Fail).has_value());
        box.folder("elsewhere");
        QVERIFY((*storage.openDestination(box.at("elsewhere")))->makeFolder(".local/home").has_value());
    }

    void aDownloadFolderWhoseVolumeIsUnmountedIsGone() {
        if (geteuid() != 0) QSKIP("needs root to mount a small volume");
        Folder box;
        DiskStorage storage;
        TinyVolume volume(box.at("stick"));
        if (!volume.mounted) QSKIP("cannot mount tmpfs here");
        QVERIFY(storage.openDestination(volume.path).has_value());
        QCOMPARE(umount(volume.path.c_str()), 0); // nothing holds it meanwhile
        volume.mounted = false;
        QCOMPARE(storage.openDestination(volume.path).error().code, Errc::VolumeGone);
        QVERIFY(QDir(QString::fromStdString(volume.path)).isEmpty());
    }

    void soManyDownloadFoldersAreRememberedAndTheFirstIsForgottenThen() {
        Folder box;
        DiskStorage storage;
        const auto at = [&](size_t number) { return box.at(std::to_string(1000 + number)); };
        for (size_t i = 0; i < kMaxKnownFolders; ++i) QVERIFY(storage.openDestination(at(i)).has_value());
        QCOMPARE(rmdir(at(0).c_str()), 0);
        QCOMPARE(storage.openDestination(at(0)).error().code, Errc::VolumeGone);
        QVERIFY(storage.openDestination(at(kMaxKnownFolders)).has_value());
        QVERIFY(storage.openDestination(at(0)).has_value());
    }

    void volumesBelowOneFolderAreBounded() {
        if (geteuid() != 0) QSKIP("needs root to mount a small volume");
        Folder box;
        auto target = *DiskStorage().openDestination(box.at("out"));
        std::deque<TinyVolume> volumes;
        for (size_t i = 0; i <= kMaxVolumes; ++i) {
            const std::string name = std::to_string(i);
            volumes.emplace_back(box.at("out/" + name));
            if (!volumes.back().mounted) QSKIP("cannot mount tmpfs here");
            const auto part = target->createPart(name + "/x.part", 1);
            QCOMPARE(part.has_value(), i < kMaxVolumes);
            if (!part) QCOMPARE(part.error().code, Errc::LimitReached);
            if (!part) QVERIFY(!*target->look(name + "/x.part"));
        }
    }

    void whatAVolumeDoesToNamesIsKnownWithoutWritingThere() {
        Folder box;
        DiskStorage storage;
        const auto traits = storage.nameTraits(box.base);
        QVERIFY(traits.has_value());
        QVERIFY(traits->maxNameLength > 100 && traits->maxNameLength <= 255);
        QVERIFY(traits->folderThere);
        auto below = storage.nameTraits(box.at("not/yet/there"));
        QVERIFY(below.has_value() && !below->folderThere);
        QVERIFY(traits->writable && below->writable && traits->freeBytes > 0);
        below->folderThere = true;
        below->freeBytes = traits->freeBytes; // others use the disk too
        QVERIFY(*traits == *below);
        box.folder("locked");
        QCOMPARE(chmod(box.at("locked").c_str(), 0500), 0);
        QCOMPARE(storage.nameTraits(box.at("locked"))->writable, geteuid() == 0);
        QCOMPARE(storage.nameTraits("").error().code, Errc::NotFound);
        box.file("file");
        QVERIFY(!storage.nameTraits(box.at("file/below")).has_value());
    }

    void aFatVolumeSaysWhatItDoesToNamesAndTakesTheEscapedOnes() {
        if (geteuid() != 0) QSKIP("needs root to mount a FAT image");
        Folder box;
        box.file("image");
        QCOMPARE(truncate(box.at("image").c_str(), 8 << 20), 0);
        box.folder("fat");
        const QString image = QString::fromStdString(box.at("image"));
        if (QProcess::execute("mkfs.vfat", {image}) != 0) QSKIP("there is no mkfs.vfat");
        if (QProcess::execute("mount", {"-t", "vfat", "-o", "loop", image, QString::fromStdString(box.at("fat"))}) != 0)
            QSKIP("this system cannot mount FAT images");
        {
            DiskStorage storage;
            const auto traits = storage.nameTraits(box.at("fat"));
            QVERIFY(traits && traits->foldsNames && traits->refusesWindowsNames);
            auto target = *storage.openDestination(box.at("fat"));
            QVERIFY(!target->createPart("a?", 1).has_value());
            QVERIFY(target->createPart(transfer::escapedName("a?", 0), 1).has_value());
            QVERIFY(target->createPart("README", 1).has_value());
            QVERIFY(!target->createPart("readme", 1).has_value());
            QVERIFY(target->createPart(transfer::escapedName("readme", 1), 1).has_value());
        }
        QCOMPARE(umount(box.at("fat").c_str()), 0);
    }

    void existingLinksAndSpecialFilesAreSaidToBeThere() {
        Folder box;
        auto target = *DiskStorage().openDestination(box.at("out"));
        box.link("out/link", "/etc");
        QCOMPARE(mkfifo(box.at("out/fifo").c_str(), 0644), 0);
        QCOMPARE(target->look("link").error().code, Errc::Exists);
        QCOMPARE(target->look("fifo").error().code, Errc::Exists);
        QCOMPARE(target->makeFolder("link/x").error().code, Errc::PermissionDenied);
        for (const char* taken : {"link", "fifo"}) QCOMPARE(target->makeFolder(taken).error().code, Errc::Exists);
        QVERIFY(!*target->look("nothing"));
    }

    void aNameIsClearedOfAFileOrALinkItselfAndNeverOfAFolder() {
        Folder box;
        auto target = *DiskStorage().openDestination(box.at("out"));
        box.folder("elsewhere");
        box.file("elsewhere/kept", "kept");
        box.link("out/link", "../elsewhere/kept");
        box.file("out/file");
        box.folder("out/folder");
        for (const char* path : {"link", "file", "nothing"}) {
            QVERIFY(target->clearName(path).has_value());
            QVERIFY(!*target->look(path));
            QVERIFY(target->makeFolder(path).has_value());
        }
        QCOMPARE(target->clearName("folder").error().code, Errc::Exists);
        QVERIFY((*target->look("folder"))->isFolder);
        QVERIFY(QFile::exists(QString::fromStdString(box.at("elsewhere/kept"))));
    }

    void aFullVolumeSaysSoBeforeAndWhileItIsWritten() {
        if (geteuid() != 0) QSKIP("needs root to mount a small volume");
        Folder box;
        TinyVolume volume(box.at("tiny"));
        if (!volume.mounted) QSKIP("cannot mount tmpfs here");
        auto target = *DiskStorage().openDestination(volume.path);
        QVERIFY(*target->freeBytes() <= 2u << 20);
        auto early = target->createPart("big.part", 16u << 20);
        QCOMPARE(early.error().code, Errc::DiskFull);
        QVERIFY(early.error().context.find("big.part") != std::string::npos);
        QVERIFY(!*target->look("big.part"));
        auto part = target->createPart("slow.part", 1);
        Bytes mebibyte(1 << 20);
        QVERIFY((*part)->write(0, mebibyte).has_value());
        auto late = (*part)->write(1 << 20, Bytes(2 << 20));
        QCOMPARE(late.error().code, Errc::DiskFull);
        QVERIFY(late.error().context.find("slow.part") != std::string::npos);
        Bytes back(1 << 20);
        QVERIFY((*part)->read(0, back).has_value()); // what was written before is kept
    }

    void aReadOnlyVolumeSaysSo() {
        if (geteuid() != 0) QSKIP("needs root to mount a small volume");
        Folder box;
        TinyVolume volume(box.at("tiny"));
        if (!volume.mounted) QSKIP("cannot mount tmpfs here");
        auto target = *DiskStorage().openDestination(volume.path);
        QCOMPARE(mount(nullptr, volume.path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
        QCOMPARE(target->createPart("x", 1).error().code, Errc::ReadOnly);
        QCOMPARE(target->makeFolder("x").error().code, Errc::ReadOnly);
        QCOMPARE(DiskStorage().openDestination(volume.path + "/x").error().code, Errc::ReadOnly);
    }

    void aVolumeMountedInsideTheDownloadFolderIsUsedAndSynced() {
        if (geteuid() != 0) QSKIP("needs root to mount a small volume");
        Folder box;
        auto target = *DiskStorage().openDestination(box.at("out"));
        TinyVolume volume(box.at("out/stick"));
        if (!volume.mounted) QSKIP("cannot mount tmpfs here");
        {
            auto part = target->createPart("stick/x.part", 1);
            QVERIFY(part.has_value());
            QVERIFY((*part)->write(0, asBytes("x")).has_value());
        }
        QVERIFY(target->syncVolume().has_value());
        QVERIFY(target->publish("stick/x.part", "stick/x", OnExisting::Fail).has_value());
    }

    void aPartOnOneVolumeTooManyIsRefusedAndNotLeftBehind() {
        if (geteuid() != 0) QSKIP("needs root to mount small volumes");
        Folder box;
        auto target = *DiskStorage().openDestination(box.at("out"));
        std::deque<TinyVolume> volumes;
        for (size_t i = 0; i <= kMaxVolumes; ++i) {
            std::string name = "stick" + std::to_string(i);
            volumes.emplace_back(box.at("out/" + name));
            if (!volumes.back().mounted) QSKIP("cannot mount tmpfs here");
            auto part = target->createPart(name + "/x.part", 1);
            if (i < kMaxVolumes)
                QVERIFY(part.has_value());
            else
                QCOMPARE(part.error().code, Errc::LimitReached);
            QCOMPARE((*target->look(name + "/x.part")).has_value(), i < kMaxVolumes);
        }
    }
};

QTEST_APPLESS_MAIN(DiskStorageTest)
#include "disk_storage_test.moc"

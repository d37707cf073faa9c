#include "runtime/disk_storage.h"
#include "runtime/part_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>

using namespace wherry;
using namespace wherry::runtime;
using transfer::OnExisting;

namespace {

constexpr int64_t kTime = 1'600'000'000'000'000'000;

struct Part {
    Part() : path(folder.path().toStdString() + "/.x.part") {
        file = File(::open(path.c_str(), O_CREAT | O_RDWR, 0600), path);
        known = std::make_unique<KnownPart>(*file.info(), StampTrust::Full);
    }
    bool asLeft() const { return known->asLeft(*file.info()); }

    QTemporaryDir folder;
    std::string path;
    File file;
    std::unique_ptr<KnownPart> known;
};

class PartLedgerTest : public QObject {
    Q_OBJECT
  private slots:
    void aPartIsAsLeftAfterWritesOfOurs() {
        Part part;
        const auto write = [&](uint64_t offset, std::string_view text) {
            return part.known->change(part.file, offset + text.size(),
                                      [&] { return part.file.writeAt(offset, asBytes(text)); });
        };
        QVERIFY(write(4, "efgh"));
        QVERIFY(write(0, "abcd"));
        QVERIFY(part.asLeft());
        QVERIFY(part.known->resize(part.file, 3, [&] { return part.file.resize(3); }));
        QVERIFY(part.asLeft());
    }

    void aPartThatIsCutWhileItIsWrittenIsNotAsLeft() {
        Part part;
        QVERIFY(part.known->resize(part.file, 9, [&] { return part.file.resize(9); }));
        const auto cutAndWrite = [&]() -> Result<void> {
            if (::truncate(part.path.c_str(), 1) != 0) return makeError(Errc::Io, "truncate");
            return part.file.writeAt(4, asBytes("efgh"));
        };
        QVERIFY(part.known->change(part.file, 8, cutAndWrite));
        QVERIFY(!part.asLeft());
    }

    void aPartThatIsCutWhileItGetsItsLastLengthIsNotAsLeft() {
        Part part;
        QVERIFY(part.known->resize(part.file, 9, [&] { return part.file.resize(9); }));
        const auto resizeAndCut = [&]() -> Result<void> {
            TRY_OK(part.file.resize(8));
            if (::truncate(part.path.c_str(), 1) != 0) return makeError(Errc::Io, "truncate");
            return {};
        };
        QVERIFY(part.known->resize(part.file, 8, resizeAndCut));
        QVERIFY(!part.asLeft());
    }

    void aWriteThatFailsSaysNothingOfOthers() {
        Part part;
        QVERIFY(!part.known->change(part.file, 8, [] { return Result<void>(makeError(Errc::DiskFull, "full")); }));
        QVERIFY(part.asLeft());
    }

    void noWriteReachesTheLengthOfAPartUnderWay() {
        QTemporaryDir folder;
        DiskStorage storage;
        const auto target = *storage.openDestination(folder.path().toStdString());
        const auto part = *target->createPart(".x.part", 8);
        QVERIFY(part->extend(8));
        QVERIFY(*part->size() > 8);
        QVERIFY(part->write(4, asBytes("efgh")));
        // It is cut, and the next write of ours would hide that if it reached the end.
        QCOMPARE(::truncate((folder.path().toStdString() + "/.x.part").c_str(), 1), 0);
        QVERIFY(part->write(0, asBytes("abcdefgh")));
        QCOMPARE(*part->size(), 8u);
        QVERIFY(part->finish(8, kTime, false));
        QCOMPARE(target->publish(".x.part", "x", OnExisting::Fail).error().code, Errc::Busy);
    }

    void aPartOfAnEarlierAttemptGetsThatLengthToo() {
        for (const std::string_view before : {"abc", "abcdefgh", "abcdefghijklm"}) {
            QTemporaryDir folder;
            const std::string path = folder.path().toStdString() + "/.x.part";
            const int made = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
            QCOMPARE(::write(made, before.data(), before.size()), ssize_t(before.size()));
            ::close(made);
            DiskStorage storage;
            const auto target = *storage.openDestination(folder.path().toStdString());
            const auto part = *target->adoptPart(".x.part");
            QVERIFY(part->extend(8));
            QCOMPARE(*part->size(), 9u);
            Bytes begin(3);
            QVERIFY(part->read(0, begin));
            QCOMPARE(asText(begin), std::string_view("abc"));
            QVERIFY(part->write(0, asBytes("ABCDEFGH")));
            QVERIFY(part->finish(8, kTime, false));
            const auto placed = target->publish(".x.part", "x", OnExisting::Fail);
            QVERIFY(placed);
            QCOMPARE((*placed)->size, 8u);
        }
    }
};

} // namespace

QTEST_GUILESS_MAIN(PartLedgerTest)
#include "part_ledger_test.moc"

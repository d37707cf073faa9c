#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

const int64_t kNoon = 1'650'000'000'000'000'000;

enum class Meddling { Overwrite, Truncate, Append, Touch, Swap, SwapForTheSame, Link, Pipe, Folder, Remove };

bool changesNothing(Meddling meddling) {
    return meddling == Meddling::Touch || meddling == Meddling::Append; // what is too much is cut off
}

void meddle(MemoryStorage& disk, const std::string& part, Meddling meddling) {
    Bytes content = *disk.content(part);
    const Bytes other = pattern(99, content.size());
    switch (meddling) {
    case Meddling::Overwrite:
        return disk.rewrite(part, other);
    case Meddling::Truncate:
        content.resize(content.size() / 2);
        return disk.rewrite(part, content);
    case Meddling::Append:
        append(content, other);
        return disk.rewrite(part, content);
    case Meddling::Touch:
        return disk.rewrite(part, content);
    default:
        break;
    }
    disk.remove(part);
    if (meddling == Meddling::Swap) disk.addFile(part, other, kNoon);
    if (meddling == Meddling::SwapForTheSame) disk.addFile(part, content, kNoon);
    if (meddling == Meddling::Link) disk.addLink(part, "/victim");
    if (meddling == Meddling::Pipe) disk.addSpecial(part, MemoryStorage::Kind::Fifo);
    if (meddling == Meddling::Folder) disk.addFile(part + "/mine", other);
}

bool writesContent(const Job& job) {
    return std::holds_alternative<WriteChunkJob>(job.work) || std::holds_alternative<WriteChunkPairJob>(job.work) ||
           std::holds_alternative<WriteBatchJob>(job.work);
}

/// The part of a file that is being received beside one that is not touched.
std::string partOf(const MemoryStorage& disk, size_t size) {
    for (const std::string& name : disk.parts("/dst"))
        if (disk.content("/dst/" + name) && disk.content("/dst/" + name)->size() > (size > 1000 ? 1000u : 0u))
            return "/dst/" + name;
    return {};
}

} // namespace

/// Another program with the right to write into the download folder meddles with the part of a file while it is being
/// received. "Delivered" is never said of other bytes than the sender's, nothing outside of the folder is touched, and
/// the next attempt gets through.
class MeddledPartsTest : public QObject {
    Q_OBJECT

    void check(size_t size, Meddling meddling, size_t afterWrites) {
        TransferWorld world(afterWrites + 1);
        const Bytes content = pattern(1, size);
        world.senderHost.disk.addFile("/src/in/file", content, kNoon);
        MemoryStorage& disk = world.receiverHost.disk;
        disk.addFile("/victim", pattern(3, 30));
        size_t writes = 0;
        bool done = false;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            if (!writesContent(job) || ++writes < afterWrites || done) return;
            const std::string part = partOf(disk, size);
            if (part.empty()) return;
            meddle(disk, part, meddling);
            done = true;
        };
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(done);
        QVERIFY(disk.content("/victim") == pattern(3, 30));
        const auto delivered = world.receiver->eventsOf<TransferDelivered>().size();
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), delivered);
        if (delivered == 1) {
            QVERIFY(disk.content("/dst/in/file") == content);
            QCOMPARE(disk.tree("/dst").at("in/file").modifiedNs, kNoon);
        } else {
            QVERIFY(!changesNothing(meddling));
            const auto failed = world.receiver->eventsOf<TransferFailed>();
            QCOMPARE(failed.size(), size_t(1));
            QCOMPARE(failed[0].error.code, Errc::Busy);
            QCOMPARE(failed[0].file, std::string("in/file"));
            QCOMPARE(world.sender->eventsOf<TransferFailed>().at(0).file, std::string("in/file"));
            QVERIFY(!disk.exists("/dst/in/file"));
        }
        world.receiver->tamper = nullptr;
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().size(), delivered + 1);
        QVERIFY(disk.content("/dst/in/file") == content);
        QVERIFY(disk.content("/victim") == pattern(3, 30));
    }

    static void rows() {
        QTest::addColumn<int>("meddling");
        const std::pair<const char*, Meddling> all[] = {
            {"overwritten", Meddling::Overwrite}, {"truncated", Meddling::Truncate},
            {"appended to", Meddling::Append},    {"touched", Meddling::Touch},
            {"swapped", Meddling::Swap},          {"swapped for a copy", Meddling::SwapForTheSame},
            {"a link", Meddling::Link},           {"a pipe", Meddling::Pipe},
            {"a folder", Meddling::Folder},       {"removed", Meddling::Remove}};
        for (const auto& [name, meddling] : all) QTest::newRow(name) << int(meddling);
    }

  private slots:
    void a_large_file_data() { rows(); }
    void a_large_file() {
        QFETCH(int, meddling);
        for (const size_t afterWrites : {1, 5, 9}) check(40 * kChunkSize, Meddling(meddling), afterWrites);
    }
    void a_file_of_some_chunks_data() { rows(); }
    void a_file_of_some_chunks() {
        QFETCH(int, meddling);
        for (const size_t afterWrites : {1, 2}) check(4 * kChunkSize, Meddling(meddling), afterWrites);
    }
    void a_small_file_data() { rows(); }
    void a_small_file() {
        QFETCH(int, meddling);
        check(500, Meddling(meddling), 1);
    }

    void between_the_last_chunk_and_the_name_it_is_noticed_too() {
        TransferWorld world(3);
        world.senderHost.disk.addFile("/src/f", pattern(1, 40 * kChunkSize), kNoon);
        MemoryStorage& disk = world.receiverHost.disk;
        world.send({"/src/f"});
        const auto finishing = [&] {
            const auto& jobs = world.receiver->jobs;
            return std::any_of(jobs.begin(), jobs.end(),
                               [](const Job& job) { return std::holds_alternative<FinishFileJob>(job.work); });
        };
        while (!finishing()) QVERIFY(world.step());
        Bytes content = *disk.content("/dst/" + disk.parts("/dst").at(0));
        content[7] ^= 1;
        disk.rewrite("/dst/" + disk.parts("/dst").at(0), content);
        QVERIFY(world.run());
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().size(), size_t(0));
        QCOMPARE(world.receiver->eventsOf<TransferFailed>().at(0).error.code, Errc::Busy);
        QVERIFY(!disk.exists("/dst/f"));
        // What is right in the part does not come again.
        world.send({"/src/f"});
        QVERIFY(world.run());
        QVERIFY(disk.content("/dst/f") == pattern(1, 40 * kChunkSize));
        QVERIFY(world.sender->eventsOf<TransferDelivered>().at(0).figures.bytesSent < 2 * kChunkSize);
    }

    void a_file_beside_the_one_that_is_meddled_with_arrives() {
        TransferWorld world(4);
        world.senderHost.disk.addFile("/src/in/file", pattern(1, 40 * kChunkSize), kNoon);
        world.senderHost.disk.addFile("/src/in/other", pattern(2, 30 * kChunkSize), kNoon);
        MemoryStorage& disk = world.receiverHost.disk;
        bool done = false;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            if (done || !writesContent(job)) return;
            const std::string part = partOf(disk, 2000);
            done = !part.empty();
            if (done) meddle(disk, part, Meddling::Pipe);
        };
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(done);
        const auto failed = world.receiver->eventsOf<TransferFailed>();
        QCOMPARE(failed.size(), size_t(1));
        QCOMPARE(failed[0].figures.filesDone, uint64_t(1));
        QCOMPARE(disk.exists("/dst/in/file"), failed[0].file == "in/other");
        QCOMPARE(disk.exists("/dst/in/other"), failed[0].file == "in/file");
    }
};

QTEST_APPLESS_MAIN(MeddledPartsTest)
#include "meddled_parts_test.moc"

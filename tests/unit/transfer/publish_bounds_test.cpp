#include "transfer/chunk_failures.h"
#include "transfer/publisher.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// A publisher whose jobs are done when the test says so.
struct Bench {
    SeededRandom random{1};
    Log log;
    MachineContext context{{2, std::make_shared<BlockPool>()}, random, log, {}};
    Publisher publisher{context, TransferId{1}};

    std::vector<uint32_t> pump() { return publisher.pump(Publisher::Hurry::No, Now{}); }
    void small(uint32_t entry, uint64_t bytes) {
        publisher.addSmall({entry, "p", "f", OnExisting::Fail, {}}, bytes, Now{});
    }
    void large(uint32_t entry) {
        publisher.addLarge(entry, {nullptr, "p", "f", kGroupedFileMax + 1, 0, false, OnExisting::Fail});
    }
    void finishOne() {
        JobDone done{context.out.pollJob()->id, JobValue(FilesWritten{})};
        QVERIFY(publisher.onJobDone(done).has_value());
    }
};

} // namespace

class PublishBoundsTest : public QObject {
    Q_OBJECT

  private slots:
    void a_group_is_published_when_its_bytes_reach_the_bound() {
        Bench bench;
        bench.small(0, kPublishGroupBytes - 1);
        QVERIFY(bench.pump().empty());
        bench.small(1, 1);
        QCOMPARE(bench.pump().size(), size_t(2));
    }

    void a_group_is_published_when_its_files_reach_the_bound() {
        Bench bench;
        for (uint32_t i = 0; i + 1 < kPublishGroupFiles; ++i) bench.small(i, 0);
        QVERIFY(bench.pump().empty());
        bench.small(kPublishGroupFiles, 0);
        QCOMPARE(bench.pump().size(), kPublishGroupFiles);
    }

    void a_group_waits_no_longer_than_the_bound() {
        Bench bench;
        bench.small(0, 1);
        Now now{};
        now.mono += kPublishGroupWait - Duration(1);
        QVERIFY(bench.publisher.pump(Publisher::Hurry::No, now).empty());
        now.mono += Duration(1);
        QCOMPARE(bench.publisher.deadline(), now.mono);
        QCOMPARE(bench.publisher.pump(Publisher::Hurry::No, now).size(), size_t(1));
    }

    void large_files_are_finished_so_many_at_a_time() {
        Bench bench;
        for (uint32_t i = 0; i < kFinishJobs + 2; ++i) bench.large(i);
        QCOMPARE(bench.pump().size(), kFinishJobs);
        QVERIFY(bench.pump().empty());
        bench.finishOne();
        QCOMPARE(bench.pump(), std::vector<uint32_t>{kFinishJobs});
        QVERIFY(bench.pump().empty());
    }

    void a_group_that_fails_as_a_whole_names_its_first_file() {
        Bench bench;
        bench.small(5, kPublishGroupBytes - 1);
        bench.small(6, 1);
        QCOMPARE(bench.pump().size(), size_t(2));
        JobDone done{bench.context.out.pollJob()->id, makeError(Errc::DiskFull, "syncing the volume")};
        const auto outcome = bench.publisher.onJobDone(done);
        QVERIFY(outcome && outcome->fatal && outcome->published.empty());
        QCOMPARE(outcome->fatal->code, Errc::DiskFull);
        QCOMPARE(outcome->failed.size(), size_t(1));
        QCOMPARE(outcome->failed[0].entry, 5u);
    }

    /// The disk thread hangs: the receiver takes up to the bound, and the frames under way at that moment.
    void no_more_is_taken_than_may_be_unpublished_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<quint64>("size");
        QTest::newRow("bytes") << 400 << quint64(kSmallFileMax);
        QTest::newRow("files without content") << 40'000 << quint64(0);
    }
    void no_more_is_taken_than_may_be_unpublished() {
        QFETCH(int, count);
        QFETCH(quint64, size);
        TransferWorld world(3);
        for (int i = 0; i < count; ++i)
            world.senderHost.disk.addFile("/src/in/" + std::to_string(100'000 + i), pattern(7, size));
        world.send({"/src/in"});
        uint64_t written = 0;
        uint64_t files = 0;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            const auto* batch = std::get_if<WriteBatchJob>(&job.work);
            if (batch) written += batch->header.plainLength;
            if (batch) files += batch->targets.size();
        };
        const auto isPublish = [](const Job& job) { return std::holds_alternative<PublishGroupJob>(job.work); };
        Job held;
        bool holding = false;
        for (int i = 0; i < 20'000; ++i) {
            auto& jobs = world.receiver->jobs;
            const auto publish = std::find_if(jobs.begin(), jobs.end(), isPublish);
            if (publish != jobs.end()) {
                QVERIFY(!holding); // one group at a time
                holding = true;
                held = std::move(*publish);
                jobs.erase(publish);
            }
            if (jobs.empty() && world.sender->jobs.empty() && world.network.waiting() == 0 && holding) break;
            world.step();
        }
        QVERIFY(holding);
        QVERIFY2(written >= kMaxUnpublishedBytes || files >= kMaxUnpublishedFiles,
                 qPrintable(QString::number(written)));
        QVERIFY2(files < kMaxUnpublishedFiles + kMaxJobsInFlight * kMaxBatchFiles, qPrintable(QString::number(files)));
        QVERIFY2(written < kMaxUnpublishedBytes + kMaxJobsInFlight * kChunkSize, qPrintable(QString::number(written)));
        world.receiver->jobs.push_back(std::move(held));
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
    }

    void a_chunk_may_fail_so_often_and_not_once_more() {
        ChunkFailures failures;
        for (int i = 0; i < 3; ++i) QVERIFY(failures.add(1, 2, 3));
        QVERIFY(!failures.add(1, 2, 3));
        QVERIFY(failures.add(1, 3, 3));
    }

    void so_many_different_chunks_may_fail_and_not_one_more() {
        ChunkFailures failures;
        for (uint32_t i = 0; i < kMaxFailedChunks; ++i) {
            QVERIFY(!failures.full());
            QVERIFY(failures.add(i % 7, i, 3));
        }
        QVERIFY(failures.full());
        QVERIFY(!failures.add(8, 1, 3));
    }
};

QTEST_APPLESS_MAIN(PublishBoundsTest)
#include "publish_bounds_test.moc"

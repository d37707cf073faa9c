#include "liar.h"
#include "transfer/publisher.h"
#include "transfer/receive_machine.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

class ReceiveBoundsTest : public QObject {
    Q_OBJECT

    /// Says one message for each of 500 files at once, before any job is done.
    template <typename Say> static void floodJobs(Say&& message) {
        constexpr uint32_t kFiles = 500;
        LiarWorld world;
        std::vector<wire::ManifestEntry> entries;
        for (uint32_t i = 0; i < kFiles; ++i) entries.push_back(LiarWorld::file(std::to_string(1000 + i), 100'000));
        const auto key = world.offer(entries, kFiles * uint64_t(100'000));
        const size_t before = world.victim.jobsSeen;
        for (uint32_t i = 0; i < kFiles; ++i) world.liar.say(key, message(i));
        while (world.network.deliverOne()) {
            world.victim.settle(world.now);
            world.liar.settle();
        }
        QVERIFY(!world.victim.jobs.empty());
        QVERIFY2(world.victim.jobs.size() <= 2 * kMaxJobsInFlight,
                 qPrintable(QString::number(world.victim.jobs.size())));
        world.run();
        QCOMPARE(world.victim.jobsSeen - before, size_t(kFiles));
        QVERIFY(world.linkLives());
    }

  private slots:
    void ends_of_files_make_no_more_jobs_than_may_be_under_way() {
        floodJobs([](uint32_t entry) {
            wire::FileEnd end;
            end.set_entry(entry);
            end.set_digest(std::string(32, 'd'));
            return end;
        });
    }
    void files_that_are_not_there_make_no_more_jobs_than_may_be_under_way() {
        floodJobs([](uint32_t entry) {
            wire::FileUnavailable gone;
            gone.set_entry(entry);
            gone.set_code(wireCode(Errc::SourceChanged));
            return gone;
        });
    }

    void chunks_are_written_in_pairs_within_two_jobs_per_worker() {
        TransferWorld world(6);
        for (int i = 0; i < 4; ++i)
            world.senderHost.disk.addFile("/src/in/" + std::to_string(i), pattern(uint64_t(i), 12 * kChunkSize + 1));
        size_t pairs = 0;
        size_t singles = 0;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            pairs += std::holds_alternative<WriteChunkPairJob>(job.work);
            singles += std::holds_alternative<WriteChunkJob>(job.work);
        };
        world.send({"/src/in"});
        for (bool more = true; more; more = world.step()) {
            while (world.network.deliverOne()) world.settled(); // the workers are slower than the network
            while (!world.sender->jobs.empty()) world.sender->runJob(0, world.now);
            const auto& jobs = world.receiver->jobs;
            const auto working = std::count_if(jobs.begin(), jobs.end(), [](const Job& job) {
                return std::holds_alternative<WriteChunkPairJob>(job.work) ||
                       std::holds_alternative<WriteChunkJob>(job.work);
            });
            QVERIFY2(working <= 4, qPrintable(QString::number(working))); // of two workers
        }
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QCOMPARE(2 * pairs + singles, size_t(4 * 13));
        QVERIFY2(pairs > 10, qPrintable(QString::number(pairs)));
    }

    void folders_get_their_times_one_batch_after_the_other() {
        TransferWorld world(5);
        for (size_t i = 0; i < 3 * kPathsPerJob; ++i)
            world.senderHost.disk.addFolder("/src/in/" + std::to_string(i), 1'600'000'000'000'000'000);
        world.send({"/src/in"});
        size_t batches = 0;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            batches += std::holds_alternative<FolderTimesJob>(job.work);
        };
        while (world.step()) {
            const auto waiting =
                std::count_if(world.receiver->jobs.begin(), world.receiver->jobs.end(),
                              [](const Job& job) { return std::holds_alternative<FolderTimesJob>(job.work); });
            QVERIFY(waiting <= 1);
        }
        QCOMPARE(batches, size_t(4));
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
    }

    void an_offer_whose_paths_would_fill_the_memory_is_refused_before_anybody_is_asked() {
        LiarWorld world;
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        const auto key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
        const uint32_t depth = 15;
        const uint32_t files = 100'000; // with paths of 3.8 KiB
        wire::Offer offer;
        offer.set_offer_key(std::string(32, 'x'));
        offer.set_entry_count(depth + files);
        world.liar.say(key, offer);
        wire::ManifestPage page;
        const auto flush = [&] {
            world.liar.say(key, page);
            const uint32_t next = page.first_index() + uint32_t(page.entries_size());
            page.Clear();
            page.set_first_index(next);
            world.run();
        };
        for (uint32_t i = 0; i < depth; ++i) *page.add_entries() = LiarWorld::folder(std::string(250, 'd'), i);
        for (uint32_t i = 0; i < files; ++i) {
            *page.add_entries() = LiarWorld::file(std::to_string(1'000'000 + i), 0, depth);
            if (page.entries_size() == 500) flush();
        }
        flush();
        QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
        world.liar.say(key, wire::ManifestEnd());
        world.run();
        QCOMPARE(world.lastError().code, Errc::LimitReached);
        QVERIFY(world.victim.eventsOf<OfferMade>().empty());
        QVERIFY(std::holds_alternative<wire::Decline>(world.liar.heard(key).back()));
        QVERIFY(world.nothingCreated() && world.linkLives());
        // All of it has been given back.
        world.attempt = Bytes(16, 8);
        world.offer({LiarWorld::file("a", 0)}, 0);
        QCOMPARE(world.victim.eventsOf<OfferMade>().size(), size_t(1));
    }

    void one_peer_leaves_room_for_the_offers_of_others() {
        PendingBytes pending;
        const auto a = TransferPeer::idOf(1);
        const auto b = TransferPeer::idOf(2);
        QVERIFY(pending.grow(a, 25, 25, 60));
        QVERIFY(!pending.grow(a, 1, 25, 60));
        pending.release(a, 1);
        QVERIFY(pending.grow(b, 25, 25, 60));
        QVERIFY(!pending.grow(TransferPeer::idOf(3), 11, 25, 60));
        pending.release(TransferPeer::idOf(3), 11);
        pending.release(a, 25);
        QVERIFY(pending.grow(a, 25, 25, 60));
    }

    void bytes_of_a_group_count_until_that_group_is_published() {
        SeededRandom random(1);
        Log log;
        MachineContext context{{2, std::make_shared<BlockPool>()}, random, log, {}};
        Publisher publisher(context, TransferId{1});
        const size_t more = 6;
        for (uint32_t i = 0; i < kPublishGroupFiles + more; ++i)
            publisher.addSmall({i, "p", "f", OnExisting::Fail, {}}, 1000, Now{});
        QCOMPARE(publisher.pump(Publisher::Hurry::No, Now{}).size(), kPublishGroupFiles);
        QCOMPARE(publisher.unpublishedBytes(), uint64_t(1000) * (kPublishGroupFiles + more));
        JobDone done{context.out.pollJob()->id, JobValue(FilesWritten{})};
        QVERIFY(publisher.onJobDone(done).has_value());
        QCOMPARE(publisher.unpublishedBytes(), uint64_t(1000) * more);
    }
};

QTEST_APPLESS_MAIN(ReceiveBoundsTest)
#include "receive_bounds_test.moc"

#include "transfer/machine_limits.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

/// Something else has got the name of a part between two attempts: a link, which is not followed, a pipe, or a folder,
/// which stays where it is. Neither may keep the transfer from its end.
class BlockedPartsTest : public QObject {
    Q_OBJECT

    enum class Obstacle { Link, Pipe, Folder };

    static void put(MemoryStorage& disk, const std::string& path, Obstacle obstacle) {
        if (obstacle == Obstacle::Link) disk.addLink(path, "/victim");
        if (obstacle == Obstacle::Pipe) disk.addSpecial(path, MemoryStorage::Kind::Fifo);
        if (obstacle == Obstacle::Folder) disk.addFile(path + "/mine", pattern(7, 10));
    }

    /// Until the first part is there.
    static bool beginParts(TransferWorld& world) {
        world.send({"/src/f"});
        for (int i = 0; i < 5000 && world.receiverHost.disk.parts("/dst").empty(); ++i) world.step();
        return !world.receiverHost.disk.parts("/dst").empty();
    }

  private slots:
    void what_has_the_name_of_a_part_does_not_stop_the_transfer() {
        for (const size_t size : {size_t(100), 20 * kChunkSize}) { // in a batch, and in chunks
            for (const Obstacle obstacle : {Obstacle::Link, Obstacle::Pipe, Obstacle::Folder}) {
                TransferWorld world(1);
                world.senderHost.disk.addFile("/src/f", pattern(1, size));
                MemoryStorage& disk = world.receiverHost.disk;
                disk.addFile("/victim", pattern(3, 30));
                QVERIFY(beginParts(world));
                if (size > 100)
                    for (int i = 0; i < 200; ++i) world.step(); // some chunks are on record
                world.killReceiver();
                const std::string part = "/dst/" + disk.parts("/dst").at(0);
                disk.remove(part);
                put(disk, part, obstacle);
                QVERIFY(world.run());
                for (const TransferFailed& failed : world.receiver->eventsOf<TransferFailed>())
                    QVERIFY2(false, failed.error.text().c_str());
                QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
                QVERIFY(disk.content("/dst/f") == pattern(1, size));
                QVERIFY(disk.content("/victim") == pattern(3, 30));
                QCOMPARE(disk.exists(part + "/mine"), obstacle == Obstacle::Folder);
                QCOMPARE(disk.tree("/dst").size(), size_t(obstacle == Obstacle::Folder ? 3 : 1));
            }
        }
    }

    void a_part_beside_a_folder_is_found_again_by_the_next_attempt() {
        TransferWorld world(2);
        world.senderHost.disk.addFile("/src/f", pattern(1, 20 * kChunkSize));
        MemoryStorage& disk = world.receiverHost.disk;
        QVERIFY(beginParts(world));
        world.killReceiver();
        const std::string part = "/dst/" + disk.parts("/dst").at(0);
        disk.remove(part);
        put(disk, part, Obstacle::Folder);
        size_t written = 0;
        const auto count = [&](const Job& job, JobDone&) {
            written += std::holds_alternative<WriteChunkJob>(job.work) ? 1u : 0u;
            written += std::holds_alternative<WriteChunkPairJob>(job.work) ? 2u : 0u;
        };
        world.receiver->tamper = count;
        for (int i = 0; i < 20'000 && written < 10; ++i) world.step();
        QVERIFY(written >= 10);
        world.killReceiver();
        written = 0;
        world.receiver->tamper = count;
        QVERIFY(world.run());
        QVERIFY(disk.content("/dst/f") == pattern(1, 20 * kChunkSize));
        QVERIFY(written < 20);
        QCOMPARE(disk.tree("/dst").size(), size_t(3));
    }

    void when_every_name_of_a_part_is_taken_the_file_fails_by_name() {
        TransferWorld world(3);
        world.senderHost.disk.addFile("/src/in/huge", pattern(1, 2 * kChunkSize));
        world.senderHost.disk.addFile("/src/in/other", pattern(2, 50));
        size_t refused = 0;
        world.receiver->tamper = [&](const Job& job, JobDone& done) {
            if (!std::holds_alternative<PreparePartJob>(job.work)) return;
            ++refused;
            done.outcome = makeError(Errc::Exists, "a folder");
        };
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(refused, size_t(kMaxPartNames));
        const auto failed = world.sender->eventsOf<TransferFailed>();
        QCOMPARE(failed.size(), size_t(1));
        QCOMPARE(failed[0].file, std::string("in/huge"));
        QCOMPARE(failed[0].figures.filesDone, uint64_t(1));
    }
};

QTEST_APPLESS_MAIN(BlockedPartsTest)
#include "blocked_parts_test.moc"

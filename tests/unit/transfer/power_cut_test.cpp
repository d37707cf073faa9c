#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

/// A power cut takes what was not synced of the disk and the newest records of the store, which is slow besides.
class PowerCutTest : public QObject {
    Q_OBJECT

    static void addTree(MemoryStorage& disk) {
        disk.addFolder("/src/in/empty");
        for (uint64_t i = 0; i < 4; ++i)
            disk.addFile("/src/in/s" + std::to_string(i), pattern(i, 500 + i), 1'650'000'000'000'000'000);
        disk.addFile("/src/in/large", pattern(51, 2 * kChunkSize + 5), 1'610'000'000'000'000'123);
    }
    static bool createsSomething(const Job& job) {
        return std::holds_alternative<MakeFoldersJob>(job.work) || std::holds_alternative<PreparePartJob>(job.work) ||
               std::holds_alternative<WriteBatchJob>(job.work);
    }

  private slots:
    void nothing_is_created_before_its_place_is_on_the_disk() {
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            TransferWorld world(seed);
            world.setSlowStore();
            addTree(world.senderHost.disk);
            bool created = false;
            world.receiver->tamper = [&](const Job& job, JobDone&) {
                if (!createsSomething(job)) return;
                created = true;
                const auto& rows = world.receiverHost.synced;
                QVERIFY(std::any_of(rows.begin(), rows.end(),
                                    [](const auto& row) { return row.first.first == Space::Transfers; }));
            };
            world.send({"/src/in"});
            QVERIFY(world.run());
            QVERIFY(created);
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        }
    }

    void the_place_is_found_again_whatever_the_store_has_lost() {
        for (size_t cut = 0; cut < 240; cut += 3) {
            for (const bool editedBefore : {false, true}) { // then a file lands beside the person's
                TransferWorld world(300 + cut);
                addTree(world.senderHost.disk);
                MemoryStorage& disk = world.receiverHost.disk;
                if (editedBefore) {
                    world.send({"/src/in"});
                    QVERIFY(world.run());
                    disk.remove("/dst/in/s1");
                    disk.addFile("/dst/in/s1", pattern(9, 50));
                }
                world.setSlowStore();
                world.send({"/src/in"});
                for (size_t i = 0; i < cut; ++i) world.step();
                world.killReceiver();
                disk.powerCut(cut);
                world.receiverHost.cutStore(cut / 3);
                QVERIFY(world.run());
                const QString where = QString("cut %1 edited %2").arg(cut).arg(editedBefore);
                auto expected = world.senderHost.disk.tree("/src/in");
                if (editedBefore) {
                    QVERIFY2(disk.content("/dst/in/s1") == pattern(9, 50), qPrintable(where));
                    QVERIFY2(disk.content("/dst/in/s1 (1)") == pattern(1, 501), qPrintable(where));
                    QVERIFY2(disk.tree("/dst/in").size() == expected.size() + 1, qPrintable(where));
                } else {
                    QVERIFY2(disk.tree("/dst/in") == expected, qPrintable(where));
                }
                QVERIFY2(!disk.exists("/dst/in (1)"), qPrintable(where));
                QVERIFY2(disk.parts("/dst").empty(), qPrintable(where));
            }
        }
    }
};

QTEST_APPLESS_MAIN(PowerCutTest)
#include "power_cut_test.moc"

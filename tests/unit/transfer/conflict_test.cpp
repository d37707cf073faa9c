#include "transfer/machine_limits.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

const int64_t kNoon = 1'650'000'000'000'000'000;

void addTree(MemoryStorage& disk) {
    disk.addFile("/src/in/doc.txt", pattern(1, 500), kNoon);
    disk.addFile("/src/in/large", pattern(2, 300'000), kNoon);
    disk.addFile("/src/in/sub/other", pattern(3, 70), kNoon);
}

ReceivePolicy with(Conflict conflict) {
    return {true, Accept::All, conflict, "/dst", false, {}};
}

/// The send again, to its end.
bool sendAgain(TransferWorld& world, const std::string& what = "/src/in") {
    world.send({what});
    return world.run();
}

} // namespace

class ConflictTest : public QObject {
    Q_OBJECT

  private slots:
    void skip_delivers_what_is_missing_and_leaves_and_counts_what_is_there() {
        TransferWorld world(1);
        world.setPolicy(with(Conflict::Skip));
        addTree(world.senderHost.disk);
        MemoryStorage& disk = world.receiverHost.disk;
        disk.addFile("/dst/in/doc.txt", pattern(9, 10));
        disk.addFolder("/dst/in/large");
        disk.addFile("/dst/in/mine", pattern(8, 10));
        for (uint64_t time = 0; time < 2; ++time) {
            QVERIFY(sendAgain(world));
            QVERIFY(disk.content("/dst/in/doc.txt") == pattern(9, 10));
            QVERIFY(disk.content("/dst/in/sub/other") == pattern(3, 70));
            QCOMPARE(disk.tree("/dst/in").size(), size_t(5));
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                const auto delivered = peer->eventsOf<TransferDelivered>();
                QCOMPARE(delivered.size(), size_t(time + 1));
                QCOMPARE(delivered[time].figures.filesSkipped, uint64_t(2));
                QCOMPARE(delivered[time].figures.filesDone, uint64_t(1));
            }
        }
        QVERIFY(disk.parts("/dst").empty());
    }

    void skip_with_everything_there_sends_nothing() {
        TransferWorld world(2);
        world.setPolicy(with(Conflict::Skip));
        addTree(world.senderHost.disk);
        for (const char* path : {"doc.txt", "large", "sub/other"})
            world.receiverHost.disk.addFile(std::string("/dst/in/") + path, pattern(9, 10));
        QVERIFY(sendAgain(world));
        const auto delivered = world.sender->eventsOf<TransferDelivered>();
        QVERIFY(delivered.size() == 1);
        QCOMPARE(delivered[0].figures.filesSkipped, uint64_t(3));
        QCOMPARE(delivered[0].figures.filesDone, uint64_t(0));
        QCOMPARE(delivered[0].figures.bytesSent, uint64_t(0));
    }

    void a_root_of_another_kind_is_skipped_whole() {
        TransferWorld world(3);
        world.setPolicy(with(Conflict::Skip));
        addTree(world.senderHost.disk);
        world.receiverHost.disk.addFile("/dst/in", pattern(9, 10));
        QVERIFY(sendAgain(world));
        QVERIFY(world.receiverHost.disk.content("/dst/in") == pattern(9, 10));
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().at(0).figures.filesSkipped, uint64_t(3));
    }

    void what_the_receiver_has_edited_is_the_conflict_policys() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip, Conflict::Fail}) {
            TransferWorld world(4);
            world.setPolicy(with(Conflict::Rename));
            addTree(world.senderHost.disk);
            QVERIFY(sendAgain(world));
            world.setPolicy(with(conflict));
            MemoryStorage& disk = world.receiverHost.disk;
            disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
            world.senderHost.disk.rewrite("/src/in/large", pattern(7, 200'000)); // ours: gives way
            for (size_t time = 0; time < 3; ++time) {                            // never "(2)"
                QVERIFY(sendAgain(world));
                QVERIFY(disk.content("/dst/in/large") == pattern(7, 200'000));
                const bool replaced = conflict == Conflict::Replace;
                QVERIFY(disk.content("/dst/in/doc.txt") == (replaced ? pattern(1, 500) : pattern(9, 50)));
                const bool beside = conflict == Conflict::Rename;
                QCOMPARE(disk.tree("/dst/in").size(), size_t(beside ? 5 : 4));
                if (beside) QVERIFY(disk.content("/dst/in/doc (1).txt") == pattern(1, 500));
                const auto failed = world.sender->eventsOf<TransferFailed>();
                QCOMPARE(failed.size(), conflict == Conflict::Fail ? time + 1 : size_t(0));
                if (!failed.empty()) {
                    QCOMPARE(failed.back().error.code, Errc::Exists);
                    QCOMPARE(failed.back().file, std::string("in/doc.txt"));
                    QCOMPARE(failed.back().figures.filesDone, uint64_t(2));
                    continue;
                }
                const auto delivered = world.receiver->eventsOf<TransferDelivered>();
                QCOMPARE(delivered.size(), time + 2);
                QCOMPARE(delivered.back().figures.filesSkipped, uint64_t(conflict == Conflict::Skip));
            }
            QVERIFY(disk.parts("/dst").empty());
        }
    }

    void a_file_that_is_a_root_gets_a_number_once_too() {
        TransferWorld world(5);
        world.senderHost.disk.addFile("/src/doc.txt", pattern(1, 500), kNoon);
        QVERIFY(sendAgain(world, "/src/doc.txt"));
        MemoryStorage& disk = world.receiverHost.disk;
        disk.rewrite("/dst/doc.txt", pattern(9, 50));
        for (int time = 0; time < 3; ++time) {
            QVERIFY(sendAgain(world, "/src/doc.txt"));
            QVERIFY(disk.content("/dst/doc.txt") == pattern(9, 50));
            QVERIFY(disk.content("/dst/doc (1).txt") == pattern(1, 500));
            QCOMPARE(disk.tree("/dst").size(), size_t(2));
            QCOMPARE(world.receiver->eventsOf<TransferDelivered>().back().names,
                     std::vector<std::string>{"doc (1).txt"});
        }
        world.senderHost.disk.rewrite("/src/doc.txt", pattern(2, 600)); // its own place beside, a newer version
        QVERIFY(sendAgain(world, "/src/doc.txt"));
        QVERIFY(disk.content("/dst/doc (1).txt") == pattern(2, 600));
        QCOMPARE(disk.tree("/dst").size(), size_t(2));
    }

    void a_name_of_the_offer_itself_is_never_taken_for_another_file() {
        TransferWorld world(6);
        world.setPolicy(with(Conflict::Rename));
        world.senderHost.disk.addFile("/src/in/a", pattern(1, 500), kNoon);
        QVERIFY(sendAgain(world));
        world.receiverHost.disk.rewrite("/dst/in/a", pattern(9, 50));
        world.senderHost.disk.addFile("/src/in/a (1)", pattern(2, 300'000), kNoon);
        QVERIFY(sendAgain(world));
        const MemoryStorage& disk = world.receiverHost.disk;
        QVERIFY(disk.content("/dst/in/a") == pattern(9, 50));
        QVERIFY(disk.content("/dst/in/a (1)") == pattern(2, 300'000));
        QVERIFY(disk.content("/dst/in/a (2)") == pattern(1, 500));
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(2));
    }

    void when_nothing_of_ours_is_there_any_more_a_file_has_its_own_name_again() {
        TransferWorld world(7);
        addTree(world.senderHost.disk);
        QVERIFY(sendAgain(world));
        MemoryStorage& disk = world.receiverHost.disk;
        disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
        QVERIFY(sendAgain(world));
        QVERIFY(disk.exists("/dst/in/doc (1).txt"));
        disk.remove("/dst/in/doc (1).txt");
        QVERIFY(sendAgain(world)); // the person's own is still there
        QVERIFY(disk.exists("/dst/in/doc (1).txt"));
        disk.remove("/dst/in/doc.txt");
        disk.remove("/dst/in/doc (1).txt");
        QVERIFY(sendAgain(world));
        QVERIFY(disk.content("/dst/in/doc.txt") == pattern(1, 500));
        QVERIFY(!disk.exists("/dst/in/doc (1).txt"));
    }

    void a_root_that_had_a_number_has_its_own_name_again_when_nothing_is_there() {
        TransferWorld world(8);
        MemoryStorage& disk = world.receiverHost.disk;
        addTree(world.senderHost.disk);
        disk.addFile("/dst/in/mine", pattern(9, 10));
        QVERIFY(sendAgain(world));
        QVERIFY(disk.exists("/dst/in (1)/doc.txt"));
        disk.remove("/dst/in");
        QVERIFY(sendAgain(world)); // what we delivered is still there
        QVERIFY(!disk.exists("/dst/in"));
        disk.remove("/dst/in (1)");
        QVERIFY(sendAgain(world));
        QVERIFY(world.senderHost.disk.tree("/src/in") == disk.tree("/dst/in"));
        QVERIFY(!disk.exists("/dst/in (1)"));
    }

    void a_crash_at_any_moment_finds_the_name_that_was_chosen() {
        bool wasCut = true;
        for (size_t cut = 0; wasCut; cut += 2) {
            TransferWorld world(100 + cut);
            addTree(world.senderHost.disk);
            QVERIFY(sendAgain(world));
            MemoryStorage& disk = world.receiverHost.disk;
            disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
            disk.rewrite("/dst/in/large", pattern(8, 60));
            world.send({"/src/in"});
            wasCut = false;
            for (size_t i = 0; i < cut; ++i)
                if (!(wasCut = world.step())) break;
            wasCut = wasCut || cut == 0;
            world.killReceiver();
            QVERIFY(world.run());
            const QString where = QString("cut %1").arg(cut);
            QVERIFY2(disk.content("/dst/in/doc.txt") == pattern(9, 50), qPrintable(where));
            QVERIFY2(disk.content("/dst/in/doc (1).txt") == pattern(1, 500), qPrintable(where));
            QVERIFY2(disk.content("/dst/in/large (1)") == pattern(2, 300'000), qPrintable(where));
            QVERIFY2(disk.tree("/dst/in").size() == 6 && disk.parts("/dst").empty(), qPrintable(where));
        }
    }
};

QTEST_APPLESS_MAIN(ConflictTest)
#include "conflict_test.moc"

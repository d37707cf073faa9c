#include "transfer/machine_limits.h"
#include "transfer/placed_file.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

const int64_t kNoon = 1'650'000'000'000'000'000;

/// Other bytes of the same length under the same name and time, as `touch -r` leaves them.
void swapContent(MemoryStorage& disk, const std::string& path, Bytes content) {
    QCOMPARE(disk.content(path)->size(), content.size());
    disk.remove(path);
    disk.addFile(path, std::move(content), kNoon);
}

void addTree(MemoryStorage& disk) {
    disk.addFile("/src/in/doc.txt", pattern(1, 500), kNoon);
    disk.addFile("/src/in/empty", {}, kNoon);
    disk.addFile("/src/in/large", pattern(2, 40 * kChunkSize), kNoon);
    disk.addFile("/src/in/sub/other", pattern(3, 70), kNoon);
}

/// Of the latest delivery.
uint64_t bytesSent(const TransferWorld& world) {
    return world.sender->eventsOf<TransferDelivered>().back().figures.bytesSent;
}

/// Rows of Done as a program wrote them that died before it could say "published".
void forgetMarks(Host& host, const std::function<Bytes(PlacedFile)>& rewritten) {
    for (auto& [key, row] : host.store)
        if (key.first == Space::Done) row.value = rewritten(decodePlaced(row.value).value());
}

} // namespace

/// "Delivered" means that the receiver has what the sender has now, however little size and time tell of it.
class HonestDeliveryTest : public QObject {
    Q_OBJECT

    static void sendAgain(TransferWorld& world, size_t delivered) {
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), delivered);
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().size(), delivered);
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
    }

  private slots:
    void what_has_changed_at_the_source_under_the_same_size_and_time_is_sent_again() {
        for (const char* path : {"/src/in/doc.txt", "/src/in/large"}) {
            TransferWorld world(1);
            addTree(world.senderHost.disk);
            sendAgain(world, 1);
            const Bytes content = pattern(9, world.senderHost.disk.content(path)->size());
            swapContent(world.senderHost.disk, path, content);
            sendAgain(world, 2);
            QVERIFY(world.receiverHost.disk.tree("/dst/in") == world.senderHost.disk.tree("/src/in"));
            QCOMPARE(bytesSent(world) > 0, true);
            sendAgain(world, 3);
            QCOMPARE(bytesSent(world), uint64_t(0));
        }
    }

    void a_source_that_goes_back_to_an_earlier_version_is_sent_again() {
        TransferWorld world(2);
        addTree(world.senderHost.disk);
        sendAgain(world, 1);
        world.senderHost.disk.remove("/src/in/doc.txt");
        world.senderHost.disk.addFile("/src/in/doc.txt", pattern(9, 500), kNoon + 1);
        sendAgain(world, 2);
        world.senderHost.disk.remove("/src/in/doc.txt");
        world.senderHost.disk.addFile("/src/in/doc.txt", pattern(1, 500), kNoon);
        sendAgain(world, 3);
        QVERIFY(world.receiverHost.disk.tree("/dst/in") == world.senderHost.disk.tree("/src/in"));
    }

    void what_has_changed_at_the_receiver_under_the_same_size_and_time_is_the_conflict_policys() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip}) {
            for (const std::string name : {"doc.txt", "large"}) {
                TransferWorld world(3);
                addTree(world.senderHost.disk);
                sendAgain(world, 1);
                world.setPolicy({true, Accept::All, conflict, "/dst", false, {}});
                MemoryStorage& disk = world.receiverHost.disk;
                const Bytes sent = *disk.content("/dst/in/" + name);
                const Bytes own = pattern(9, sent.size());
                swapContent(disk, "/dst/in/" + name, own);
                sendAgain(world, 2);
                QVERIFY(disk.content("/dst/in/" + name) == (conflict == Conflict::Replace ? sent : own));
                const auto beside = disk.content(name == "large" ? "/dst/in/large (1)" : "/dst/in/doc (1).txt");
                QCOMPARE(beside == sent, conflict == Conflict::Rename);
                const auto figures = world.receiver->eventsOf<TransferDelivered>().back().figures;
                QCOMPARE(figures.filesSkipped, uint64_t(conflict == Conflict::Skip));
            }
        }
    }

    void what_is_untouched_is_neither_sent_nor_hashed_again() {
        TransferWorld world(4);
        addTree(world.senderHost.disk);
        sendAgain(world, 1);
        size_t hashed = 0;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            hashed += std::holds_alternative<HashPlacedJob>(job.work);
        };
        sendAgain(world, 2);
        QCOMPARE(bytesSent(world), uint64_t(0));
        QCOMPARE(hashed, size_t(0));
    }

    void what_only_looks_touched_is_hashed_once_and_not_sent_again() {
        TransferWorld world(5);
        addTree(world.senderHost.disk);
        sendAgain(world, 1);
        MemoryStorage& disk = world.receiverHost.disk;
        for (const char* path : {"/dst/in/doc.txt", "/dst/in/large", "/dst/in/empty"})
            swapContent(disk, path, *disk.content(path)); // restored from a backup, say
        size_t hashed = 0;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            hashed += std::holds_alternative<HashPlacedJob>(job.work);
        };
        sendAgain(world, 2);
        QCOMPARE(bytesSent(world), uint64_t(0));
        QCOMPARE(hashed, size_t(2) + groupCount(40 * kChunkSize));
        sendAgain(world, 3);
        QCOMPARE(hashed, size_t(2) + groupCount(40 * kChunkSize));
    }

    void what_a_crash_has_left_half_on_record_is_hashed_and_not_sent_again() {
        TransferWorld world(6);
        addTree(world.senderHost.disk);
        sendAgain(world, 1);
        forgetMarks(world.receiverHost, [](PlacedFile placed) {
            placed.published = false;
            placed.mark = 0;
            return encodePlaced(placed);
        });
        sendAgain(world, 2);
        QCOMPARE(bytesSent(world), uint64_t(0));
        QVERIFY(!world.receiverHost.disk.exists("/dst/in/doc (1).txt"));
    }

    void what_an_older_program_has_delivered_gives_way_to_the_same_again() {
        TransferWorld world(7);
        addTree(world.senderHost.disk);
        sendAgain(world, 1);
        forgetMarks(world.receiverHost, [](const PlacedFile&) { return Bytes{1}; });
        swapContent(world.senderHost.disk, "/src/in/doc.txt", pattern(9, 500));
        sendAgain(world, 2);
        QVERIFY(world.receiverHost.disk.tree("/dst/in") == world.senderHost.disk.tree("/src/in"));
    }

    void a_record_that_is_lost_costs_the_content_again_and_no_second_file() {
        TransferWorld world(8);
        addTree(world.senderHost.disk);
        sendAgain(world, 1);
        std::erase_if(world.receiverHost.store, [](const auto& row) { return row.first.first == Space::Done; });
        sendAgain(world, 2);
        QVERIFY(world.receiverHost.disk.tree("/dst/in") == world.senderHost.disk.tree("/src/in"));
        sendAgain(world, 3);
        QCOMPARE(bytesSent(world), uint64_t(0));
    }

    void records_of_files_are_read_as_they_were_written() {
        ContentId content{};
        content.fill(7);
        for (const PlacedFile& placed :
             {PlacedFile{true, 0x1122334455667788, 99, content}, PlacedFile{false, 0, 0, content}, PlacedFile{true}})
            QVERIFY(decodePlaced(encodePlaced(placed)).value() == placed);
        QCOMPARE(encodePlaced({true, 1, 2, content}).size(), size_t(33));
        QVERIFY(!decodePlaced({}));
        QVERIFY(!decodePlaced(Bytes{2}));
        QVERIFY(!decodePlaced(Bytes(32, 0)));
        QVERIFY(!decodePlaced(Bytes(34, 0)));
    }

    void every_trait_of_a_file_makes_its_mark_another() {
        const SourceStamp stamp{10, 20, 30, 40, 50};
        const uint64_t mark = changeMark(stamp, true);
        QVERIFY(mark != 0);
        for (const SourceStamp& other : {SourceStamp{11, 20, 30, 40, 50}, SourceStamp{10, 21, 30, 40, 50},
                                         SourceStamp{10, 20, 31, 40, 50}, SourceStamp{10, 20, 30, 41, 50}})
            QVERIFY(changeMark(other, true) != mark);
        QCOMPARE(changeMark({10, 20, 30, 40, 51}, true), mark); // devices are numbered anew with each start
        QCOMPARE(changeMark({10, 20, 30, 41, 50}, false), changeMark({10, 20, 30, 40, 50}, false));
        QCOMPARE(changeMark({10, 20, 0, 40, 50}, true), uint64_t(0)); // the system has no such time
    }

    void a_yes_serves_once_more_only_while_everything_stands_as_it_was_delivered() {
        enum class Then { Nothing, Touched, Gone, Changed, FolderGone, Late };
        for (const Then then :
             {Then::Nothing, Then::Touched, Then::Gone, Then::Changed, Then::FolderGone, Then::Late}) {
            TransferWorld world(9);
            world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
            addTree(world.senderHost.disk);
            world.send({"/src/in"});
            QVERIFY(world.run());
            const TransferId first = world.receiver->eventsOf<OfferMade>().at(0).transfer;
            QVERIFY(world.receiver->transfers.answer(first, true, {}, {}, world.receiver->carrier, world.now));
            world.settled();
            QVERIFY(world.run());
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
            MemoryStorage& disk = world.receiverHost.disk;
            if (then == Then::Touched) disk.rewrite("/dst/in/doc.txt", pattern(4, 500));
            if (then == Then::Gone) disk.remove("/dst/in/sub/other");
            if (then == Then::Changed) swapContent(world.senderHost.disk, "/src/in/doc.txt", pattern(9, 500));
            if (then == Then::FolderGone) disk.remove("/dst/in/sub/other"), disk.remove("/dst/in/sub");
            const auto before = disk.tree("/dst");
            world.passTime(std::chrono::seconds(then == Then::Late ? kReceiptRetrySeconds : kReceiptRetrySeconds - 1));
            world.send({"/src/in"});
            QVERIFY(world.run());
            const bool asked = then != Then::Nothing;
            QCOMPARE(world.receiver->eventsOf<OfferMade>().at(1).needsAnswer, asked);
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(asked ? 1 : 2));
            QVERIFY(disk.tree("/dst") == before);
        }
    }

    void what_is_moved_away_before_the_end_is_not_said_to_be_delivered() {
        for (const char* path : {"/dst/in", "/dst"}) {
            TransferWorld world(10);
            addTree(world.senderHost.disk);
            world.receiver->tamper = [&](const Job& job, JobDone&) {
                if (std::holds_alternative<FolderTimesJob>(job.work)) world.receiverHost.disk.remove(path);
            };
            world.send({"/src/in"});
            QVERIFY(world.run());
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                QVERIFY(peer->eventsOf<TransferDelivered>().empty());
                const auto failed = peer->eventsOf<TransferFailed>();
                QCOMPARE(failed.size(), size_t(1));
                QCOMPARE(failed[0].error.code, Errc::VolumeGone);
            }
            world.receiver->tamper = {};
            sendAgain(world, 1);
            QVERIFY(world.receiverHost.disk.tree("/dst/in") == world.senderHost.disk.tree("/src/in"));
        }
    }

    void a_place_that_another_transfer_has_taken_meanwhile_is_that_ones() {
        for (const bool finished : {false, true}) {
            TransferWorld world(11);
            addTree(world.senderHost.disk);
            world.senderHost.disk.addFile("/other/in/doc.txt", pattern(8, 500), kNoon);
            MemoryStorage& disk = world.receiverHost.disk;
            world.receiver->tamper = [&](const Job& job, JobDone&) {
                const bool half = std::holds_alternative<MakeFoldersJob>(job.work);
                if (!finished && half) disk.failChange(4, Errc::Busy);
            };
            world.send({"/src/in"});
            QVERIFY(world.run());
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(finished ? 1 : 0));
            world.receiver->tamper = {};
            disk.remove("/dst/in"); // put away by the person
            world.send({"/other/in"});
            QVERIFY(world.run());
            QVERIFY(disk.tree("/dst/in") == world.senderHost.disk.tree("/other/in"));
            for (int time = 0; time < 2; ++time) {
                world.send({"/src/in"});
                QVERIFY(world.run());
                QVERIFY(disk.tree("/dst/in") == world.senderHost.disk.tree("/other/in"));
                QVERIFY(disk.tree("/dst/in (1)") == world.senderHost.disk.tree("/src/in"));
                QCOMPARE(world.receiver->eventsOf<TransferDelivered>().back().names,
                         std::vector<std::string>{"in (1)"});
            }
            QCOMPARE(bytesSent(world), uint64_t(0));
            world.send({"/other/in"}); // and the other keeps its own
            QVERIFY(world.run());
            QCOMPARE(world.receiver->eventsOf<TransferDelivered>().back().names, std::vector<std::string>{"in"});
            QVERIFY(!disk.exists("/dst/in (2)"));
            QVERIFY(disk.parts("/dst").empty());
        }
    }
};

QTEST_APPLESS_MAIN(HonestDeliveryTest)
#include "honest_delivery_test.moc"

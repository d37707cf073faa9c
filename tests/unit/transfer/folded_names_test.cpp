#include "liar.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

const std::string kComposed = "\xc3\xa9";    // e with acute, one character
const std::string kDecomposed = "e\xcc\x81"; // the same in two

/// Pairs of names that are one name on a volume that folds: files, folders with content, Unicode forms.
void addTwins(MemoryStorage& disk) {
    disk.addFile("/src/in/README", pattern(1, 100));
    disk.addFile("/src/in/readme", pattern(2, 100'000));
    disk.addFile("/src/in/Sub/x", pattern(3, 10));
    disk.addFile("/src/in/sub/x", pattern(4, 20));
    disk.addFile("/src/in/sub/deeper/y", pattern(5, 30));
    disk.addFile("/src/in/" + kComposed, pattern(6, 40));
    disk.addFile("/src/in/" + kDecomposed, pattern(7, 50));
    disk.addFile("/src/in/other", pattern(8, 300'000));
}

} // namespace

class FoldedNamesTest : public QObject {
    Q_OBJECT

  private slots:
    void where_names_do_not_fold_twins_stand_beside_each_other() {
        TransferWorld world(1);
        addTwins(world.senderHost.disk);
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
    }

    void where_names_fold_the_second_of_two_lands_under_an_escaped_name() {
        for (uint64_t seed = 1; seed <= 5; ++seed) {
            TransferWorld world(seed); // A10
            world.receiverHost.disk.setFoldsNames(true);
            addTwins(world.senderHost.disk);
            for (int time = 0; time < 2; ++time) { // again: the same end, nothing new
                world.send({"/src/in"});
                QVERIFY(world.run());
                QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(time + 1));
                const MemoryStorage& disk = world.receiverHost.disk;
                QVERIFY(disk.content("/dst/in/README") == pattern(1, 100));
                QVERIFY(disk.content("/dst/in/%72eadme") == pattern(2, 100'000));
                QVERIFY(disk.content("/dst/in/Sub/x") == pattern(3, 10));
                QVERIFY(disk.content("/dst/in/%73ub/x") == pattern(4, 20));
                QVERIFY(disk.content("/dst/in/%73ub/deeper/y") == pattern(5, 30));
                QVERIFY(disk.content("/dst/in/" + kDecomposed) == pattern(7, 50)); // the first in byte order
                QVERIFY(disk.content("/dst/in/%C3%A9") == pattern(6, 40));
                QVERIFY(disk.content("/dst/in/other") == pattern(8, 300'000));
                QCOMPARE(disk.tree("/dst/in").size(), world.senderHost.disk.tree("/src/in").size());
                QVERIFY(disk.parts("/dst").empty());
            }
            QCOMPARE(world.sender->eventsOf<TransferDelivered>()[1].figures.bytesSent, uint64_t(0));
        }
    }

    void whoever_is_asked_sees_every_new_name_before_anything_is_there() {
        LiarWorld world;
        world.host.disk.setFoldsNames(true);
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        world.offer({LiarWorld::folder("in"), LiarWorld::folder("A", 1), LiarWorld::file("x", 1, 2),
                     LiarWorld::file("B", 1, 1), LiarWorld::folder("a", 1), LiarWorld::file("x", 1, 5),
                     LiarWorld::file("b", 1, 1)},
                    4);
        const auto made = world.victim.eventsOf<OfferMade>();
        QVERIFY(made.size() == 1 && made[0].needsAnswer);
        QVERIFY(made[0].renames == (std::vector<OfferRename>{{"in/a", "%61"}, {"in/b", "%62"}}));
        QVERIFY(world.nothingCreated());
    }

    void roots_that_are_twins_never_overwrite_each_other() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip, Conflict::Fail}) {
            for (const bool existsAlready : {false, true}) {
                TransferWorld world(6);
                world.receiverHost.disk.setFoldsNames(true);
                world.setPolicy({true, Accept::All, conflict, "/dst", false, {}});
                world.senderHost.disk.addFile("/a/NOTE", pattern(1, 10));
                world.senderHost.disk.addFile("/b/note", pattern(2, 20));
                if (existsAlready) world.receiverHost.disk.addFile("/dst/Note", pattern(9, 30));
                world.send({"/a/NOTE", "/b/note"});
                QVERIFY(world.run());
                const bool refused = existsAlready && conflict == Conflict::Fail;
                const bool kept = existsAlready && conflict != Conflict::Replace;
                QVERIFY(world.receiverHost.disk.content("/dst/NOTE") == (kept ? pattern(9, 30) : pattern(1, 10)));
                QCOMPARE(world.receiverHost.disk.exists("/dst/%6Eote"), !refused);
                if (!refused) QVERIFY(world.receiverHost.disk.content("/dst/%6Eote") == pattern(2, 20));
                const bool beside = existsAlready && conflict == Conflict::Rename;
                QCOMPARE(world.receiverHost.disk.exists("/dst/NOTE (1)"), beside);
                QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(!refused));
            }
        }
    }

    void a_twin_that_alone_was_selected_has_the_name_that_was_shown() {
        TransferWorld world(7);
        world.receiverHost.disk.setFoldsNames(true);
        world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
        addTwins(world.senderHost.disk);
        world.send({"/src/in"});
        QVERIFY(world.run());
        const OfferMade offer = world.receiver->eventsOf<OfferMade>().at(0);
        QCOMPARE(offer.renames.size(), size_t(3));
        std::vector<uint32_t> selection;
        for (uint32_t i = 0; i < offer.entries.size(); ++i)
            if (offer.entries[i].path == "in/readme" || offer.entries[i].path == "in/sub/x") selection.push_back(i);
        QCOMPARE(selection.size(), size_t(2));
        QVERIFY(
            world.receiver->transfers.answer(offer.transfer, true, {}, selection, world.receiver->carrier, world.now));
        world.settled();
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(world.receiverHost.disk.content("/dst/in/%72eadme") == pattern(2, 100'000));
        QVERIFY(world.receiverHost.disk.content("/dst/in/%73ub/x") == pattern(4, 20));
    }

    void names_of_which_the_volume_refuses_a_part_arrive_escaped_also_after_a_crash() {
        for (size_t cut = 0; cut < 120; cut += 2) {
            TransferWorld world(8 + cut);
            world.receiverHost.disk.setOnlyPortableNames(true);
            world.senderHost.disk.addFile("/src/in/aux.c", pattern(1, 10));
            world.senderHost.disk.addFile("/src/in/dot.", pattern(2, 300'000));
            world.senderHost.disk.addFile("/src/in/con/who?", pattern(3, 10));
            world.senderHost.disk.addFile("/src/in/fine", pattern(4, 300'000));
            world.senderHost.disk.addFile("/src/in/" + kDecomposed, pattern(5, 20)); // can be held as it is
            world.send({"/src/in"});
            for (size_t i = 0; i < cut; ++i) world.step();
            if (cut > 0) world.killReceiver();
            QVERIFY(world.run());
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
            const MemoryStorage& disk = world.receiverHost.disk;
            QVERIFY(disk.content("/dst/in/%61ux.c") == pattern(1, 10));
            QVERIFY(disk.content("/dst/in/dot%2E") == pattern(2, 300'000));
            QVERIFY(disk.content("/dst/in/%63on/who%3F") == pattern(3, 10));
            QVERIFY(disk.content("/dst/in/fine") == pattern(4, 300'000));
            QVERIFY(disk.content("/dst/in/" + kDecomposed) == pattern(5, 20));
            QVERIFY2(disk.parts("/dst").empty() && !disk.exists("/dst/in (1)"), qPrintable(QString::number(cut)));
        }
    }

    void a_root_that_the_volume_cannot_hold_is_escaped_and_numbered_like_any_other() {
        TransferWorld world(9);
        world.receiverHost.disk.setOnlyPortableNames(true);
        world.senderHost.disk.addFile("/a/who?.txt", pattern(1, 10));
        world.senderHost.disk.addFile("/b/who?.txt", pattern(2, 10));
        for (const char* path : {"/a/who?.txt", "/b/who?.txt", "/a/who?.txt"}) {
            world.send({path});
            QVERIFY(world.run());
        }
        const MemoryStorage& disk = world.receiverHost.disk;
        QVERIFY(disk.content("/dst/who%3F.txt") == pattern(1, 10));
        QVERIFY(disk.content("/dst/who%3F (1).txt") == pattern(2, 10));
        QCOMPARE(disk.tree("/dst").size(), size_t(2));
    }

    void a_name_that_has_no_room_for_its_escape_fails_alone_and_is_named() {
        TransferWorld world(10);
        world.receiverHost.disk.setOnlyPortableNames(true);
        const std::string longest(253, 'n');
        world.senderHost.disk.addFile("/src/in/" + longest + "?", pattern(1, 10)); // 254 + 2
        world.senderHost.disk.addFile("/src/in/" + longest.substr(1) + "?", pattern(2, 10));
        world.senderHost.disk.addFile("/src/in/" + longest + ":/below", pattern(3, 10));
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.receiverHost.disk.content("/dst/in/" + longest.substr(1) + "%3F") == pattern(2, 10));
        QCOMPARE(world.receiverHost.disk.tree("/dst/in").size(), size_t(1));
        const auto renames = world.receiver->eventsOf<OfferMade>().at(0).renames;
        QCOMPARE(renames.size(), size_t(3));
        QCOMPARE(std::count_if(renames.begin(), renames.end(), [](const auto& one) { return one.landsAs.empty(); }), 2);
        for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
            const auto failed = peer->eventsOf<TransferFailed>();
            QVERIFY(failed.size() == 1);
            QCOMPARE(failed[0].error.code, Errc::UnportableName);
            QCOMPARE(failed[0].figures.filesDone, uint64_t(1));
        }
    }
};

QTEST_APPLESS_MAIN(FoldedNamesTest)
#include "folded_names_test.moc"

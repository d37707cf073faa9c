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

    void where_names_fold_the_first_of_two_arrives_and_the_other_is_a_clear_failure() {
        for (uint64_t seed = 1; seed <= 5; ++seed) {
            TransferWorld world(seed); // A10
            world.receiverHost.disk.setFoldsNames(true);
            addTwins(world.senderHost.disk);
            world.send({"/src/in"});
            QVERIFY(world.run());
            const MemoryStorage& disk = world.receiverHost.disk;
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                const auto failed = peer->eventsOf<TransferFailed>();
                QVERIFY(failed.size() == 1 && peer->eventsOf<TransferDelivered>().empty());
                QCOMPARE(failed[0].error.code, Errc::UnportableName);
                QVERIFY2(failed[0].file == "in/readme" || failed[0].file == "in/sub", failed[0].file.c_str());
                QCOMPARE(failed[0].figures.filesDone, uint64_t(4));
            }
            QVERIFY(disk.content("/dst/in/README") == pattern(1, 100));
            QVERIFY(disk.content("/dst/in/Sub/x") == pattern(3, 10));
            QVERIFY(disk.content("/dst/in/other") == pattern(8, 300'000));
            QVERIFY(disk.content("/dst/in/" + kDecomposed) == pattern(7, 50)); // the first in byte order
            QVERIFY(!disk.exists("/dst/in/Sub/deeper"));
            QCOMPARE(disk.tree("/dst/in").size(), size_t(5));
            QVERIFY(disk.parts("/dst").empty());

            world.send({"/src/in"}); // again: the same end, nothing new, nothing replaced
            QVERIFY(world.run());
            QCOMPARE(world.sender->eventsOf<TransferFailed>().size(), size_t(2));
            QCOMPARE(disk.tree("/dst/in").size(), size_t(5));
            QVERIFY(disk.content("/dst/in/README") == pattern(1, 100));
        }
    }

    void every_twin_is_named_to_the_sender() {
        LiarWorld world;
        world.host.disk.setFoldsNames(true);
        const auto control = world.offer(
            {LiarWorld::folder("in"), LiarWorld::folder("A", 1), LiarWorld::file("x", 1, 2), LiarWorld::file("B", 1, 1),
             LiarWorld::folder("a", 1), LiarWorld::file("x", 1, 5), LiarWorld::file("b", 1, 1)},
            4);
        std::set<uint32_t> named;
        for (const ControlMessage& message : world.liar.heard(control)) {
            const auto* failed = std::get_if<wire::FileFailed>(&message);
            if (!failed) continue;
            QCOMPARE(errcOfWire(failed->code()), Errc::UnportableName);
            QVERIFY(!failed->message().empty());
            named.insert(failed->entry());
        }
        QVERIFY(named == (std::set<uint32_t>{4, 5, 6}));
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
                const auto note = world.receiverHost.disk.content("/dst/NOTE");
                const bool kept = existsAlready && conflict != Conflict::Replace;
                QVERIFY(note == (kept ? pattern(9, 30) : pattern(1, 10)));
                for (const auto& [path, entry] : world.receiverHost.disk.tree("/dst"))
                    QVERIFY2(entry.content != pattern(2, 20), path.c_str());
                if (existsAlready && (conflict == Conflict::Skip || conflict == Conflict::Fail)) continue;
                const auto failed = world.sender->eventsOf<TransferFailed>();
                QVERIFY(failed.size() == 1);
                QCOMPARE(failed[0].error.code, Errc::UnportableName);
                QCOMPARE(failed[0].file, std::string("note"));
            }
        }
    }

    void a_twin_that_alone_was_selected_arrives() {
        TransferWorld world(7);
        world.receiverHost.disk.setFoldsNames(true);
        world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
        addTwins(world.senderHost.disk);
        world.send({"/src/in"});
        QVERIFY(world.run());
        const OfferMade offer = world.receiver->eventsOf<OfferMade>().at(0);
        std::vector<uint32_t> selection;
        for (uint32_t i = 0; i < offer.entries.size(); ++i)
            if (offer.entries[i].path == "in/readme" || offer.entries[i].path == "in/sub/x") selection.push_back(i);
        QCOMPARE(selection.size(), size_t(2));
        QVERIFY(
            world.receiver->transfers.answer(offer.transfer, true, {}, selection, world.receiver->carrier, world.now));
        world.settled();
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(world.receiverHost.disk.content("/dst/in/readme") == pattern(2, 100'000));
        QVERIFY(world.receiverHost.disk.content("/dst/in/sub/x") == pattern(4, 20));
    }

    void names_that_the_volume_cannot_hold_fail_alone_and_are_named() {
        TransferWorld world(8);
        world.receiverHost.disk.setOnlyPortableNames(true);
        world.senderHost.disk.addFile("/src/in/aux.c", pattern(1, 10));
        world.senderHost.disk.addFile("/src/in/dot.", pattern(2, 300'000));
        world.senderHost.disk.addFile("/src/in/con/inside", pattern(3, 10));
        world.senderHost.disk.addFile("/src/in/fine", pattern(4, 300'000));
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.receiverHost.disk.content("/dst/in/fine") == pattern(4, 300'000));
        QCOMPARE(world.receiverHost.disk.tree("/dst/in").size(), size_t(1));
        for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
            const auto failed = peer->eventsOf<TransferFailed>();
            QVERIFY(failed.size() == 1);
            QVERIFY2(failed[0].error.code == Errc::UnportableName, failed[0].error.text().c_str());
            QCOMPARE(failed[0].figures.filesDone, uint64_t(1));
        }
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
    }
};

QTEST_APPLESS_MAIN(FoldedNamesTest)
#include "folded_names_test.moc"

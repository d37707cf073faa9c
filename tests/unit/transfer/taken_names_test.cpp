#include "transfer/machine_limits.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// An offer of "/src/in" (doc, sub/other) and "/src/note" to somebody who is asked.
struct Asked {
    explicit Asked(Conflict conflict) {
        world.setPolicy({true, Accept::Ask, conflict, "/dst", false, {}});
        world.senderHost.disk.addFile("/src/in/doc", pattern(1, 500));
        world.senderHost.disk.addFile("/src/in/sub/other", pattern(2, 500));
        world.senderHost.disk.addFile("/src/note", pattern(3, 500));
    }
    OfferMade offer() {
        world.send({"/src/in", "/src/note"});
        if (!world.run()) return {};
        return world.receiver->eventsOf<OfferMade>().back();
    }
    void say(bool yes) {
        const TransferId transfer = world.receiver->eventsOf<OfferMade>().back().transfer;
        QVERIFY(world.receiver->transfers.answer(transfer, yes, {}, {}, world.receiver->carrier, world.now));
        world.settled();
        QVERIFY(world.run());
    }
    MemoryStorage& disk() { return world.receiverHost.disk; }
    TransferWorld world{1};
};

using Names = std::vector<TakenName>;

} // namespace

/// Whoever is asked is told which names are taken, and what becomes of them (CLI.md --conflict).
class TakenNamesTest : public QObject {
    Q_OBJECT

  private slots:
    void what_is_free_is_not_told_and_nothing_is_made_before_the_answer() {
        for (const bool folderThere : {false, true}) {
            Asked asked(Conflict::Rename);
            if (folderThere) asked.disk().addFile("/dst/else", pattern(9, 10));
            const OfferMade offer = asked.offer();
            QVERIFY(offer.needsAnswer);
            QCOMPARE(offer.takenTotal, uint64_t(0));
            QVERIFY(offer.taken.empty() && !offer.takenMayBeMore);
            QCOMPARE(asked.disk().tree("/dst").size(), size_t(folderThere ? 1 : 0));
            QCOMPARE(asked.disk().exists("/dst"), folderThere);
        }
    }

    void what_lands_beside_is_told_with_its_name_there() {
        Asked asked(Conflict::Rename);
        asked.disk().addFile("/dst/in/doc", pattern(9, 10));
        asked.disk().addFile("/dst/note", pattern(9, 10));
        asked.disk().addFile("/dst/note (1)", pattern(9, 10));
        const OfferMade offer = asked.offer();
        QVERIFY(offer.taken == (Names{{"in", NameFate::Renamed, "in (1)"}, {"note", NameFate::Renamed, "note (2)"}}));
        QCOMPARE(offer.takenTotal, uint64_t(2));
        asked.say(true);
        QVERIFY(asked.disk().content("/dst/in (1)/doc") == pattern(1, 500));
        QVERIFY(asked.disk().content("/dst/note (2)") == pattern(3, 500));
        QVERIFY(asked.disk().content("/dst/note") == pattern(9, 10));
    }

    void what_is_replaced_is_told_also_within_folders_that_are_merged() {
        Asked asked(Conflict::Replace);
        asked.disk().addFile("/dst/in/doc", pattern(9, 10));
        asked.disk().addFile("/dst/in/sub/mine", pattern(9, 10));
        asked.disk().addLink("/dst/note", "/elsewhere");
        const OfferMade offer = asked.offer();
        QVERIFY(offer.taken == (Names{{"note", NameFate::Replaced, {}}, {"in/doc", NameFate::Replaced, {}}}));
        asked.say(true);
        QVERIFY(asked.disk().content("/dst/in/doc") == pattern(1, 500));
        QVERIFY(asked.disk().content("/dst/note") == pattern(3, 500));
    }

    void a_folder_in_the_way_of_a_file_is_never_replaced_and_that_is_told() {
        Asked asked(Conflict::Replace);
        asked.disk().addFile("/dst/note/mine", pattern(9, 10));
        asked.disk().addFile("/dst/in/doc/mine", pattern(9, 10));
        const OfferMade offer = asked.offer();
        QVERIFY(offer.taken == (Names{{"note", NameFate::Renamed, "note (1)"}, {"in/doc", NameFate::Renamed, {}}}));
        asked.say(true);
        QVERIFY(asked.disk().content("/dst/in/doc (1)") == pattern(1, 500));
    }

    void what_is_left_out_is_told() {
        Asked asked(Conflict::Skip);
        asked.disk().addFile("/dst/in/doc", pattern(9, 10));
        asked.disk().addFile("/dst/note", pattern(9, 10));
        const OfferMade offer = asked.offer();
        QVERIFY(offer.taken == (Names{{"note", NameFate::Skipped, {}}, {"in/doc", NameFate::Skipped, {}}}));
        asked.say(true);
        QVERIFY(asked.disk().content("/dst/in/doc") == pattern(9, 10));
        QVERIFY(asked.disk().content("/dst/in/sub/other") == pattern(2, 500));
    }

    void what_the_policy_refuses_is_declined_before_anybody_is_asked() {
        Asked asked(Conflict::Fail);
        asked.disk().addFile("/dst/note", pattern(9, 10));
        const OfferMade offer = asked.offer();
        QVERIFY(!offer.needsAnswer);
        const auto declined = asked.world.receiver->eventsOf<OfferDeclined>();
        QCOMPARE(declined.size(), size_t(1));
        QCOMPARE(declined[0].reason, std::string("exists already: note"));
        QCOMPARE(asked.world.sender->eventsOf<OfferDeclined>().at(0).reason, declined[0].reason);
        QCOMPARE(asked.disk().tree("/dst").size(), size_t(1));
        // With the name free somebody is asked.
        asked.disk().remove("/dst/note");
        QVERIFY(asked.offer().needsAnswer);
        asked.say(true);
        QVERIFY(asked.disk().content("/dst/note") == pattern(3, 500));
    }

    void what_goes_on_in_its_own_place_is_not_told() {
        Asked asked(Conflict::Rename);
        asked.offer();
        asked.say(true);
        asked.world.senderHost.disk.rewrite("/src/in/doc", pattern(7, 600));
        const OfferMade offer = asked.offer();
        QVERIFY(offer.needsAnswer);
        QCOMPARE(offer.takenTotal, uint64_t(0));
    }

    void a_volume_that_is_gone_keeps_nobody_from_being_asked() {
        Asked asked(Conflict::Rename);
        asked.disk().addFile("/dst/note", pattern(9, 10));
        asked.world.receiver->tamper = [](const Job& job, JobDone& done) {
            if (std::holds_alternative<LookJob>(job.work)) done.outcome = makeError(Errc::Io, "a broken disk");
        };
        const OfferMade offer = asked.offer();
        QVERIFY(offer.needsAnswer);
        QVERIFY(offer.takenMayBeMore);
    }

    void no_more_is_looked_at_than_the_bounds_allow() {
        for (const size_t roots : {kMaxRootsLooked, kMaxRootsLooked + 1}) {
            TransferWorld world(5);
            world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
            std::vector<std::string> paths;
            for (size_t i = 0; i < roots; ++i) {
                paths.push_back("/src/f" + std::to_string(i));
                world.senderHost.disk.addFile(paths.back(), {});
            }
            for (size_t i = 0; i < kMaxTakenTold + 1; ++i)
                world.receiverHost.disk.addFile("/dst/f" + std::to_string(i), {});
            world.send(paths);
            QVERIFY(world.run());
            const OfferMade offer = world.receiver->eventsOf<OfferMade>().at(0);
            QCOMPARE(offer.takenMayBeMore, roots > kMaxRootsLooked);
            QCOMPARE(offer.takenTotal, uint64_t(kMaxTakenTold + 1));
            QCOMPARE(offer.taken.size(), kMaxTakenTold);
        }
    }

    void no_more_entries_of_a_merged_folder_are_looked_at_than_the_bound_allows() {
        for (const size_t files : {kMaxEntriesLooked, kMaxEntriesLooked + 1}) {
            TransferWorld world(6);
            world.setPolicy({true, Accept::Ask, Conflict::Skip, "/dst", false, {}});
            for (size_t i = 0; i < files; ++i) world.senderHost.disk.addFile("/src/in/f" + std::to_string(i), {});
            world.receiverHost.disk.addFile("/dst/in/f0", pattern(9, 10));
            world.send({"/src/in"});
            QVERIFY(world.run());
            const OfferMade offer = world.receiver->eventsOf<OfferMade>().at(0);
            QCOMPARE(offer.takenMayBeMore, files > kMaxEntriesLooked);
            QCOMPARE(offer.takenTotal, uint64_t(1));
        }
    }
};

QTEST_APPLESS_MAIN(TakenNamesTest)
#include "taken_names_test.moc"

#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

QString describe(const TransferPeer& peer) {
    QString text;
    for (const TransferEvent& event : peer.events) {
        text += QString::number(event.index());
        if (const auto* failed = std::get_if<TransferFailed>(&event))
            text += QString::fromStdString(" " + failed->error.text() + " [" + failed->file + "]");
        if (const auto* lost = std::get_if<TransferInterrupted>(&event))
            text += QString::fromStdString(" " + lost->error.text());
        if (const auto* declined = std::get_if<OfferDeclined>(&event))
            text += QString::fromStdString(" " + declined->reason);
        text += "; ";
    }
    return text;
}

} // namespace

#define REQUIRE_DELIVERED(world)                                                                                       \
    do {                                                                                                               \
        QVERIFY2((world).sender->eventsOf<TransferDelivered>().size() == 1, qPrintable(describe(*(world).sender)));    \
        QVERIFY2(!(world).receiver->eventsOf<TransferDelivered>().empty(), qPrintable(describe(*(world).receiver)));   \
        QVERIFY((world).receiverHost.disk.parts("/dst").empty());                                                      \
        QCOMPARE((world).sender->carrier.uncredited() + (world).receiver->carrier.uncredited(), size_t(0));            \
    } while (false)

class TransfersTest : public QObject {
    Q_OBJECT

  private slots:
    void a_mixed_tree_arrives_equal_in_any_order_of_events() {
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            TransferWorld world(seed);
            addMixedTree(world.senderHost.disk, "/src/in");
            world.send({"/src/in"});
            QVERIFY(world.run());
            REQUIRE_DELIVERED(world);
            QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
        }
    }

    void every_feature_of_the_transfer_fires() {
        TransferWorld world(3);
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        REQUIRE_DELIVERED(world);
        const TransferDelivered sent = world.sender->eventsOf<TransferDelivered>().front();
        QVERIFY(sent.figures.chunksCompressed > 0);
        QCOMPARE(sent.figures.filesBatched, uint64_t(22));
        QVERIFY(sent.figures.streamsUsed > 2);
        QCOMPARE(sent.figures.chunksResent, uint64_t(0));
        QCOMPARE(sent.figures.bytesVerified, sent.figures.bytesTotal);
        QCOMPARE(sent.figures.filesDone, uint64_t(26));
        QVERIFY(sent.figures.bytesSent < sent.figures.bytesTotal);
        const TransferDelivered got = world.receiver->eventsOf<TransferDelivered>().front();
        QVERIFY(got.incoming && got.folder == "/dst" && got.names == std::vector<std::string>{"in"});
        QCOMPARE(got.figures.bytesVerified, sent.figures.bytesTotal);
        QVERIFY(world.sender->most <= 8 && world.receiver->most <= 12);
    }

    void several_roots_and_single_files_arrive() {
        TransferWorld world(4);
        world.senderHost.disk.addFile("/a/one.txt", pattern(1, 10));
        world.senderHost.disk.addFile("/b/two.bin", pattern(2, 300'000));
        world.senderHost.disk.addFolder("/c/nothing");
        world.send({"/a/one.txt", "/b/two.bin", "/c/nothing"});
        QVERIFY(world.run());
        REQUIRE_DELIVERED(world);
        QVERIFY(world.receiverHost.disk.content("/dst/one.txt") == pattern(1, 10));
        QVERIFY(world.receiverHost.disk.content("/dst/two.bin") == pattern(2, 300'000));
        QVERIFY(world.receiverHost.disk.exists("/dst/nothing"));
    }

    void links_with_tiny_windows_and_pieces_only_cost_time() {
        PairOptions options;
        options.streamWindow = 16 * 1024;
        options.linkWindow = 40 * 1024;
        options.sendBuffer = 7'000;
        options.maxPiece = 1'237;
        TransferWorld world(5, options);
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run(2'000'000));
        REQUIRE_DELIVERED(world);
        QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
    }

    void an_offer_that_asks_is_answered_by_the_person() {
        TransferWorld world(6);
        world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        const auto offers = world.receiver->eventsOf<OfferMade>();
        QVERIFY(offers.size() == 1 && offers[0].needsAnswer && offers[0].incoming);
        QCOMPARE(offers[0].entries.size(), size_t(offers[0].filesTotal + offers[0].foldersTotal));
        QVERIFY(!world.receiverHost.disk.exists("/dst"));
        QVERIFY(world.receiver->transfers.answer(offers[0].transfer, false, "not now", {}, world.receiver->carrier,
                                                 world.now));
        QVERIFY(
            !world.receiver->transfers.answer(offers[0].transfer, true, {}, {}, world.receiver->carrier, world.now));
        world.settled();
        QVERIFY(world.run());
        const auto declined = world.sender->eventsOf<OfferDeclined>();
        QVERIFY(declined.size() == 1 && declined[0].reason == "not now");
        QVERIFY(!world.receiverHost.disk.exists("/dst"));
        QCOMPARE(world.sender->carrier.openStreams(world.sender->links.begin()->second), size_t(0));
    }

    void a_selection_takes_only_what_was_selected() {
        TransferWorld world(7);
        world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        const OfferMade offer = world.receiver->eventsOf<OfferMade>().at(0);
        std::vector<uint32_t> selection;
        for (uint32_t i = 0; i < offer.entries.size(); ++i)
            if (offer.entries[i].path == "in/deep/er/large" || offer.entries[i].path == "in/small/f7")
                selection.push_back(i);
        QVERIFY(
            world.receiver->transfers.answer(offer.transfer, true, {}, selection, world.receiver->carrier, world.now));
        world.settled();
        QVERIFY(world.run());
        REQUIRE_DELIVERED(world);
        const auto tree = world.receiverHost.disk.tree("/dst");
        QCOMPARE(tree.size(), size_t(6)); // in, deep, er, large, small, f7
        QVERIFY(tree.contains("in/deep/er/large") && tree.contains("in/small/f7"));
    }

    void only_trusted_keys_are_accepted_without_asking() {
        for (const bool trusted : {false, true}) {
            TransferWorld world(8);
            world.setPolicy(
                {true, Accept::Trusted, Conflict::Rename, "/dst", false, {TransferPeer::idOf(trusted ? 1 : 9)}});
            addMixedTree(world.senderHost.disk, "/src/in");
            world.send({"/src/in"});
            QVERIFY(world.run());
            QCOMPARE(world.receiver->eventsOf<OfferMade>().at(0).needsAnswer, !trusted);
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(trusted));
        }
    }

    void dangerous_names_are_never_accepted_into_a_home_folder_without_asking() {
        for (const bool home : {false, true}) {
            TransferWorld world(9);
            world.setPolicy({true, Accept::All, Conflict::Rename, "/dst", home, {}});
            world.senderHost.disk.addFile("/src/.bashrc", pattern(1, 20));
            world.send({"/src/.bashrc"});
            QVERIFY(world.run());
            QCOMPARE(world.receiver->eventsOf<OfferMade>().at(0).needsAnswer, home);
            QCOMPARE(world.receiverHost.disk.exists("/dst/.bashrc"), !home);
        }
    }

    void a_receiver_that_is_switched_off_declines() {
        TransferWorld world(10);
        world.setPolicy({});
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<OfferDeclined>().size(), size_t(1));
    }

    void every_conflict_policy_does_what_it_says() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip, Conflict::Fail}) {
            TransferWorld world(11);
            world.setPolicy({true, Accept::All, conflict, "/dst", false, {}});
            world.senderHost.disk.addFile("/src/in/a", pattern(1, 10));
            world.senderHost.disk.addFile("/src/note.txt", pattern(2, 20));
            world.receiverHost.disk.addFile("/dst/in/a", pattern(8, 10));
            world.receiverHost.disk.addFile("/dst/in/mine", pattern(9, 10));
            world.receiverHost.disk.addFile("/dst/note.txt", pattern(7, 20));
            world.send({"/src/in", "/src/note.txt"});
            QVERIFY(world.run());
            const auto& disk = world.receiverHost.disk;
            QVERIFY(disk.content("/dst/in/mine") == pattern(9, 10));
            const bool replaced = conflict == Conflict::Replace;
            QVERIFY(disk.content("/dst/in/a") == pattern(replaced ? 1 : 8, 10));
            QVERIFY(disk.content("/dst/note.txt") == pattern(replaced ? 2 : 7, 20));
            QCOMPARE(disk.exists("/dst/in (1)/a"), conflict == Conflict::Rename);
            QCOMPARE(disk.exists("/dst/note (1).txt"), conflict == Conflict::Rename);
            QCOMPARE(world.sender->eventsOf<OfferDeclined>().size(), size_t(conflict == Conflict::Fail));
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(conflict != Conflict::Fail));
            QVERIFY(disk.parts("/dst").empty());
            if (conflict == Conflict::Fail) continue;
            for (TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                const TransferFigures figures = peer->eventsOf<TransferDelivered>().at(0).figures;
                QCOMPARE(figures.filesSkipped, uint64_t(conflict == Conflict::Skip ? 2 : 0));
                QCOMPARE(figures.filesDone, uint64_t(conflict == Conflict::Skip ? 0 : 2));
                QCOMPARE(figures.filesTotal, figures.filesDone);
            }
        }
    }

    void a_different_offer_of_the_same_name_gets_another_number() {
        TransferWorld world(12);
        for (int i = 0; i < 3; ++i) {
            const std::string root = "/src" + std::to_string(i) + "/in";
            world.senderHost.disk.addFile(root + "/f", pattern(static_cast<uint64_t>(i), 100));
            world.send({root});
            QVERIFY(world.run());
        }
        QVERIFY(world.receiverHost.disk.content("/dst/in/f") == pattern(0, 100));
        QVERIFY(world.receiverHost.disk.content("/dst/in (1)/f") == pattern(1, 100));
        QVERIFY(world.receiverHost.disk.content("/dst/in (2)/f") == pattern(2, 100));
    }

    void two_offers_at_once_never_share_a_name() {
        TransferWorld world(13);
        world.senderHost.disk.addFile("/a/same.bin", pattern(1, 400'000));
        world.senderHost.disk.addFile("/b/same.bin", pattern(2, 400'000));
        world.send({"/a/same.bin"});
        world.send({"/b/same.bin"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(2));
        QVERIFY(world.receiverHost.disk.exists("/dst/same.bin") && world.receiverHost.disk.exists("/dst/same (1).bin"));
    }

    void cancelling_tells_the_other_side_who_did_it() {
        for (const bool bySender : {true, false}) {
            TransferWorld world(14);
            addMixedTree(world.senderHost.disk, "/src/in");
            const TransferId id = world.send({"/src/in"});
            for (int i = 0; i < 60; ++i) world.step();
            if (bySender) {
                QVERIFY(world.sender->transfers.cancel(id, world.sender->carrier, world.now));
            } else {
                const TransferId theirs = world.receiver->eventsOf<OfferMade>().at(0).transfer;
                QVERIFY(world.receiver->transfers.cancel(theirs, world.receiver->carrier, world.now));
            }
            world.settled();
            QVERIFY(world.run());
            const auto sent = world.sender->eventsOf<TransferFailed>();
            const auto got = world.receiver->eventsOf<TransferFailed>();
            QVERIFY2(sent.size() == 1 && got.size() == 1,
                     qPrintable(describe(*world.sender) + describe(*world.receiver)));
            QCOMPARE(sent[0].error.code, Errc::Cancelled);
            QCOMPARE(got[0].error.code, Errc::Cancelled);
            QVERIFY((bySender ? got : sent)[0].error.context.find("sender") != std::string::npos ||
                    (bySender ? got : sent)[0].error.context.find("receiver") != std::string::npos);
            QCOMPARE(world.receiver->carrier.uncredited(), size_t(0));
        }
    }

    void a_source_that_changes_is_an_error_and_never_a_mix() {
        TransferWorld world(15);
        addMixedTree(world.senderHost.disk, "/src/in");
        MemoryStorage& disk = world.senderHost.disk;
        bool done = false;
        disk.onSourceRead([&](const std::string& path, uint64_t reads) {
            if (path != "/src/in/deep/er/large" || reads < 5 || std::exchange(done, true)) return;
            disk.rewrite(path, pattern(999, 3 * kChunkSize + 17));
        });
        world.send({"/src/in"});
        QVERIFY(world.run());
        const auto failed = world.sender->eventsOf<TransferFailed>();
        QVERIFY2(failed.size() == 1, qPrintable(describe(*world.sender)));
        QCOMPARE(failed[0].error.code, Errc::SourceChanged);
        QCOMPARE(failed[0].file, std::string("in/deep/er/large"));
        QVERIFY(!world.receiverHost.disk.exists("/dst/in/deep/er/large"));
        QVERIFY(world.receiverHost.disk.exists("/dst/in/text"));
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
        QCOMPARE(world.receiver->eventsOf<TransferFailed>().size(), size_t(1));
    }

    void a_name_that_is_not_text_costs_its_file_only_and_no_local_path_is_told() {
        for (const bool small : {true, false}) {
            TransferWorld world(15);
            addMixedTree(world.senderHost.disk, "/src/in");
            MemoryStorage& disk = world.senderHost.disk;
            const std::string path = "/src/in/secret \xe9";
            const size_t size = small ? 1000 : 3 * kChunkSize;
            disk.addFile(path, pattern(998, size));
            bool done = false;
            disk.onSourceRead([&](const std::string& read, uint64_t) {
                if (read == path && !std::exchange(done, true)) disk.rewrite(path, pattern(999, size));
            });
            world.send({"/src/in"});
            QVERIFY(world.run());
            QVERIFY(done);
            const auto sent = world.sender->eventsOf<TransferFailed>();
            const auto got = world.receiver->eventsOf<TransferFailed>();
            QVERIFY2(sent.size() == 1 && got.size() == 1, qPrintable(describe(*world.sender)));
            QCOMPARE(sent[0].error.code, Errc::SourceChanged);
            QCOMPARE(got[0].error.code, Errc::SourceChanged);
            QCOMPARE(got[0].file, std::string("in/secret \xe9"));
            QCOMPARE(got[0].error.context, std::string("the sender: it changed while it was sent"));
            QVERIFY(world.receiverHost.disk.exists("/dst/in/text"));
        }
    }

    void a_damaged_chunk_is_sent_again_and_three_times_is_the_end() {
        for (const int times : {1, 2, 99}) {
            TransferWorld world(16);
            addMixedTree(world.senderHost.disk, "/src/in");
            int left = times;
            world.sender->tamper = [&](const Job& job, JobDone& done) {
                const auto* read = std::get_if<ReadChunkJob>(&job.work);
                if (!read || !done.outcome || left == 0 || read->chunk != 0) return;
                if (read->file.inside.find("large") == std::string::npos) return;
                --left;
                auto& frame = std::get<FrameReady>(*done.outcome);
                Bytes bytes(totalLength(frame.frame));
                copyTo(frame.frame, bytes);
                bytes.back() ^= 1;
                frame.frame = {Slice::copyOf(bytes)};
            };
            world.send({"/src/in"});
            QVERIFY(world.run());
            if (times < 99) {
                REQUIRE_DELIVERED(world);
                QCOMPARE(world.sender->eventsOf<TransferDelivered>()[0].figures.chunksResent, uint64_t(times));
                QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
            } else {
                QCOMPARE(world.sender->eventsOf<TransferFailed>().at(0).error.code, Errc::VerificationFailed);
                QCOMPARE(world.receiver->eventsOf<TransferFailed>().at(0).error.code, Errc::VerificationFailed);
                QVERIFY(!world.receiverHost.disk.exists("/dst/in/deep/er/large"));
            }
        }
    }

    void a_peer_that_is_away_is_waited_for() {
        TransferWorld world(17);
        world.senderHost.disk.addFile("/src/a", pattern(1, 10));
        world.sender->addresses[world.receiver->id] = TransferPeer::addressOf(77);
        world.send({"/src/a"}, std::chrono::seconds(30));
        QVERIFY(world.run());
        const auto failed = world.sender->eventsOf<TransferFailed>();
        QVERIFY(failed.size() == 1);
        QCOMPARE(failed[0].error.code, Errc::Unreachable);
        QVERIFY(world.now.mono >= Instant(std::chrono::seconds(30)) &&
                world.now.mono < Instant(std::chrono::seconds(35)));
    }

    void a_disk_that_is_too_full_is_known_before_anything_is_written() {
        TransferWorld world(18);
        addMixedTree(world.senderHost.disk, "/src/in");
        world.receiverHost.disk.setCapacity(500'000);
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferFailed>().at(0).error.code, Errc::DiskFull);
        QCOMPARE(world.receiver->eventsOf<TransferFailed>().at(0).error.code, Errc::DiskFull);
        QVERIFY(world.receiverHost.disk.tree("/dst").empty());
    }

    void a_failure_of_the_receiver_names_the_file_as_it_was_offered() {
        const auto failsAt = [](const std::string& part) {
            TransferWorld world(71);
            world.senderHost.disk.addFile("/src/in/a", pattern(1, 100));
            world.senderHost.disk.addFile("/src/in/sub/large", pattern(2, 300'000));
            world.receiverHost.disk.addFile("/dst/in", pattern(3, 10)); // lands as "in (1)"
            world.receiver->tamper = [&](const Job& job, JobDone& done) {
                const auto* folders = std::get_if<MakeFoldersJob>(&job.work);
                const auto* parts = std::get_if<PreparePartJob>(&job.work);
                const bool isFolder = folders && std::ranges::find(folders->paths, part) != folders->paths.end();
                if (isFolder || (parts && parts->part.starts_with(part + "/.")))
                    done.outcome = makeError(Errc::PermissionDenied, "/dst/" + part);
            };
            world.send({"/src/in"});
            std::string files;
            if (!world.run()) return std::string("it does not end");
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()})
                for (const TransferFailed& failed : peer->eventsOf<TransferFailed>())
                    files += failed.file + " (" + failed.error.text() + ") ";
            return files;
        };
        QCOMPARE(failsAt("in (1)"), std::string("in (permission-denied: the receiver: permission denied) "
                                                "in (permission-denied: /dst/in (1)) "));
        QCOMPARE(failsAt("in (1)/sub"), std::string("in/sub (permission-denied: the receiver: permission denied) "
                                                    "in/sub (permission-denied: /dst/in (1)/sub) "));
    }

    void a_part_that_cannot_be_made_names_its_file() {
        TransferWorld world(72);
        world.senderHost.disk.addFile("/src/in/large", pattern(2, 300'000));
        world.receiver->tamper = [](const Job& job, JobDone& done) {
            if (std::holds_alternative<PreparePartJob>(job.work)) done.outcome = makeError(Errc::ReadOnly, "local");
        };
        world.send({"/src/in"});
        QVERIFY(world.run());
        for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
            const auto failed = peer->eventsOf<TransferFailed>();
            QCOMPARE(failed.size(), size_t(1));
            QCOMPARE(failed[0].error.code, Errc::ReadOnly);
            QCOMPARE(failed[0].file, std::string("in/large"));
        }
    }
};

QTEST_APPLESS_MAIN(TransfersTest)
#include "transfers_test.moc"

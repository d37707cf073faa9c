#include "transfer/machine_limits.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

QString describe(const TransferPeer& peer);
QString describeBoth(const TransferWorld& world, uint64_t number) {
    return QString("%1: %2 | %3").arg(number).arg(describe(*world.sender), describe(*world.receiver));
}

enum class Victim { Sender, Receiver, Link };

/// That a job writes.
size_t chunksOf(const Job& job) {
    if (std::holds_alternative<WriteChunkPairJob>(job.work)) return 2;
    return std::holds_alternative<WriteChunkJob>(job.work) ? 1 : 0;
}

/// A small tree, so that it can be cut at every step.
void addSmallTree(MemoryStorage& disk) {
    disk.addFolder("/src/in/empty");
    disk.addFile("/src/in/zero", {});
    for (uint64_t i = 0; i < 5; ++i)
        disk.addFile("/src/in/s" + std::to_string(i), pattern(i, 500 + i), 1'650'000'000'000'000'000);
    disk.addFile("/src/in/mid", pattern(50, 70'000));
    disk.addFile("/src/in/big", pattern(51, 2 * kChunkSize + 5), 1'610'000'000'000'000'123);
}

bool equalTrees(const TransferWorld& world) {
    return world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in");
}

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

class ResumeTest : public QObject {
    Q_OBJECT

    /// Cuts at step `cut`; the same command again after a killed sender. False: the run was over before.
    static bool runWithCut(TransferWorld& world, size_t cut, Victim victim) {
        world.send({"/src/in"});
        for (size_t i = 0; i < cut; ++i)
            if (!world.sender->eventsOf<TransferDelivered>().empty() || !world.step()) return false;
        if (victim == Victim::Sender) {
            world.killSender();
            world.send({"/src/in"});
        } else if (victim == Victim::Receiver) {
            world.killReceiver();
        } else {
            world.breakLink();
        }
        return true;
    }
    static void cutEverywhere(Victim victim) {
        size_t cut = 0;
        for (bool cutHappened = true; cutHappened; ++cut) {
            TransferWorld world(100 + cut % 3);
            addSmallTree(world.senderHost.disk);
            cutHappened = runWithCut(world, cut, victim);
            QVERIFY(world.run());
            const QString where =
                QString("cut %1: %2 | %3").arg(cut).arg(describe(*world.sender), describe(*world.receiver));
            QVERIFY2(world.sender->eventsOf<TransferDelivered>().size() == 1, qPrintable(where));
            QVERIFY2(equalTrees(world), qPrintable(where));
            QVERIFY2(world.receiverHost.disk.parts("/dst").empty(), qPrintable(where));
            QVERIFY2(!world.receiverHost.disk.exists("/dst/in (1)"), qPrintable(where));
            QCOMPARE(world.receiver->carrier.uncredited(), size_t(0));
        }
        QVERIFY(cut > 30);
    }

  private slots:
    void a_sender_killed_at_any_step_goes_on_where_it_was() { cutEverywhere(Victim::Sender); }
    void a_receiver_killed_at_any_step_goes_on_where_it_was() { cutEverywhere(Victim::Receiver); }
    void a_connection_lost_at_any_step_is_made_again() { cutEverywhere(Victim::Link); }

    void a_resume_sends_only_what_is_not_verified() {
        TransferWorld world(5);
        const size_t size = 40 * kChunkSize;
        world.senderHost.disk.addFile("/src/in/huge", pattern(1, size));
        uint64_t read = 0;
        const auto count = [&](const Job& job, JobDone& done) {
            if (std::holds_alternative<ReadChunkJob>(job.work))
                read += std::get<FrameReady>(*done.outcome).payloadOnWire;
        };
        world.sender->tamper = count;
        world.send({"/src/in"});
        size_t kills = 0;
        for (size_t i = 0; i < 100'000 && world.sender->eventsOf<TransferDelivered>().empty(); ++i) {
            world.step();
            if (i % 400 != 399 || kills == 3) continue;
            ++kills;
            if (kills % 2 == 1) {
                world.killReceiver();
            } else {
                world.killSender();
                world.sender->tamper = count;
                world.send({"/src/in"});
            }
        }
        QVERIFY(world.run());
        QVERIFY(equalTrees(world));
        QCOMPARE(kills, size_t(3));
        // Per kill: frames read ahead, on the way and being written.
        QVERIFY2(read <= size + kills * 24 * kChunkSize, qPrintable(QString::number(read / kChunkSize)));
        bool resumed = false;
        for (const TransferResumed& event : world.receiver->eventsOf<TransferResumed>())
            resumed = resumed || event.bytesAlready > 0;
        QVERIFY(resumed);
    }

    void groups_that_are_there_already_do_not_hold_up_the_next_one() {
        for (uint64_t seed = 1; seed <= 5; ++seed) {
            TransferWorld world(seed);
            const size_t claimed = 2 * kChunksPerGroup; // as much as is hashed ahead, in whatever order
            world.senderHost.disk.addFile("/src/in/huge", pattern(seed, (claimed + 1) * kChunkSize));
            size_t written = 0;
            world.receiver->tamper = [&](const Job& job, JobDone&) {
                written += chunksOf(job);
            };
            world.send({"/src/in"});
            while (written < claimed && world.step()) {
            }
            world.killSender();
            world.send({"/src/in"});
            QVERIFY(world.run());
            QVERIFY2(world.sender->eventsOf<TransferDelivered>().size() == 1, qPrintable(describeBoth(world, seed)));
            QVERIFY(equalTrees(world));
        }
    }

    void the_same_send_again_sends_nothing() {
        TransferWorld world(6);
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        world.killSender();
        world.send({"/src/in"});
        QVERIFY(world.run());
        const auto delivered = world.sender->eventsOf<TransferDelivered>();
        QVERIFY(delivered.size() == 1);
        QCOMPARE(delivered[0].figures.bytesSent, uint64_t(0));
        QVERIFY(!world.receiverHost.disk.exists("/dst/in (1)"));
        QVERIFY(equalTrees(world));
    }

    void a_changed_file_replaces_the_version_that_was_delivered_before_but_not_the_persons_own_work() {
        TransferWorld world(7);
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        world.senderHost.disk.rewrite("/src/in/medium", pattern(7, 120'000));
        world.senderHost.disk.rewrite("/src/in/small/f3", pattern(8, 12));
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(2));
        QVERIFY(equalTrees(world));

        world.receiverHost.disk.rewrite("/dst/in/medium", pattern(9, 50));
        world.senderHost.disk.rewrite("/src/in/medium", pattern(10, 120'000));
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.receiverHost.disk.content("/dst/in/medium") == pattern(9, 50));
        QVERIFY(world.receiverHost.disk.content("/dst/in/medium (1)") == pattern(10, 120'000));
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(3));
    }

    void a_version_of_the_same_size_from_a_moment_later_or_earlier_is_another_version() {
        TransferWorld world(71);
        const int64_t noon = 1'650'000'000'000'000'000;
        const auto sendVersion = [&](uint64_t version, int64_t modifiedNs) {
            for (const char* path : {"/src/in/small", "/src/in/large"}) {
                world.senderHost.disk.remove(path);
                world.senderHost.disk.addFile(path, pattern(version, path[8] == 's' ? 500 : 300'000), modifiedNs);
            }
            world.send({"/src/in"});
            QVERIFY(world.run());
            QVERIFY2(equalTrees(world), qPrintable(describeBoth(world, version)));
        };
        world.senderHost.disk.addFile("/src/in/small", {});
        world.senderHost.disk.addFile("/src/in/large", {});
        sendVersion(1, noon);
        sendVersion(2, noon + 1'000'000'000);
        sendVersion(1, noon);
        sendVersion(3, noon + 1'000'000);
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(4));
    }

    void another_manifest_under_an_accepted_key_is_asked_about_again() {
        TransferWorld world(8);
        world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
        addSmallTree(world.senderHost.disk);
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.receiver->transfers.answer(world.receiver->eventsOf<OfferMade>().at(0).transfer, true, {}, {},
                                                 world.receiver->carrier, world.now));
        world.settled();
        QVERIFY(world.run());
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(2));
        QVERIFY(!world.receiver->eventsOf<OfferMade>().at(1).needsAnswer);
        world.senderHost.disk.addFile("/src/in/more", pattern(1, 10));
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.receiver->eventsOf<OfferMade>().at(2).needsAnswer);
        QVERIFY(!world.receiverHost.disk.exists("/dst/in/more"));
    }

    void a_verified_part_outlives_a_failure_that_passes() {
        const size_t chunks = 20;
        for (uint64_t nth = 1; nth <= 4; ++nth) { // finish, sync, rename, sync of the folder
            TransferWorld world(90 + nth);
            world.senderHost.disk.addFile("/src/in/huge", pattern(nth, chunks * kChunkSize));
            size_t written = 0;
            world.receiver->tamper = [&](const Job& job, JobDone&) {
                written += chunksOf(job);
                if (written == chunks && std::exchange(written, chunks + 1) == chunks)
                    world.receiverHost.disk.failChange(nth, Errc::Timeout);
            };
            world.send({"/src/in"});
            QVERIFY(world.run());
            const auto failed = world.receiver->eventsOf<TransferFailed>();
            QVERIFY2(failed.size() == 1 && failed[0].file == "in/huge", qPrintable(describeBoth(world, nth)));
            QCOMPARE(failed[0].error.code, Errc::Timeout);
            world.killReceiver();
            for (int again = 0; again < 2; ++again) { // also when the next attempt does not get to it
                if (again == 0) world.receiverHost.disk.failChange(nth < 4 ? 3 : 0, Errc::Timeout);
                world.send({"/src/in"});
                QVERIFY(world.run());
            }
            const auto delivered = world.sender->eventsOf<TransferDelivered>();
            QVERIFY2(!delivered.empty(), qPrintable(describeBoth(world, nth)));
            QCOMPARE(delivered.front().figures.bytesSent, uint64_t(0));
            QVERIFY2(equalTrees(world), qPrintable(describeBoth(world, nth)));
            QVERIFY(world.receiverHost.disk.parts("/dst").empty());
            QCOMPARE(world.receiverHost.rowsIn(Space::Chunks), size_t(0));
        }
    }

    void a_source_that_cannot_be_read_for_a_moment_costs_only_what_had_not_come() {
        TransferWorld world(95);
        const uint64_t chunks = 60; // far more than are under way at once, so that some have come when the reading fails
        world.senderHost.disk.addFile("/src/in/huge", pattern(1, chunks * kChunkSize));
        world.senderHost.disk.failRead(2 * chunks - 5, Errc::Busy);
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.sender->eventsOf<TransferDelivered>().empty());
        QCOMPARE(world.receiverHost.disk.parts("/dst").size(), size_t(1));
        world.send({"/src/in"});
        QVERIFY(world.run());
        const auto resumed = world.receiver->eventsOf<TransferResumed>();
        QVERIFY2(!resumed.empty() && resumed.back().bytesAlready > 0, qPrintable(describeBoth(world, 0)));
        QVERIFY(equalTrees(world));
    }

    void without_handles_the_transfer_ends_and_can_be_resumed() {
        TransferWorld world(96);
        world.senderHost.disk.addFile("/src/in/huge", pattern(1, 20 * kChunkSize));
        world.receiverHost.disk.failChange(12, Errc::LimitReached);
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.receiver->eventsOf<TransferFailed>().at(0).error.code, Errc::LimitReached);
        QCOMPARE(world.receiverHost.disk.parts("/dst").size(), size_t(1));
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(equalTrees(world));
    }

    void a_damaged_part_is_found_out_and_mended() {
        TransferWorld world(9);
        world.senderHost.disk.addFile("/src/in/huge", pattern(1, 20 * kChunkSize));
        world.send({"/src/in"});
        for (int i = 0; i < 300 && world.receiverHost.store.size() < 2; ++i) world.step();
        for (int i = 0; i < 60; ++i) world.step();
        world.killReceiver();
        const auto parts = world.receiverHost.disk.parts("/dst");
        QVERIFY(parts.size() == 1);
        const std::string part = "/dst/" + parts[0];
        Bytes content = *world.receiverHost.disk.content(part);
        for (size_t i = 0; i < content.size(); i += 1000) content[i] ^= 1;
        world.receiverHost.disk.rewrite(part, content);
        QVERIFY(world.run());
        QVERIFY2(equalTrees(world), qPrintable(describe(*world.sender) + describe(*world.receiver)));
    }

    void claims_that_a_power_cut_has_made_false_are_no_failures() {
        const size_t chunks = 40;
        TransferWorld world(97);
        world.senderHost.disk.addFile("/src/in/huge", Bytes(chunks * kChunkSize, 'x'));
        size_t written = 0;
        world.receiver->tamper = [&](const Job& job, JobDone&) {
            written += chunksOf(job);
        };
        world.send({"/src/in"});
        while (written < chunks - 10 && world.step()) {
        }
        world.killReceiver();
        const auto parts = world.receiverHost.disk.parts("/dst");
        QVERIFY(parts.size() == 1);
        world.receiverHost.disk.rewrite("/dst/" + parts[0], Bytes(chunks * kChunkSize, 0));
        QVERIFY(world.run(2'000'000));
        const auto delivered = world.sender->eventsOf<TransferDelivered>();
        QVERIFY2(delivered.size() == 1, qPrintable(describeBoth(world, 0)));
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().at(0).figures.chunksResent, uint64_t(0));
        QCOMPARE(delivered[0].figures.chunksResent, uint64_t(0)); // they were claimed, not sent
        QVERIFY(equalTrees(world));
    }

    void what_was_skipped_lands_when_the_policy_renames() {
        TransferWorld world(98);
        world.senderHost.disk.addFile("/src/f", pattern(1, 10));
        world.receiverHost.disk.addFile("/dst/f", pattern(2, 10));
        world.setPolicy({true, Accept::All, Conflict::Skip, "/dst", false, {}});
        world.send({"/src/f"});
        QVERIFY(world.run());
        QCOMPARE(world.receiverHost.disk.tree("/dst").size(), size_t(1));
        world.setPolicy({true, Accept::All, Conflict::Rename, "/dst", false, {}});
        world.send({"/src/f"});
        QVERIFY(world.run());
        QVERIFY(world.receiverHost.disk.content("/dst/f (1)") == pattern(1, 10));
        QVERIFY(world.receiverHost.disk.content("/dst/f") == pattern(2, 10));
    }

    void an_old_yes_is_not_used_again_for_what_was_delivered() {
        for (const bool late : {false, true}) {
            TransferWorld world(99);
            world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
            world.senderHost.disk.addFile("/src/f", pattern(1, 100));
            world.send({"/src/f"});
            QVERIFY(world.run());
            const TransferId first = world.receiver->eventsOf<OfferMade>().at(0).transfer;
            QVERIFY(world.receiver->transfers.answer(first, true, {}, {}, world.receiver->carrier, world.now));
            world.settled();
            QVERIFY(world.run());
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
            // The person has put it away; now other bytes come under the same name, size and time.
            world.receiverHost.disk.remove("/dst/f");
            world.senderHost.disk.remove("/src/f");
            world.senderHost.disk.addFile("/src/f", pattern(2, 100));
            world.passTime(std::chrono::seconds(late ? kReceiptRetrySeconds : kReceiptRetrySeconds - 1));
            world.send({"/src/f"});
            QVERIFY(world.run());
            QVERIFY(world.receiver->eventsOf<OfferMade>().at(1).needsAnswer);
            QVERIFY(!world.receiverHost.disk.exists("/dst/f"));
        }
    }

    void a_part_that_is_gone_costs_only_its_content() {
        TransferWorld world(10);
        world.senderHost.disk.addFile("/src/in/huge", pattern(1, 20 * kChunkSize));
        world.send({"/src/in"});
        for (int i = 0; i < 300; ++i) world.step();
        world.killReceiver();
        for (const std::string& part : world.receiverHost.disk.parts("/dst"))
            world.receiverHost.disk.remove("/dst/" + part);
        QVERIFY(world.run());
        QVERIFY2(equalTrees(world), qPrintable(describe(*world.sender) + describe(*world.receiver)));
    }

    void a_power_cut_at_any_moment_loses_nothing_that_was_said_to_be_delivered() {
        for (size_t cut = 0; cut < 200; cut += 3) {
            TransferWorld world(200 + cut);
            addSmallTree(world.senderHost.disk);
            world.send({"/src/in"});
            for (size_t i = 0; i < cut; ++i) world.step();
            world.killReceiver();
            world.receiverHost.disk.powerCut(cut);
            const bool said = !world.sender->eventsOf<TransferDelivered>().empty();
            if (said) {
                QVERIFY(equalTrees(world));
                continue;
            }
            QVERIFY(world.run());
            const QString where =
                QString("cut %1: %2 | %3").arg(cut).arg(describe(*world.sender), describe(*world.receiver));
            QVERIFY2(equalTrees(world), qPrintable(where));
        }
    }

    void a_disk_that_fails_at_any_write_is_a_clear_error_and_the_next_attempt_finishes() {
        for (const Errc code : {Errc::DiskFull, Errc::Io, Errc::ReadOnly, Errc::VolumeGone, Errc::PermissionDenied}) {
            for (uint64_t nth = 1; nth < 80; nth += code == Errc::DiskFull ? 1 : 7) {
                TransferWorld world(300 + nth);
                addSmallTree(world.senderHost.disk);
                world.receiverHost.disk.failChange(nth, code);
                world.send({"/src/in"});
                QVERIFY(world.run());
                const auto failed = world.receiver->eventsOf<TransferFailed>();
                QString where = describeBoth(world, nth);
                QVERIFY2(failed.size() + world.receiver->eventsOf<TransferDelivered>().size() == 1, qPrintable(where));
                if (!failed.empty()) {
                    QVERIFY2(failed[0].error.code == code, qPrintable(where));
                    QVERIFY2(world.sender->eventsOf<TransferFailed>().at(0).error.code == code, qPrintable(where));
                    world.send({"/src/in"});
                    QVERIFY2(world.run(), qPrintable(where));
                }
                where = describeBoth(world, nth);
                QVERIFY2(equalTrees(world), qPrintable(where));
                QVERIFY2(world.receiverHost.disk.parts("/dst").empty(), qPrintable(where));
                QCOMPARE(world.receiver->carrier.uncredited(), size_t(0));
            }
        }
    }
};

QTEST_APPLESS_MAIN(ResumeTest)
#include "resume_test.moc"

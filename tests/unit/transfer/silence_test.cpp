#include "liar.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

constexpr Duration kMoment(1);

/// An honest sender and a receiver that says only what the test wants.
struct SilentReceiver {
    SilentReceiver() : liar(world.network, 2) {
        world.senderHost.disk.addFile("/src/big", pattern(1, 300'000));
        world.sender->transfers.send(TransferPeer::idOf(2), {{"/src/big"}, std::chrono::seconds(30), {}}, world.now);
        settle();
    }
    ~SilentReceiver() { world.startReceiver(); }
    void settle() {
        for (int i = 0; i < 300; ++i) {
            world.sender->settle(world.now);
            liar.settle();
            world.network.deliverOne();
            if (!world.sender->jobs.empty()) world.sender->runJob(0, world.now);
        }
    }
    void pass(Duration duration) {
        world.passTime(duration);
        world.sender->transfers.onDeadline(world.sender->carrier, world.now);
        settle();
    }
    size_t interrupted() const { return world.sender->eventsOf<TransferInterrupted>().size(); }

    struct World : TransferWorld {
        World() : TransferWorld(1) { receiver.reset(); }
    } world;
    Liar liar;
};

} // namespace

class SilenceTest : public QObject {
    Q_OBJECT

  private slots:
    void a_receiver_that_never_sends_its_receipt_is_tried_again() {
        SilentReceiver peer;
        peer.liar.say(peer.liar.opened.at(0), wire::Accept());
        peer.settle();
        peer.pass(kSilenceTimeout - kMoment);
        QCOMPARE(peer.interrupted(), size_t(0));
        const size_t streams = peer.liar.opened.size();
        peer.pass(kMoment);
        QCOMPARE(peer.interrupted(), size_t(1));
        QCOMPARE(peer.world.sender->eventsOf<TransferInterrupted>()[0].error.code, Errc::Timeout);
        peer.pass(kLastRetry);
        QVERIFY(peer.liar.opened.size() > streams);
        QVERIFY(peer.world.sender->eventsOf<TransferFailed>().empty());
    }

    void a_receiver_that_goes_on_saying_how_it_gets_on_is_waited_for() {
        SilentReceiver peer;
        peer.liar.say(peer.liar.opened.at(0), wire::Accept());
        peer.settle();
        for (int minute = 0; minute < 60; ++minute) {
            peer.pass(std::chrono::minutes(1));
            peer.liar.say(peer.liar.opened.at(0), wire::Progress());
            peer.settle();
        }
        QCOMPARE(peer.interrupted(), size_t(0));
    }

    void a_person_may_take_any_time_to_answer() {
        SilentReceiver peer;
        peer.pass(std::chrono::hours(24));
        QCOMPARE(peer.interrupted(), size_t(0));
        QVERIFY(peer.world.sender->eventsOf<TransferFailed>().empty());
    }

    void a_receiver_whose_disk_takes_long_says_so_and_is_waited_for() {
        TransferWorld world(2);
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        // The disk thread hangs in a sync: everything but its jobs goes on.
        const auto onDisk = [](const Job& job) { return job.lane == JobLane::Disk; };
        const auto drain = [&] {
            for (bool moved = true; moved;) {
                moved = world.network.deliverOne();
                world.settled();
                for (TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                    const auto job = std::find_if_not(peer->jobs.begin(), peer->jobs.end(), onDisk);
                    if (job == peer->jobs.end()) continue;
                    peer->runJob(static_cast<size_t>(job - peer->jobs.begin()), world.now);
                    moved = true;
                }
                while (!world.receiver->scans.empty()) world.receiver->answerScan(world.now), moved = true;
            }
        };
        drain();
        QVERIFY(!world.receiver->jobs.empty() && onDisk(world.receiver->jobs.front()));
        const size_t before = world.sender->eventsOf<TransferProgress>().size();
        const Instant end = world.now.mono + std::chrono::minutes(30);
        while (world.now.mono < end) {
            QVERIFY(world.wait());
            drain();
        }
        QVERIFY(world.sender->eventsOf<TransferInterrupted>().empty());
        QVERIFY(world.receiver->eventsOf<TransferInterrupted>().empty());
        const size_t told = world.sender->eventsOf<TransferProgress>().size() - before;
        QVERIFY2(told >= 170 && told <= 190, qPrintable(QString::number(told)));
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
    }

    void a_sender_that_does_not_send_what_is_missing_is_given_up() {
        const HonestFile file(600'000);
        for (const bool saidEnd : {false, true}) {
            LiarWorld world;
            const auto control = world.offer({LiarWorld::file("big", 600'000)}, 600'000);
            const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
            world.liar.write(key, file.frame(0, 0));
            if (saidEnd) world.liar.say(control, wire::SendEnd());
            world.run();
            const auto pass = [&](Duration duration) {
                world.now.mono += duration;
                world.victim.transfers.onDeadline(world.victim.carrier, world.now);
                world.run();
            };
            pass(kSilenceTimeout - kMoment);
            QVERIFY(world.victim.eventsOf<TransferInterrupted>().empty());
            pass(kMoment);
            const auto interrupted = world.victim.eventsOf<TransferInterrupted>();
            QCOMPARE(interrupted.size(), size_t(saidEnd));
            QCOMPARE(world.liar.resets.contains(control), saidEnd);
            if (saidEnd) QCOMPARE(interrupted[0].error.code, Errc::Timeout);
            QVERIFY(world.host.disk.parts("/dst").size() == 1 && world.linkLives());
            QCOMPARE(world.host.rowsIn(Space::Chunks), size_t(2));
        }
    }

    void a_sender_that_sends_something_in_time_is_not_given_up() {
        const HonestFile file(600'000);
        LiarWorld world;
        const auto control = world.offer({LiarWorld::file("big", 600'000)}, 600'000);
        const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.say(control, wire::SendEnd());
        for (uint32_t chunk = 0; chunk < 3; ++chunk) {
            world.now.mono += kSilenceTimeout - kMoment;
            world.victim.transfers.onDeadline(world.victim.carrier, world.now);
            world.liar.write(key, file.frame(0, chunk));
            world.run();
        }
        world.liar.say(control, file.end(0));
        world.run();
        QVERIFY(world.victim.eventsOf<TransferInterrupted>().empty());
        QVERIFY(world.host.disk.content("/dst/big") == file.content);
    }
};

QTEST_APPLESS_MAIN(SilenceTest)
#include "silence_test.moc"

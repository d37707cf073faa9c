#include "liar.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// A receiver with few turns, and peers that say what the test wants, each over a link of its own.
struct Turns {
    /// One offer of a file of which the first chunks come when the test says so.
    struct Offer {
        Liar* liar;
        link::StreamKey control;
        std::optional<link::StreamKey> data{};
        Bytes attempt;
        TransferId transfer; ///< at the receiver
        uint32_t sent = 0;   ///< chunks
    };

    Turns(uint32_t turns, size_t peers) {
        victim.transfers.setReceivePolicy({true, Accept::All, Conflict::Rename, "/dst", false, {}}, now);
        victim.transfers.setParallelReceives(turns, victim.carrier, now);
        for (size_t i = 0; i < peers; ++i) {
            liars.push_back(std::make_unique<Liar>(network, uint8_t(9 + i)));
            (void)liars.back()->carrier.dial(TransferPeer::addressOf(2), victim.id, now).value();
        }
        run();
    }
    void run() {
        while (network.deliverOne() || !victim.jobs.empty() || !victim.scans.empty()) {
            victim.settle(now);
            for (const auto& liar : liars) liar->settle();
            if (!victim.jobs.empty()) victim.runJob(0, now);
            if (!victim.scans.empty()) victim.answerScan(now);
        }
        victim.settle(now);
    }
    Offer& offer(size_t peer, bool hears = true) {
        Liar& liar = *liars[peer];
        const auto number = static_cast<char>('a' + offers.size());
        Offer& one = offers.emplace_back(Offer{&liar, {}, {}, Bytes(16, uint8_t(number)), {}});
        one.control = liar.open(wire::StreamHello::CONTROL, one.attempt);
        wire::Offer message;
        message.set_offer_key(std::string(32, number));
        message.set_entry_count(2);
        message.set_total_bytes(file.content.size() + rest.content.size());
        message.set_hears_hold(hears);
        liar.say(one.control, message);
        wire::ManifestPage page;
        *page.add_entries() = LiarWorld::file(std::string(1, number), file.content.size());
        *page.add_entries() = LiarWorld::file(std::string(2, number), rest.content.size());
        liar.say(one.control, page);
        liar.say(one.control, wire::ManifestEnd());
        run();
        one.transfer = victim.eventsOf<OfferMade>().back().transfer;
        return one;
    }
    /// Of the first file, and when all of that is sent, of the second.
    void sendChunk(Offer& of) {
        if (!of.data) of.data = of.liar->open(wire::StreamHello::DATA, of.attempt);
        const uint32_t chunk = of.sent++;
        of.liar->write(*of.data,
                       chunk < kChunksPerGroup ? file.frame(0, chunk) : rest.frame(1, chunk - kChunksPerGroup));
        run();
    }
    void hold(Offer& of, uint32_t why) {
        wire::Hold message;
        message.set_why(why);
        of.liar->say(of.control, message);
        run();
    }
    void pass(Duration time) {
        now.mono += time;
        now.wall.nanoseconds += time.count();
        victim.transfers.onDeadline(victim.carrier, now);
        victim.settle(now);
        run();
    }
    template <typename Message> static std::vector<Message> heardOf(Offer& of) {
        std::vector<Message> found;
        for (ControlMessage& message : of.liar->heard(of.control))
            if (auto* one = std::get_if<Message>(&message)) found.push_back(std::move(*one));
        return found;
    }
    /// It has been let in and is not held.
    static bool runs(Offer& of) {
        const auto holds = heardOf<wire::Hold>(of);
        return !heardOf<wire::Accept>(of).empty() && (holds.empty() || holds.back().why() == 0);
    }
    std::vector<Errc> interrupted(const Offer& of) const {
        std::vector<Errc> found;
        for (const auto& event : victim.eventsOf<TransferInterrupted>())
            if (event.transfer == of.transfer) found.push_back(event.error.code);
        return found;
    }

    Now now{Instant{}, UnixTime::fromSeconds(1'800'000'000)};
    PairNetwork network{wideOpen()};
    test::Host host;
    TransferPeer victim{network, host, 2, 77};
    std::vector<std::unique_ptr<Liar>> liars;
    std::deque<Offer> offers;
    const HonestFile file{kGroupSize}, rest{2 * kChunkSize};
};

} // namespace

class ReceiveTurnsTest : public QObject {
    Q_OBJECT

  private slots:
    void a_quiet_sender_loses_its_turn_when_its_patience_is_over_although_its_peer_has_the_fewest() {
        for (const bool over : {false, true}) {
            Turns world(2, 2);
            Turns::Offer& quiet = world.offer(0);
            Turns::Offer& busy = world.offer(1);
            Turns::Offer& next = world.offer(1);
            QVERIFY(Turns::runs(quiet) && Turns::runs(busy) && !Turns::runs(next));
            world.pass(kReceivePatience / 2);
            world.sendChunk(busy);
            world.pass(kReceivePatience - kReceivePatience / 2 - Duration(over ? 0 : 1));
            QCOMPARE(Turns::runs(quiet), !over);
            QCOMPARE(Turns::runs(next), over);
            QVERIFY(Turns::runs(busy));
        }
    }

    void nobody_loses_a_turn_that_nobody_waits_for() {
        Turns world(2, 2);
        Turns::Offer& quiet = world.offer(0);
        world.pass(2 * kReceivePatience);
        QVERIFY(Turns::runs(quiet));
        QVERIFY(Turns::heardOf<wire::Hold>(quiet).empty());
    }

    void what_is_said_beside_the_content_keeps_no_turn() {
        Turns world(1, 2);
        Turns::Offer& talks = world.offer(0);
        Turns::Offer& next = world.offer(1);
        world.pass(kReceivePatience - Duration(1));
        wire::FileEnd end = world.file.end(0);
        talks.liar->say(talks.control, end);
        world.run();
        QVERIFY(Turns::runs(talks));
        world.pass(Duration(1));
        QVERIFY(!Turns::runs(talks) && Turns::runs(next));
    }

    void a_quiet_sender_of_an_earlier_version_is_left_without_an_accept_when_others_wait() {
        for (const bool over : {false, true}) {
            Turns world(1, 2);
            Turns::Offer& old = world.offer(0, false);
            Turns::Offer& next = world.offer(1);
            world.pass(kReceivePatience - Duration(over ? 0 : 1));
            QCOMPARE(world.interrupted(old).size(), size_t(over ? 1 : 0));
            QCOMPARE(Turns::runs(next), over);
            QVERIFY(Turns::heardOf<wire::Hold>(old).empty());
            if (!over) continue;
            Turns::Offer& again = world.offer(0, false);
            QVERIFY(Turns::heardOf<wire::Accept>(again).empty());
        }
    }

    void a_sender_that_holds_its_transfer_and_goes_on_all_the_same_gets_no_further() {
        for (const bool othersWait : {false, true}) {
            Turns world(1, 2);
            Turns::Offer& liar = world.offer(0);
            if (othersWait) (void)world.offer(1);
            world.hold(liar, 1);
            if (othersWait) QVERIFY(Turns::runs(world.offers[1]));
            static_assert(kMaxAfterHold == kGroupSize); // all of the first file
            for (uint64_t bytes = 0; bytes < kMaxAfterHold; bytes += kChunkSize) world.sendChunk(liar);
            QVERIFY(world.interrupted(liar).empty()); // it may have been on its way
            world.sendChunk(liar);
            QVERIFY(world.interrupted(liar) == std::vector{Errc::ProtocolViolation});
        }
    }

    void holding_and_letting_go_again_gives_no_room_without_a_turn() {
        Turns world(1, 2);
        Turns::Offer& liar = world.offer(0);
        (void)world.offer(1);
        world.hold(liar, 1); // the other one has the turn now
        for (uint64_t bytes = 0; bytes < kMaxAfterHold / 2; bytes += kChunkSize) world.sendChunk(liar);
        world.hold(liar, 0);
        world.hold(liar, 1);
        for (uint64_t bytes = 0; bytes < kMaxAfterHold / 2; bytes += kChunkSize) world.sendChunk(liar);
        QVERIFY(world.interrupted(liar).empty());
        world.sendChunk(liar);
        QVERIFY(world.interrupted(liar) == std::vector{Errc::ProtocolViolation});
    }

    void resuming_what_is_not_paused_changes_no_turn() {
        Turns world(1, 3);
        Turns::Offer& first = world.offer(0);
        Turns::Offer& second = world.offer(1);
        world.pass(Duration(1));
        Turns::Offer& third = world.offer(2);
        world.pass(Duration(1));
        QVERIFY(world.victim.transfers.resume(second.transfer, world.victim.carrier, world.now));
        QVERIFY(world.victim.transfers.cancel(first.transfer, world.victim.carrier, world.now));
        world.run();
        QVERIFY(Turns::runs(second) && !Turns::runs(third));
    }
};

QTEST_APPLESS_MAIN(ReceiveTurnsTest)
#include "receive_turns_test.moc"

#include "liar.h"
#include "transfer/paused_receives.h"
#include "transfer/resume_state.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// A liar that offers one file or two, as a sender of this version or of one before Hold.
struct Offering : LiarWorld {
    link::StreamKey control; ///< of the last offer
    link::StreamKey begin(const HonestFile& content, bool hears, uint8_t number = 1, uint64_t second = 0) {
        const link::StreamKey key = offerAgain(content, number, hears, second);
        run();
        return key;
    }
    link::StreamKey offerAgain(const HonestFile& content, uint8_t number, bool hears = true, uint64_t second = 0) {
        attempt = Bytes(16, number);
        const link::StreamKey key = control = liar.open(wire::StreamHello::CONTROL, attempt);
        wire::Offer offer;
        offer.set_offer_key(std::string(32, 'k'));
        offer.set_entry_count(second > 0 ? 2 : 1);
        offer.set_total_bytes(content.content.size() + second);
        offer.set_hears_hold(hears);
        liar.say(key, offer);
        wire::ManifestPage page;
        *page.add_entries() = file("big", content.content.size());
        if (second > 0) *page.add_entries() = file("second", second);
        liar.say(key, page);
        liar.say(key, wire::ManifestEnd());
        return key;
    }
    /// What has been said arrives; no job is done.
    void deliver() {
        while (network.deliverOne()) victim.settle(now), liar.settle();
        victim.settle(now);
    }
    TransferId transfer() const { return victim.eventsOf<OfferAccepted>().back().transfer; }
    Result<void> pause() {
        const Result<void> done = victim.transfers.pause(transfer(), victim.carrier, now);
        victim.settle(now);
        run();
        return done;
    }
    Result<void> resume() {
        const Result<void> done = victim.transfers.resume(transfer(), victim.carrier, now);
        victim.settle(now);
        run();
        return done;
    }
    template <typename Message> std::vector<Message> heardOf(link::StreamKey key) {
        std::vector<Message> found;
        for (ControlMessage& message : liar.heard(key))
            if (auto* one = std::get_if<Message>(&message)) found.push_back(std::move(*one));
        return found;
    }
};

} // namespace

class ReceiveHoldTest : public QObject {
    Q_OBJECT

  private slots:
    void a_sender_that_understands_is_told_and_stays() {
        Offering world;
        const HonestFile file(3 * kChunkSize);
        const auto key = world.begin(file, true);
        const auto accept = world.heardOf<wire::Accept>(key);
        QVERIFY(accept.size() == 1 && accept[0].hears_hold());
        QVERIFY(world.heardOf<wire::Hold>(key).empty());
        QVERIFY(world.pause());
        QCOMPARE(world.heardOf<wire::Hold>(key).back().why(), 1u);
        QCOMPARE(world.host.rowsIn(Space::Paused), 1u);
        QVERIFY(world.pause()); // a second time changes nothing
        QCOMPARE(world.heardOf<wire::Hold>(key).size(), 1u);
        QVERIFY(world.resume());
        QCOMPARE(world.heardOf<wire::Hold>(key).back().why(), 0u);
        QCOMPARE(world.host.rowsIn(Space::Paused), 0u);
        QVERIFY(world.victim.eventsOf<TransferInterrupted>().empty());
    }

    void a_sender_of_an_earlier_version_is_held_by_leaving_its_offer_unanswered() {
        Offering world;
        const HonestFile file(3 * kChunkSize);
        const auto first = world.begin(file, false);
        QCOMPARE(world.heardOf<wire::Accept>(first).size(), 1u);
        const TransferId number = world.transfer();
        QVERIFY(world.pause());
        QVERIFY(world.heardOf<wire::Hold>(first).empty());
        QCOMPARE(world.victim.eventsOf<TransferInterrupted>().size(), 1u);
        const auto again = world.begin(file, false, 2);
        QVERIFY(world.liar.heard(again).empty());
        QCOMPARE(world.transfer().value, number.value);
        QVERIFY(world.resume());
        QCOMPARE(world.heardOf<wire::Accept>(again).size(), 1u);
        QVERIFY(world.heardOf<wire::Hold>(again).empty());
    }

    void a_sender_that_goes_on_all_the_same_gets_no_further() {
        Offering world;
        const HonestFile file(kMaxAfterHold), rest(2 * kChunkSize);
        static_assert(kMaxAfterHold <= kGroupSize); // what HonestFile can be
        (void)world.begin(file, true, 1, rest.content.size());
        QVERIFY(world.pause());
        const auto data = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.run();
        for (uint32_t chunk = 0; chunk < kMaxAfterHold / kChunkSize; ++chunk) {
            world.liar.write(data, file.frame(0, chunk));
            world.run();
        }
        QVERIFY(world.victim.eventsOf<TransferInterrupted>().empty()); // it may have been on its way
        world.liar.write(data, rest.frame(1, 0));
        world.run();
        const auto ended = world.victim.eventsOf<TransferInterrupted>();
        QCOMPARE(ended.size(), 1u);
        QCOMPARE(ended[0].error.code, Errc::ProtocolViolation);
        QVERIFY(world.linkLives());
        const auto again = world.begin(file, true, 2, rest.content.size());
        QCOMPARE(world.liar.heard(again).size(), 1u);
        QCOMPARE(world.heardOf<wire::Hold>(again).size(), 1u);
    }

    void a_hold_before_the_accept_breaks_the_protocol() {
        Offering world;
        const HonestFile file(kChunkSize);
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        const auto key = world.begin(file, true);
        world.liar.say(key, wire::Hold());
        world.run();
        QCOMPARE(world.lastError().code, Errc::ProtocolViolation);
    }

    void what_the_sender_holds_is_told_whatever_number_it_gives() {
        Offering world;
        const HonestFile file(kChunkSize);
        const auto key = world.begin(file, true);
        for (const auto& [why, wanted] : {std::pair(1u, Hold::Paused), std::pair(2u, Hold::Queued),
                                          std::pair(0u, Hold::None), std::pair(~0u, Hold::Queued)}) {
            wire::Hold hold;
            hold.set_why(why);
            world.liar.say(key, hold);
            world.run();
            QCOMPARE(world.victim.eventsOf<TransferHeld>().back().there, wanted);
        }
    }

    void holds_come_in_bounded_number() {
        Offering world;
        const HonestFile file(kChunkSize);
        const auto key = world.begin(file, true);
        const auto say = [&](uint32_t why) {
            wire::Hold hold;
            hold.set_why(why);
            world.liar.say(key, hold);
            world.run();
        };
        for (uint64_t i = 0; i < kHoldBurst; ++i) say(i % 2);
        QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
        say(1);
        QCOMPARE(world.lastError().code, Errc::ProtocolViolation);
    }

    // What somebody has paused does not end by an attempt that nobody has looked at.
    void a_further_attempt_that_breaks_the_protocol_leaves_it_paused_and_listed() {
        for (const bool refused : {false, true}) { // the end of a connection, or a refusal
            Offering world;
            const HonestFile file(3 * kChunkSize);
            (void)world.begin(file, true);
            QVERIFY(world.pause());
            const TransferId number = world.transfer();
            world.liar.carrier.reset(world.control, 0);
            world.run();
            world.attempt = Bytes(16, 2);
            const auto again = world.offerAgain(file, 2);
            if (refused) {
                Bytes tooLong;
                codec::appendVarint(tooLong, kMaxControlMessage + 1);
                world.liar.write(again, tooLong);
            } else {
                world.liar.say(again, wire::SendEnd());
            }
            world.deliver(); // while it is being recognised
            world.run();
            QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
            QCOMPARE(world.host.rowsIn(Space::Paused), size_t(1));
            (void)world.begin(file, true, 3);
            QCOMPARE(world.transfer().value, number.value);
            QVERIFY(world.resume());
            QCOMPARE(world.host.rowsIn(Space::Paused), size_t(0));
        }
    }

    void a_sender_that_takes_it_back_before_its_next_attempt_has_its_place_ends_it() {
        Offering world;
        const HonestFile file(3 * kChunkSize);
        (void)world.begin(file, true);
        const auto data = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(data, file.frame(0, 0));
        world.deliver();
        QVERIFY(!world.victim.jobs.empty()); // which keeps the place
        QVERIFY(world.victim.transfers.pause(world.transfer(), world.victim.carrier, world.now));
        const TransferId number = world.transfer();
        world.liar.carrier.reset(world.control, 0);
        world.deliver();
        const auto again = world.offerAgain(file, 2);
        world.deliver();
        wire::Cancel cancel;
        cancel.set_code(wireCode(Errc::Cancelled));
        world.liar.say(again, cancel);
        world.deliver();
        const auto failed = world.victim.eventsOf<TransferFailed>();
        QCOMPARE(failed.size(), size_t(1));
        QCOMPARE(failed[0].transfer.value, number.value);
        world.run();
        QCOMPARE(world.host.rowsIn(Space::Paused), size_t(0));
    }

    void what_nobody_has_accepted_cannot_be_paused() {
        Offering world;
        const HonestFile file(kChunkSize);
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        (void)world.begin(file, true);
        const TransferId offered = world.victim.eventsOf<OfferMade>().back().transfer;
        QCOMPARE(world.victim.transfers.pause(offered, world.victim.carrier, world.now).error().code,
                 Errc::InvalidArgument);
        QCOMPARE(world.victim.transfers.pause({99}, world.victim.carrier, world.now).error().code, Errc::NotFound);
    }

    void so_many_can_be_paused_and_no_more() {
        SeededRandom random(1);
        Log log;
        MachineContext context{{}, random, log, {}};
        PausedReceives paused(context);
        const Now now{Instant{}, UnixTime::fromSeconds(1'800'000'000)};
        const auto key = [](size_t number) {
            uint8_t raw[8];
            putBigEndian<uint64_t>(raw, number);
            return Bytes(raw, raw + 8);
        };
        for (size_t i = 0; i < kMaxPausedReceives; ++i)
            QVERIFY(paused.add(key(i), {TransferId{i + 1}, TransferPeer::idOf(1), "x", {}}, now));
        QVERIFY(paused.add(key(0), {TransferId{1}, TransferPeer::idOf(1), "x", {}}, now));
        QCOMPARE(
            paused.add(key(kMaxPausedReceives), {TransferId{9999}, TransferPeer::idOf(1), "x", {}}, now).error().code,
            Errc::LimitReached);
        paused.remove(key(0), Durable::Yes);
        QVERIFY(paused.add(key(kMaxPausedReceives), {TransferId{9999}, TransferPeer::idOf(1), "x", {}}, now));
    }

    void a_damaged_row_is_left_out() {
        const crypto::PeerId peer = TransferPeer::idOf(3);
        const Bytes key = recordKey(peer, Bytes(32, 1), "/dst");
        PausedReceive paused{{7}, peer, "photos", {}, {}, "/dst", true};
        paused.figures.bytesTotal = 1000;
        paused.figures.bytesVerified = 10;
        paused.figures.filesTotal = 3;
        paused.figures.filesDone = 1;
        const Bytes value = encodePaused(paused);
        const auto back = decodePaused(key, value);
        QVERIFY(back && back->label == "photos" && back->peer == peer && back->figures == paused.figures);
        QVERIFY(back->folder == "/dst" && back->folderIsHome);
        for (size_t length = 0; length < value.size() - paused.label.size(); ++length)
            QVERIFY(!decodePaused(key, ByteView(value).first(length)));
        for (size_t length = 0; length <= key[0]; ++length) QVERIFY(!decodePaused(ByteView(key).first(length), value));
        Bytes other = value;
        other[0] = 99;
        QVERIFY(!decodePaused(key, other));
    }
};

QTEST_APPLESS_MAIN(ReceiveHoldTest)
#include "receive_hold_test.moc"

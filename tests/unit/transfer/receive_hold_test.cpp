#include "liar.h"
#include "transfer/paused_receives.h"
#include "transfer/resume_state.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// A liar that offers one file or two, as a sender of this version or of one before Hold.
struct Offering : LiarWorld {
    link::StreamKey begin(const HonestFile& content, bool hears, uint8_t number = 1, uint64_t second = 0) {
        attempt = Bytes(16, number);
        const link::StreamKey key = liar.open(wire::StreamHello::CONTROL, attempt);
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
        run();
        return key;
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

    void what_was_cancelled_while_its_sender_was_away_is_turned_away_once() {
        SeededRandom random(1);
        Log log;
        MachineContext context{{}, random, log, {}};
        PausedReceives paused(context);
        const Bytes key(8, 1);
        const FetchToken token{1}, other{2};
        const Now now{Instant{}, UnixTime::fromSeconds(1'800'000'000)};
        const Now late{now.mono + kCancelledMemory, now.wall};
        const auto cancel = [&] {
            QVERIFY(paused.add(key, {TransferId{1}, TransferPeer::idOf(1), "x", {}, token}, now));
            paused.cancel(key, now);
            QVERIFY(!paused.contains(key));
        };
        cancel();
        QVERIFY(paused.takeCancelled(key, std::nullopt, now));
        QVERIFY(!paused.takeCancelled(key, std::nullopt, now));
        cancel();
        QVERIFY(paused.takeCancelled(key, token, now));
        cancel();
        QVERIFY(!paused.takeCancelled(key, other, now)); // asked for anew
        cancel();
        QVERIFY(!paused.takeCancelled(key, std::nullopt, late));
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
        paused.remove(key(0));
        QVERIFY(paused.add(key(kMaxPausedReceives), {TransferId{9999}, TransferPeer::idOf(1), "x", {}}, now));
    }

    void a_damaged_row_is_left_out() {
        const crypto::PeerId peer = TransferPeer::idOf(3);
        const Bytes key = recordKey(peer, Bytes(32, 1), "/dst");
        PausedReceive paused{{7}, peer, "photos", {}};
        paused.figures.bytesTotal = 1000;
        paused.figures.bytesVerified = 10;
        paused.figures.filesTotal = 3;
        paused.figures.filesDone = 1;
        const Bytes value = encodePaused(paused);
        const auto back = decodePaused(key, value);
        QVERIFY(back && back->label == "photos" && back->peer == peer && back->figures == paused.figures);
        for (size_t length = 0; length < 33; ++length) QVERIFY(!decodePaused(key, ByteView(value).first(length)));
        for (size_t length = 0; length <= key[0]; ++length) QVERIFY(!decodePaused(ByteView(key).first(length), value));
        Bytes other = value;
        other[0] = 99;
        QVERIFY(!decodePaused(key, other));
    }
};

QTEST_APPLESS_MAIN(ReceiveHoldTest)
#include "receive_hold_test.moc"

#include "liar.h"
#include "transfer/paused_receives.h"
#include "transfer/resume_state.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

constexpr size_t kChunks = 24;
constexpr uint64_t kSize = kChunks * kChunkSize;
/// Of it, at least, when it is stopped.
constexpr size_t kChunksHere = 3;

/// A transfer of which some chunks are here, and the rest is not.
struct Begun : TransferWorld {
    explicit Begun(Accept accept = Accept::All) : TransferWorld(3) {
        senderHost.disk.addFile("/src/in/huge", pattern(1, kSize));
        policy.accept = accept;
        setPolicy(policy);
        (void)send({"/src/in"});
        untilOffered();
        if (accept == Accept::Ask) yes();
        size_t written = 0;
        receiver->tamper = [&written](const Job& job, JobDone&) {
            written +=
                std::holds_alternative<WriteChunkPairJob>(job.work) || std::holds_alternative<WriteChunkJob>(job.work);
        };
        while (written < kChunksHere) step();
        receiver->tamper = {};
        number = receiver->eventsOf<OfferMade>().back().transfer;
    }
    /// Until nothing moves without time.
    void rest() {
        while (network.waiting() + sender->jobs.size() + receiver->jobs.size() + sender->scans.size() +
                   receiver->scans.size() >
               0)
            step();
    }
    void untilOffered() {
        const size_t before = receiver->eventsOf<OfferMade>().size();
        for (int i = 0; i < 10'000 && receiver->eventsOf<OfferMade>().size() == before; ++i) step();
    }
    /// What the sender tries by itself has come.
    void untilBack() {
        untilOffered();
        rest();
    }
    void yes() {
        const TransferId offered = receiver->eventsOf<OfferMade>().back().transfer;
        answered(receiver->transfers.answer(offered, true, {}, {}, receiver->carrier, now));
    }
    void answered(const Result<void>& result) {
        if (!result) qFatal("%s", result.error().text().c_str());
        settled();
    }
    void pause() {
        answered(receiver->transfers.pause(number, receiver->carrier, now));
        rest();
    }
    void resume() { answered(receiver->transfers.resume(number, receiver->carrier, now)); }
    void cancel() {
        answered(receiver->transfers.cancel(number, receiver->carrier, now));
        rest();
    }
    bool delivered(const std::string& folder = "/dst") {
        return run() && !sender->eventsOf<TransferDelivered>().empty() &&
               senderHost.disk.tree("/src/in") == receiverHost.disk.tree(folder + "/in") &&
               receiverHost.disk.parts(folder).empty();
    }
    bool onlyTheRestCame() const {
        const auto resumed = receiver->eventsOf<TransferResumed>();
        return !resumed.empty() && resumed.back().bytesAlready >= kChunksHere * kChunkSize;
    }
    PausedReceive row() const {
        for (const auto& [key, row] : receiverHost.store)
            if (key.first == Space::Paused) return decodePaused(key.second, row.value).value();
        qFatal("nothing is paused");
    }

    TransferId number; ///< at the receiver
};

/// What the sender has been told by the other side.
Errc toldTo(const TransferPeer& sender) {
    const auto failed = sender.eventsOf<TransferFailed>();
    return failed.empty() || !failed.back().byPeer ? Errc::Timeout : failed.back().error.code;
}

} // namespace

class PausedReceiveTest : public QObject {
    Q_OBJECT

  private slots:
    // --- a cancel takes the yes back ---

    void what_the_person_has_cancelled_is_asked_about_again_and_goes_on_where_it_was() {
        Begun world(Accept::Ask);
        world.cancel();
        QCOMPARE(toldTo(*world.sender), Errc::Cancelled);
        QVERIFY(!world.receiverHost.disk.parts("/dst").empty());
        for (const bool restarted : {false, true}) {
            if (restarted) world.killReceiver();
            (void)world.send({"/src/in"});
            world.untilOffered();
            QVERIFY(world.receiver->eventsOf<OfferMade>().back().needsAnswer);
            world.killSender();
            world.rest();
        }
        (void)world.send({"/src/in"});
        world.untilOffered();
        world.yes();
        QVERIFY(world.delivered());
        QVERIFY(world.onlyTheRestCame());
        QCOMPARE(world.receiverHost.rowsIn(Space::Paused), size_t(0));
    }

    void what_was_cancelled_while_its_sender_was_away_is_turned_away_once_and_then_asked_about() {
        for (const bool restarted : {false, true}) {
            Begun world(Accept::Ask);
            world.pause();
            world.killSender();
            world.rest();
            world.cancel();
            if (restarted) world.killReceiver();
            (void)world.send({"/src/in"});
            QVERIFY(world.run());
            QCOMPARE(toldTo(*world.sender), Errc::Cancelled);
            (void)world.send({"/src/in"});
            world.untilOffered();
            QVERIFY(world.receiver->eventsOf<OfferMade>().back().needsAnswer);
            world.yes();
            QVERIFY(world.delivered());
            QVERIFY(world.onlyTheRestCame());
        }
    }

    void a_sender_that_comes_back_too_late_to_be_turned_away_is_asked_about() {
        for (const int64_t late : {kCancelledMemorySeconds - 1, kCancelledMemorySeconds}) {
            Begun world(Accept::Ask);
            world.pause();
            world.killSender();
            world.rest();
            world.cancel();
            world.passTime(std::chrono::seconds(late));
            (void)world.send({"/src/in"});
            QVERIFY(world.run());
            const auto offered = world.receiver->eventsOf<OfferMade>();
            QCOMPARE(offered.size(), size_t(late < kCancelledMemorySeconds ? 1 : 2));
            QVERIFY(offered.back().needsAnswer);
        }
    }

    void a_cancel_is_remembered_with_the_fetch_that_it_was_of() {
        const FetchToken token{1}, other{2};
        const UnixTime now = UnixTime::fromSeconds(100);
        const Withdrawal withdrawal{101, token};
        QVERIFY(withdrawal.turnsAway(std::nullopt, now));
        QVERIFY(withdrawal.turnsAway(token, now));
        QVERIFY(!withdrawal.turnsAway(other, now)); // asked for anew
        QVERIFY(!withdrawal.turnsAway(token, UnixTime::fromSeconds(101)));
        for (const Withdrawal& one : {withdrawal, Withdrawal{}, Withdrawal{7, std::nullopt}}) {
            const Bytes value = encodeWithdrawal(one);
            QVERIFY(decodeWithdrawal(value).value() == one);
            for (size_t length = 0; length < value.size(); ++length)
                if (length != 9) QVERIFY(!decodeWithdrawal(ByteView(value).first(length)));
        }
    }

    // --- the pause holds whatever the folder ---

    void what_is_paused_stays_paused_and_in_its_folder_when_another_is_configured() {
        for (const bool restarted : {false, true}) {
            Begun world;
            world.pause();
            world.policy.folder = "/other";
            if (restarted)
                world.killReceiver();
            else
                world.setPolicy(world.policy), world.breakLink();
            world.untilBack();
            world.number = world.receiver->eventsOf<OfferMade>().back().transfer;
            QCOMPARE(world.receiver->eventsOf<TransferHeld>().back().transfer.value, world.number.value);
            QCOMPARE(world.receiver->eventsOf<TransferHeld>().back().here, Hold::Paused);
            QCOMPARE(world.sender->eventsOf<TransferHeld>().back().there, Hold::Paused);
            QCOMPARE(world.receiverHost.rowsIn(Space::Paused), size_t(1));
            world.resume();
            QVERIFY(world.delivered("/dst"));
            QVERIFY(world.onlyTheRestCame());
            QVERIFY(!world.receiverHost.disk.exists("/other"));
        }
    }

    void whatever_is_offered_besides_goes_to_the_folder_of_now() {
        Begun world;
        world.pause();
        world.policy.folder = "/other";
        world.setPolicy(world.policy);
        world.senderHost.disk.addFile("/src/more", pattern(2, 1000));
        (void)world.send({"/src/more"});
        world.rest();
        QVERIFY(world.receiverHost.disk.exists("/other/more"));
    }

    // --- what is said is stored ---

    void a_power_cut_takes_neither_a_pause_nor_its_end_nor_a_cancel_back() {
        Begun world(Accept::Ask);
        world.pause();
        world.receiverHost.cutStore(0);
        QCOMPARE(world.receiverHost.rowsIn(Space::Paused), size_t(1));
        world.resume();
        world.receiverHost.cutStore(0);
        QCOMPARE(world.receiverHost.rowsIn(Space::Paused), size_t(0));
        world.cancel();
        world.receiverHost.cutStore(0);
        world.killReceiver();
        (void)world.send({"/src/in"});
        world.untilOffered();
        QVERIFY(world.receiver->eventsOf<OfferMade>().back().needsAnswer);
    }

    void a_power_cut_does_not_pause_again_what_its_sender_has_ended() {
        Begun world;
        world.pause();
        (void)world.sender->transfers.cancel(world.sender->eventsOf<OfferMade>().back().transfer, world.sender->carrier,
                                             world.now);
        world.settled();
        world.rest();
        QCOMPARE(world.receiver->eventsOf<TransferFailed>().size(), size_t(1));
        world.receiverHost.cutStore(0);
        QCOMPARE(world.receiverHost.rowsIn(Space::Paused), size_t(0));
    }

    void a_store_that_begins_anew_gets_what_is_paused() {
        Begun world;
        world.pause();
        world.receiverHost.store.clear();
        world.receiver->transfers.onStoreBegunAnew(world.now);
        world.settled();
        QCOMPARE(world.receiverHost.rowsIn(Space::Paused), size_t(1));
    }

    // --- figures ---

    void what_is_here_is_told_when_a_paused_transfer_is_paused_again_or_ends_before_its_content_comes() {
        for (const bool away : {false, true}) {
            Begun world;
            world.pause();
            world.breakLink();
            if (!away) world.untilBack();
            world.pause();
            const TransferFigures stored = world.row().figures;
            QVERIFY(stored.bytesVerified >= kChunksHere * kChunkSize && stored.bytesTotal == kSize);
            world.cancel();
            const auto failed = world.receiver->eventsOf<TransferFailed>();
            QCOMPARE(failed.size(), size_t(1));
            QCOMPARE(failed[0].figures.bytesVerified, stored.bytesVerified);
            QCOMPARE(failed[0].figures.bytesTotal, kSize);
        }
    }

    // --- resuming ---

    void an_offer_that_nobody_has_answered_cannot_be_resumed() {
        Begun world(Accept::Ask);
        world.senderHost.disk.addFile("/src/more", pattern(2, 1000));
        (void)world.send({"/src/more"});
        world.untilOffered();
        const TransferId offered = world.receiver->eventsOf<OfferMade>().back().transfer;
        QCOMPARE(world.receiver->transfers.resume(offered, world.receiver->carrier, world.now).error().code,
                 Errc::InvalidArgument);
        world.resume(); // what runs
        QVERIFY(world.receiver->eventsOf<TransferHeld>().empty());
    }
};

QTEST_APPLESS_MAIN(PausedReceiveTest)
#include "paused_receive_test.moc"

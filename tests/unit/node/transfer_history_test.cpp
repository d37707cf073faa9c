#include "node/node_limits.h"
#include "node/transfer_history.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using namespace wherry::transfer;
using namespace std::chrono_literals;

namespace {

const crypto::PeerId kPeer = test::identityOf(1).peerId();
constexpr Duration kKeep = 90 * 24h;

/// One process after the other over one database.
struct Desk {
    struct Row {
        Bytes value;
        UnixTime expires{};
    };

    void start() {
        history.emplace(kKeep);
        settle();
    }
    /// SIGKILL.
    void kill() { history.reset(); }
    void settle() {
        while (auto op = history->pollStore()) carryOut(*op);
    }
    void carryOut(const StoreOp& op) {
        if (const auto* put = std::get_if<StorePut>(&op)) rows[put->key] = {put->value, put->expires};
        if (const auto* erase = std::get_if<StoreErase>(&op))
            std::erase_if(rows, [&](const auto& row) { return asText(row.first).starts_with(asText(erase->prefix)); });
        if (const auto* scan = std::get_if<StoreScan>(&op)) history->onStoreScanned({scan->id, scanned(*scan)}, now);
    }
    Result<std::vector<std::pair<Bytes, Bytes>>> scanned(const StoreScan& scan) const {
        if (unreadable) return makeError(Errc::Io);
        std::vector<std::pair<Bytes, Bytes>> found;
        for (const auto& [key, row] : rows)
            if (asText(key).starts_with(asText(scan.prefix)) && (scan.after.empty() || key > scan.after) &&
                (scan.limit == 0 || found.size() < scan.limit))
                found.emplace_back(key, row.value);
        return found;
    }

    void pass(Duration time) {
        now.mono += time;
        now.wall.nanoseconds += time.count();
    }
    void startSend(uint64_t id, std::vector<std::string> paths = {"/home/anna/photos"}) {
        history->onStarted({id}, kPeer, "data", {std::move(paths), {}, 30s}, now);
        settle();
    }
    void tell(const TransferEvent& event) {
        history->onEvent(event, now);
        settle();
    }
    void offer(uint64_t id, bool incoming, const std::string& label = "photos") {
        OfferMade made;
        made.transfer = {id};
        made.peer = kPeer;
        made.incoming = incoming;
        made.label = label;
        made.bytesTotal = 1000;
        made.filesTotal = 2;
        tell(made);
    }
    /// To us, and somebody here is asked.
    void ask(uint64_t id, const std::string& label = "photos", const crypto::PeerId& peer = kPeer) {
        OfferMade made;
        made.transfer = {id};
        made.peer = peer;
        made.incoming = made.needsAnswer = true;
        made.label = label;
        made.bytesTotal = 1000;
        made.filesTotal = 2;
        tell(made);
    }
    void lose(uint64_t id) { tell(TransferInterrupted{{id}, kPeer, true, makeError(Errc::ConnectionLost, "gone")}); }
    void takeBack(uint64_t id) {
        tell(TransferFailed{{id}, kPeer, true, makeError(Errc::Cancelled, "by the sender"), {}, {}, true});
    }
    std::vector<std::string> labels() {
        std::vector<std::string> found;
        for (const HistoryEntry& entry : list().entries) found.push_back(entry.label);
        return found;
    }
    void deliver(uint64_t id, bool incoming) {
        TransferDelivered delivered;
        delivered.transfer = {id};
        delivered.peer = kPeer;
        delivered.incoming = incoming;
        delivered.figures.bytesTotal = delivered.figures.bytesVerified = 1000;
        delivered.seconds = 2;
        if (incoming) delivered.folder = "/home/bert/Downloads";
        if (incoming) delivered.names = {"photos"};
        tell(delivered);
    }
    void fail(uint64_t id, Errc code) {
        TransferFailed failed;
        failed.transfer = {id};
        failed.error = makeError(code, "why");
        failed.figures.bytesVerified = 400;
        tell(failed);
    }
    HistoryListed list(uint32_t limit = 0, uint64_t before = 0) {
        history->list({limit, before}, {7});
        settle();
        const auto answer = history->poll();
        return answer ? std::get<HistoryListed>(*answer) : HistoryListed{};
    }
    HistoryAnswer retry(uint64_t entry) {
        history->retry({entry}, {8});
        settle();
        return history->poll().value();
    }
    Errc refusal(uint64_t entry) {
        const HistoryAnswer answer = retry(entry);
        const auto* failed = std::get_if<RequestFailed>(&answer);
        return failed ? failed->error.code : Errc::Internal;
    }

    Now now{Instant(1h), UnixTime::fromSeconds(1'700'000'000)};
    std::map<Bytes, Row> rows;
    bool unreadable = false;
    std::optional<TransferHistory> history;
};

} // namespace

class TransferHistoryTest : public QObject {
    Q_OBJECT
  private slots:
    void aDeliveryIsRememberedWithWhatItWas() {
        Desk desk;
        desk.start();
        desk.startSend(3);
        const UnixTime begun = desk.now.wall;
        desk.pass(5s);
        desk.offer(3, false);
        desk.tell(OfferAccepted{{3}, kPeer});
        desk.history->onPath(kPeer, PathKind::Direct6);
        desk.pass(2s);
        desk.deliver(3, false);
        const HistoryListed listed = desk.list();
        QCOMPARE(listed.request.value, uint64_t(7));
        QCOMPARE(listed.entries.size(), size_t(1));
        const HistoryEntry& entry = listed.entries[0];
        QCOMPARE(entry.number, uint64_t(1));
        QVERIFY(entry.outcome == TransferOutcome::Delivered && entry.peer == kPeer && !entry.incoming);
        QCOMPARE(entry.label, std::string("photos"));
        QCOMPARE(entry.figures.bytesVerified, uint64_t(1000));
        QVERIFY(entry.begun == begun && entry.ended == desk.now.wall);
        QCOMPARE(entry.seconds, 2.0);
        QVERIFY(entry.path == PathKind::Direct6 && !entry.error && !entry.retryable && !listed.more);
        QCOMPARE(desk.rows.size(), size_t(1)); // the row of the one under way is gone
        QCOMPARE(desk.rows.begin()->second.expires.nanoseconds, desk.now.wall.nanoseconds + kKeep.count());
    }

    void whatCameInSaysWhereItLanded() {
        Desk desk;
        desk.start();
        desk.offer(1, true);
        desk.tell(OfferAccepted{{1}, kPeer});
        desk.deliver(1, true);
        const HistoryEntry entry = desk.list().entries.at(0);
        QVERIFY(entry.incoming);
        QCOMPARE(entry.folder, std::string("/home/bert/Downloads"));
        QCOMPARE(entry.names, std::vector<std::string>{"photos"});
    }

    void whatWasThereBeforeItIsNoPartOfWhatItHasBrought() {
        Desk desk;
        desk.start();
        desk.startSend(1);
        desk.offer(1, false);
        desk.tell(OfferAccepted{{1}, kPeer});
        desk.tell(TransferResumed{{1}, 300});
        TransferProgress progress;
        progress.transfer = {1};
        progress.figures.bytesVerified = 700;
        desk.tell(progress);
        desk.tell(TransferInterrupted{{1}, kPeer, false, makeError(Errc::Timeout, "quiet")});
        desk.tell(TransferResumed{{1}, 700}); // of which it has brought 400 itself
        desk.deliver(1, false);
        QCOMPARE(desk.list().entries.at(0).bytesAlready, uint64_t(300));
    }

    void everyEndHasItsOutcome() {
        Desk desk;
        desk.start();
        for (uint64_t id = 1; id <= 4; ++id) {
            desk.startSend(id);
            desk.offer(id, false);
        }
        desk.tell(OfferDeclined{{1}, kPeer, "no room"});
        desk.fail(2, Errc::Cancelled);
        desk.fail(3, Errc::ConnectionLost);
        desk.offer(9, true);
        desk.tell(OfferAccepted{{9}, kPeer});
        desk.tell(TransferInterrupted{{9}, kPeer, true, makeError(Errc::Timeout, "quiet")});
        desk.tell(TransferInterrupted{{4}, kPeer, false, makeError(Errc::Timeout, "quiet")}); // goes on by itself
        const auto entries = desk.list().entries;
        QCOMPARE(entries.size(), size_t(4));
        QCOMPARE(entries[0].outcome, TransferOutcome::Interrupted);
        QCOMPARE(entries[1].outcome, TransferOutcome::Interrupted); // another attempt goes on where it was
        QCOMPARE(entries[1].error->context, std::string("why"));
        QVERIFY(entries[1].error->code == Errc::ConnectionLost && entries[1].retryable);
        QCOMPARE(entries[2].outcome, TransferOutcome::Cancelled);
        QCOMPARE(entries[3].outcome, TransferOutcome::Declined);
        QCOMPARE(entries[3].error->context, std::string("no room"));
        QVERIFY(entries[3].byPeer);
    }

    void anIncomingOneThatIsPausedHasNotEndedWithItsConnection() {
        Desk desk;
        desk.start();
        desk.offer(9, true);
        desk.tell(OfferAccepted{{9}, kPeer});
        desk.tell(TransferHeld{{9}, kPeer, true, Hold::Paused, Hold::None, {}, {}});
        desk.tell(TransferInterrupted{{9}, kPeer, true, makeError(Errc::Timeout, "quiet")});
        QVERIFY(desk.list().entries.empty());
        desk.tell(TransferHeld{{9}, kPeer, true, Hold::None, Hold::None, {}, {}});
        desk.tell(TransferInterrupted{{9}, kPeer, true, makeError(Errc::Timeout, "quiet")});
        QCOMPARE(desk.list().entries.size(), size_t(1));
    }

    void whatIsPausedOutlivesTheProgramAndIsEnteredOnceWhenItEnds() {
        Desk desk;
        desk.start();
        desk.offer(9, true);
        desk.tell(OfferAccepted{{9}, kPeer});
        const TransferHeld paused{{9}, kPeer, true, Hold::Paused, Hold::None, "in", {.bytesVerified = 600}};
        desk.tell(paused);
        for (int run = 0; run < 3; ++run) {
            desk.kill();
            desk.start();
            desk.tell(paused);
            desk.offer(9, true); // its sender is back, and goes again
            desk.tell(OfferAccepted{{9}, kPeer});
            desk.tell(TransferInterrupted{{9}, kPeer, true, makeError(Errc::Timeout, "quiet")});
            QVERIFY(desk.list().entries.empty());
        }
        desk.tell(TransferFailed{{9}, kPeer, true, makeError(Errc::Cancelled), {}, {.bytesVerified = 600}});
        QCOMPARE(desk.list().entries.size(), size_t(1));
        QVERIFY(desk.list().entries.at(0).outcome == TransferOutcome::Cancelled);
        QCOMPARE(desk.list().entries.at(0).figures.bytesVerified, uint64_t(600));
    }

    void whatIsResumedAndThenRunsWhenTheProgramIsKilledWasInterrupted() {
        Desk desk;
        desk.start();
        desk.offer(9, true);
        desk.tell(OfferAccepted{{9}, kPeer});
        desk.tell(TransferHeld{{9}, kPeer, true, Hold::Paused, Hold::None, {}, {}});
        desk.tell(TransferHeld{{9}, kPeer, true, Hold::None, Hold::None, {}, {}});
        desk.kill();
        desk.start();
        QCOMPARE(desk.list().entries.size(), size_t(1));
    }

    void whatOneHasBroughtIsKnownFromItsFirstProgressOn() {
        Desk desk;
        desk.start();
        desk.startSend(1);
        desk.offer(1, false);
        desk.tell(OfferAccepted{{1}, kPeer});
        TransferProgress progress;
        progress.transfer = {1};
        progress.figures.bytesVerified = 600;
        desk.tell(progress);
        desk.kill();
        desk.start();
        QCOMPARE(desk.list().entries.at(0).figures.bytesVerified, uint64_t(600));
    }

    void anOfferThatIsTakenBackOrLostBeforeAnybodyAnswersIsRemembered() {
        Desk desk;
        desk.start();
        desk.ask(1, "taken back");
        desk.pass(5s);
        desk.takeBack(1);
        desk.ask(2, "lost");
        desk.lose(2);
        const auto entries = desk.list().entries;
        QCOMPARE(entries.size(), size_t(2));
        QCOMPARE(entries[0].label, std::string("lost"));
        QVERIFY(entries[0].outcome == TransferOutcome::Unanswered && entries[0].incoming && !entries[0].byPeer);
        QCOMPARE(entries[0].error->code, Errc::ConnectionLost);
        QVERIFY(entries[1].outcome == TransferOutcome::Unanswered && entries[1].byPeer && entries[1].peer == kPeer);
        QCOMPARE(entries[1].figures.bytesTotal, uint64_t(1000));
        QCOMPARE(entries[1].ended.nanoseconds - entries[1].begun.nanoseconds, Duration(5s).count());
    }

    void anOfferThatStoodWhenTheProgramWasKilledWasNotAnswered() {
        Desk desk;
        desk.start();
        desk.ask(1);
        desk.kill();
        desk.start();
        QCOMPARE(desk.list().entries.at(0).outcome, TransferOutcome::Unanswered);
        QCOMPARE(desk.list().entries.at(0).error->code, Errc::Cancelled); // its sender was there
        desk.kill();
        desk.start();
        desk.ask(1); // its sender has not given up, and asks again
        QVERIFY(desk.list().entries.empty());
        desk.tell(OfferAccepted{{1}, kPeer});
        desk.kill();
        desk.start();
        QCOMPARE(desk.list().entries.at(0).outcome, TransferOutcome::Interrupted);
    }

    void whoeverStopsAWaitingOfferHereHasStoppedIt() {
        Desk desk;
        desk.start();
        desk.ask(1);
        desk.tell(TransferFailed{{1}, kPeer, true, makeError(Errc::Cancelled, "here"), {}, {}});
        QCOMPARE(desk.list().entries.at(0).outcome, TransferOutcome::Cancelled);
    }

    void aNoThatNobodyHasSaidIsNobodys() {
        Desk desk;
        desk.start();
        desk.ask(1);
        desk.history->onUnasked({1});
        desk.tell(OfferDeclined{{1}, kPeer, "nobody is there to answer"});
        desk.ask(2, "letters");
        desk.tell(OfferDeclined{{2}, kPeer, "no"});
        const auto entries = desk.list().entries;
        QCOMPARE(entries[0].outcome, TransferOutcome::Declined);
        QCOMPARE(entries[1].outcome, TransferOutcome::Unanswered);
        QCOMPARE(entries[1].error->context, std::string("nobody is there to answer"));
    }

    void anOfferThatComesAgainStandsForItself() {
        Desk desk;
        desk.start();
        for (uint64_t id = 1; id <= 3; ++id) {
            desk.ask(id);
            QVERIFY(desk.list().entries.empty());
            desk.lose(id);
            QCOMPARE(desk.labels(), std::vector<std::string>{"photos"});
        }
        desk.kill();
        desk.start();
        desk.ask(4);
        desk.tell(OfferDeclined{{4}, kPeer, "no"});
        QCOMPARE(desk.list().entries.size(), size_t(1));
        QCOMPARE(desk.rows.size(), size_t(1));
    }

    void whoIsSentAwayBecauseTooManyWaitIsRememberedUntilItsOfferIsThere() {
        Desk desk;
        desk.start();
        const auto turnAway = [&] {
            desk.history->onTurnedAway(kPeer, desk.now);
            desk.settle();
        };
        turnAway();
        const uint64_t number = desk.list().entries.at(0).number;
        QCOMPARE(desk.list().entries.at(0).error->code, Errc::LimitReached);
        desk.pass(kTurnedAwayInterval - 1ns);
        turnAway();
        QCOMPARE(desk.list().entries.at(0).number, number);
        desk.pass(1ns);
        turnAway();
        QCOMPARE(desk.list().entries.size(), size_t(1));
        QVERIFY(desk.list().entries.at(0).number > number);
        desk.ask(1);
        QVERIFY(desk.list().entries.empty());
    }

    void unansweredOffersOfOnePeerHaveABound() {
        Desk desk;
        desk.start();
        for (uint64_t id = 0; id <= kMaxUnansweredEntriesOfPeer; ++id) {
            desk.ask(id, "offer " + std::to_string(id));
            desk.lose(id);
        }
        const auto labels = desk.labels();
        QCOMPARE(labels.size(), kMaxUnansweredEntriesOfPeer);
        QCOMPARE(labels.back(), std::string("offer 1"));
        QCOMPARE(desk.rows.size(), 2 * kMaxUnansweredEntriesOfPeer);
    }

    void unansweredOffersPushOutNothingElse() {
        Desk desk;
        desk.start();
        desk.startSend(9999);
        desk.fail(9999, Errc::Io);
        const auto stranger = [](uint64_t id) { return test::identityOf(static_cast<uint8_t>(2 + id % 200)).peerId(); };
        uint64_t written = 0;
        for (uint64_t id = 0; id < 3 * kMaxUnansweredEntries; ++id) {
            desk.ask(id, "offer " + std::to_string(id), stranger(id));
            desk.lose(id);
            written = std::max(written, desk.list(1).entries.at(0).number);
        }
        QCOMPARE(written, 1 + kUnansweredBurst); // numbers are what the others have a bound of
        QCOMPARE(desk.list().entries.size(), 1 + kMaxUnansweredEntries);
        for (uint64_t id = 0; id < 3; ++id) {
            desk.pass(kUnansweredInterval);
            desk.ask(id, "later " + std::to_string(id), stranger(id));
            desk.lose(id);
        }
        QCOMPARE(desk.labels().front(), std::string("later 2"));
        QCOMPARE(desk.list().entries.size(), 1 + kMaxUnansweredEntries);
        QCOMPARE(desk.list().entries.back().number, uint64_t(1));
    }

    void forgettingTakesUnansweredOnesWithIt() {
        Desk desk;
        desk.start();
        for (uint64_t id = 1; id <= 3; ++id) {
            desk.ask(id, "offer " + std::to_string(id));
            desk.lose(id);
        }
        desk.history->forget({2});
        desk.settle();
        QCOMPARE(desk.labels(), (std::vector<std::string>{"offer 3", "offer 1"}));
        QCOMPARE(desk.rows.size(), size_t(4));
        desk.history->forget({0});
        desk.settle();
        QVERIFY(desk.rows.empty());
    }

    void offersThatNobodyWasAskedAboutLeaveNoTrace() {
        Desk desk;
        desk.start();
        desk.offer(1, true);
        desk.fail(1, Errc::Cancelled);
        desk.fail(2, Errc::ProtocolViolation); // not even an offer
        QVERIFY(desk.list().entries.empty());
        QVERIFY(desk.rows.empty());
        desk.offer(3, true);
        desk.tell(OfferDeclined{{3}, kPeer, "not now"});
        QCOMPARE(desk.list().entries.size(), size_t(1)); // somebody here has said so
    }

    void whatRanWhenTheProgramWasKilledIsInterruptedAtTheNextStart() {
        Desk desk;
        desk.start();
        desk.startSend(1);
        desk.offer(1, false);
        desk.tell(OfferAccepted{{1}, kPeer});
        desk.pass(kHistoryNoteInterval);
        TransferProgress progress;
        progress.transfer = {1};
        progress.figures.bytesVerified = 600;
        desk.tell(progress);
        desk.kill();
        const UnixTime killed = desk.now.wall;
        desk.pass(24h);
        desk.start();
        desk.startSend(1); // the numbers of transfers begin anew
        const auto entries = desk.list().entries;
        QCOMPARE(entries.size(), size_t(1));
        QCOMPARE(entries[0].outcome, TransferOutcome::Interrupted);
        QCOMPARE(entries[0].figures.bytesVerified, uint64_t(600));
        QVERIFY(entries[0].ended == killed && entries[0].retryable);
        desk.kill();
        desk.start();
        QCOMPARE(desk.list().entries.size(), size_t(2));             // once each
        QCOMPARE(desk.list().entries[0].label, std::string("data")); // it had not been offered
        QCOMPARE(desk.list().entries[0].number, uint64_t(2));
    }

    void whatEndsBeforeTheDatabaseHasAnsweredIsNotLost() {
        Desk desk;
        desk.history.emplace(kKeep);
        std::vector<StoreOp> early;
        while (auto op = desk.history->pollStore()) early.push_back(*op);
        desk.history->onStarted({1}, kPeer, "a", {{"/a"}, {}, 30s}, desk.now);
        desk.history->onStarted({2}, kPeer, "b", {{"/b"}, {}, 30s}, desk.now);
        TransferFailed failed;
        failed.transfer = {1};
        failed.error = makeError(Errc::Unreachable);
        desk.history->onEvent(failed, desk.now);
        QVERIFY(!desk.history->pollStore()); // it could be taken for a row of before
        for (const StoreOp& op : early) desk.carryOut(op);
        desk.settle();
        QCOMPARE(desk.list().entries.size(), size_t(1));
        QCOMPARE(desk.rows.size(), size_t(2)); // and the one under way
    }

    void theNewestComeFirstPageByPage() {
        Desk desk;
        desk.start();
        for (uint64_t id = 1; id <= kMaxListedHistory + 1; ++id) {
            desk.startSend(id);
            desk.fail(id, Errc::Io);
        }
        HistoryListed all = desk.list();
        QCOMPARE(all.entries.size(), size_t(kMaxListedHistory));
        QVERIFY(all.more);
        QCOMPARE(all.entries.front().number, uint64_t(kMaxListedHistory + 1));
        const HistoryListed rest = desk.list(0, all.entries.back().number);
        QCOMPARE(rest.entries.size(), size_t(1));
        QVERIFY(!rest.more);
        QCOMPARE(desk.list(kMaxListedHistory + 5).entries.size(), size_t(kMaxListedHistory));
        const HistoryListed three = desk.list(3, 10);
        QCOMPARE(three.entries.size(), size_t(3));
        QCOMPARE(three.entries.front().number, uint64_t(9));
    }

    void theOldestMakesRoomForTheNewest() {
        Desk desk;
        desk.start();
        for (uint64_t i = 0; i < kMaxHistoryEntries; ++i) {
            desk.startSend(1);
            desk.fail(1, Errc::Io);
        }
        QCOMPARE(desk.rows.size(), size_t(kMaxHistoryEntries));
        desk.startSend(1);
        desk.fail(1, Errc::Io);
        QCOMPARE(desk.rows.size(), size_t(kMaxHistoryEntries));
        QCOMPARE(desk.list(1).entries[0].number, kMaxHistoryEntries + 1);
        QVERIFY(desk.list(1, 2).entries.empty()); // number 1 is gone
        QCOMPARE(desk.list(1, 3).entries.size(), size_t(1));
    }

    void aFailedSendIsFoundAgainAndNothingElseIs() {
        Desk desk;
        desk.start();
        desk.startSend(1, {"/a", "/b"});
        desk.fail(1, Errc::ConnectionLost);
        desk.startSend(2);
        desk.offer(2, false);
        desk.deliver(2, false);
        desk.offer(3, true);
        desk.tell(OfferAccepted{{3}, kPeer});
        desk.fail(3, Errc::DiskFull);
        desk.startSend(4, {}); // a share that is fetched
        desk.fail(4, Errc::ConnectionLost);
        const HistoryAnswer answer = desk.retry(1);
        const auto& found = std::get<RetryFound>(answer);
        QVERIFY(found.request == RequestId{8} && found.peer == kPeer && found.order.wait == 30s);
        QCOMPARE(found.order.paths, (std::vector<std::string>{"/a", "/b"}));
        QCOMPARE(desk.refusal(2), Errc::InvalidArgument);
        QCOMPARE(desk.refusal(3), Errc::InvalidArgument);
        QCOMPARE(desk.refusal(4), Errc::InvalidArgument);
        QCOMPARE(desk.refusal(5), Errc::NotFound);
    }

    void pathsAreKeptUpToTheirBound() {
        Desk desk;
        desk.start();
        desk.startSend(1, std::vector<std::string>(kMaxRetryPaths, "/a"));
        desk.fail(1, Errc::Io);
        desk.startSend(2, std::vector<std::string>(kMaxRetryPaths + 1, "/a"));
        desk.fail(2, Errc::Io);
        desk.startSend(3, {std::string(kMaxRetryPathBytes, 'a')});
        desk.fail(3, Errc::Io);
        desk.startSend(4, {std::string(kMaxRetryPathBytes + 1, 'a')});
        desk.fail(4, Errc::Io);
        const auto entries = desk.list().entries;
        QCOMPARE(entries.size(), size_t(4));
        QVERIFY(!entries[0].retryable && entries[1].retryable && !entries[2].retryable && entries[3].retryable);
    }

    void textsOfThePeerAreCut() {
        Desk desk;
        desk.start();
        desk.offer(1, true, std::string(100'000, 'x'));
        desk.tell(OfferDeclined{{1}, kPeer, std::string(100'000, 'y')});
        const HistoryEntry entry = desk.list().entries.at(0);
        QCOMPARE(entry.label.size(), kMaxHistoryText);
        QCOMPARE(entry.error->context.size(), kMaxHistoryText);
    }

    void questionsHaveABoundAndCanBeTakenBack() {
        Desk desk;
        desk.start();
        for (size_t i = 0; i < kMaxHistoryQueries; ++i) {
            QVERIFY(desk.history->mayAsk());
            desk.history->list({}, {100 + i});
        }
        QCOMPARE(desk.history->mayAsk().error().code, Errc::LimitReached);
        QVERIFY(desk.history->cancel({100}));
        QVERIFY(!desk.history->cancel({99}));
        QVERIFY(desk.history->mayAsk());
        QCOMPARE(std::get<RequestFailed>(*desk.history->poll()).error.code, Errc::Cancelled);
        desk.settle();
        size_t answers = 0;
        while (desk.history->poll()) ++answers;
        QCOMPARE(answers, kMaxHistoryQueries - 1);
    }

    void aDatabaseThatCannotBeReadIsNotWrittenOver() {
        Desk desk;
        desk.start();
        desk.startSend(1);
        desk.fail(1, Errc::Io);
        desk.kill();
        desk.unreadable = true;
        desk.start();
        desk.startSend(1);
        desk.fail(1, Errc::Io);
        desk.kill();
        desk.unreadable = false;
        desk.start();
        QCOMPARE(desk.list().entries.size(), size_t(1));
    }

    void whatWasNotInTheOfferIsRemembered() {
        Desk desk;
        desk.start();
        OfferMade made;
        made.transfer = {1};
        made.peer = kPeer;
        made.label = "notes";
        made.skipped = 3;
        desk.startSend(1);
        desk.tell(made);
        desk.deliver(1, false);
        desk.startSend(2);
        desk.offer(2, false);
        desk.deliver(2, false);
        desk.kill();
        desk.start();
        const auto entries = desk.list().entries;
        QCOMPARE(entries.at(0).leftOut, uint64_t(0)); // a row that does not say it is one from before it was counted
        QCOMPARE(entries.at(1).leftOut, uint64_t(3));
    }

    void rowsThatMakeNoSenseAreAsIfTheyWereNotThere() {
        QVERIFY(!decodeHistoryRecord(Bytes{0xFF, 0xFF}));
        HistoryRecord record;
        record.entry.outcome = static_cast<TransferOutcome>(6);
        QVERIFY(!decodeHistoryRecord(encodeHistoryRecord(record)));
        record.entry.outcome = TransferOutcome::Interrupted;
        record.entry.path = static_cast<PathKind>(6);
        QVERIFY(!decodeHistoryRecord(encodeHistoryRecord(record)));
        Desk desk;
        desk.rows[{1, 2, 3}] = {{0xFF}, {}};
        desk.rows[{2, 2, 3}] = {{0xFF}, {}};
        desk.start();
        QVERIFY(desk.list().entries.empty());
    }
};

QTEST_APPLESS_MAIN(TransferHistoryTest)
#include "transfer_history_test.moc"

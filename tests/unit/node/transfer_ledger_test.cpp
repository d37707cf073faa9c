#include "node/node_limits.h"
#include "node/transfer_ledger.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using namespace wherry::transfer;

static const crypto::PeerId kPeer = test::identityOf(1).peerId();

static OfferMade offer(uint64_t id, bool incoming) {
    OfferMade made;
    made.transfer = {id};
    made.peer = kPeer;
    made.incoming = incoming;
    made.label = "photos";
    made.bytesTotal = 1000;
    made.filesTotal = 2;
    return made;
}

class TransferLedgerTest : public QObject {
    Q_OBJECT
  private slots:
    void whatIsPausedIsListedSoWhateverItsConnectionDoes() {
        TransferLedger ledger;
        ledger.setPaused({7}, true); // nothing of that number
        ledger.onStarted({7}, kPeer);
        QCOMPARE(ledger.list()[0].state, TransferState::Preparing);
        ledger.setPaused({7}, true);
        TransferProgress progress;
        progress.transfer = {7};
        progress.rate = 5;
        ledger.onEvent(progress);
        QCOMPARE(ledger.list()[0].state, TransferState::Paused);
        QCOMPARE(ledger.list()[0].rate, 0.0);
        ledger.onEvent(TransferInterrupted{{7}, kPeer, false, {}});
        QCOMPARE(ledger.list()[0].state, TransferState::Paused);
        ledger.setPaused({7}, false);
        QCOMPARE(ledger.list()[0].state, TransferState::Interrupted);
        ledger.setPaused({7}, true);
        ledger.onEvent(TransferFailed{{7}, kPeer, false, {}, {}, {}});
        ledger.onStarted({7}, kPeer);
        QCOMPARE(ledger.list()[0].state, TransferState::Preparing);
    }
    void anIncomingOneIsListedAsWhatHoldsIt() {
        TransferLedger ledger;
        ledger.onEvent(offer(7, true));
        const auto held = [&](Hold here, Hold there) {
            ledger.onEvent(TransferHeld{{7}, kPeer, true, here, there, "photos", {}});
            return ledger.list()[0].state;
        };
        QCOMPARE(held(Hold::Queued, Hold::None), TransferState::Queued);
        QCOMPARE(held(Hold::Queued, Hold::Paused), TransferState::Paused);
        QCOMPARE(held(Hold::None, Hold::Queued), TransferState::Queued);
        QCOMPARE(held(Hold::None, Hold::None), TransferState::Offered);
        QCOMPARE(held(Hold::Paused, Hold::Paused), TransferState::Paused);
        ledger.onEvent(TransferInterrupted{{7}, kPeer, true, {}});
        QCOMPARE(ledger.list().size(), size_t(1)); // its next attempt has the same number
        QCOMPARE(ledger.list()[0].heldThere, Hold::None);
        QCOMPARE(ledger.list()[0].heldHere, Hold::Paused);
        ledger.onEvent(offer(7, true));
        QCOMPARE(ledger.list()[0].state, TransferState::Paused);
        QVERIFY(held(Hold::None, Hold::None) != TransferState::Paused);
        ledger.onEvent(TransferInterrupted{{7}, kPeer, true, {}});
        QVERIFY(ledger.list().empty());
    }
    void whatWasPausedInAnEarlierRunIsListedBeforeItsSenderComes() {
        TransferLedger ledger;
        TransferFigures figures;
        figures.bytesTotal = 1000;
        figures.bytesVerified = 400;
        ledger.onEvent(TransferHeld{{3}, kPeer, true, Hold::Paused, Hold::None, "photos", figures});
        const TransferInfo info = ledger.list().at(0);
        QVERIFY(info.incoming && info.state == TransferState::Paused && info.label == "photos");
        QVERIFY(info.figures == figures && info.peer == kPeer && ledger.isIncoming({3}));
        ledger.setPaused({3}, true); // of outgoing ones only
        ledger.onEvent(TransferHeld{{3}, kPeer, true, Hold::None, Hold::None, "photos", figures});
        QVERIFY(ledger.list().at(0).state != TransferState::Paused);
        ledger.onEvent(TransferFailed{{3}, kPeer, true, {}, {}, {}});
        ledger.onEvent(TransferHeld{{4}, kPeer, true, Hold::Queued, Hold::None, "x", {}}); // nothing of that number
        QVERIFY(ledger.list().empty());
    }
    void aSendIsListedFromItsCommandToItsReceipt() {
        TransferLedger ledger;
        ledger.onStarted({7}, kPeer);
        QCOMPARE(ledger.list().size(), size_t(1));
        QCOMPARE(ledger.list()[0].state, TransferState::Preparing);
        QCOMPARE(ledger.list()[0].peer, kPeer);
        OfferMade made = offer(7, false);
        made.skipped = 2;
        ledger.onEvent(made);
        QCOMPARE(ledger.list()[0].leftOut, uint64_t(2));
        QCOMPARE(ledger.list()[0].state, TransferState::Offered);
        QCOMPARE(ledger.list()[0].label, std::string("photos"));
        ledger.onEvent(OfferAccepted{{7}, kPeer});
        QCOMPARE(ledger.list()[0].state, TransferState::Running);
        TransferProgress progress;
        progress.transfer = {7};
        progress.figures.bytesVerified = 10;
        progress.rate = 5;
        ledger.onEvent(progress);
        QCOMPARE(ledger.list()[0].figures.bytesVerified, uint64_t(10));
        ledger.onEvent(TransferInterrupted{{7}, kPeer, false, {}});
        QCOMPARE(ledger.list()[0].state, TransferState::Interrupted);
        QCOMPARE(ledger.list()[0].rate, 0.0);
        TransferDelivered delivered;
        delivered.transfer = {7};
        ledger.onEvent(delivered);
        QCOMPARE(ledger.size(), size_t(0));
    }
    void whateverEndsATransferTakesItFromTheList() {
        TransferLedger ledger;
        for (uint64_t id = 1; id <= 3; ++id) ledger.onEvent(offer(id, true));
        ledger.onEvent(OfferDeclined{{1}, kPeer, "no"});
        TransferFailed failed;
        failed.transfer = {2};
        ledger.onEvent(failed);
        ledger.onEvent(TransferInterrupted{{3}, kPeer, true, {}}); // the next attempt has another number
        QCOMPARE(ledger.size(), size_t(0));
        ledger.onEvent(TransferProgress{{3}, true, {}, 0, 0});
        QCOMPARE(ledger.size(), size_t(0));
    }
    void aListHasABound() {
        TransferLedger ledger;
        for (uint64_t id = 1; id <= kMaxListedTransfers + 1; ++id) ledger.onStarted({id}, kPeer);
        QCOMPARE(ledger.size(), kMaxListedTransfers + 1);
        QCOMPARE(ledger.list().size(), kMaxListedTransfers);
        QCOMPARE(ledger.list().front().transfer.value, uint64_t(1));
    }
};

QTEST_APPLESS_MAIN(TransferLedgerTest)
#include "transfer_ledger_test.moc"

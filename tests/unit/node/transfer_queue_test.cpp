#include "node/node_limits.h"
#include "node/transfer_queue.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using namespace wherry::transfer;
using namespace std::chrono_literals;

namespace {

crypto::PeerId peer(uint8_t number) {
    return test::identityOf(number).peerId();
}

Now at(Duration offset) {
    return {Instant(1000s) + offset, {}};
}

struct Desk {
    explicit Desk(uint32_t turns) : queue(turns) {}

    void add(uint64_t id, uint8_t to, Priority priority = Priority::Normal) { queue.add({id}, peer(to), priority); }
    void offered(uint64_t id, Duration when = 0s) {
        OfferMade offer;
        offer.transfer = {id};
        queue.onEvent(offer, at(when));
    }
    void accepted(uint64_t id, Duration when = 0s) { queue.onEvent(OfferAccepted{{id}, peer(1)}, at(when)); }
    void interrupted(uint64_t id, Duration when = 0s) {
        queue.onEvent(TransferInterrupted{{id}, peer(1), false, {}}, at(when));
    }
    void delivered(uint64_t id) {
        TransferDelivered event;
        event.transfer = {id};
        queue.onEvent(event, at(0s));
    }
    /// "+1 +2 -1": who has got a turn, who has lost it.
    QString said() {
        QStringList words;
        while (const auto action = queue.poll())
            if (const auto* has = std::get_if<TurnHas>(&*action))
                words << QString("+%1").arg(has->transfer.value);
            else
                words << QString("-%1").arg(std::get<TurnLost>(*action).transfer.value);
        return words.join(' ');
    }

    TransferQueue queue;
};

} // namespace

class TransferQueueTest : public QObject {
    Q_OBJECT
  private slots:
    void whatTheReceiverHoldsGivesItsTurnToOthersAndGetsOneWhenItIsLetGo() {
        Desk desk(1);
        desk.add(1, 1);
        desk.add(2, 2);
        QCOMPARE(desk.said(), QString("+1"));
        desk.offered(1);
        desk.accepted(1);
        const auto held = [&](Hold there, Duration when) {
            desk.queue.onEvent(TransferHeld{{1}, peer(1), false, Hold::None, there, {}, {}}, at(when));
        };
        held(Hold::Paused, 5s);
        QCOMPARE(desk.said(), QString());
        desk.queue.onDeadline(at(5s + kTurnPatience));
        QCOMPARE(desk.said(), QString("-1 +2"));
        held(Hold::None, 60s);
        QVERIFY(desk.queue.waits({1}));
        desk.delivered(2);
        QCOMPARE(desk.said(), QString("+1"));
    }
    void asManyRunAtOnceAsThereAreTurnsAndTheNextWhenOneEnds() {
        Desk desk(2);
        for (uint8_t id = 1; id <= 4; ++id) desk.add(id, id);
        QCOMPARE(desk.said(), QString("+1 +2"));
        QVERIFY(!desk.queue.waits({2}) && desk.queue.waits({3}) && desk.queue.waits({4}));
        desk.delivered(2);
        QCOMPARE(desk.said(), QString("+3"));
        TransferFailed failed;
        failed.transfer = {1};
        desk.queue.onEvent(failed, at(0s));
        QCOMPARE(desk.said(), QString("+4"));
        desk.queue.onEvent(OfferDeclined{{3}, peer(3), "no"}, at(0s));
        desk.delivered(4);
        QCOMPARE(desk.said(), QString());
        QVERIFY(!desk.queue.priority({4}));
    }

    void thePriorityComesFirstAndThenTheAge() {
        Desk desk(1);
        desk.add(1, 1, Priority::Low);
        QCOMPARE(desk.said(), QString("+1"));
        desk.add(2, 1, Priority::Low);
        desk.add(3, 1, Priority::High);
        desk.add(4, 1);
        desk.add(5, 1, Priority::High);
        QCOMPARE(desk.said(), QString()); // who has a turn keeps it
        for (const auto& [ended, next] :
             {std::pair(1, "+3"), std::pair(3, "+5"), std::pair(5, "+4"), std::pair(4, "+2")}) {
            desk.delivered(static_cast<uint64_t>(ended));
            QCOMPARE(desk.said(), QString(next));
        }
    }

    void aPriorityIsChangedWhileItWaits() {
        Desk desk(1);
        for (uint64_t id = 1; id <= 3; ++id) desk.add(id, 1);
        QCOMPARE(desk.said(), QString("+1"));
        QVERIFY(desk.queue.setPriority({3}, Priority::High));
        QCOMPARE(*desk.queue.priority({3}), Priority::High);
        desk.delivered(1);
        QCOMPARE(desk.said(), QString("+3"));
        QCOMPARE(desk.queue.setPriority({1}, Priority::Low).error().code, Errc::NotFound);
        for (const Priority one : {Priority::Low, Priority::Normal, Priority::High})
            QVERIFY(priorityNamed(priorityName(one)) == one);
        QVERIFY(!priorityNamed("urgent"));
    }

    void aPeerIsOfferedAsMuchAsItLetsStandAndOthersGoAhead() {
        Desk desk(kMaxParallelSends);
        for (uint64_t id = 1; id <= kMaxOffersPerPeer + 1; ++id) desk.add(id, 1);
        desk.add(9, 2);
        QCOMPARE(desk.said(), QString("+1 +2 +3 +4 +9"));
        QVERIFY(desk.queue.waits({5}));
        desk.accepted(1);
        QCOMPARE(desk.said(), QString("+5"));
    }

    void aPeerIsSentAsMuchAtOnceAsItTakes() {
        Desk desk(kMaxParallelSends);
        for (uint64_t id = 1; id <= kMaxReceivesPerPeer + 1; ++id) {
            desk.add(id, 1);
            (void)desk.said();
            if (id <= kMaxReceivesPerPeer) desk.accepted(id);
        }
        QVERIFY(!desk.queue.waits({kMaxReceivesPerPeer}) && desk.queue.waits({kMaxReceivesPerPeer + 1}));
        desk.queue.pause({1}); // the peer keeps its place
        QCOMPARE(desk.said(), QString("-1"));
        desk.delivered(2);
        QCOMPARE(desk.said(), QString("+13"));
    }

    void pausingOneLetsTheNextBeginAndItWaitsWhenItGoesOn() {
        Desk desk(1);
        desk.add(1, 1);
        desk.add(2, 1);
        QCOMPARE(desk.said(), QString("+1"));
        desk.accepted(1);
        desk.queue.pause({1});
        QCOMPARE(desk.said(), QString("-1 +2"));
        QVERIFY(!desk.queue.waits({1}));
        desk.queue.resume({1});
        QCOMPARE(desk.said(), QString());
        QVERIFY(desk.queue.waits({1}));
        desk.delivered(2);
        QCOMPARE(desk.said(), QString("+1"));
    }

    void whatIsPausedBeforeItsTurnIsPassedOver() {
        Desk desk(1);
        for (uint64_t id = 1; id <= 3; ++id) desk.add(id, 1);
        desk.queue.pause({2});
        QCOMPARE(desk.said(), QString("+1"));
        QVERIFY(!desk.queue.waits({2}));
        desk.delivered(1);
        QCOMPARE(desk.said(), QString("+3"));
        desk.queue.resume({2});
        desk.delivered(3);
        QCOMPARE(desk.said(), QString("+2"));
    }

    void anOfferThatNobodyAnswersLosesItsTurnAfterAWhileAndGetsOneWithTheAnswer() {
        Desk desk(1);
        desk.add(1, 1);
        desk.add(2, 2);
        QCOMPARE(desk.said(), QString("+1"));
        QVERIFY(desk.queue.deadline() == kNever);
        desk.offered(1, 3s);
        QCOMPARE(desk.said(), QString());
        QVERIFY(desk.queue.deadline() == at(3s + kTurnPatience).mono);
        desk.queue.onDeadline(at(3s + kTurnPatience - 1ns));
        QCOMPARE(desk.said(), QString());
        desk.queue.onDeadline(at(3s + kTurnPatience));
        QCOMPARE(desk.said(), QString("-1 +2"));
        QVERIFY(desk.queue.deadline() == kNever);
        QVERIFY(!desk.queue.waits({1})); // for the peer, not for its turn
        desk.accepted(1, 60s);
        QCOMPARE(desk.said(), QString());
        QVERIFY(desk.queue.waits({1}));
        desk.delivered(2);
        QCOMPARE(desk.said(), QString("+1"));
    }

    void anAnswerInTimeKeepsTheTurn() {
        Desk desk(1);
        desk.add(1, 1);
        desk.add(2, 2);
        QCOMPARE(desk.said(), QString("+1"));
        desk.offered(1);
        desk.accepted(1, 9s);
        QCOMPARE(desk.said(), QString());
        desk.queue.onDeadline(at(60s));
        QCOMPARE(desk.said(), QString());
        desk.interrupted(1, 70s);
        desk.queue.onEvent(TransferResumed{{1}, 5}, at(75s));
        desk.queue.onDeadline(at(90s));
        QCOMPARE(desk.said(), QString());
    }

    void aPeerThatIsAwayStopsNobody() {
        Desk desk(1);
        desk.add(1, 1);
        desk.add(2, 2);
        QCOMPARE(desk.said(), QString("+1"));
        desk.queue.onUnreachable(peer(2), at(0s)); // has not begun
        desk.queue.onUnreachable(peer(1), at(0s));
        desk.queue.onUnreachable(peer(1), at(8s)); // again: it has been away since the first time
        QCOMPARE(desk.said(), QString());
        desk.queue.onDeadline(at(kTurnPatience));
        QCOMPARE(desk.said(), QString("-1 +2"));
        desk.accepted(2);
        desk.interrupted(2, 20s);
        QCOMPARE(desk.said(), QString());
        desk.accepted(1, 25s);
        QCOMPARE(desk.said(), QString());
        desk.queue.onDeadline(at(20s + kTurnPatience));
        QCOMPARE(desk.said(), QString("-2 +1"));
    }

    void fewerTurnsStopNobodyAndMoreLetTheNextBegin() {
        Desk desk(2);
        for (uint8_t id = 1; id <= 5; ++id) desk.add(id, id);
        QCOMPARE(desk.said(), QString("+1 +2"));
        desk.queue.setTurns(1);
        QCOMPARE(desk.said(), QString());
        desk.delivered(1);
        QCOMPARE(desk.said(), QString());
        desk.queue.setTurns(3);
        QCOMPARE(desk.said(), QString("+3 +4"));
    }

    void theQueueAndWhatHasBegunAreBounded() {
        Desk desk(1);
        for (uint64_t id = 1; id <= kMaxQueuedSends; ++id) {
            QVERIFY(desk.queue.mayAdd());
            desk.add(id, static_cast<uint8_t>(id % 250));
        }
        QCOMPARE(desk.queue.mayAdd().error().code, Errc::LimitReached);
        for (uint64_t id = 1; id < kMaxBegunSends; ++id) {
            QVERIFY(desk.said().endsWith(QString("+%1").arg(id)));
            desk.queue.pause({id});
        }
        QCOMPARE(desk.said(), QString("-127 +128"));
        desk.queue.pause({kMaxBegunSends});
        QCOMPARE(desk.said(), QString("-128")); // nobody begins
        desk.delivered(1);
        QCOMPARE(desk.said(), QString("+129"));
    }

    void whatWasNotAddedIsNoneOfItsBusiness() {
        Desk desk(1);
        desk.offered(7);
        desk.accepted(7);
        desk.interrupted(7);
        desk.delivered(7);
        desk.queue.pause({7});
        desk.queue.resume({7});
        QVERIFY(!desk.queue.waits({7}) && !desk.queue.priority({7}));
        QCOMPARE(desk.said(), QString());
    }
};

QTEST_APPLESS_MAIN(TransferQueueTest)
#include "transfer_queue_test.moc"

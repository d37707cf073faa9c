#include "node/transfer_ledger.h"
#include "sim/three_nodes.h"

#include <string>
#include <vector>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using namespace wherry::node;
using transfer::OfferAccepted;
using transfer::OfferMade;
using transfer::TransferDelivered;
using transfer::TransferFailed;
using transfer::TransferProgress;

namespace {

/// A sender that sends one thing at a time, and two receivers.
struct OneAtATime : ThreeNodes {
    explicit OneAtATime(Simulation& simulation) : ThreeNodes(simulation) {
        disk.addFolder("/bob");
        disk.addFolder("/carol");
        alice.start();
        alice.submit(SetParallelSends{1});
    }
    void receive(SimNode& node, const std::string& folder, transfer::Accept accept = transfer::Accept::All) {
        node.start();
        node.submit(SetReceive{{.enabled = true,
                                .accept = accept,
                                .conflict = transfer::Conflict::Rename,
                                .folder = folder,
                                .trusted = {}}});
    }
    /// The number of the transfer.
    TransferStarted send(const SimNode& to, const std::string& name, Priority priority = Priority::Normal,
                         Duration wait = 30s) {
        const RequestId request = alice.submit(SendFiles{to.target(), {"/out/" + name}, wait, priority});
        world.runFor(10ms);
        const auto* started = alice.last<TransferStarted>();
        world.require(started && started->request == request, "it is answered at once");
        return *started;
    }
    TransferInfo listed(TransferId transfer) {
        const size_t before = alice.count<TransfersListed>();
        alice.submit(ListTransfers{});
        world.runUntil([&] { return alice.count<TransfersListed>() > before; }, 5s);
        for (const TransferInfo& info : alice.last<TransfersListed>()->transfers)
            if (info.transfer == transfer) return info;
        world.require(false, "it is not listed");
        return {};
    }
    void requireState(TransferId transfer, TransferState wanted) {
        const TransferState state = listed(transfer).state;
        world.require(state == wanted, "transfer " + std::to_string(transfer.value) + " is " +
                                           std::string(transferStateName(state)) + ", not " +
                                           std::string(transferStateName(wanted)));
    }
    /// Events of `Kind` at the sender, by their transfers, in order.
    template <typename Kind> std::vector<TransferId> order() const {
        std::vector<TransferId> ids;
        for (const Event& event : alice.events())
            if (const auto* what = SimNode::as<Kind>(event)) ids.push_back(what->transfer);
        return ids;
    }
    void untilDelivered(size_t count, Duration limit = 60s) {
        world.runUntil([&] { return alice.count<TransferDelivered>() == count; }, limit);
        world.require(alice.count<TransferDelivered>() == count,
                      std::to_string(alice.count<TransferDelivered>()) + " delivered");
    }
    uint64_t verified(TransferId transfer) const {
        uint64_t bytes = 0;
        for (const Event& event : alice.events())
            if (const auto* what = SimNode::as<TransferProgress>(event); what && what->transfer == transfer)
                bytes = what->figures.bytesVerified;
        return bytes;
    }
};

} // namespace

class QueueTest : public QObject {
    Q_OBJECT

  private slots:
    void oneAfterTheOtherTheHigherPriorityFirst() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            const auto first = t.send(t.bob, "a", Priority::Low);
            const auto second = t.send(t.bob, "b");
            const auto third = t.send(t.bob, "c", Priority::High);
            world.require(!first.waits && second.waits && third.waits, "who is told to wait");
            world.runFor(2s);
            t.requireState(first.transfer, TransferState::Running);
            t.requireState(second.transfer, TransferState::Queued);
            const TransferInfo info = t.listed(third.transfer);
            world.require(info.priority == Priority::High && info.label == "c", "the list says what it is");
            world.require(t.alice.count<OfferMade>() == 1, "what waits is not offered");
            t.untilDelivered(3);
            const std::vector<TransferId> wanted{first.transfer, third.transfer, second.transfer};
            world.require(t.order<TransferDelivered>() == wanted && t.order<OfferMade>() == wanted, "the order");
            world.require(t.disk.tree("/bob") == t.disk.tree("/out"), "equal trees");
        });
    }

    void aWaitForThePeerBeginsWithTheTurn() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            (void)t.send(t.bob, "a");
            const auto second = t.send(t.carol, "b", Priority::Normal, 2s); // carol is away
            world.runFor(3500ms);
            t.requireState(second.transfer, TransferState::Queued);
            t.receive(t.carol, "/carol");
            t.untilDelivered(2);
        });
    }

    void whatIsPausedLetsTheNextOneGoAndWaitsThen() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            const auto first = t.send(t.bob, "a");
            const auto second = t.send(t.bob, "b");
            world.runFor(1s);
            t.alice.submit(PauseTransfer{first.transfer});
            world.runFor(1s);
            t.requireState(first.transfer, TransferState::Paused);
            t.requireState(second.transfer, TransferState::Running);
            t.alice.submit(ResumeTransfer{first.transfer});
            world.runFor(500ms);
            t.requireState(first.transfer, TransferState::Queued);
            const uint64_t then = t.verified(first.transfer);
            t.untilDelivered(1);
            world.require(t.order<TransferDelivered>().front() == second.transfer, "the second one first");
            world.require(t.verified(first.transfer) == then, "nothing of the first one moved meanwhile");
            t.untilDelivered(2);
            world.require(t.alice.count<transfer::TransferResumed>() == 0, "in one attempt");
            world.require(t.alice.last<RequestFailed>() == nullptr, "no command failed");
        });
    }

    void whatWaitsIsPausedAndCancelledBeforeItHasBegun() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            (void)t.send(t.bob, "a");
            const auto second = t.send(t.bob, "b");
            const auto third = t.send(t.bob, "c");
            t.alice.submit(PauseTransfer{second.transfer});
            t.alice.submit(CancelTransfer{third.transfer});
            world.runFor(1s);
            t.requireState(second.transfer, TransferState::Paused);
            const auto* failed = t.alice.last<TransferFailed>();
            world.require(failed && failed->transfer == third.transfer && failed->error.code == Errc::Cancelled &&
                              failed->peer == t.bob.peerId(),
                          "cancelled");
            t.untilDelivered(1);
            world.runFor(20s);
            t.requireState(second.transfer, TransferState::Paused);
            t.alice.submit(ResumeTransfer{second.transfer});
            t.untilDelivered(2);
            t.alice.submit(ListHistory{});
            world.runFor(1s);
            const auto& entries = t.alice.last<HistoryListed>()->entries;
            world.require(entries.size() == 3 && entries[2].outcome == TransferOutcome::Cancelled, "so says history");
            world.require(entries[2].retryable && entries[2].label == "c", "it can be sent again");
            world.require(t.bob.count<OfferMade>() == 2, "the receiver has never heard of it");
        });
    }

    void thePriorityOfWhatWaitsIsChanged() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            const auto first = t.send(t.bob, "a");
            const auto second = t.send(t.bob, "b");
            const auto third = t.send(t.bob, "c");
            t.alice.submit(SetPriority{third.transfer, Priority::High});
            t.untilDelivered(3);
            world.require(t.order<TransferDelivered>() ==
                              std::vector<TransferId>{first.transfer, third.transfer, second.transfer},
                          "the order");
            t.alice.submit(SetPriority{third.transfer, Priority::Low});
            world.runFor(1s);
            world.require(t.alice.last<RequestFailed>()->error.code == Errc::NotFound, "it has ended");
        });
    }

    void aDeviceThatIsAwayAndAPersonWhoDoesNotAnswerStopNobody() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob", transfer::Accept::Ask);
            t.receive(t.carol, "/carol");
            const auto asked = t.send(t.bob, "a");
            const auto other = t.send(t.carol, "b");
            const auto more = t.send(t.carol, "c");
            world.runFor(5s);
            t.requireState(asked.transfer, TransferState::Offered);
            t.requireState(other.transfer, TransferState::Queued);
            world.runFor(7s);
            t.requireState(other.transfer, TransferState::Running);
            t.bob.submit(AnswerOffer{t.bob.last<OfferMade>()->transfer, true, {}, {}});
            world.runFor(1s);
            t.requireState(asked.transfer, TransferState::Queued); // accepted, and held back
            world.require(t.verified(asked.transfer) == 0, "no content goes");
            t.untilDelivered(3);
            world.require(t.order<TransferDelivered>() ==
                              std::vector<TransferId>{other.transfer, asked.transfer, more.transfer},
                          "the order");
        });
    }

    void whatIsSentAgainWaitsToo() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            (void)t.send(t.carol, "c", Priority::Normal, 1s); // carol is away
            world.runUntil([&] { return t.alice.last<TransferFailed>() != nullptr; }, 60s);
            t.alice.submit(ListHistory{});
            world.runFor(1s);
            const uint64_t number = t.alice.last<HistoryListed>()->entries.at(0).number;
            (void)t.send(t.bob, "a");
            t.receive(t.carol, "/carol");
            t.alice.submit(RetryTransfer{number});
            world.runFor(1s);
            const TransferStarted again = *t.alice.last<TransferStarted>();
            world.require(again.waits, "behind the other one");
            t.requireState(again.transfer, TransferState::Queued);
            t.untilDelivered(2);
        });
    }

    void theEndOfTheProgramEndsWhatWaits() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.receive(t.bob, "/bob");
            (void)t.send(t.bob, "a");
            (void)t.send(t.bob, "b");
            t.alice.shutdown();
            world.runFor(5s);
            world.require(!t.alice.running(), "it has ended");
            world.require(t.alice.count<TransferFailed>() == 2, "both are told");
        });
    }

    void aCountThatMakesNoSenseIsRefused() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.alice.submit(SetParallelSends{kMaxParallelSends});
            world.runFor(1s);
            world.require(t.alice.last<RequestFailed>() == nullptr, "the most");
            for (const uint32_t wrong : {0u, kMaxParallelSends + 1}) {
                t.alice.submit(SetParallelSends{wrong});
                world.runFor(1s);
                world.require(t.alice.last<RequestFailed>()->error.code == Errc::InvalidArgument, "one past");
                t.alice.forgetEvents();
            }
        });
    }
};

QTEST_APPLESS_MAIN(QueueTest)
#include "queue_test.moc"

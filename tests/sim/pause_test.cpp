#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using namespace wherry::node;
using transfer::TransferDelivered;
using transfer::TransferFailed;
using transfer::TransferInterrupted;
using transfer::TransferProgress;

namespace {

/// What the streams have taken when the pause begins still arrives: eight of 256 KiB, the windows of the path, a frame
/// each.
constexpr uint64_t kAfterPause = 6 * 1024 * 1024;

TransferWorldConfig lossy() {
    return {.link = {.delay = 20ms, .bitsPerSecond = 50'000'000, .loss = 0.01}, .wait = 30s};
}

/// A transfer of 20 MB that has begun to arrive.
struct Begun {
    explicit Begun(Simulation& world, const TransferWorldConfig& config = lossy()) : pair(world, config) {
        pair.addFile("big", 20'000'000);
        pair.start();
        pair.send();
        untilMoving(0);
    }
    uint64_t verified() const {
        const auto* progress = pair.receiver.last<TransferProgress>();
        return progress ? progress->figures.bytesVerified : 0;
    }
    void untilMoving(uint64_t above) {
        pair.world.runUntil([&] { return verified() > above; }, 60s);
        pair.world.require(verified() > above, "it moves");
    }
    TransferId transfer() const { return pair.sender.last<TransferStarted>()->transfer; }
    TransferInfo listed() {
        pair.sender.submit(ListTransfers{});
        const size_t before = pair.sender.count<TransfersListed>();
        pair.world.runUntil([&] { return pair.sender.count<TransfersListed>() > before; }, 5s);
        const auto* all = pair.sender.last<TransfersListed>();
        pair.world.require(all && all->transfers.size() == 1, "one transfer is listed");
        return all->transfers[0];
    }
    std::vector<HistoryEntry> history(SimNode& node) {
        const size_t before = node.count<HistoryListed>();
        node.submit(ListHistory{});
        pair.world.runUntil([&] { return node.count<HistoryListed>() > before; }, 5s);
        pair.world.require(node.count<HistoryListed>() > before, "the history is listed");
        return node.last<HistoryListed>()->entries;
    }
    /// Returns what has arrived when nothing more comes.
    uint64_t pause() {
        const uint64_t then = verified();
        pair.sender.submit(PauseTransfer{transfer()});
        // The receiver tells what came last within its heartbeat.
        pair.world.runFor(15s);
        pair.world.require(!pair.sender.last<RequestFailed>(), "it can be paused");
        pair.world.require(verified() <= then + kAfterPause, "it stops");
        pair.world.require(verified() < 20'000'000, "in the middle");
        return verified();
    }

    TransferWorld pair;
};

} // namespace

class PauseTest : public QObject {
    Q_OBJECT

  private slots:
    void aPauseOfTenMinutesOverALossyPathCostsNothingButTheTime() {
        RUN([](Simulation& world) {
            Begun t(world);
            const uint64_t stopped = t.pause();
            world.runFor(10min);
            world.require(t.verified() == stopped, "nothing has moved");
            world.require(!t.pair.finished(), "it has not ended");
            world.require(t.pair.sender.count<TransferInterrupted>() == 0, "the connection has stayed");
            world.require(t.listed().state == TransferState::Paused, "it is listed as paused");
            t.pair.sender.submit(ResumeTransfer{t.transfer()});
            t.pair.runToDelivery(60s);
            world.require(t.pair.sender.count<transfer::TransferResumed>() == 0, "one attempt was enough");
        });
    }

    void aPauseOutlivesTheConnection() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.pair.link.setUp(false);
            world.runFor(3min); // longer than any idle timeout and than --wait
            world.require(t.pair.sender.count<TransferInterrupted>() == 1, "the connection is lost");
            t.pair.link.setUp(true);
            world.runFor(5min);
            const uint64_t stopped = t.verified();
            world.require(!t.pair.finished(), "it has not ended");
            world.require(t.listed().state == TransferState::Paused, "it is paused still");
            t.pair.sender.submit(ResumeTransfer{t.transfer()});
            t.pair.runToDelivery(60s);
            world.require(t.pair.sender.count<transfer::TransferResumed>() == 1, "it went on where it was");
            world.require(t.pair.bytesSentInAll() <= 20'000'000 + kAfterPause, "what had arrived was not sent again");
            world.require(stopped > 0, "something had arrived");
        });
    }

    void whatIsPausedBeforeItsOfferIsOfferedWhenItGoesOn() {
        RUN([](Simulation& world) {
            TransferWorld pair(world, lossy());
            pair.addFile("small", 100'000);
            pair.start();
            pair.send();
            pair.sender.submit(PauseTransfer{{1}});
            world.runFor(10min);
            world.require(!pair.finished(), "it waits");
            pair.sender.submit(ResumeTransfer{pair.sender.last<TransferStarted>()->transfer});
            pair.runToDelivery(60s);
        });
    }

    void aPausedTransferCanBeCancelledAndTheReceiverHearsOfIt() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.pair.sender.submit(CancelTransfer{t.transfer()});
            world.runFor(5s);
            world.require(t.pair.sender.last<TransferFailed>()->error.code == Errc::Cancelled, "it is cancelled");
            world.require(t.pair.receiver.last<TransferFailed>() != nullptr, "the receiver knows");
            world.require(t.history(t.pair.sender)[0].outcome == TransferOutcome::Cancelled, "so says the history");
            world.require(t.history(t.pair.receiver)[0].outcome == TransferOutcome::Cancelled, "on both sides");
        });
    }

    void aSenderKilledWhilePausedRemembersAndSendsTheRestAgain() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.pair.sender.kill();
            world.runFor(1min);
            t.pair.startSender();
            const auto entries = t.history(t.pair.sender);
            world.require(entries.size() == 1 && entries[0].outcome == TransferOutcome::Interrupted, "interrupted");
            world.require(entries[0].retryable && entries[0].figures.bytesTotal == 20'000'000, "with what it was");
            t.pair.sender.submit(RetryTransfer{entries[0].number});
            t.pair.runToDelivery(120s);
            world.require(t.pair.sender.count<transfer::TransferResumed>() == 1, "it went on where it was");
            const auto now = t.history(t.pair.sender);
            world.require(now.size() == 2 && now[0].outcome == TransferOutcome::Delivered, "delivered");
            world.require(now[0].path.has_value() && now[0].seconds > 0, "how, and how fast");
            const auto there = t.history(t.pair.receiver);
            world.require(there[0].outcome == TransferOutcome::Delivered && there[0].folder == "/dst", "there too");
            t.pair.sender.submit(RetryTransfer{now[0].number});
            world.runFor(1s);
            world.require(t.pair.sender.last<RequestFailed>()->error.code == Errc::InvalidArgument, "no second time");
        });
    }
};

QTEST_APPLESS_MAIN(PauseTest)
#include "pause_test.moc"

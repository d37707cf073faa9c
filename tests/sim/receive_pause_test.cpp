#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using namespace wherry::node;
using transfer::Hold;
using transfer::OfferAccepted;
using transfer::TransferDelivered;
using transfer::TransferFailed;
using transfer::TransferHeld;
using transfer::TransferInterrupted;
using transfer::TransferProgress;

namespace {

constexpr uint64_t kFile = 20'000'000;
/// What the streams have taken before the sender hears of the pause still arrives: eight of 256 KiB, the windows of the
/// path and what goes while the message is on its way, a frame each.
constexpr uint64_t kAfterPause = 8 * 1024 * 1024;

/// A transfer of 20 MB over a path that loses packets, which has begun to arrive.
struct Begun {
    explicit Begun(Simulation& world)
        : pair(world, {.link = {.delay = 20ms, .bitsPerSecond = 50'000'000, .loss = 0.01}, .wait = 30s}) {
        pair.addFile("big", kFile);
        pair.start();
        pair.send();
        world.runUntil([&] { return verified() > 0; }, 60s);
        world.require(verified() > 0, "it moves");
    }
    uint64_t verified() const {
        const auto* progress = pair.receiver.last<TransferProgress>();
        return progress ? progress->figures.bytesVerified : 0;
    }
    template <typename What> void ask(SimNode& node, What command) {
        const size_t done = node.count<RequestDone>(), failed = node.count<RequestFailed>();
        node.submit(command);
        pair.world.runUntil([&] { return node.count<RequestDone>() > done || node.count<RequestFailed>() > failed; },
                            5s);
        pair.world.require(node.count<RequestDone>() > done,
                           node.last<RequestFailed>() ? node.last<RequestFailed>()->error.text() : "no answer");
    }
    std::vector<TransferInfo> list(SimNode& node) {
        const size_t before = node.count<TransfersListed>();
        node.submit(ListTransfers{});
        pair.world.runUntil([&] { return node.count<TransfersListed>() > before; }, 5s);
        return node.last<TransfersListed>()->transfers;
    }
    TransferInfo only(SimNode& node) {
        const auto listed = list(node);
        pair.world.require(listed.size() == 1, std::to_string(listed.size()) + " are listed at " + node.name());
        return listed[0];
    }
    TransferId incoming() { return only(pair.receiver).transfer; }
    /// The receiver pauses; returns what has arrived when nothing more comes.
    uint64_t pause() {
        const uint64_t then = verified();
        ask(pair.receiver, PauseTransfer{incoming()});
        pair.world.runFor(15s);
        pair.world.require(verified() <= then + kAfterPause && verified() < kFile, "it stops in the middle");
        return verified();
    }
    void requirePaused(SimNode& node, Hold here, Hold there) {
        const TransferInfo info = only(node);
        pair.world.require(info.state == TransferState::Paused && info.heldHere == here && info.heldThere == there,
                           node.name() + " lists state " + std::to_string(int(info.state)) + ", held " +
                               std::to_string(int(info.heldHere)) + " " + std::to_string(int(info.heldThere)));
    }

    TransferWorld pair;
};

} // namespace

class ReceivePauseTest : public QObject {
    Q_OBJECT

  private slots:
    void whoReceivesPausesAndTheSenderHearsOfIt() {
        RUN([](Simulation& world) {
            Begun t(world);
            const uint64_t stopped = t.pause();
            world.runFor(10min);
            world.require(t.verified() == stopped, "nothing has moved");
            world.require(t.pair.sender.count<TransferInterrupted>() == 0, "the connection has stayed");
            t.requirePaused(t.pair.receiver, Hold::Paused, Hold::None);
            t.requirePaused(t.pair.sender, Hold::None, Hold::Paused);
            t.ask(t.pair.receiver, ResumeTransfer{t.incoming()});
            t.pair.runToDelivery(60s);
            world.require(t.pair.sender.last<TransferHeld>()->there == Hold::None, "it was let go");
            world.require(t.pair.sender.count<transfer::TransferResumed>() == 0, "one attempt was enough");
        });
    }

    void itGoesOnWhenBothSidesHaveResumed() {
        for (const bool senderFirst : {true, false}) {
            RUN([senderFirst](Simulation& world) {
                Begun t(world);
                const uint64_t stopped = t.pause();
                const TransferId outgoing = t.only(t.pair.sender).transfer, incoming = t.incoming();
                t.ask(t.pair.sender, PauseTransfer{outgoing});
                world.runFor(1s);
                t.requirePaused(t.pair.receiver, Hold::Paused, Hold::Paused);
                t.requirePaused(t.pair.sender, Hold::Paused, Hold::Paused);
                SimNode& first = senderFirst ? t.pair.sender : t.pair.receiver;
                SimNode& second = senderFirst ? t.pair.receiver : t.pair.sender;
                t.ask(first, ResumeTransfer{senderFirst ? outgoing : incoming});
                world.runFor(5min);
                world.require(t.verified() == stopped, "nothing has moved");
                t.requirePaused(first, Hold::None, Hold::Paused);
                t.requirePaused(second, Hold::Paused, Hold::None);
                t.ask(second, ResumeTransfer{senderFirst ? incoming : outgoing});
                t.pair.runToDelivery(60s);
            });
        }
    }

    void thePauseOutlivesTheConnectionUnderTheSameNumber() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            const TransferId incoming = t.incoming();
            t.pair.link.setUp(false);
            world.runFor(35s); // the connection is lost, the sender goes on trying
            t.requirePaused(t.pair.receiver, Hold::Paused, Hold::None);
            t.pair.link.setUp(true);
            world.runFor(2min);
            world.require(t.pair.receiver.count<OfferAccepted>() == 2, "the sender has come back");
            t.requirePaused(t.pair.receiver, Hold::Paused, Hold::None);
            t.requirePaused(t.pair.sender, Hold::None, Hold::Paused);
            world.require(t.incoming() == incoming, "the number has stayed");
            const uint64_t stopped = t.verified();
            t.ask(t.pair.receiver, ResumeTransfer{incoming});
            t.pair.runToDelivery(60s);
            world.require(t.pair.bytesSentInAll() <= kFile + kAfterPause && stopped > 0, "only what was missing came");
        });
    }

    void thePauseOutlivesTheDeathOfBothPrograms() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.pair.receiver.kill();
            t.pair.sender.kill();
            world.runFor(1min);
            t.pair.startReceiver();
            world.runFor(1s);
            const TransferInfo info = t.only(t.pair.receiver);
            world.require(info.state == TransferState::Paused && info.incoming && info.label == "in" &&
                              info.figures.bytesTotal == kFile && info.peer == t.pair.sender.peerId(),
                          "it is listed before its sender is there");
            t.pair.receiver.forgetEvents();
            t.pair.startSender();
            t.pair.send();
            world.runFor(3min);
            world.require(t.pair.receiver.count<TransferProgress>() == 0, "it does not begin by itself");
            t.requirePaused(t.pair.sender, Hold::None, Hold::Paused);
            world.require(t.incoming() == info.transfer, "the number has stayed");
            t.ask(t.pair.receiver, ResumeTransfer{info.transfer});
            t.pair.runToDelivery(60s);
            const auto* resumed = t.pair.sender.last<transfer::TransferResumed>();
            world.require(resumed && resumed->bytesAlready > 0, "only what was missing came");
            t.pair.receiver.kill();
            t.pair.startReceiver();
            world.runFor(1s);
            world.require(t.list(t.pair.receiver).empty(), "nothing of it is left");
        });
    }

    void whatIsResumedWhileItsSenderIsAwayGoesOnWhenItComes() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            const TransferId incoming = t.incoming();
            t.pair.sender.kill();
            world.runFor(1min);
            t.requirePaused(t.pair.receiver, Hold::Paused, Hold::None);
            t.ask(t.pair.receiver, ResumeTransfer{incoming});
            world.require(t.list(t.pair.receiver).empty(), "it is not under way any more");
            t.pair.startSender();
            t.pair.send();
            t.pair.runToDelivery(60s);
        });
    }

    void aPausedTransferCanBeCancelledHereAndItsSenderHearsOfIt() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.ask(t.pair.receiver, CancelTransfer{t.incoming()});
            world.runFor(5s);
            const auto* failed = t.pair.sender.last<TransferFailed>();
            world.require(failed && failed->error.code == Errc::Cancelled && failed->byPeer, "the sender knows");
            world.require(t.list(t.pair.receiver).empty() && t.list(t.pair.sender).empty(), "it is over");
        });
    }

    void aPausedTransferWhoseSenderIsAwayCanBeCancelledToo() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.pair.link.setUp(false);
            world.runFor(20s);
            t.ask(t.pair.receiver, CancelTransfer{t.incoming()});
            world.require(t.list(t.pair.receiver).empty(), "it is over here");
            t.pair.link.setUp(true);
            world.runUntil([&] { return t.pair.finished(); }, 60s);
            const auto* failed = t.pair.sender.last<TransferFailed>();
            world.require(failed && failed->error.code == Errc::Cancelled && failed->byPeer, "the sender hears of it");
            t.pair.send(); // a new wish
            t.pair.runToDelivery(60s);
        });
    }

    void aSenderThatEndsAndComesBackFindsItPaused() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            t.pair.sender.shutdown();
            world.runFor(10s);
            t.requirePaused(t.pair.receiver, Hold::Paused, Hold::None);
            t.pair.startSender();
            t.pair.send();
            world.runFor(1min);
            t.requirePaused(t.pair.sender, Hold::None, Hold::Paused);
            t.ask(t.pair.receiver, ResumeTransfer{t.incoming()});
            t.pair.runToDelivery(60s);
        });
    }

    void whatCannotBeStoredIsNotAnsweredAsDone() {
        RUN([](Simulation& world) {
            Begun t(world);
            const TransferId incoming = t.incoming();
            t.pair.receiver.store().setFull(true);
            for (const node::Command& command :
                 {node::Command(PauseTransfer{incoming}), node::Command(ResumeTransfer{incoming}),
                  node::Command(PauseTransfer{incoming}), node::Command(CancelTransfer{incoming})}) {
                t.pair.receiver.forgetEvents();
                t.pair.receiver.submit(command);
                world.runFor(1s);
                world.require(t.pair.receiver.count<RequestDone>() == 0 &&
                                  t.pair.receiver.last<RequestFailed>()->error.code == Errc::DiskFull,
                              "it is said that it could not be stored");
            }
        });
    }

    void aDatabaseThatIsBegunAnewGetsWhatIsPaused() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pause();
            for (int space = 1; space <= int(Space::Paused); ++space)
                t.pair.receiver.store().erase(StoreErase{Space(space), {}});
            t.pair.receiver.node().onStoreBegunAnew("/home/store.damaged-1", world.now());
            (void)t.list(t.pair.receiver); // which gives the node its turn
            t.pair.receiver.kill();
            t.pair.startReceiver();
            world.runFor(1min);
            t.requirePaused(t.pair.receiver, Hold::Paused, Hold::None);
        });
    }

    void whatNobodyKnowsCannotBePaused() {
        RUN([](Simulation& world) {
            Begun t(world);
            t.pair.receiver.submit(PauseTransfer{{4711}});
            world.runFor(1s);
            world.require(t.pair.receiver.last<RequestFailed>()->error.code == Errc::NotFound, "there is none");
            t.pair.runToDelivery(60s);
        });
    }
};

QTEST_APPLESS_MAIN(ReceivePauseTest)
#include "receive_pause_test.moc"

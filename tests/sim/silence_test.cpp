#include "node/node_limits.h"
#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace wherry::transfer;
using namespace std::chrono_literals;

namespace {

TransferWorldConfig broadband() {
    return {.link = {.delay = 10ms, .bitsPerSecond = 50'000'000}, .wait = 60s};
}

/// What this node lists of its only transfer.
node::TransferInfo listed(Simulation& world, SimNode& node) {
    node.forgetEvents();
    node.submit(node::ListTransfers{});
    world.require(world.runUntil([&] { return node.last<node::TransfersListed>() != nullptr; }, 1s), "listed");
    const auto& transfers = node.last<node::TransfersListed>()->transfers;
    world.require(transfers.size() == 1, "one is under way");
    return transfers.front();
}

std::vector<node::HistoryEntry> history(Simulation& world, SimNode& node) {
    node.forgetEvents();
    node.submit(node::ListHistory{});
    world.require(world.runUntil([&] { return node.last<node::HistoryListed>() != nullptr; }, 5s), "listed");
    return node.last<node::HistoryListed>()->entries;
}

void askAboutEverything(TransferWorld& pair) {
    ReceivePolicy policy;
    policy.enabled = true;
    policy.folder = "/dst";
    pair.receiver.submit(node::SetReceive{policy});
}

} // namespace

/// The other device is gone without a word: its power, or the network in between.
class SilenceTest : public QObject {
    Q_OBJECT

  private slots:
    void aTransferWhosePeerIsGoneSaysSoSoonAndGoesOnWhenItIsBack() {
        RUN([](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addMixedTree(30'000'000);
            pair.start();
            pair.send();
            world.runFor(2s);
            world.require(listed(world, pair.receiver).rate > 0 && listed(world, pair.sender).rate > 0, "it moves");
            pair.link.setUp(false);
            const Duration cut = world.elapsed();
            world.runFor(2s);
            for (SimNode* side : {&pair.receiver, &pair.sender}) {
                const node::TransferInfo info = listed(world, *side);
                world.require(info.rate == 0 && info.etaSeconds == 0, "what does not move has no rate");
                world.require(info.state == node::TransferState::Running && info.silentSeconds == 0, "not yet");
            }
            world.runUntil([&] { return world.elapsed() >= cut + 7s; }, 10s);
            for (SimNode* side : {&pair.receiver, &pair.sender}) {
                const double silent = listed(world, *side).silentSeconds;
                world.require(silent >= 5 && silent <= 8, "silent for " + std::to_string(silent));
            }
            const auto interrupted = [](SimNode& side) { return side.last<TransferInterrupted>() != nullptr; };
            world.runUntil([&] { return interrupted(pair.receiver) && interrupted(pair.sender); }, 60s);
            world.require(world.elapsed() < cut + node::kQuietEnds + 3s, "given up long before the idle time-out");
            pair.link.setUp(true);
            pair.runToDelivery(60s);
        });
    }

    void aPeerThatIsOnlySlowIsNotCalledSilent() {
        RUN([](Simulation& world) {
            TransferWorldConfig config = broadband();
            config.link.delay = 700ms;
            config.link.loss = 0.02;
            TransferWorld pair(world, config);
            pair.addFile("file", 10);
            pair.start();
            askAboutEverything(pair);
            pair.send();
            world.require(world.runUntil([&] { return pair.receiver.last<OfferMade>() != nullptr; }, 20s), "asked");
            for (int i = 0; i < 60; ++i) {
                world.runFor(1s);
                world.require(listed(world, pair.receiver).silentSeconds == 0, "the receiver hears of it");
                world.require(listed(world, pair.sender).silentSeconds == 0, "and it of the receiver");
            }
        });
    }

    void anOfferWhoseSenderIsGoneSaysSoAndIsInTheHistoryInTheEnd() {
        RUN([](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addFile("letter", 1000);
            pair.start();
            askAboutEverything(pair);
            pair.send();
            world.require(world.runUntil([&] { return pair.receiver.last<OfferMade>() != nullptr; }, 20s), "asked");
            world.runFor(10s);
            world.require(listed(world, pair.receiver).silentSeconds == 0, "a person may think");
            pair.sender.kill();
            world.runFor(8s);
            const node::TransferInfo info = listed(world, pair.receiver);
            world.require(info.state == node::TransferState::Offered, "the network may come back");
            world.require(info.silentSeconds >= 5, "silent for " + std::to_string(info.silentSeconds));
            world.require(world.runUntil([&] { return pair.receiver.last<TransferInterrupted>() != nullptr; }, 60s),
                          "over");
            const auto entries = history(world, pair.receiver);
            world.require(entries.size() == 1 && entries[0].incoming, "one row");
            world.require(entries[0].outcome == node::TransferOutcome::Unanswered, "nobody has said no");
            world.require(entries[0].label == "in" && entries[0].figures.bytesTotal == 1000, entries[0].label);
            world.require(entries[0].peer == pair.sender.peerId(), "and who it was");
        });
    }

    void anOfferThatIsTakenBackIsInTheHistoryToo() {
        RUN([](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addFile("letter", 1000);
            pair.start();
            askAboutEverything(pair);
            pair.send();
            world.require(world.runUntil([&] { return pair.receiver.last<OfferMade>() != nullptr; }, 20s), "asked");
            pair.sender.submit(node::CancelTransfer{pair.sender.last<OfferMade>()->transfer});
            world.require(world.runUntil([&] { return pair.receiver.last<TransferFailed>() != nullptr; }, 20s), "over");
            const auto entries = history(world, pair.receiver);
            world.require(entries.size() == 1 && entries[0].byPeer, "the sender has said so");
            world.require(entries[0].outcome == node::TransferOutcome::Unanswered, "nobody has said no");
            world.require(entries[0].figures.filesTotal == 1, "and what it was");
        });
    }

    void aNoThatNobodyHasSaidIsNobodysNo() {
        RUN([](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addFile("letter", 1000);
            pair.start();
            askAboutEverything(pair);
            pair.send();
            world.require(world.runUntil([&] { return pair.receiver.last<OfferMade>() != nullptr; }, 20s), "asked");
            pair.receiver.submit(
                node::AnswerOffer{pair.receiver.last<OfferMade>()->transfer, false, "nobody is there", {}, {}, true});
            world.require(world.runUntil([&] { return pair.sender.last<OfferDeclined>() != nullptr; }, 20s), "told");
            const auto entries = history(world, pair.receiver);
            world.require(entries.at(0).outcome == node::TransferOutcome::Unanswered, "nobody has said no");
            world.require(entries.at(0).error->context == "nobody is there", "why");
        });
    }
};

QTEST_APPLESS_MAIN(SilenceTest)
#include "silence_test.moc"

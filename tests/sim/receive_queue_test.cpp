#include "sim/three_nodes.h"

#include <string>
#include <vector>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using namespace wherry::node;
using transfer::Hold;
using transfer::OfferAccepted;
using transfer::OfferMade;
using transfer::TransferDelivered;
using transfer::TransferHeld;

namespace {

/// Two senders, and a receiver that takes one thing at a time.
struct OneAtATime : ThreeNodes {
    explicit OneAtATime(Simulation& simulation, transfer::Accept accept = transfer::Accept::All)
        : ThreeNodes(simulation) {
        disk.addFolder("/in");
        for (SimNode* node : {&alice, &bob, &carol}) node->start();
        carol.submit(SetParallelReceives{1});
        carol.submit(SetReceive{{.enabled = true,
                                 .accept = accept,
                                 .conflict = transfer::Conflict::Rename,
                                 .folder = "/in",
                                 .trusted = {}}});
    }
    /// Until its offer has come.
    void send(SimNode& from, const std::string& name) {
        const size_t offers = carol.count<OfferMade>();
        from.submit(SendFiles{carol.target(), {"/out/" + name}, 30s});
        world.runUntil([&] { return carol.count<OfferMade>() > offers; }, 10s);
        world.require(carol.count<OfferMade>() > offers, "it is offered");
    }
    TransferInfo listed(SimNode& node, const std::string& label) {
        const size_t before = node.count<TransfersListed>();
        node.submit(ListTransfers{});
        world.runUntil([&] { return node.count<TransfersListed>() > before; }, 5s);
        for (const TransferInfo& info : node.last<TransfersListed>()->transfers)
            if (info.label == label) return info;
        world.require(false, label + " is not listed");
        return {};
    }
    void requireState(SimNode& node, const std::string& label, TransferState wanted) {
        const TransferInfo info = listed(node, label);
        world.require(info.state == wanted, label + " at " + node.name() + " is in state " +
                                                std::to_string(int(info.state)) + ", not " +
                                                std::to_string(int(wanted)));
    }
    void untilDelivered(size_t count) {
        world.runUntil([&] { return carol.count<TransferDelivered>() >= count; }, 120s);
        world.require(carol.count<TransferDelivered>() >= count,
                      std::to_string(carol.count<TransferDelivered>()) + " delivered");
    }
    std::vector<std::string> landed() const {
        std::vector<std::string> names;
        for (const Event& event : carol.events())
            if (const auto* what = SimNode::as<TransferDelivered>(event)) names.push_back(what->names.front());
        return names;
    }
};

} // namespace

class ReceiveQueueTest : public QObject {
    Q_OBJECT

  private slots:
    void whatIsBeyondTheBoundWaitsAndItsSenderHearsWhy() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.send(t.alice, "a");
            t.send(t.bob, "b");
            world.runFor(1s);
            t.requireState(t.carol, "a", TransferState::Running);
            t.requireState(t.carol, "b", TransferState::Queued);
            t.requireState(t.bob, "b", TransferState::Queued);
            const auto* held = t.bob.last<TransferHeld>();
            world.require(held && held->there == Hold::Queued && held->here == Hold::None, "it is said why");
            t.untilDelivered(2);
            world.require(t.landed() == std::vector<std::string>{"a", "b"}, "one after the other");
            world.require(t.bob.last<TransferHeld>()->there == Hold::None, "and when it goes on");
        });
    }

    void aYesCanBeGivenToWhatWouldWait() {
        RUN([](Simulation& world) {
            OneAtATime t(world, transfer::Accept::Ask);
            t.send(t.alice, "a");
            t.carol.submit(AnswerOffer{t.carol.last<OfferMade>()->transfer, true, {}, {}});
            world.runFor(1s);
            t.send(t.bob, "b");
            const auto* offer = t.carol.last<OfferMade>();
            world.require(offer->needsAnswer && offer->label == "b", "the person is asked all the same");
            t.carol.submit(AnswerOffer{offer->transfer, true, {}, {}});
            world.runFor(500ms);
            world.require(t.carol.count<OfferAccepted>() == 2, "the yes is taken");
            t.requireState(t.carol, "b", TransferState::Queued);
            t.untilDelivered(2);
        });
    }

    void theDeviceWithTheFewestTurnsGoesFirst() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.carol.submit(SetParallelReceives{2});
            t.send(t.alice, "a");
            t.send(t.alice, "b");
            t.send(t.alice, "c");
            t.send(t.bob, "a");
            world.runFor(1s);
            t.requireState(t.alice, "c", TransferState::Queued);
            t.requireState(t.bob, "a", TransferState::Queued);
            const TransferId second = t.listed(t.alice, "b").transfer;
            t.alice.submit(PauseTransfer{second}); // a turn is free
            world.runFor(1s);
            t.requireState(t.bob, "a", TransferState::Running);
            t.requireState(t.alice, "c", TransferState::Queued);
            t.alice.submit(ResumeTransfer{second});
            t.untilDelivered(4);
        });
    }

    void whatIsPausedOrHeldByItsSenderGivesItsTurnAway() {
        for (const bool bySender : {true, false}) {
            RUN([bySender](Simulation& world) {
                OneAtATime t(world);
                t.send(t.alice, "a");
                t.send(t.bob, "b");
                world.runFor(1s);
                SimNode& who = bySender ? t.alice : t.carol;
                const TransferId paused = t.listed(who, "a").transfer;
                who.submit(PauseTransfer{paused});
                t.untilDelivered(1);
                world.require(t.landed() == std::vector<std::string>{"b"}, "the other one came");
                t.requireState(t.carol, "a", TransferState::Paused);
                who.submit(ResumeTransfer{paused});
                t.untilDelivered(2);
            });
        }
    }

    void moreTurnsLetWhatWaitsBegin() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.send(t.alice, "a");
            t.send(t.bob, "b");
            world.runFor(500ms);
            t.requireState(t.carol, "b", TransferState::Queued);
            t.carol.submit(SetParallelReceives{2});
            world.runFor(1s);
            t.requireState(t.carol, "a", TransferState::Running);
            t.requireState(t.carol, "b", TransferState::Running);
            for (const uint32_t wrong : {0u, kMaxParallelReceives + 1}) {
                t.carol.submit(SetParallelReceives{wrong});
                world.runFor(10ms);
                world.require(t.carol.last<RequestFailed>()->error.code == Errc::InvalidArgument, "a range");
                t.carol.forgetEvents();
            }
            world.runUntil([&] { return t.carol.count<TransferDelivered>() == 2; }, 60s);
            world.require(t.carol.count<TransferDelivered>() == 2, "both came");
        });
    }

    void aSenderThatDiesWhileItWaitsIsForgottenAndAskedForNothing() {
        RUN([](Simulation& world) {
            OneAtATime t(world);
            t.send(t.alice, "a");
            t.send(t.bob, "b");
            world.runFor(500ms);
            t.alice.kill(); // its turn is free as soon as the loss is noticed
            t.untilDelivered(1);
            world.require(t.landed() == std::vector<std::string>{"b"}, "the other one came");
        });
    }
};

QTEST_APPLESS_MAIN(ReceiveQueueTest)
#include "receive_queue_test.moc"

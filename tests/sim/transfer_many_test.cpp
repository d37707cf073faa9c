#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

#include <set>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using transfer::OfferDeclined;
using transfer::OfferMade;
using transfer::TransferDelivered;
using transfer::TransferFailed;

namespace {

/// Several nodes around one router, each with a disk that has a folder /out to send and a folder /dst to receive into.
struct Neighbourhood {
    struct Member {
        Member(Simulation& world, Host& host, const std::string& name) : node(world, host, name, disk) {}
        testing::MemoryStorage disk;
        SimNode node;
    };

    Neighbourhood(Simulation& simulation, size_t count, const LinkConfig& link) : world(simulation) {
        Router& core = world.network().router("core");
        SeededRandom content = world.random("content");
        for (size_t i = 0; i < count; ++i) {
            const std::string number = std::to_string(i + 1), address = "192.0.2." + number;
            Host& host = world.network().host("node" + number, {address});
            world.network().connect(host, core, link);
            core.addRoute(ip(address), 32, i);
            members.push_back(std::make_unique<Member>(world, host, "node" + number));
            Member& member = *members.back();
            member.disk.addFolder("/dst");
            member.disk.addFile("/out/mine/big", content.bytes(1'000'000 + i));
            for (size_t k = 0; k < 50; ++k)
                member.disk.addFile("/out/mine/small/" + std::to_string(k), content.bytes(k * 37));
            member.node.start();
            receive(i, transfer::Accept::All);
        }
    }
    void receive(size_t who, transfer::Accept accept) {
        members[who]->node.submit(node::SetReceive{{.enabled = true,
                                                    .accept = accept,
                                                    .conflict = transfer::Conflict::Rename,
                                                    .folder = "/dst",
                                                    .trusted = {}}});
    }
    SimNode& node(size_t i) { return members[i]->node; }
    testing::MemoryStorage& disk(size_t i) { return members[i]->disk; }
    void send(size_t from, size_t to) { node(from).submit(node::SendFiles{node(to).target(), {"/out/mine"}, 30s}); }
    bool landed(size_t from, size_t to, const std::string& name) {
        const auto sent = disk(from).tree("/out/mine");
        return disk(to).exists("/dst/" + name) && disk(to).tree("/dst/" + name) == sent;
    }

    Simulation& world;
    std::vector<std::unique_ptr<Member>> members;
};

} // namespace

class TransferManyTest : public QObject {
    Q_OBJECT

  private slots:
    void bothWaysAtOnceOverOneConnection() {
        RUN([](Simulation& world) {
            Neighbourhood all(world, 2, {.delay = 8ms, .bitsPerSecond = 50'000'000, .loss = 0.01});
            all.send(0, 1);
            all.send(1, 0);
            const auto done = [&] {
                return all.node(0).count<TransferDelivered>() == 2 && all.node(1).count<TransferDelivered>() == 2;
            };
            world.require(world.runUntil(done, 60s), "both are delivered on both sides");
            world.require(all.landed(0, 1, "mine") && all.landed(1, 0, "mine"), "equal trees");
        });
    }

    void manySendToOneAndEveryOneLandsByItself() {
        RUN([](Simulation& world) {
            Neighbourhood all(world, 7, {.delay = 5ms, .bitsPerSecond = 100'000'000, .loss = 0.005});
            for (size_t i = 1; i < 7; ++i) all.send(i, 0);
            world.require(world.runUntil([&] { return all.node(0).count<TransferDelivered>() == 6; }, 60s),
                          "six arrived");
            world.runFor(1s);
            std::set<std::string> names;
            for (const auto& event : all.node(0).events()) {
                const auto* delivered = SimNode::as<TransferDelivered>(event);
                if (!delivered) continue;
                names.insert(delivered->names.front());
                bool equal = false;
                for (size_t i = 1; i < 7; ++i)
                    if (all.node(i).peerId() == delivered->peer) equal = all.landed(i, 0, delivered->names.front());
                world.require(equal, delivered->names.front() + " is what its sender sent");
            }
            world.require(names.size() == 6, "six names");
            for (size_t i = 1; i < 7; ++i)
                world.require(all.node(i).count<TransferDelivered>() == 1, "every sender knows");
            world.require(all.node(0).peakBlocks() <= 64, "blocks " + std::to_string(all.node(0).peakBlocks()));
        });
    }

    void aPersonIsAskedAndNothingIsWrittenBefore() {
        RUN([](Simulation& world) {
            Neighbourhood all(world, 2, {.delay = 5ms, .bitsPerSecond = 100'000'000});
            all.receive(1, transfer::Accept::Ask);
            all.send(0, 1);
            world.require(world.runUntil([&] { return all.node(1).last<OfferMade>() != nullptr; }, 10s), "asked");
            const OfferMade offer = *all.node(1).last<OfferMade>();
            world.require(offer.incoming && offer.needsAnswer && offer.entries.size() == 53,
                          std::to_string(offer.entries.size()));
            world.runFor(20s);
            world.require(all.disk(1).tree("/dst").empty(), "nothing is written before the answer");
            all.node(1).submit(node::AnswerOffer{offer.transfer, false, "not now", {}});
            world.require(world.runUntil([&] { return all.node(0).last<OfferDeclined>() != nullptr; }, 10s),
                          "declined");
            world.require(all.node(0).last<OfferDeclined>()->reason == "not now", "with the reason");
            world.require(all.disk(1).tree("/dst").empty(), "and nothing was written");

            all.node(1).forgetEvents();
            all.send(0, 1);
            world.require(world.runUntil([&] { return all.node(1).last<OfferMade>() != nullptr; }, 10s), "asked again");
            all.node(1).submit(node::AnswerOffer{all.node(1).last<OfferMade>()->transfer, true, {}, {}});
            world.require(world.runUntil([&] { return all.node(0).last<TransferDelivered>() != nullptr; }, 30s),
                          "delivered");
            world.require(all.landed(0, 1, "mine"), "equal trees");
        });
    }

    void eitherSideCancelsInTheMiddleAndTheOtherIsTold_data() {
        QTest::addColumn<bool>("bySender");
        QTest::newRow("by the sender") << true;
        QTest::newRow("by the receiver") << false;
    }
    void eitherSideCancelsInTheMiddleAndTheOtherIsTold() {
        QFETCH(bool, bySender);
        for (int milliseconds = 5; milliseconds < 600; milliseconds += 35)
            RUN([&](Simulation& world) {
                Neighbourhood all(world, 2, {.delay = 8ms, .bitsPerSecond = 20'000'000});
                all.send(0, 1);
                SimNode& canceller = all.node(bySender ? 0 : 1);
                world.runFor(std::chrono::milliseconds(milliseconds));
                std::optional<node::TransferId> id;
                if (bySender) id = all.node(0).last<node::TransferStarted>()->transfer;
                if (!bySender && all.node(1).last<OfferMade>()) id = all.node(1).last<OfferMade>()->transfer;
                if (!id) return; // too early for the receiver to know of it
                const bool already = all.node(0).last<TransferDelivered>() || all.node(1).last<TransferDelivered>();
                canceller.submit(node::CancelTransfer{*id});
                const auto ended = [&] {
                    return all.node(0).last<TransferFailed>() || all.node(0).last<TransferDelivered>() ||
                           all.node(0).last<OfferDeclined>();
                };
                world.require(world.runUntil(ended, 5s), "the sender ends");
                world.runFor(2s);
                if (already) return;
                if (const auto* failed = all.node(0).last<TransferFailed>())
                    world.require(failed->error.code == Errc::Cancelled, failed->error.text());
                if (const auto* failed = all.node(1).last<TransferFailed>())
                    world.require(failed->error.code == Errc::Cancelled, failed->error.text());
                world.require(all.node(0).blocksInUse() == 0 && all.node(1).blocksInUse() <= 8,
                              "blocks stay: " + std::to_string(all.node(0).blocksInUse()) + ", " +
                                  std::to_string(all.node(1).blocksInUse()));

                all.node(0).forgetEvents();
                all.send(0, 1);
                const auto delivered = [&] {
                    return all.node(0).last<TransferDelivered>() || all.node(0).last<TransferFailed>();
                };
                world.require(world.runUntil(delivered, 30s) && all.node(0).last<TransferDelivered>(),
                              "the same command finishes it");
                world.require(all.landed(0, 1, "mine"), "equal trees");
            });
    }

    void aPoliteEndOfTheReceiverInTheMiddleIsResumed() {
        RUN([](Simulation& world) {
            Neighbourhood all(world, 2, {.delay = 8ms, .bitsPerSecond = 20'000'000});
            all.send(0, 1);
            world.runFor(250ms);
            all.node(1).shutdown();
            world.runFor(2s);
            world.require(!all.node(1).running(), "stopped");
            all.node(1).start();
            all.receive(1, transfer::Accept::All);
            const auto done = [&] {
                return all.node(0).last<TransferDelivered>() || all.node(0).last<TransferFailed>();
            };
            world.require(world.runUntil(done, 60s), "ends");
            if (all.node(0).last<TransferFailed>()) { // told that the receiver has stopped: the same command again
                all.node(0).forgetEvents();
                all.send(0, 1);
                world.require(world.runUntil(done, 60s) && all.node(0).last<TransferDelivered>(),
                              "the same command finishes it");
            }
            world.require(all.landed(0, 1, "mine"), "equal trees");
        });
    }
};

QTEST_APPLESS_MAIN(TransferManyTest)
#include "transfer_many_test.moc"

#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"
#include "support/seeded_random.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using node::CancelRequest;
using node::GetShare;
using node::PauseTransfer;
using node::RequestDone;
using node::RequestFailed;
using node::ResumeTransfer;
using node::RevokeShare;
using node::ShareEnded;
using node::ShareFiles;
using node::SharePublished;
using node::SharesListed;
using node::TransferStarted;

namespace {

/// A sharer and two fetchers, each behind a cable of its own; /src/in is what is shared.
struct Three {
    explicit Three(Simulation& simulation, const LinkConfig& cable = {.delay = 5ms, .bitsPerSecond = 50'000'000})
        : world(simulation),
          core(simulation.network().router("core")),
          alice(simulation, join("alice", 1, cable), "alice", aliceDisk),
          bob(simulation, join("bob", 2, cable), "bob", bobDisk),
          carol(simulation, join("carol", 3, cable), "carol", carolDisk) {
        for (int i = 0; i < 40; ++i)
            aliceDisk.addFile("/src/in/small/" + std::to_string(i), Bytes(size_t(i) * 100, uint8_t(i)));
        aliceDisk.addFile("/src/in/big", test::SeededRandom(5).bytes(6'000'000));
        aliceDisk.addFolder("/src/in/empty");
        for (SimNode* node : {&alice, &bob, &carol}) node->start();
    }
    Host& join(const std::string& name, size_t number, const LinkConfig& cable) {
        const std::string v6 = "2001:db8::" + std::to_string(number);
        Host& host = world.network().host(name, {v6});
        links.push_back(&world.network().connect(host, core, cable));
        core.addRoute(ip(v6), 128, number - 1);
        return host;
    }
    std::string share(Duration lifetime = 0s, bool once = false) {
        alice.submit(ShareFiles{{"/src/in"}, lifetime, once});
        const size_t before = alice.count<SharePublished>();
        world.runUntil([&] { return alice.count<SharePublished>() > before; }, 5s);
        world.require(alice.count<SharePublished>() > before, "a ticket");
        return alice.last<SharePublished>()->share.ticket;
    }
    node::RequestId get(SimNode& node, const std::string& ticket, Duration wait = 60s) {
        transfer::ReceivePolicy policy;
        policy.folder = "/dst";
        return node.submit(GetShare{ticket, policy, wait});
    }
    static bool ended(const SimNode& node) { return node.last<RequestDone>() || node.last<RequestFailed>(); }
    void requireDelivered(const SimNode& node, const testing::MemoryStorage& disk) {
        world.require(node.last<RequestFailed>() == nullptr, "nothing failed");
        world.require(node.last<RequestDone>() != nullptr, "done");
        world.require(disk.tree("/dst/in") == aliceDisk.tree("/src/in"), "equal trees");
        world.require(disk.parts("/dst").empty(), "no parts");
    }
    Errc failure(const SimNode& node) const {
        const auto* failed = node.last<RequestFailed>();
        return failed ? failed->error.code : Errc::Internal;
    }

    Simulation& world;
    Router& core;
    std::vector<Link*> links;
    testing::MemoryStorage aliceDisk, bobDisk, carolDisk;
    SimNode alice, bob, carol;
};

} // namespace

class ShareTest : public QObject {
    Q_OBJECT

  private slots:
    void whatATicketNamesIsFetched() {
        RUN([](Simulation& world) {
            Three t(world);
            t.get(t.bob, t.share());
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            t.requireDelivered(t.bob, t.bobDisk);
            world.require(t.bob.count<node::TransferStarted>() == 1, "its transfer is announced");
            world.runFor(1s);
            world.require(t.alice.last<transfer::TransferDelivered>() != nullptr, "the sharer knows");
        });
    }

    void severalFetchAtOnceAndOneOfThemDies() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            t.get(t.bob, ticket);
            t.get(t.carol, ticket);
            world.runUntil([&] { return t.bob.last<transfer::TransferProgress>() != nullptr; }, 30s);
            t.bob.kill();
            world.runFor(2s);
            t.bob.start();
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob) && Three::ended(t.carol); }, 120s);
            t.requireDelivered(t.bob, t.bobDisk);
            t.requireDelivered(t.carol, t.carolDisk);
            world.require(t.bob.count<transfer::TransferResumed>() > 0, "bob went on where he was");
        });
    }

    void theSharerMayDieInTheMiddle() {
        RUN([](Simulation& world) {
            Three t(world);
            t.get(t.bob, t.share());
            world.runUntil([&] { return t.bob.last<transfer::TransferProgress>() != nullptr; }, 30s);
            t.alice.kill();
            world.runFor(5s);
            t.alice.start(); // nobody has to share it again
            world.runUntil([&] { return Three::ended(t.bob); }, 120s);
            t.requireDelivered(t.bob, t.bobDisk);
        });
    }

    void aCableThatIsPulledCostsOnlyTime() {
        RUN([](Simulation& world) {
            Three t(world);
            t.get(t.bob, t.share());
            world.runUntil([&] { return t.bob.last<transfer::TransferProgress>() != nullptr; }, 30s);
            t.links[1]->setUp(false);
            world.runFor(40s);
            t.links[1]->setUp(true);
            world.runUntil([&] { return Three::ended(t.bob); }, 120s);
            t.requireDelivered(t.bob, t.bobDisk);
        });
    }

    void aRevokedTicketIsRefusedAndCutsOffWhoIsFetching() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            t.get(t.bob, ticket);
            world.runUntil([&] { return t.bob.last<transfer::TransferProgress>() != nullptr; }, 30s);
            t.alice.submit(RevokeShare{t.alice.last<SharePublished>()->share.share});
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            world.require(t.bob.last<RequestFailed>() != nullptr, "bob is cut off");
            t.get(t.carol, ticket);
            world.runUntil([&] { return Three::ended(t.carol); }, 60s);
            world.require(t.failure(t.carol) == Errc::NotFound, "carol gets nothing");
            world.require(!t.carolDisk.exists("/dst/in"), "nothing was written");
        });
    }

    void aRevocationThatCouldNotBeStoredHoldsAndIsStoredWhenItIsSaidAgain() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            const RevokeShare revoke{t.alice.last<SharePublished>()->share.share};
            t.alice.store().setFull(true);
            t.alice.submit(revoke);
            world.runUntil([&] { return Three::ended(t.alice); }, 5s);
            world.require(t.failure(t.alice) == Errc::DiskFull, "it is said that it could not be stored");
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            world.require(t.failure(t.bob) == Errc::NotFound, "it holds all the same");
            t.alice.forgetEvents();
            t.alice.submit(revoke);
            world.runUntil([&] { return Three::ended(t.alice); }, 5s);
            world.require(t.failure(t.alice) == Errc::DiskFull, "nor the second time");
            t.alice.store().setFull(false);
            t.alice.forgetEvents();
            t.alice.submit(revoke);
            world.runUntil([&] { return Three::ended(t.alice); }, 5s);
            world.require(t.alice.last<RequestDone>() != nullptr, "now it is stored");
            world.require(t.alice.store().rowsIn(Space::Shares) == 0, "the row is gone");
            t.alice.forgetEvents();
            t.alice.submit(revoke);
            world.runUntil([&] { return Three::ended(t.alice); }, 5s);
            world.require(t.failure(t.alice) == Errc::NotFound, "and nobody knows it any more");
        });
    }

    void aShareThatCannotBeStoredIsNone() {
        RUN([](Simulation& world) {
            Three t(world);
            world.runFor(1s);
            t.alice.store().setFull(true);
            t.alice.submit(ShareFiles{{"/src/in"}, 0s, false});
            world.runUntil([&] { return t.alice.count<SharePublished>() > 0 || Three::ended(t.alice); }, 5s);
            world.require(t.failure(t.alice) == Errc::DiskFull, "no ticket");
            world.require(t.alice.count<SharePublished>() == 0, "no ticket");
            t.alice.submit(node::ListShares{});
            world.runUntil([&] { return t.alice.last<SharesListed>() != nullptr; }, 5s);
            world.require(t.alice.last<SharesListed>()->shares.empty(), "nothing is shared");
            t.alice.store().setFull(false);
            t.share();
            world.require(t.alice.store().rowsIn(Space::Shares) == 1, "the ticket that is handed out is stored");
        });
    }

    void aTicketForOneWhoseEndCouldNotBeStoredIsWarnedOfAndCanBeRevoked() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share(0s, true);
            const std::string id = t.alice.last<SharePublished>()->share.share;
            t.alice.store().setFull(true);
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob) && t.alice.count<node::Warning>() > 0; }, 60s);
            t.requireDelivered(t.bob, t.bobDisk);
            const auto* warning = t.alice.last<node::Warning>();
            world.require(warning && warning->error.context.find(id) != std::string::npos, "the share is named");
            t.get(t.carol, ticket);
            world.runUntil([&] { return Three::ended(t.carol); }, 60s);
            world.require(t.failure(t.carol) == Errc::NotFound, "it has ended");
            t.alice.store().setFull(false);
            t.alice.forgetEvents();
            t.alice.submit(RevokeShare{id});
            world.runUntil([&] { return Three::ended(t.alice); }, 5s);
            world.require(t.alice.store().rowsIn(Space::Shares) == 0, "the row is gone");
        });
    }

    void aDatabaseThatIsBegunAnewGetsWhatIsSharedAndIsWarnedOf() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            t.alice.submit(node::BlockPeer{t.carol.target()});
            world.runUntil([&] { return Three::ended(t.alice); }, 5s);
            for (int space = 1; space <= int(Space::Owners); ++space)
                t.alice.store().erase(StoreErase{Space(space), {}});
            t.alice.node().onStoreBegunAnew("/home/store.damaged-1", world.now());
            t.alice.submit(node::GetStatus{}); // which gives the node its turn
            world.runFor(1s);
            const auto* warning = t.alice.last<node::Warning>();
            world.require(warning && warning->error.context.find("store.damaged-1") != std::string::npos, "the name");
            const auto* status = t.alice.last<node::StatusReport>();
            world.require(status && status->warnings.size() == 1, "and in the status");
            t.alice.kill();
            t.alice.start();
            t.get(t.carol, ticket, 10s);
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob) && Three::ended(t.carol); }, 60s);
            t.requireDelivered(t.bob, t.bobDisk);
            world.require(t.carol.last<RequestFailed>() != nullptr, "carol stays blocked");
        });
    }

    void anExpiredTicketIsRefusedByBothSides() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share(10s);
            world.runFor(11s);
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            world.require(t.failure(t.bob) == Errc::NotFound, "expired");
            world.require(t.bob.count<node::PathChanged>() == 0, "nobody was dialled");
        });
    }

    void whoeverFetchesWhenTheTimeIsOverMayFinishAndTheShareEndsThen() {
        RUN([](Simulation& world) {
            Three t(world, {.delay = 5ms, .bitsPerSecond = 4'000'000}); // some 12 s for all of it
            const std::string ticket = t.share(5s);
            t.get(t.bob, ticket);
            world.runUntil([&] { return t.bob.count<TransferStarted>() == 1; }, 4s);
            world.require(t.bob.count<TransferStarted>() == 1, "begun in time");
            world.runFor(6s);
            world.require(!Three::ended(t.bob), "its time is over in the middle of it");
            world.require(t.alice.count<ShareEnded>() == 0, "not ended while it is fetched");
            world.runUntil([&] { return t.alice.count<ShareEnded>() == 1; }, 60s);
            t.requireDelivered(t.bob, t.bobDisk);
            world.require(t.alice.last<ShareEnded>()->why == share::ShareEnd::Expired, "and then it has");
            t.get(t.carol, ticket);
            world.runUntil([&] { return Three::ended(t.carol); }, 60s);
            world.require(t.failure(t.carol) == Errc::NotFound, "nobody begins any more");
        });
    }

    void aFetchThatIsPausedStaysWhenItsCommandIsTakenBack() {
        RUN([](Simulation& world) {
            Three t(world, {.delay = 5ms, .bitsPerSecond = 4'000'000});
            const node::RequestId request = t.get(t.bob, t.share());
            world.runUntil([&] { return t.bob.count<transfer::TransferProgress>() > 0; }, 10s);
            const auto transfer = t.bob.last<TransferStarted>()->transfer;
            t.bob.submit(PauseTransfer{transfer});
            world.runFor(1s);
            t.bob.submit(CancelRequest{request});
            world.runFor(2s);
            world.require(t.failure(t.bob) == Errc::Cancelled, "the command has ended");
            world.require(t.bob.count<transfer::TransferFailed>() == 0, "the transfer has not");
            t.bob.submit(ResumeTransfer{transfer});
            world.runUntil([&] { return t.bob.count<transfer::TransferDelivered>() == 1; }, 60s);
            world.require(t.bobDisk.tree("/dst/in") == t.aliceDisk.tree("/src/in"), "equal trees");
        });
    }

    void aTicketForOneIsGoodOnce() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share(0s, true);
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            t.requireDelivered(t.bob, t.bobDisk);
            t.get(t.carol, ticket);
            world.runUntil([&] { return Three::ended(t.carol); }, 60s);
            world.require(t.failure(t.carol) == Errc::NotFound, "used up");
        });
    }

    void sharesSurviveARestart() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            world.runFor(1s);
            t.alice.kill();
            t.alice.start();
            t.get(t.bob, ticket); // asks while the book is being read
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            t.requireDelivered(t.bob, t.bobDisk);
            world.runFor(1s);
            t.alice.submit(node::ListShares{});
            world.runUntil([&] { return t.alice.last<SharesListed>() != nullptr; }, 5s);
            world.require(t.alice.last<SharesListed>()->shares.size() == 1, "listed");
            world.require(t.alice.last<SharesListed>()->shares.front().fetched == 1, "and counted");
        });
    }

    void whatIsNotThereAnyMoreIsSaid() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            t.aliceDisk.remove("/src/in");
            t.get(t.bob, ticket);
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            world.require(t.bob.last<RequestFailed>() != nullptr, "bob hears of it");
            world.require(t.failure(t.bob) == Errc::NotFound || t.failure(t.bob) == Errc::Io, "in words that fit");
        });
    }

    void theSameFetchAgainHasNothingToDo() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            for (int i = 0; i < 2; ++i) {
                t.bob.forgetEvents();
                t.get(t.bob, ticket);
                world.runUntil([&] { return Three::ended(t.bob); }, 60s);
                t.requireDelivered(t.bob, t.bobDisk);
            }
            world.require(!t.bobDisk.exists("/dst/in (1)"), "no second copy");
        });
    }

    void aSharerThatNeverAnswersIsGivenUp() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            t.alice.kill();
            t.get(t.bob, ticket, 20s);
            world.runUntil([&] { return Three::ended(t.bob); }, 60s);
            world.require(t.failure(t.bob) == Errc::Unreachable, "unreachable");
        });
    }

    void anOfferThatNobodyAskedForIsDeclined() {
        RUN([](Simulation& world) {
            Three t(world);
            const std::string ticket = t.share();
            const auto request = t.get(t.bob, ticket);
            world.runUntil([&] { return t.bob.last<transfer::TransferProgress>() != nullptr; }, 30s);
            t.bob.submit(node::CancelRequest{request});
            world.runUntil([&] { return t.bob.last<RequestFailed>() != nullptr; }, 30s);
            world.require(t.failure(t.bob) == Errc::Cancelled, "cancelled");
            world.runFor(90s); // the sharer does not come back with it
            world.require(t.bob.count<node::TransferStarted>() == 1, "no second attempt");
            world.require(!t.bobDisk.exists("/dst/in/big"), "nothing complete");
        });
    }
};

QTEST_APPLESS_MAIN(ShareTest)
#include "share_test.moc"

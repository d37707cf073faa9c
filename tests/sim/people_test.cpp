#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using node::PeersListed;
using node::PeerView;
using node::RequestDone;
using node::RequestFailed;
using node::TextReceived;
using node::TextSent;
using peers::Trust;

namespace {

SimNodeConfig called(const std::string& alias, std::shared_ptr<discovery::MemoryBoard> board = nullptr) {
    SimNodeConfig config;
    config.node.discovery.board = std::move(board);
    config.node.profile.alias = alias;
    config.node.profile.kind = peers::DeviceKind::Laptop;
    return config;
}

struct Two {
    explicit Two(Simulation& simulation, LinkConfig cable = {.delay = 10ms},
                 std::shared_ptr<discovery::MemoryBoard> board = nullptr)
        : world(simulation),
          core(simulation.network().router("core")),
          hostA(join("alice", 1, cable)),
          hostB(join("bob", 2, cable)),
          alice(simulation, hostA, "alice", disk, called("Alice", board)),
          bob(simulation, hostB, "bob", disk, called("Bob", board)) {
        alice.start();
        bob.start();
        receive(bob);
    }
    /// A host behind a cable of its own.
    Host& join(const std::string& name, size_t number, const LinkConfig& cable) {
        const std::string v4 = "192.0.2." + std::to_string(number), v6 = "2001:db8::" + std::to_string(number);
        Host& host = world.network().host(name, {v4, v6});
        world.network().connect(host, core, cable);
        core.addRoute(ip(v4), 32, number - 1);
        core.addRoute(ip(v6), 128, number - 1);
        return host;
    }
    void receive(SimNode& node, transfer::Accept accept = transfer::Accept::Ask) {
        transfer::ReceivePolicy policy;
        policy.enabled = true;
        policy.accept = accept;
        policy.folder = "/" + node.name();
        node.submit(node::SetReceive{policy});
    }
    /// The answer to a command, however it ends.
    template <typename Done> const Done* ask(SimNode& node, node::Command command, Duration limit = 20s) {
        node.forgetEvents();
        node.submit(std::move(command));
        world.runUntil([&] { return node.last<Done>() || node.last<RequestFailed>(); }, limit);
        return node.last<Done>();
    }
    bool text(SimNode& from, const node::Target& to, const std::string& words, Duration wait = 10s) {
        return ask<TextSent>(from, node::SendText{to, words, wait}) != nullptr;
    }
    bool decide(SimNode& node, node::Command command) { return ask<RequestDone>(node, std::move(command)) != nullptr; }
    std::optional<PeerView> view(SimNode& node, const crypto::PeerId& peer) {
        const PeersListed* listed = ask<PeersListed>(node, node::ListPeers{});
        for (const PeerView& one : listed->peers)
            if (one.known.peer == peer) return one;
        return std::nullopt;
    }
    static node::Target named(const std::string& name) {
        node::Target target;
        target.name = name;
        return target;
    }

    Simulation& world;
    testing::MemoryStorage disk;
    Router& core;
    Host& hostA;
    Host& hostB;
    SimNode alice, bob;
};

} // namespace

class PeopleTest : public QObject {
    Q_OBJECT

  private slots:
    /// The peers of the database may be here before its conversations are.
    void whoListsPeersIsToldOfEachHowManyMessagesAreUnread() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(two.text(two.alice, two.bob.target(), "hello"), "sent");
            world.runFor(1s);
            two.bob.kill();
            two.bob.delayScans(Space::Messages, 500ms);
            two.bob.start();
            const auto view = two.view(two.bob, two.alice.peerId());
            world.require(view && view->unread == 1, "one is unread after a restart");
        });
    }
    void whoConnectsIsKnownByWhatItSaysAndStaysKnown() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(two.text(two.alice, two.bob.target(), "hello"), "sent");
            world.runFor(1s);
            for (const bool restarted : {false, true}) {
                if (restarted) {
                    two.bob.kill();
                    two.bob.start();
                }
                const auto view = two.view(two.bob, two.alice.peerId());
                world.require(view && view->known.claims.alias == "Alice", "by the name it says");
                world.require(view->known.claims.kind == peers::DeviceKind::Laptop, "and its kind");
                world.require(view->known.trust == Trust::Unknown && view->known.alias.empty(), "and nothing more");
                world.require(view->connection.has_value() != restarted, "connected until the restart");
                world.require(view->known.addresses.empty(), "bob has dialled nothing");
            }
            const auto other = two.view(two.alice, two.bob.peerId());
            world.require(other && other->known.addresses.size() == 1, "an address that alice has dialled");
        });
    }

    void aChangedProfileIsToldToThoseWhoAreConnected() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(two.text(two.alice, two.bob.target(), "hello"), "sent");
            world.runFor(3s);
            world.require(two.decide(two.alice, node::SetProfile{{"Alice at work", peers::DeviceKind::Phone, {}}}),
                          "set");
            world.runFor(3s);
            world.require(two.view(two.bob, two.alice.peerId())->known.claims.alias == "Alice at work", "told");
            world.require(
                !two.decide(two.alice, node::SetProfile{{std::string(65, 'x'), peers::DeviceKind::Phone, {}}}),
                "a name that is too long");
        });
    }

    void namesLeadToPeersAndOnesOwnNamesFirst() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(two.text(two.alice, two.bob.target(), "one"), "by address");
            world.runFor(1s);
            world.require(two.text(two.alice, Two::named("bob"), "two"), "by what it calls itself");
            world.require(two.alice.last<node::TargetFound>()->by == peers::FoundBy::Claim, "which is said");
            world.require(two.decide(two.alice, node::SetAlias{two.bob.target(), "brother"}), "named");
            world.require(two.text(two.alice, Two::named("Brother"), "three"), "by one's own name");
            two.alice.kill();
            two.alice.start();
            world.require(two.text(two.alice, Two::named("brother"), "four"),
                          "also after a restart, by the address of last time");
            world.require(!two.decide(two.alice, node::TrustPeer{Two::named("bob")}), "no decision by a claimed name");
            world.require(two.decide(two.alice, node::TrustPeer{Two::named("brother")}), "but by one's own");
        });
    }

    void anUnknownNameIsWaitedForAndThenUnreachable() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(!two.text(two.bob, Two::named("nobody"), "hello", 2s), "failed");
            world.require(two.bob.last<RequestFailed>()->error.code == Errc::Unreachable, "as unreachable");
            two.bob.forgetEvents();
            two.receive(two.alice);
            two.bob.submit(node::SendText{Two::named("Alice"), "hello", 10s});
            world.runFor(1s);
            world.require(!two.bob.last<TextSent>() && !two.bob.last<RequestFailed>(), "waits");
            two.alice.submit(node::Ping{two.bob.target(), 1, 5s}); // now bob hears who she is
            world.runUntil([&] { return two.bob.last<TextSent>() != nullptr; }, 5s);
            world.require(two.bob.last<TextSent>() != nullptr, "and goes once she is known");
            two.bob.forgetEvents();
            const auto request = two.bob.submit(node::SendText{Two::named("nobody"), "hello", 10s});
            two.bob.submit(node::CancelRequest{request});
            world.require(two.bob.last<RequestDone>() && two.bob.last<RequestFailed>() &&
                              two.bob.last<RequestFailed>()->error.code == Errc::Cancelled,
                          "what waits for a name can be taken back");
        });
    }

    void aDecisionIsAnsweredWhenItIsStoredAndNotBefore() {
        RUN([](Simulation& world) {
            Two two(world);
            world.runFor(1s);
            const std::vector<node::Command> decisions = {node::TrustPeer{two.alice.target()},
                                                          node::UntrustPeer{two.alice.target()},
                                                          node::SetAlias{two.alice.target(), "A"},
                                                          node::BlockPeer{two.alice.target()}};
            for (const node::Command& decision : decisions) {
                two.bob.forgetEvents();
                two.bob.submit(decision);
                world.require(!two.bob.last<RequestDone>(), "nothing is said before the store has answered");
                world.runUntil([&] { return two.bob.last<RequestDone>() != nullptr; }, 5s);
                world.require(two.bob.last<RequestDone>() != nullptr, "then it is");
            }
            two.bob.kill();
            two.bob.start();
            const auto view = two.view(two.bob, two.alice.peerId());
            world.require(view && view->known.trust == Trust::Blocked && view->known.alias == "A", "and it lasts");
        });
    }

    void aTextArrivesOnceAcrossLoss() {
        RUN([](Simulation& world) {
            Two two(world, {.delay = 15ms, .loss = 0.1});
            world.require(two.decide(two.bob, node::TrustPeer{two.alice.target()}), "trusted");
            two.bob.forgetEvents();
            for (int i = 0; i < 20; ++i)
                world.require(two.text(two.alice, two.bob.target(), std::to_string(i), 60s), "sent");
            world.require(two.bob.count<TextReceived>() == 20,
                          "each once: " + std::to_string(two.bob.count<TextReceived>()));
            world.require(two.bob.last<TextReceived>()->text.text == "19", "in order");
        });
    }

    /// The receiver dies at any moment; the sender does not give up.
    void aTextArrivesOnceWhenTheReceiverIsKilled_data() {
        QTest::addColumn<int>("after");
        for (int after : {0, 20, 41, 60, 61, 62, 63, 64, 80, 100, 101, 102, 103, 104, 120, 140})
            QTest::addRow("%d ms", after) << after;
    }
    void aTextArrivesOnceWhenTheReceiverIsKilled() {
        QFETCH(int, after);
        RUN([&](Simulation& world) {
            Two two(world);
            two.alice.submit(node::SendText{two.bob.target(), "hello", 60s});
            world.runFor(std::chrono::milliseconds(after));
            two.bob.kill();
            world.runFor(2s);
            two.bob.start();
            two.receive(two.bob);
            world.runUntil([&] { return two.alice.last<TextSent>() || two.alice.last<RequestFailed>(); }, 120s);
            world.require(two.alice.count<TextSent>() == 1, "sent");
            world.require(two.bob.count<TextReceived>() == 1,
                          "shown " + std::to_string(two.bob.count<TextReceived>()) + " times");
        });
    }

    void aTextWaitsForAPeerThatIsAway() {
        RUN([](Simulation& world) {
            Two two(world);
            two.bob.kill();
            two.alice.submit(node::SendText{two.bob.target(), "hello", 60s});
            world.runFor(20s);
            two.bob.start();
            two.receive(two.bob);
            world.runUntil([&] { return two.alice.last<TextSent>() != nullptr; }, 30s);
            world.require(two.bob.count<TextReceived>() == 1, "arrived");
            two.bob.kill();
            two.alice.forgetEvents();
            two.alice.submit(node::SendText{two.bob.target(), "more", 3s});
            world.runUntil([&] { return two.alice.last<RequestFailed>() != nullptr; }, 60s);
            world.require(two.alice.last<RequestFailed>() != nullptr, "given up");
        });
    }

    void aBlockedPeerReachesNothingAlsoAfterARestart() {
        RUN([](Simulation& world) {
            Two two(world);
            two.disk.addFile("/alice/file", Bytes(1000));
            world.require(two.text(two.alice, two.bob.target(), "hello"), "sent");
            world.require(two.decide(two.bob, node::BlockPeer{two.alice.target()}), "blocked");
            for (const bool restarted : {false, true}) {
                if (restarted) {
                    two.bob.kill();
                    two.bob.start();
                    two.receive(two.bob, transfer::Accept::All);
                }
                two.bob.forgetEvents();
                world.require(!two.text(two.alice, two.bob.target(), "and again", 2s), "no text");
                two.alice.submit(node::SendFiles{two.bob.target(), {"/alice/file"}, 2s});
                world.runFor(10s);
                world.require(!two.bob.last<TextReceived>() && !two.bob.last<transfer::OfferMade>(),
                              "nothing is shown");
                world.require(!two.bob.node().peer(two.alice.peerId()), "not connected");
                world.require(!two.text(two.bob, two.alice.target(), "hi"), "and bob does not write");
                world.require(two.bob.last<RequestFailed>()->error.code == Errc::PermissionDenied,
                              "because he has blocked her");
            }
            world.require(two.decide(two.bob, node::UnblockPeer{two.alice.target()}), "unblocked");
            world.require(two.text(two.alice, two.bob.target(), "thanks"), "and reached");
        });
    }

    void onlyTrustedKeysAreAcceptedFromWhateverTheyCallThemselves() {
        RUN([](Simulation& world) {
            Two two(world);
            two.disk.addFile("/alice/file", Bytes(1000));
            two.disk.addFile("/alice/other", Bytes(1000));
            two.disk.addFolder("/bob");
            two.receive(two.bob, transfer::Accept::Trusted);
            world.require(two.decide(two.bob, node::SetAlias{two.bob.target(), "x"}), "somebody else is named");
            world.require(!two.text(two.alice, two.bob.target(), "hello", 2s), "a stranger's text is refused");
            world.require(two.alice.last<RequestFailed>()->error.code == Errc::Declined, "as declined");
            two.alice.submit(node::SendFiles{two.bob.target(), {"/alice/file"}, 5s});
            world.runUntil([&] { return two.bob.last<transfer::OfferMade>() != nullptr; }, 10s);
            world.require(two.bob.last<transfer::OfferMade>()->needsAnswer,
                          "and its files are not taken without asking");
            world.require(two.decide(two.bob, node::TrustPeer{two.alice.target()}), "trusted");
            world.require(two.text(two.alice, two.bob.target(), "hello"), "its text is taken");
            two.alice.submit(node::SendFiles{two.bob.target(), {"/alice/other"}, 5s});
            world.runUntil([&] { return two.alice.last<transfer::TransferDelivered>() != nullptr; }, 10s);
            world.require(two.alice.last<transfer::TransferDelivered>() != nullptr, "and its files, at once");
            world.require(two.decide(two.bob, node::UntrustPeer{two.alice.target()}), "no longer");
            world.require(!two.text(two.alice, two.bob.target(), "hello", 2s), "refused again");
        });
    }

    void aPeerThatTakesTheNameOfAnotherIsFlaggedAndDoesNotGetItsTexts() {
        RUN([](Simulation& world) {
            Two two(world);
            Host& hostC = two.join("mallory", 3, {.delay = 10ms});
            SimNode mallory(world, hostC, "mallory", two.disk, called("B\u200bob"));
            mallory.start();
            two.receive(mallory);
            world.require(two.decide(two.alice, node::SetAlias{two.bob.target(), "Bob"}), "named");
            mallory.submit(node::Ping{two.alice.target(), 1, 5s});
            world.runFor(2s);
            const auto view = two.view(two.alice, mallory.peerId());
            world.require(view && view->claimsAnothersName, "flagged");
            world.require(two.text(two.alice, two.bob.target(), "to learn the address"), "sent");
            world.require(two.text(two.alice, Two::named("bob"), "secret"), "sent by name");
            world.require(mallory.count<TextReceived>() == 0, "not to mallory");
        });
    }

    void devicesNearbyKnowEachOtherByNameWithoutAnythingTyped() {
        RUN([](Simulation& world) {
            const auto board = std::make_shared<discovery::MemoryBoard>();
            Two two(world, {.delay = 10ms}, board);
            world.runFor(3s);
            for (const bool asked : {true, false}) {
                SimNode& self = asked ? two.alice : two.bob;
                SimNode& other = asked ? two.bob : two.alice;
                const auto view = two.view(self, other.peerId());
                world.require(view && view->nearby && view->connection, "seen and connected");
                world.require(view->known.claims.alias == (asked ? "Bob" : "Alice"), "by what it calls itself");
            }
            world.require(two.text(two.alice, Two::named("Bob"), "hello"), "and reached by it");
        });
    }

    void whoShowsNoTextsTakesNone() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(!two.text(two.bob, two.alice.target(), "hello", 2s), "refused");
            world.require(two.bob.last<RequestFailed>()->error.code == Errc::Declined, "as declined");
        });
    }
};

QTEST_APPLESS_MAIN(PeopleTest)
#include "people_test.moc"

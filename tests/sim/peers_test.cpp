#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

struct Two {
    explicit Two(Simulation& simulation, const LinkConfig& config = {.delay = 20ms}, SimNodeConfig node = {})
        : world(simulation),
          hostA(simulation.network().host("alice", {"192.0.2.1", "2001:db8::1"})),
          hostB(simulation.network().host("bob", {"192.0.2.2", "2001:db8::2"})),
          link(simulation.network().connect(hostA, hostB, config)),
          alice(simulation, hostA, "alice", disk, node),
          bob(simulation, hostB, "bob", disk, node) {
        alice.start();
        bob.start();
    }
    /// One ping from `from`, answered or failed within `limit`.
    bool ping(SimNode& from, const node::Target& to, Duration limit = 10s, Duration wait = 5s) {
        from.forgetEvents();
        from.submit(node::Ping{to, 1, wait});
        world.runUntil([&] { return from.last<node::PingReply>() || from.last<node::RequestFailed>(); }, limit);
        return from.last<node::PingReply>() != nullptr;
    }

    Simulation& world;
    testing::MemoryStorage disk;
    Host& hostA;
    Host& hostB;
    Link& link;
    SimNode alice, bob;
};

} // namespace

class PeersTest : public QObject {
    Q_OBJECT

  private slots:
    void aPingMeasuresTheRoundTripOfThePath() {
        RUN([](Simulation& world) {
            Two two(world, {.delay = 35ms});
            world.require(two.ping(two.alice, two.bob.target()), "answered");
            const Duration trip = two.alice.last<node::PingReply>()->roundTrip;
            world.require(trip >= 70ms && trip < 80ms, std::to_string(trip.count()) + " ns");
            world.require(two.alice.count<node::Ready>() == 0 && two.bob.count<node::Ready>() == 1,
                          "ready once at the start");
        });
    }

    void bothDialAtOnceAndShareOneConnection_data() {
        QTest::addColumn<int>("offset");
        for (int offset : {0, 1, 5, 19, 20, 21, 39, 40, 41, 60, 79, 80, 81, 100, 120, 160})
            QTest::addRow("%d ms apart", offset) << offset;
    }
    void bothDialAtOnceAndShareOneConnection() {
        QFETCH(int, offset);
        RUN([&](Simulation& world) {
            for (bool aliceFirst : {true, false}) {
                Simulation inner(world.seed());
                Two two(inner, {.delay = 20ms, .jitter = 1ms});
                SimNode& first = aliceFirst ? two.alice : two.bob;
                SimNode& second = aliceFirst ? two.bob : two.alice;
                first.submit(node::Ping{second.target(), 3, 10s});
                inner.runFor(std::chrono::milliseconds(offset));
                second.submit(node::Ping{first.target(), 3, 10s});
                inner.runUntil(
                    [&] { return first.count<node::PingReply>() == 3 && second.count<node::PingReply>() == 3; }, 20s);
                world.require(first.count<node::PingReply>() == 3 && second.count<node::PingReply>() == 3,
                              "both have all answers\n" + inner.trace().lastEvents());
                inner.runFor(10s);
                const auto seenByFirst = first.node().peer(second.peerId());
                const auto seenBySecond = second.node().peer(first.peerId());
                world.require(seenByFirst && seenBySecond, "still connected");
                world.require(seenByFirst->side != seenBySecond->side,
                              "the same link: one dialled it, the other accepted it");
                world.require(seenByFirst->local == seenBySecond->remote, "the same path");
                world.require(!first.last<node::RequestFailed>() && !second.last<node::RequestFailed>(),
                              "nothing failed");
            }
        });
    }

    void aPeerWithAnotherKeyIsNobody() {
        RUN([](Simulation& world) {
            Two two(world);
            node::Target wrong = two.bob.target();
            wrong.peer = two.alice.peerId(); // any key but bob's
            SeededRandom random = world.random("stranger");
            wrong.peer = crypto::Identity::generate(random).peerId();
            for (auto& address : wrong.addresses) address = address.withoutPeer().withPeer(wrong.peer.multihash());
            world.require(!two.ping(two.alice, wrong), "not answered");
            world.require(two.alice.last<node::RequestFailed>()->error.code == Errc::IdentityMismatch,
                          two.alice.last<node::RequestFailed>()->error.text());
            world.require(world.elapsed() < 2s, "at once, without waiting for better times");
            world.require(!two.bob.node().peer(two.alice.peerId()), "bob was never connected");
            world.require(two.ping(two.alice, two.bob.target()), "the right key still works");
        });
    }

    void aBrokenFamilyOrAddressCostsLittleTime() {
        RUN([](Simulation& world) {
            Two two(world);
            node::Target target = two.bob.target();
            const auto dead =
                codec::Multiaddr::quic({ip("2001:db8::dead"), 4001}).withPeer(two.bob.peerId().multihash());
            target.addresses.insert(target.addresses.begin(), dead);
            const auto unroutable =
                codec::Multiaddr::quic({ip("198.51.100.1"), 1}).withPeer(two.bob.peerId().multihash());
            target.addresses.insert(target.addresses.begin(), unroutable);
            world.require(two.ping(two.alice, target), "answered");
            world.require(world.elapsed() < 1500ms, "within " + std::to_string(world.seconds()) + " s");
        });
    }

    void namesAreResolvedAndNobodyThereIsToldInTime() {
        RUN([](Simulation& world) {
            Two two(world);
            const auto name =
                codec::Multiaddr::parse("/dns/bob.example/udp/4001/quic-v1/p2p/" + two.bob.peerId().text());
            world.require(name.has_value(), "parses");
            world.require(!two.ping(two.alice, {two.bob.peerId(), {*name}}, 20s, 3s), "an unknown name");
            world.require(two.alice.last<node::RequestFailed>(), "and it is told");
            two.alice.setNames({{name->withoutPeer().text(), {codec::Multiaddr::quic({ip("192.0.2.2"), 4001})}}});
            world.require(two.ping(two.alice, {two.bob.peerId(), {*name}}), "a known one");
        });
        RUN([](Simulation& world) {
            Two two(world);
            two.bob.kill();
            world.require(!two.ping(two.alice, two.bob.target(), 60s, 3s), "nobody answers");
            world.require(two.alice.last<node::RequestFailed>(), "failed in time");
            world.require(two.alice.last<node::RequestFailed>()->error.code == Errc::Unreachable,
                          two.alice.last<node::RequestFailed>()->error.text());
        });
    }

    void aPeerThatAppearsWithinTheWaitIsReached() {
        RUN([](Simulation& world) {
            Two two(world);
            two.bob.kill();
            world.after(8s, [&] { two.bob.start(); });
            world.require(two.ping(two.alice, two.bob.target(), 60s, 30s), "reached after all");
            world.require(world.elapsed() < 25s, "soon after it came up: " + std::to_string(world.seconds()));
        });
    }

    void aPeerThatRestartsIsReachedAgainAtOnce() {
        RUN([](Simulation& world) {
            Two two(world);
            for (SimNode* restarted : {&two.bob, &two.alice}) {
                world.require(two.ping(two.alice, two.bob.target()), "before");
                restarted->kill();
                world.runFor(1s);
                restarted->start();
                world.require(two.ping(two.bob, two.alice.target(), 20s, 20s), "from one side");
                world.require(two.ping(two.alice, two.bob.target(), 20s, 20s), "from the other");
            }
        });
    }

    void aPoliteEndIsNoticedAtOnce() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(two.ping(two.alice, two.bob.target()), "connected");
            two.bob.shutdown();
            world.runFor(500ms);
            world.require(!two.bob.running(), "bob has stopped");
            world.require(!two.alice.node().peer(two.bob.peerId()), "and alice knows");
        });
    }

    void idlePeersAreQuiet() {
        RUN([](Simulation& world) {
            Two two(world);
            world.require(two.ping(two.alice, two.bob.target()), "connected");
            world.runFor(60s);
            const uint64_t datagrams = world.trace().deliveredCount(), events = world.scheduler().eventsRun();
            world.runFor(3600s);
            const uint64_t sent = world.trace().deliveredCount() - datagrams;
            const uint64_t wakes = world.scheduler().eventsRun() - events;
            world.require(sent <= 2 * 3600, std::to_string(sent) + " datagrams in an hour");
            world.require(wakes <= 10 * 3600, std::to_string(wakes) + " events in an hour");
        });
    }

    void aNodeBehindANatStaysConnectedWhenTheNatForgetsOrItMoves_data() {
        QTest::addColumn<bool>("moves");
        QTest::newRow("the NAT forgets") << false;
        QTest::newRow("the node moves") << true;
    }
    void aNodeBehindANatStaysConnectedWhenTheNatForgetsOrItMoves() {
        QFETCH(bool, moves);
        RUN([&](Simulation& world) {
            Network& network = world.network();
            Nat& nat = network.nat("nat", "203.0.113.1", NatConfig::symmetric());
            Host& home = network.host("alice", {"10.0.0.2"});
            Host& server = network.host("bob", {"198.51.100.7"});
            network.connect(home, nat, {.delay = 1ms});
            network.connect(nat, server, {.delay = 20ms});
            testing::MemoryStorage disk;
            SimNode alice(world, home, "alice", disk), bob(world, server, "bob", disk);
            alice.start();
            bob.start();
            const auto pings = [&](const std::string& when) {
                alice.forgetEvents();
                alice.submit(node::Ping{bob.target(), 3, 20s});
                world.runUntil([&] { return alice.count<node::PingReply>() == 3 || alice.last<node::RequestFailed>(); },
                               30s);
                world.require(alice.count<node::PingReply>() == 3, when);
            };
            pings("at first");
            const auto before = alice.node().peer(bob.peerId());
            for (int i = 0; i < 4; ++i) {
                if (moves) {
                    home.removeAddress(home.addresses().front());
                    home.addAddress(ip("10.0.0." + std::to_string(100 + i)));
                    alice.addressesChanged();
                } else {
                    nat.reboot();
                }
                pings("after change " + std::to_string(i));
                world.runFor(2s);
            }
            const auto after = alice.node().peer(bob.peerId());
            world.require(before && after && before->link == after->link, "the same connection all the time");
        });
    }

    void perfMovesWhatItWasAskedTo() {
        RUN([](Simulation& world) {
            SimNodeConfig config;
            config.node.servePerf = true;
            Two two(world, {.delay = 5ms, .bitsPerSecond = 100'000'000}, config);
            two.alice.submit(node::Perf{two.bob.target(), 5'000'000, 7'000'000, 10s});
            world.runUntil([&] { return two.alice.last<node::PerfDone>() || two.alice.last<node::RequestFailed>(); },
                           60s);
            const auto* done = two.alice.last<node::PerfDone>();
            world.require(done, "done");
            world.require(done->uploadBytes == 5'000'000 && done->downloadBytes == 7'000'000, "all of it");
            const double up = std::chrono::duration<double>(done->uploadTime).count();
            world.require(up > 0.39 && up < 2, "as fast as the link can: " + std::to_string(up) + " s");
        });
        RUN([](Simulation& world) {
            Two two(world);
            two.alice.submit(node::Perf{two.bob.target(), 1000, 1000, 10s});
            world.runUntil([&] { return two.alice.last<node::PerfDone>() || two.alice.last<node::RequestFailed>(); },
                           60s);
            world.require(two.alice.last<node::RequestFailed>(), "refused by who does not serve it");
            world.require(two.alice.last<node::RequestFailed>()->error.code == Errc::Unsupported,
                          two.alice.last<node::RequestFailed>()->error.text());
        });
    }
};

QTEST_APPLESS_MAIN(PeersTest)
#include "peers_test.moc"

#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

SimNodeConfig withMdns() {
    SimNodeConfig config;
    config.node.discovery.mdns = true;
    return config;
}

/// Two devices, connected over the first of two cables that each has to switches: one sees nothing of what happens to
/// the other's.
struct TwoNetworks {
    explicit TwoNetworks(Simulation& simulation) : world(simulation) {
        for (Host* host : {&a, &b})
            for (Hub* hub : {&one, &two}) cables.push_back(&world.network().connect(*host, *hub, {.delay = 1ms}));
        // One after the other: a simulated host sends from its first address, whatever network it sends into.
        a.addAddress(address(0, 1), 0);
        b.addAddress(address(0, 2), 0);
        alice.start();
        bob.start();
        world.require(world.runUntil([&] { return path(alice) && path(bob); }, 5s), "they meet");
        for (SimNode* node : {&alice, &bob}) plug(*node, 1);
        world.runFor(10s);
    }
    static codec::IpAddress address(size_t port, int host) {
        return ip("192.168." + std::to_string(port + 1) + "." + std::to_string(host));
    }
    /// By which port the node reaches the other; nothing before it has.
    static std::optional<size_t> path(const SimNode& node) {
        const auto* told = node.last<node::PathChanged>();
        if (!told) return std::nullopt;
        return told->address.text().starts_with("/ip4/192.168.1.") ? 0 : 1;
    }
    link::LinkId connection() {
        const auto peer = alice.node().peer(bob.peerId());
        return peer ? peer->link : link::LinkId();
    }
    void pull(SimNode& node, size_t port) { plug(node, port, false); }
    void plug(SimNode& node, size_t port, bool in = true) {
        const bool first = &node == &alice;
        cables[(first ? 0 : 2) + port]->setUp(in);
        Host& host = node.host();
        in ? host.addAddress(address(port, first ? 1 : 2), port) : host.removeAddress(address(port, first ? 1 : 2));
        node.addressesChanged();
    }
    bool pings() {
        const size_t before = alice.count<node::PingReply>();
        alice.submit(node::Ping{{bob.peerId(), {}}, 1, 5s});
        return world.runUntil([&] { return alice.count<node::PingReply>() > before; }, 5s);
    }

    Simulation& world;
    testing::MemoryStorage disk;
    Hub& one = world.network().hub("one");
    Hub& two = world.network().hub("two");
    Host& a = world.network().host("alice");
    Host& b = world.network().host("bob");
    std::vector<Link*> cables;
    SimNode alice{world, a, "alice", disk, withMdns()};
    SimNode bob{world, b, "bob", disk, withMdns()};
};

} // namespace

/// What becomes of connections when a device loses a network.
class NetworkLossTest : public QObject {
    Q_OBJECT

  private slots:
    void theOtherNetworkIsUsedWithinSeconds_data() {
        QTest::addColumn<bool>("alices");
        QTest::newRow("the first device's cable") << true;
        QTest::newRow("the second device's cable") << false;
    }
    void theOtherNetworkIsUsedWithinSeconds() {
        QFETCH(bool, alices);
        RUN([&](Simulation& world) {
            TwoNetworks two(world);
            const size_t used = *two.path(two.alice);
            two.pull(alices ? two.alice : two.bob, used);
            const auto moved = [&] { return *two.path(two.alice) != used && *two.path(two.bob) != used; };
            world.require(world.runUntil(moved, 5s), "long before any idle timeout");
            world.require(two.pings(), "and it carries");
        });
    }

    void anAddressThatFlickersEndsNothing_data() {
        QTest::addColumn<int>("milliseconds");
        QTest::newRow("back before the first look") << 500;
        QTest::newRow("back between the looks") << 2000;
    }
    void anAddressThatFlickersEndsNothing() {
        QFETCH(int, milliseconds);
        RUN([&](Simulation& world) {
            TwoNetworks two(world);
            const size_t used = *two.path(two.alice);
            // The one that was dialled cannot move: it has nothing to do but wait.
            const bool aliceDialled = two.alice.node().peer(two.bob.peerId())->side == link::Side::Dialer;
            SimNode& dialled = aliceDialled ? two.bob : two.alice;
            const auto connection = two.connection();
            two.pull(dialled, used);
            world.runFor(std::chrono::milliseconds(milliseconds));
            two.plug(dialled, used);
            world.runFor(10s);
            world.require(two.pings(), "it carries again");
            world.require(two.connection() == connection, "the same connection");
        });
    }

    void withoutAnyNetworkTheOldOneMayComeBack() {
        RUN([](Simulation& world) {
            TwoNetworks two(world);
            const size_t used = *two.path(two.alice);
            const auto connection = two.connection();
            two.pull(two.alice, 1 - used);
            two.pull(two.alice, used);
            world.runFor(8s);
            two.plug(two.alice, used);
            world.require(two.pings() || two.pings(), "it carries again");
            world.require(two.connection() == connection, "the same connection");
        });
    }
};

QTEST_APPLESS_MAIN(NetworkLossTest)
#include "network_loss_test.moc"

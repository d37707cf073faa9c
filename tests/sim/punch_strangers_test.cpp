#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// A device behind a NAT, a relay through which it is reached, and strangers who come through that.
struct Crowd {
    explicit Crowd(Simulation& simulation) : world(simulation), core(simulation.network().router("core")) {
        SimNodeConfig serving;
        serving.node.relay.serve = {.circuitsPerPeer = 200};
        Host& relayHost = world.network().host("relay", {"44.1.0.1"});
        join(relayHost, "44.1.0.1");
        relay = std::make_unique<SimNode>(world, relayHost, "relay", disk, serving);
        relay->start();
        SimNodeConfig config;
        const auto met = relay->target();
        config.node.relay.servers.push_back(met.addresses.at(0).withPeer(met.peer.multihash()));
        device = behind("device", "44.2.0.1", NatConfig::portRestricted(), config);
        device->start();
        world.require(world.runUntil([&] { return device->circuits().size() == 1; }, 20s), "the relay serves it");
    }
    void join(Device& edge, const std::string& address) {
        world.network().connect(edge, core, {.delay = 10ms, .bitsPerSecond = 50'000'000});
        core.addRoute(ip(address), 32, ports++);
    }
    std::unique_ptr<SimNode> behind(const std::string& name, const std::string& outside, const NatConfig& kind,
                                    const SimNodeConfig& config) {
        Host& host = world.network().host(name, {"192.168.0.2"});
        Nat& nat = world.network().nat(name + "-nat", outside, kind);
        world.network().connect(host, nat, {.delay = 1ms});
        join(nat, outside);
        return std::make_unique<SimNode>(world, host, name, disk, config);
    }
    /// Comes through the relay. Who is in the open is reached at once; behind a symmetric NAT nobody is reached, and
    /// trying it takes its time.
    SimNode& guest(bool inTheOpen) {
        const std::string number = std::to_string(guests.size() + 1);
        SimNodeConfig config;
        config.node.relay.discover = false;
        const std::string address = "45.0." + number + ".1";
        if (inTheOpen) {
            Host& host = world.network().host("guest" + number, {address});
            join(host, address);
            guests.push_back(std::make_unique<SimNode>(world, host, "guest" + number, disk, config));
        } else {
            guests.push_back(behind("guest" + number, address, NatConfig::symmetric(), config));
        }
        guests.back()->start();
        return *guests.back();
    }
    void visit(SimNode& node) { node.submit(node::Ping{{device->peerId(), device->circuits()}, 100}); }
    void befriend(const SimNode& node) {
        device->submit(node::TrustPeer{{node.peerId(), {}}});
        world.runFor(100ms);
    }
    bool isHere(const SimNode& node) { return device->node().peer(node.peerId()).has_value(); }
    bool isDirect(const SimNode& node) {
        const auto info = device->node().peer(node.peerId());
        return info && !info->relayed();
    }
    size_t direct() {
        return static_cast<size_t>(std::ranges::count_if(guests, [&](const auto& one) { return isDirect(*one); }));
    }
    void visitAll() {
        for (const auto& one : guests) visit(*one);
        const auto all = [&] { return std::ranges::all_of(guests, [&](const auto& one) { return isHere(*one); }); };
        world.require(world.runUntil(all, 10s), "all are here");
    }

    Simulation& world;
    Router& core;
    size_t ports = 0;
    testing::MemoryStorage disk;
    std::unique_ptr<SimNode> relay, device;
    std::vector<std::unique_ptr<SimNode>> guests;
};

} // namespace

/// Strangers who come through a relay do not decide how much this device tries for a direct way.
class PunchStrangersTest : public QObject {
    Q_OBJECT

  private slots:
    void strangersHaveARateAndFriendsHaveNone() {
        RUN([](Simulation& world) {
            Crowd net(world);
            constexpr size_t kStrangers = 30;
            for (size_t i = 0; i < kStrangers; ++i) (void)net.guest(true);
            net.visitAll();
            const Duration began = world.elapsed();
            world.runFor(3s);
            // The bound of node_limits.h: 16 at once, and one a second.
            world.require(net.direct() >= 16, "the first are tried");
            world.require(net.direct() <= 16 + 5, "the others are not: " + std::to_string(net.direct()));
            SimNode& known = net.guest(true);
            net.befriend(known);
            net.visit(known);
            world.require(world.runUntil([&] { return net.isDirect(known); }, 2s), "a friend is, at once");
            world.require(world.elapsed() - began < 8s && net.direct() < kStrangers, "before all strangers");
            world.require(world.runUntil([&] { return net.direct() == net.guests.size(); }, 1min),
                          "who have their turn");
        });
    }

    void strangersLeavePlacesToOthers() {
        RUN([](Simulation& world) {
            Crowd net(world);
            for (size_t i = 0; i < 20; ++i) (void)net.guest(false);
            net.visitAll();
            SimNode& known = net.guest(true);
            net.befriend(known);
            net.visit(known);
            world.require(world.runUntil([&] { return net.isDirect(known); }, 3s),
                          "while strangers are tried there is a place for a friend");
            world.require(net.direct() == 1, "whom nothing leads to");
        });
    }
};

QTEST_APPLESS_MAIN(PunchStrangersTest)
#include "punch_strangers_test.moc"

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

/// The last that `node` was told about `peer`: its addresses, or nothing when it is lost or was never found.
std::vector<std::string> seen(const SimNode& node, const SimNode& peer) {
    std::vector<std::string> out;
    for (const auto& event : node.events()) {
        if (const auto* found = std::get_if<node::PeerDiscovered>(&event); found && found->peer == peer.peerId()) {
            out.clear();
            for (const auto& address : found->addresses) out.push_back(address.text());
        } else if (const auto* lost = std::get_if<node::PeerLost>(&event); lost && lost->peer == peer.peerId()) {
            out.clear();
        }
    }
    return out;
}

/// Hosts on one link.
struct Lan {
    Lan(Simulation& simulation, const LinkConfig& cable = {.delay = 1ms}) : world(simulation), cableConfig(cable) {}
    SimNode& add(const std::string& name, const std::vector<std::string>& addresses,
                 SimNodeConfig config = withMdns()) {
        Host& host = world.network().host(name, addresses);
        cables.push_back(&world.network().connect(host, hub, cableConfig));
        nodes.push_back(std::make_unique<SimNode>(world, host, name, disk, config));
        nodes.back()->start();
        return *nodes.back();
    }
    bool find(const SimNode& who, const SimNode& whom, Duration limit) {
        return world.runUntil([&] { return !seen(who, whom).empty(); }, limit);
    }
    Simulation& world;
    LinkConfig cableConfig;
    testing::MemoryStorage disk;
    Hub& hub = world.network().hub("hub");
    std::vector<Link*> cables;
    std::vector<std::unique_ptr<SimNode>> nodes;
};

} // namespace

class DiscoveryTest : public QObject {
    Q_OBJECT

  private slots:
    void twoNodesOnOneLinkFindEachOtherWithinThreeSeconds_data() {
        QTest::addColumn<bool>("v4");
        QTest::addColumn<bool>("v6");
        QTest::newRow("both families") << true << true;
        QTest::newRow("IPv4 only") << true << false;
        QTest::newRow("IPv6 only") << false << true;
    }
    void twoNodesOnOneLinkFindEachOtherWithinThreeSeconds() {
        QFETCH(bool, v4);
        QFETCH(bool, v6);
        RUN([&](Simulation& world) {
            const auto addresses = [&](const std::string& host) {
                std::vector<std::string> out;
                if (v4) out.push_back("192.168.0." + host);
                if (v6) out.push_back("fd00::" + host);
                return out;
            };
            Lan lan(world);
            SimNode& alice = lan.add("alice", addresses("1"));
            SimNode& bob = lan.add("bob", addresses("2"));
            world.require(lan.find(alice, bob, 3s) && lan.find(bob, alice, 3s), "found");
            world.require(world.elapsed() < 3s, "in time");
            world.require(seen(alice, bob).size() == size_t(v4) + size_t(v6), "all addresses, nothing else");
            // Nothing but the key: where the peer is comes from discovery.
            alice.submit(node::Ping{{bob.peerId(), {}}, 1, 5s});
            world.runUntil([&] { return alice.last<node::PingReply>() || alice.last<node::RequestFailed>(); }, 10s);
            world.require(alice.last<node::PingReply>() != nullptr, "reached without an address");
        });
    }

    void whoComesLaterIsFoundAndFinds() {
        RUN([](Simulation& world) {
            Lan lan(world);
            SimNode& alice = lan.add("alice", {"192.168.0.1"});
            SimNode& bob = lan.add("bob", {"192.168.0.2"});
            world.runFor(10min);
            SimNode& carol = lan.add("carol", {"192.168.0.3"});
            const Duration start = world.elapsed();
            for (SimNode* other : {&alice, &bob})
                world.require(lan.find(*other, carol, 3s) && lan.find(carol, *other, 3s), "found");
            world.require(world.elapsed() - start < 3s, "in time");
            world.require(alice.count<node::PeerLost>() == 0 && bob.count<node::PeerLost>() == 0, "nobody was lost");
        });
    }

    void lossDelaysAndDoesNotPrevent() {
        RUN([](Simulation& world) {
            Lan lan(world, {.delay = 1ms, .loss = 0.2});
            SimNode& alice = lan.add("alice", {"192.168.0.1"});
            SimNode& bob = lan.add("bob", {"192.168.0.2"});
            world.require(lan.find(alice, bob, 30s) && lan.find(bob, alice, 30s), "found");
            world.runFor(30min);
            world.require(lan.find(alice, bob, 3min) && lan.find(bob, alice, 3min), "half an hour later, too");
        });
    }

    void aNodeThatStopsIsGoneSoonAndOneThatDiesAfterItsTime() {
        RUN([](Simulation& world) {
            Lan lan(world);
            SimNode& alice = lan.add("alice", {"192.168.0.1"});
            SimNode& bob = lan.add("bob", {"192.168.0.2"});
            SimNode& carol = lan.add("carol", {"192.168.0.3"});
            world.require(lan.find(alice, bob, 3s) && lan.find(alice, carol, 3s), "found");
            world.runFor(10s);
            bob.shutdown();
            world.runFor(1s + 500ms);
            world.require(seen(alice, bob).empty(), "said goodbye");
            carol.kill();
            world.runFor(60s);
            world.require(!seen(alice, carol).empty(), "may still be there");
            world.runFor(61s);
            world.require(seen(alice, carol).empty(), "120 seconds after it was heard last");
            carol.start();
            world.require(lan.find(alice, carol, 3s), "back");
        });
    }

    void aLinkThatGoesAwayLeavesTheOther() {
        RUN([](Simulation& world) {
            testing::MemoryStorage disk;
            Hub& one = world.network().hub("one");
            Hub& two = world.network().hub("two");
            Host& a = world.network().host("alice");
            Host& b = world.network().host("bob");
            for (Hub* hub : {&one, &two}) {
                world.network().connect(a, *hub, {.delay = 1ms});
                world.network().connect(b, *hub, {.delay = 1ms});
            }
            a.addAddress(ip("192.168.1.1"), 0);
            a.addAddress(ip("192.168.2.1"), 1);
            b.addAddress(ip("192.168.1.2"), 0);
            b.addAddress(ip("192.168.2.2"), 1);
            SimNode alice(world, a, "alice", disk, withMdns()), bob(world, b, "bob", disk, withMdns());
            alice.start();
            bob.start();
            world.require(world.runUntil([&] { return seen(alice, bob).size() == 2; }, 3s), "found on both links");
            a.removeAddress(ip("192.168.1.1"));
            alice.addressesChanged();
            world.runFor(2s);
            const std::vector<std::string> left{"/ip4/192.168.2.2/udp/4001/quic-v1"};
            world.require(seen(alice, bob) == left, "the other link's address is left");
            a.removeAddress(ip("192.168.2.1"));
            alice.addressesChanged();
            world.require(seen(alice, bob).empty(), "no link, no peers");
            a.addAddress(ip("192.168.2.7"), 1);
            alice.addressesChanged();
            world.require(world.runUntil([&] { return seen(alice, bob) == left; }, 3s), "found again");
            const auto knowsNewAddress = [&] {
                const auto addresses = seen(bob, alice);
                return std::ranges::find(addresses, "/ip4/192.168.2.7/udp/4001/quic-v1") != addresses.end();
            };
            world.require(world.runUntil(knowsNewAddress, 3s), "and says where it is now");
        });
    }

    void nodesWithOtherServiceNamesDoNotMeet() {
        RUN([](Simulation& world) {
            Lan lan(world);
            SimNodeConfig other = withMdns();
            other.node.discovery.mdnsService = "_test._udp.local";
            SimNode& alice = lan.add("alice", {"192.168.0.1"});
            SimNode& bob = lan.add("bob", {"192.168.0.2"}, other);
            SimNode& silent = lan.add("silent", {"192.168.0.3"}, SimNodeConfig{});
            world.runFor(1min);
            world.require(seen(alice, bob).empty() && seen(bob, alice).empty(), "two networks");
            world.require(seen(alice, silent).empty() && seen(silent, alice).empty(), "off is off");
        });
    }

    void sixtyNodesOnOneLinkAllKnowEachOther() {
        RUN([](Simulation& world) {
            Lan lan(world);
            for (int i = 1; i <= 60; ++i) lan.add("n" + std::to_string(i), {"192.168.0." + std::to_string(i)});
            world.runFor(10s);
            for (const auto& node : lan.nodes)
                for (const auto& other : lan.nodes)
                    world.require(node == other || !seen(*node, *other).empty(),
                                  node->name() + " knows " + other->name());
        });
    }

    void discoveryInMemoryNeedsNoNetwork() {
        RUN([](Simulation& world) {
            SimNodeConfig config;
            config.node.discovery.board = std::make_shared<discovery::MemoryBoard>();
            Lan lan(world);
            SimNode& alice = lan.add("alice", {"192.168.0.1"}, config);
            SimNode& bob = lan.add("bob", {"192.168.0.2"}, config);
            world.require(lan.find(alice, bob, 1s) && lan.find(bob, alice, 1s), "found");
            bob.shutdown();
            world.runFor(1s);
            world.require(seen(alice, bob).empty(), "lost");
        });
    }
};

QTEST_APPLESS_MAIN(DiscoveryTest)
#include "discovery_test.moc"

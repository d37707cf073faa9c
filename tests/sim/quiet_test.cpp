#include "protocols/relay/relay_limits.h"
#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

/// Quiet mode: what stops, what goes on, and that all of it comes back.
namespace {

struct Town {
    explicit Town(Simulation& simulation) : world(simulation), core(simulation.network().router("core")) {}

    SimNode& add(const std::string& name, const std::string& address, SimNodeConfig config = {}) {
        Host& host = world.network().host(name, {address});
        world.network().connect(host, core, {.delay = 10ms, .bitsPerSecond = 50'000'000});
        core.addRoute(ip(address), 32, nodes.size());
        nodes.push_back(std::make_unique<SimNode>(world, host, name, disk, std::move(config)));
        nodes.back()->start();
        return *nodes.back();
    }
    /// Behind a router that nobody gets through.
    SimNode& addHidden(const std::string& name, const std::string& outside, SimNodeConfig config = {}) {
        Host& host = world.network().host(name, {"192.168.0.2"});
        Nat& nat = world.network().nat(name + "-nat", outside, NatConfig::symmetric());
        world.network().connect(host, nat, {.delay = 1ms});
        world.network().connect(nat, core, {.delay = 10ms, .bitsPerSecond = 50'000'000});
        core.addRoute(ip(outside), 32, nodes.size());
        nodes.push_back(std::make_unique<SimNode>(world, host, name, disk, std::move(config)));
        nodes.back()->start();
        return *nodes.back();
    }
    static SimNodeConfig server() {
        SimNodeConfig config;
        config.node.dht.server = true;
        config.node.relay.serve = relay::RelayServerConfig{};
        return config;
    }
    uint64_t serversKnown(SimNode& node) { return node.status().dht.at(0).servers; }
    bool pings(SimNode& node, node::Target target) {
        const size_t before = node.count<node::PingReply>();
        node.submit(node::Ping{std::move(target), 1, 30s});
        return world.runUntil([&] { return node.count<node::PingReply>() > before; }, 40s);
    }
    /// What becomes of a look-up.
    bool finds(SimNode& node) {
        node.forgetEvents();
        node::AskDht ask;
        ask.key = Bytes(32, 7);
        ask.wait = 20s;
        node.submit(ask);
        world.runUntil([&] { return node.last<node::DhtAnswered>() || node.last<node::RequestFailed>(); }, 5min);
        return node.last<node::DhtAnswered>() != nullptr;
    }

    Simulation& world;
    Router& core;
    testing::MemoryStorage disk;
    std::vector<std::unique_ptr<SimNode>> nodes;
};

codec::Multiaddr addressOf(const SimNode& node) {
    const auto target = node.target();
    return target.addresses.at(0).withPeer(target.peer.multihash());
}

/// Two devices on one link that find each other by multicast.
struct Lan {
    explicit Lan(Simulation& simulation) : world(simulation) {}
    SimNode& add(const std::string& name, const std::string& address) {
        SimNodeConfig config;
        config.node.discovery.mdns = true;
        config.node.quiet = true;
        config.node.profile.alias = name;
        Host& host = world.network().host(name, {address});
        world.network().connect(host, hub, {.delay = 1ms});
        nodes.push_back(std::make_unique<SimNode>(world, host, name, disk, config));
        nodes.back()->start();
        return *nodes.back();
    }
    Simulation& world;
    Hub& hub = world.network().hub("hub");
    testing::MemoryStorage disk;
    std::vector<std::unique_ptr<SimNode>> nodes;
};

} // namespace

class QuietTest : public QObject {
    Q_OBJECT
  private slots:
    void whoIsQuietServesNobodyAndThenAgain() {
        RUN([](Simulation& world) {
            Town town(world);
            SimNode& server = town.add("server", "44.1.0.1", Town::server());
            SimNodeConfig config;
            config.node.dht.bootstrap = {addressOf(server)};
            config.node.relay.servers = {addressOf(server)};
            SimNode& client = town.add("client", "44.2.0.1", config);
            world.runFor(10s);
            world.require(server.status().relayService.reservations == 1, "it is a relay");
            world.require(town.serversKnown(client) == 1 && server.status().dht.at(0).server, "and serves");

            server.submit(node::SetQuiet{true});
            world.runFor(10s);
            const auto quiet = server.status();
            world.require(quiet.quiet && !quiet.dht.at(0).server, "it says that it is quiet");
            world.require(server.count<node::Warning>() == 1, "and what rests meanwhile");
            world.require(quiet.relayService.reservations == 0 && client.status().relays.empty(), "no relay");
            world.require(town.serversKnown(client) == 0 && !town.finds(client), "no hash table");
            world.require(town.pings(client, server.target()), "but it is there");

            server.submit(node::SetQuiet{false});
            world.runFor(2h);
            world.require(!server.status().quiet && client.status().relays.size() == 1, "a relay again");
            world.require(town.serversKnown(client) == 1 && town.finds(client), "and a server");
        });
    }

    void circuitsOfOthersEnd() {
        RUN([](Simulation& world) {
            Town town(world);
            SimNode& relay = town.add("relay", "44.1.0.1", Town::server());
            SimNodeConfig config;
            config.node.relay.servers = {addressOf(relay)};
            SimNode& hidden = town.addHidden("hidden", "44.2.0.1", config);
            SimNode& other = town.addHidden("other", "44.3.0.1");
            world.runFor(5s);
            const auto through = hidden.status().relays.at(0).addresses;
            world.require(town.pings(other, {hidden.peerId(), through}), "a circuit");
            world.require(relay.status().relayService.circuits == 1, "is carried");
            relay.submit(node::SetQuiet{true});
            world.runFor(1s);
            world.require(relay.status().relayService.circuits == 0, "and cut");
            other.forgetEvents();
            other.submit(node::Ping{{hidden.peerId(), through}, 1, 5s});
            world.runFor(10s);
            world.require(other.last<node::RequestFailed>() != nullptr, "and there is no other");
        });
    }

    void aRelayThatWasMerelyMetIsGivenUpAndOneThatWasNamedIsKept() {
        RUN([](Simulation& world) {
            Town town(world);
            SimNodeConfig somebody = Town::server();
            somebody.node.profile.alias = "relay"; // nobody leaves somebody whom he can tell from others
            SimNode& met = town.add("met", "44.1.0.1", somebody);
            SimNode& named = town.add("named", "44.4.0.1", somebody);
            SimNodeConfig config;
            config.node.relay.servers = {addressOf(named)};
            SimNode& hidden = town.addHidden("hidden", "44.2.0.1", config);
            hidden.submit(node::TrustPeer{{met.peerId(), {}}});
            hidden.submit(node::Ping{met.target(), 1, 30s});
            world.runFor(10s);
            world.require(hidden.status().relays.size() == 2, "two reservations");
            hidden.submit(node::SetQuiet{true});
            world.runFor(1s);
            world.require(hidden.status().relays.size() == 1, "the other is given up");
            world.require(hidden.status().relays.at(0).relay == named.peerId(),
                          "that of the one who was named is kept");
            const auto told = hidden.last<node::AddressesChanged>();
            const auto leads = [&](const codec::Multiaddr& at) { return at.isCircuit(); };
            world.require(told && std::ranges::count_if(told->listen, leads) == 1, "and nobody is told of it");
            world.runFor(2h);
            world.require(hidden.status().relays.size() == 1, "nor is it asked again");
            hidden.submit(node::SetQuiet{false});
            world.runFor(1min);
            world.require(hidden.status().relays.size() == 2, "it is back");
        });
    }

    void whoServesAndIsQuietIsToldSoAtTheStart() {
        RUN([](Simulation& world) {
            Town town(world);
            SimNodeConfig config = Town::server();
            SimNode& loud = town.add("loud", "44.1.0.1", config);
            config.node.quiet = true;
            SimNode& quiet = town.add("quiet", "44.2.0.1", config);
            config = {};
            config.node.quiet = true;
            SimNode& client = town.add("client", "44.3.0.1", config);
            world.runFor(1s);
            world.require(!loud.last<node::Warning>() && !client.last<node::Warning>(), "nothing is amiss");
            const auto* warning = quiet.last<node::Warning>();
            world.require(warning && quiet.count<node::Warning>() == 1, "one line");
            world.require(warning->error.context ==
                              "quiet mode is on: until it is off, this node is no relay for others, no server of hash "
                              "tables",
                          "that says what is not done");
        });
    }

    void whoIsQuietLetsGoOfServersAndMeetsThemWhenItNeedsThem() {
        RUN([](Simulation& world) {
            Town town(world);
            SimNode& server = town.add("server", "44.1.0.1", Town::server());
            SimNodeConfig config;
            config.node.dht.bootstrap = {addressOf(server)};
            SimNode& device = town.add("device", "44.2.0.1", config);
            world.runFor(10s);
            world.require(device.status().connectionsTotal == 1, "connected with a server");
            device.submit(node::SetQuiet{true});
            world.runFor(5s);
            world.require(device.status().connectionsTotal == 0, "it lets go");
            for (int hour = 0; hour < 3; ++hour) {
                world.runFor(1h);
                world.require(device.status().connectionsTotal == 0, "and stays away");
            }
            world.require(town.finds(device), "what somebody here wants to know is asked");
            device.submit(node::SetQuiet{false});
            world.runFor(1min);
            world.require(device.status().connectionsTotal == 1, "it is back");
        });
    }

    void twoWhoAreQuietFindEachOtherWhenOneIsSought() {
        RUN([](Simulation& world) {
            Lan lan(world);
            SimNode& anna = lan.add("Anna", "192.168.0.1");
            SimNode& bert = lan.add("Bert", "192.168.0.2");
            world.runFor(1h);
            world.require(!anna.last<node::PeerDiscovered>() && !bert.last<node::PeerDiscovered>(), "not a word");
            node::Target named;
            named.name = "Bert";
            anna.submit(node::Ping{named, 1, 30s});
            world.runUntil([&] { return anna.last<node::PingReply>() != nullptr; }, 30s);
            world.require(anna.last<node::PingReply>() != nullptr, "found by its name");
        });
    }

    void aTransferThatRunsGoesOn() {
        RUN([](Simulation& world) {
            Town town(world);
            SimNode& from = town.add("from", "44.1.0.1");
            SimNode& to = town.add("to", "44.2.0.1");
            const Bytes content = world.random("content").bytes(20'000'000);
            town.disk.addFile("/src/file", content);
            town.disk.addFolder("/dst");
            to.submit(node::SetReceive{{.enabled = true,
                                        .accept = transfer::Accept::All,
                                        .conflict = transfer::Conflict::Rename,
                                        .folder = "/dst",
                                        .trusted = {}}});
            from.submit(node::SendFiles{to.target(), {"/src/file"}, 1min});
            world.require(world.runUntil([&] { return to.last<transfer::TransferProgress>() != nullptr; }, 30s),
                          "runs");
            for (SimNode* each : {&from, &to}) each->submit(node::SetQuiet{true});
            world.runUntil([&] { return from.last<transfer::TransferDelivered>() != nullptr; }, 2min);
            world.require(town.disk.content("/dst/file") == content, "delivered");
            world.require(!from.last<transfer::TransferInterrupted>(), "in one go");
        });
    }
};

QTEST_APPLESS_MAIN(QuietTest)
#include "quiet_test.moc"

#include "protocols/dcutr/dcutr_limits.h"
#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

#include <algorithm>
#include <array>
#include <numeric>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr size_t kBystanders = 5;

/// A victim at home, with a printer beside it; a relay through which it is reached; and somebody who comes through that
/// and claims addresses that others have.
struct Claims {
    /// `port`: that the liar claims.
    explicit Claims(Simulation& simulation, uint16_t port = 4001)
        : world(simulation),
          claimedPort(port),
          core(simulation.network().router("core")) {
        simulation.network().connect(victimHost, lan, {.delay = 1ms});
        simulation.network().connect(printer, lan, {.delay = 1ms});
        Nat& nat = simulation.network().nat("nat", "44.9.0.1", NatConfig::portRestricted());
        simulation.network().connect(lan, nat, {.delay = 1ms});
        lan.addRoute(ip("192.168.0.2"), 32, 0);
        lan.addRoute(ip("192.168.0.7"), 32, 1);
        lan.addRoute(ip("0.0.0.0"), 0, 2);
        plug(nat, "44.9.0.1");
        count(printer, atHome);
        std::vector<std::string> claimed{"192.168.5.2", "192.168.0.7", "10.0.0.1", "224.0.0.251"};
        for (size_t i = 0; i < kBystanders; ++i) {
            const std::string address = "44.7.0." + std::to_string(i + 1);
            Host& bystander = simulation.network().host("bystander" + std::to_string(i), {address});
            plug(bystander, address);
            count(bystander, at[i]);
            claimed.push_back(address);
        }
        Host& liarHost = simulation.network().host("liar", claimed);
        Nat& away = simulation.network().nat("away", "44.5.0.1", NatConfig::symmetric()); // nobody gets in there
        line = &simulation.network().connect(liarHost, away, {.delay = 1ms});
        plug(away, "44.5.0.1");
        SimNodeConfig serving;
        serving.node.relay.serve.emplace();
        relay = std::make_unique<SimNode>(world, join("relay", "44.1.0.1"), "relay", disk, serving);
        relay->start();
        SimNodeConfig served;
        served.node.relay.servers = {relay->target().addresses.front()};
        victim = std::make_unique<SimNode>(world, victimHost, "victim", disk, served);
        victim->start();
        SimNodeConfig unserved;
        unserved.node.relay.discover = false;
        unserved.port = claimedPort;
        liar = std::make_unique<SimNode>(world, liarHost, "liar", disk, unserved);
    }
    Host& join(const std::string& name, const std::string& address) {
        Host& host = world.network().host(name, {address});
        plug(host, address);
        return host;
    }
    void plug(Device& device, const std::string& address) {
        world.network().connect(device, core, {.delay = 10ms});
        core.addRoute(ip(address), 32, ports++);
    }
    void count(Host& host, size_t& bytes) {
        host.bind(claimedPort, [&bytes](const Datagram& datagram) { bytes += datagram.payload.size(); });
    }
    /// The liar comes through the relay, and is there for a while.
    void visit(Duration span) {
        liar->start();
        const auto circuit = relay->target().addresses.front().withCircuit();
        liar->submit(node::Ping{{victim->peerId(), {circuit}}, 1, 10s});
        world.require(world.runUntil([&] { return liar->count<node::PingReply>() > visits; }, 20s), "it is there");
        ++visits;
        world.runFor(span);
        liar->kill();
    }
    size_t hosts() const {
        return static_cast<size_t>(std::ranges::count_if(at, [](size_t bytes) { return bytes > 0; }));
    }
    size_t bytes() const { return std::accumulate(at.begin(), at.end(), size_t{0}); }

    Simulation& world;
    uint16_t claimedPort;
    Router& core;
    Router& lan = world.network().router("lan");
    Host& victimHost = world.network().host("victim", {"192.168.0.2"});
    Host& printer = world.network().host("printer", {"192.168.0.7"});
    size_t ports = 0;
    size_t visits = 0;
    testing::MemoryStorage disk;
    size_t atHome = 0;
    std::array<size_t, kBystanders> at{};
    Link* line = nullptr; ///< of the liar
    std::unique_ptr<SimNode> relay, victim, liar;
};

} // namespace

/// SECURITY D10: what a stranger can make a node send to others by claiming that it is there.
class ClaimedAddressesTest : public QObject {
    Q_OBJECT

  private slots:
    void nobodyAtHomeAndFewOthersAreSentTo() {
        RUN([](Simulation& world) {
            Claims net(world);
            net.visit(30s);
            const uint64_t spent = net.line->bytesFrom(net.liar->host());
            world.require(net.atHome == 0, "nothing to those at home");
            world.require(net.hosts() <= dcutr::kMaxHosts, "to no more hosts than a peer may have");
            world.require(net.bytes() <= 3 * spent, std::to_string(net.bytes()) + " bytes to others for " +
                                                        std::to_string(spent) + " of the liar's");
        });
    }

    void noWellKnownServiceIsSentTo() {
        RUN([](Simulation& world) {
            Claims net(world, 25);
            net.visit(30s);
            world.require(net.bytes() == 0 && net.atHome == 0, std::to_string(net.bytes()) + " bytes to mail servers");
        });
    }

    void whoComesAgainAndAgainHasNoMoreSent() {
        RUN([](Simulation& world) {
            Claims net(world);
            net.visit(15s);
            const size_t once = net.bytes();
            for (int i = 0; i < 30; ++i) net.visit(1s);
            const size_t after = net.bytes();
            world.require(net.atHome == 0, "nothing to those at home");
            world.require(after <= (dcutr::kAnswersAtOnce + 4) * once, "so many and no more");
        });
    }
};

QTEST_APPLESS_MAIN(ClaimedAddressesTest)
#include "claimed_addresses_test.moc"

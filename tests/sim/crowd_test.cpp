#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using node::PingReply;
using node::RequestDone;
using node::RequestFailed;

namespace {

constexpr size_t kPlaces = 16; // of which others may open 14 (link::inboundShare)

/// A server with few places, and people who come one after the other, each from an address of its own.
struct Square {
    explicit Square(Simulation& simulation, SimNodeConfig config = places())
        : world(simulation),
          core(simulation.network().router("core")),
          server(std::make_unique<SimNode>(simulation, join(0), "server", disk, config)) {
        server->start();
    }
    static SimNodeConfig places() {
        SimNodeConfig config;
        config.node.quic.maxConnections = kPlaces;
        return config;
    }
    Host& join(size_t number) {
        const std::string address = "192.0.2." + std::to_string(number + 1);
        Host& host = world.network().host("host" + std::to_string(number), {address});
        world.network().connect(host, core, {.delay = 5ms});
        core.addRoute(ip(address), 32, number);
        return host;
    }
    SimNode& come() { return comeFrom(join(people.size() + 1)); }
    SimNode& comeFrom(Host& host) {
        const size_t number = people.size() + 1;
        SimNodeConfig config = visitors;
        config.port = static_cast<uint16_t>(4001 + number);
        people.push_back(std::make_unique<SimNode>(world, host, "person" + std::to_string(number), disk, config));
        people.back()->start();
        world.require(ping(*people.back(), *server), "person " + std::to_string(number) + " gets in");
        return *people.back();
    }
    bool ping(SimNode& from, SimNode& to) {
        from.forgetEvents();
        from.submit(node::Ping{to.target(), 1, 5s});
        world.runUntil([&] { return from.last<PingReply>() || from.last<RequestFailed>(); }, 10s);
        return from.last<PingReply>() != nullptr;
    }
    const node::StatusReport& report() {
        server->forgetEvents();
        server->submit(node::GetStatus{});
        world.runUntil([&] { return server->last<node::StatusReport>(); }, 1s);
        return *server->last<node::StatusReport>();
    }
    bool connected(const SimNode& person) {
        for (const auto& connection : report().connections)
            if (connection.peer == person.peerId()) return true;
        return false;
    }

    Simulation& world;
    SimNodeConfig visitors; ///< those who come from now on
    testing::MemoryStorage disk;
    Router& core;
    std::unique_ptr<SimNode> server;
    std::vector<std::unique_ptr<SimNode>> people;
};

} // namespace

class CrowdTest : public QObject {
    Q_OBJECT

  private slots:
    void amongStrangersTheOldestGivesWayAndAFriendStays() {
        RUN([](Simulation& world) {
            Square square(world);
            SimNode& friendly = square.come();
            square.server->submit(node::TrustPeer{friendly.target()});
            world.runUntil([&] { return square.server->last<RequestDone>(); }, 1s);
            SimNode& first = square.come();
            SimNode& second = square.come();
            while (square.people.size() < kPlaces - 3) square.come(); // 13: as many as leave one of the 14 free
            world.require(square.connected(first), "nobody has to go yet");
            square.come();
            world.runFor(1s);
            world.require(!square.connected(first), "the oldest stranger has gone");
            world.require(square.connected(second), "only that one");
            for (size_t i = 0; i < kPlaces; ++i) square.come();
            world.require(square.connected(friendly), "the friend is still there");
        });
    }

    void ofOneAddressTheOldestIdleStrangerGivesWay() {
        RUN([](Simulation& world) {
            SimNodeConfig few;
            few.node.quic.maxConnectionsPerPrefix = 8;
            Square square(world, few);
            Host& home = square.join(1);
            SimNode& friendly = square.comeFrom(home);
            square.server->submit(node::TrustPeer{friendly.target()});
            world.runUntil([&] { return square.server->last<RequestDone>(); }, 1s);
            SimNode& talks = square.comeFrom(home);
            talks.submit(node::Ping{square.server->target(), 100, 5s});
            SimNode& idle = square.comeFrom(home);
            SimNode& next = square.comeFrom(home);
            while (square.people.size() < 7) square.comeFrom(home);
            world.require(square.connected(idle), "nobody has to go yet");
            world.require(square.report().crowding.address.empty(), "and nobody says so");
            square.comeFrom(home);
            world.runFor(1s);
            world.require(!square.connected(idle), "the oldest without business has gone");
            world.require(square.connected(next), "only that one");
            world.require(square.report().crowding.gaveWay == 1, "status counts it");
            world.require(square.report().crowding.address == "192.0.2.2", "status says from where");
            for (size_t i = 0; i < 8; ++i) square.comeFrom(home);
            world.require(square.connected(friendly), "the friend is still there");
            world.require(square.connected(talks), "so is who talks");
        });
    }

    /// Whoever is reached through this node is gone for others with its connection.
    void whoIsReachedThroughARelayStays() {
        RUN([](Simulation& world) {
            SimNodeConfig relay = Square::places();
            relay.node.relay.serve.emplace();
            Square square(world, relay);
            const auto server = square.server->target();
            square.visitors.node.relay.discover = false;
            square.visitors.node.relay.servers = {server.addresses.front()};
            SimNode& reached = square.come();
            world.runUntil([&] { return square.report().relayService.reservations == 1; }, 5s);
            square.visitors.node.relay.servers.clear();
            SimNode& stranger = square.come();
            for (size_t i = 0; i < 2 * kPlaces; ++i) square.come();
            world.require(!square.connected(stranger), "a stranger has gone");
            world.require(square.connected(reached), "who holds a reservation has not");
            world.require(square.report().relayService.reservations == 1, "and holds it still");
        });
    }

    void howeverManyComeTheWayOutStaysOpen() {
        RUN([](Simulation& world) {
            Square square(world);
            for (size_t i = 0; i < kPlaces + 4; ++i) square.come();
            SimNode other(world, square.join(square.people.size() + 1), "other", square.disk);
            other.start();
            world.require(square.ping(*square.server, other), "the server reaches somebody else");
        });
    }
};

QTEST_APPLESS_MAIN(CrowdTest)
#include "crowd_test.moc"

#include "sim/sim_node.h"
#include "sim/sim_pipes.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"
#include "swarm/swarm_limits.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using swarm::kQuicHeadStart;

namespace {

/// Two nodes that reach each other by QUIC, if the link is up, and by TCP; one way takes `oneWay`.
struct Two {
    Two(Simulation& simulation, Duration oneWay)
        : world(simulation),
          pipes(simulation, {.delay = oneWay}),
          link(simulation.network().connect(hostA, hostB, {.delay = oneWay})) {
        alice.start();
        bob.start();
    }
    /// From the command to the answer of one ping, by every address of bob, without the ping's own round trip.
    Duration reach() {
        const Instant begun = world.now().mono;
        alice.submit(node::Ping{bob.target(), 1, 10s});
        world.runUntil([&] { return alice.last<node::PingReply>() || alice.last<node::RequestFailed>(); }, 20s);
        const auto* reply = alice.last<node::PingReply>();
        world.require(reply != nullptr, "bob is reached");
        return world.now().mono - begun - reply->roundTrip;
    }
    bool goesByTcp() {
        const auto* path = alice.last<node::PathChanged>();
        world.require(path != nullptr, "a path is named");
        return path->address.tcpAddress().has_value();
    }
    SimNodeConfig both() {
        SimNodeConfig config;
        config.pipes = &pipes;
        config.quicToo = true;
        return config;
    }

    Simulation& world;
    SimPipes pipes;
    testing::MemoryStorage disk;
    Host& hostA = world.network().host("alice", {"192.0.2.1", "2001:db8::1"});
    Host& hostB = world.network().host("bob", {"192.0.2.2", "2001:db8::2"});
    Link& link;
    SimNode alice{world, hostA, "alice", disk, both()};
    SimNode bob{world, hostB, "bob", disk, both()};
};

std::string milliseconds(Duration duration) {
    return std::to_string(duration / 1ms) + " ms";
}

} // namespace

/// Happy eyeballs with the real handshakes of both carriers.
class EyeballsTest : public QObject {
    Q_OBJECT

  private slots:
    void quicWinsWhereBothWorkAndNoPipeIsOpened() {
        for (const Duration oneWay : {1ms, 20ms, 100ms})
            RUN([&](Simulation& world) {
                Two two(world, oneWay);
                const Duration took = two.reach();
                world.require(!two.goesByTcp(), "by QUIC");
                world.require(took < kQuicHeadStart, "before a pipe is tried");
                world.runFor(1min);
                world.require(two.pipes.pipes() == 0, "nor is one tried later");
            });
    }

    void aNetworkThatSwallowsUdpCostsTheHeadStartAndTheHandshake() {
        for (const Duration oneWay : {1ms, 20ms, 100ms})
            RUN([&](Simulation& world) {
                Two two(world, oneWay);
                two.link.setUp(false);
                const Duration took = two.reach();
                world.require(two.goesByTcp(), "by TCP");
                // TCP, what secures it, the multiplexer and the stream: six round trips at most.
                const bool inTime = took >= kQuicHeadStart && took <= kQuicHeadStart + 12 * oneWay + 10ms;
                world.require(inTime, milliseconds(took) + " at " + milliseconds(oneWay) + " one way");
                world.runFor(1min);
                world.require(two.pipes.pipes() == 2, "one pipe is left, with its two ends");
            });
    }

    void whereQuicIsSlowerThanTheHeadStartOneLinkIsLeft() {
        RUN([](Simulation& world) {
            Two two(world, 400ms);
            const Duration took = two.reach();
            world.require(!two.goesByTcp() && took > kQuicHeadStart, "by QUIC, in " + milliseconds(took));
            world.runFor(1min);
            world.require(two.pipes.pipes() == 0, "the pipes that were begun are gone");
        });
    }
};

QTEST_APPLESS_MAIN(EyeballsTest)
#include "eyeballs_test.moc"

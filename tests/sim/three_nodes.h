#pragma once

#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

#include <string>

namespace wherry::sim {

/// Three nodes that are not started yet, each with a line of its own, and three files under /out of which each takes 4
/// s over that line.
struct ThreeNodes {
    static constexpr size_t kFile = 10'000'000;
    static constexpr LinkConfig kLine{.delay = std::chrono::milliseconds(10), .bitsPerSecond = 20'000'000};

    explicit ThreeNodes(Simulation& simulation) : world(simulation) {
        Router& core = world.network().router("core");
        plug(core, aliceHost, "192.0.2.1");
        plug(core, bobHost, "192.0.2.2");
        plug(core, carolHost, "192.0.2.3");
        SeededRandom content = world.random("content");
        for (const char* name : {"a", "b", "c"}) disk.addFile(std::string("/out/") + name, content.bytes(kFile));
    }
    void plug(Router& core, Host& host, const std::string& address) {
        host.addAddress(ip(address), 0);
        world.network().connect(host, core, kLine);
        core.addRoute(ip(address), 32, m_ports++);
    }

    Simulation& world;
    testing::MemoryStorage disk;
    Host& aliceHost = world.network().host("alice");
    Host& bobHost = world.network().host("bob");
    Host& carolHost = world.network().host("carol");
    SimNode alice{world, aliceHost, "alice", disk};
    SimNode bob{world, bobHost, "bob", disk};
    SimNode carol{world, carolHost, "carol", disk};

  private:
    size_t m_ports = 0;
};

} // namespace wherry::sim

#pragma once

#include "discovery/memory_discovery.h"

#include <memory>
#include <string>

namespace wherry::node {

/// How peers are found without being named. By default they are not.
struct DiscoveryConfig {
    bool mdns = false;
    std::string mdnsService = "_p2p._udp.local";   ///< another one makes a network of its own
    std::shared_ptr<discovery::MemoryBoard> board; ///< in memory instead, for tests and simulations
};

} // namespace wherry::node

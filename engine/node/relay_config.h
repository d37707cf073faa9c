#pragma once

#include "codec/multiaddr.h"
#include "protocols/relay/relay_server_config.h"

#include <optional>
#include <vector>

namespace wherry::node {

/// What a node does for others who cannot be reached, and whose help it takes itself.
struct RelayConfig {
    std::optional<relay::RelayServerConfig> serve; ///< nullopt: it is no relay
    std::vector<codec::Multiaddr> servers;         ///< relays to hold reservations with always, each with /p2p/ID
    /// Whether relays that it meets are asked while it is not known to be reachable.
    bool discover = true;
};

} // namespace wherry::node

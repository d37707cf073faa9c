#pragma once

#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "link/link.h"

#include <optional>
#include <vector>

namespace wherry::relay {

/// RELAYADDR/p2p/RELAY/p2p-circuit, taken apart.
struct CircuitAddress {
    codec::Multiaddr relayAddress; ///< with /p2p/RELAY
    crypto::PeerId relay;
};
/// nullopt: it is none, or its relay is reached through another relay, or not named.
std::optional<CircuitAddress> circuitAddress(const codec::Multiaddr& address);

/// The addresses through a relay with which this node has a reservation, without /p2p of this node, the best first, at
/// most kToldPerRelay. `remote`: the link to it, by whom it was dialled; `told`: what the relay says of itself. A relay
/// could name a victim there, so that counts only for the address that we see it at, and for public ones by number and
/// at a port that no well-known service has; names are for the person to give (`configured`).
std::vector<codec::Multiaddr> circuitsThrough(const crypto::PeerId& relay, const codec::Multiaddr& remote,
                                              link::Side side, const std::vector<codec::Multiaddr>& told,
                                              const std::vector<codec::Multiaddr>& configured);

} // namespace wherry::relay

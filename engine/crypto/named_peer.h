#pragma once

#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <optional>

namespace wherry::crypto {

/// The peer that an address ends at, .../p2p/ID; nullopt: it names none, or what it names is none.
std::optional<PeerId> namedPeer(const codec::Multiaddr& address);

} // namespace wherry::crypto

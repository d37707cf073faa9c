#pragma once

#include "api/types.h"

#include <vector>

namespace wherry::api {

/// The addresses of a peer, the one that another device will most likely reach it by first: public IPv6, public IPv4,
/// private IPv4, private IPv6, loopback, link-local; within each QUIC, TCP, WebSocket. Stable within each kind.
std::vector<Multiaddr> bestFirst(std::vector<Multiaddr> addresses);

} // namespace wherry::api

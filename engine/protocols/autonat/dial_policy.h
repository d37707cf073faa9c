#pragma once

#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <optional>

namespace wherry::autonat {

/// Where a stranger may have a node dial (SECURITY D10): a plain public address of QUIC, TCP or WebSocket, by number
/// and not by name, at a port that no well-known service has (below 1024 only 443), of nobody else than `peer`.
/// nullopt: never.
std::optional<codec::SocketAddress> dialTarget(const codec::Multiaddr& address, const crypto::PeerId& peer);

/// The address of the other end of a link; nullopt where it is not known (relayed).
std::optional<codec::SocketAddress> socketAddressOf(const codec::Multiaddr& address);

/// What one customer of a provider may well have whole, and with it any number of keys: a /24 of IPv4, a /48 of IPv6.
codec::IpAddress siteOf(const codec::IpAddress& ip);

} // namespace wherry::autonat

#pragma once

#include "codec/multiaddr.h"
#include "node/event.h"

namespace wherry::node {

/// What a person calls the path to a peer, from the remote address of its link: private, link-local and loopback addresses are the LAN,
/// every other address is direct over its IP version. Relays, punched holes and routes are told by the carriers that make them.
PathKind pathKind(const codec::Multiaddr& remote);
/// "lan", "direct6", "direct4", "punched", "relayed", "routed" (CLI.md).
std::string_view pathKindName(PathKind kind);

} // namespace wherry::node

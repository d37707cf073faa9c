#pragma once

#include "codec/multiaddr.h"
#include "node/event.h"
#include "swarm/protocol.h"

namespace wherry::node {

/// What a person calls the path to a peer, from the remote address of its link: one that leads through a relay is
/// relayed, one that came of a punched hole is punched; else private, link-local and loopback addresses are the LAN,
/// every other address is direct over its IP version.
PathKind pathKind(const codec::Multiaddr& remote, bool punched = false);
PathReason pathReason(const swarm::PeerInfo& peer, bool punched);
/// Whom a relayed path goes through.
std::optional<crypto::PeerId> relayOf(const codec::Multiaddr& remote);

/// "lan", "direct6", "direct4", "punched", "relayed", "routed" (CLI.md).
std::string_view pathKindName(PathKind kind);
/// "lan", "direct", "punched", "only-way", "direct-over-relay", "direct-lost", "both-dialled", "dialled-anew",
/// "other-lost", "moved".
std::string_view pathReasonName(PathReason reason);
/// The same as half a sentence for a person: "no direct way has been found".
std::string_view pathReasonText(PathReason reason);

} // namespace wherry::node

#include "node/path_kind.h"

namespace wherry::node {

PathKind pathKind(const codec::Multiaddr& remote) {
    if (remote.isCircuit()) return PathKind::Relayed;
    const auto address = remote.transportAddress();
    if (!address || address->socket.ip.isPrivate()) return PathKind::Lan;
    return address->socket.ip.isV4() ? PathKind::Direct4 : PathKind::Direct6;
}

std::string_view pathKindName(PathKind kind) {
    switch (kind) {
    case PathKind::Lan: return "lan";
    case PathKind::Direct6: return "direct6";
    case PathKind::Direct4: return "direct4";
    case PathKind::Punched: return "punched";
    case PathKind::Relayed: return "relayed";
    case PathKind::Routed: return "routed";
    }
    return "lan";
}

} // namespace wherry::node

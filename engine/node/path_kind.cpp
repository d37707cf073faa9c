#include "node/path_kind.h"

#include "protocols/relay/circuit_address.h"

namespace wherry::node {

PathKind pathKind(const codec::Multiaddr& remote, bool punched) {
    if (remote.isCircuit()) return PathKind::Relayed;
    const auto address = remote.transportAddress();
    if (!address || address->socket.ip.isPrivate()) return PathKind::Lan;
    if (punched) return PathKind::Punched;
    return address->socket.ip.isV4() ? PathKind::Direct4 : PathKind::Direct6;
}

PathReason pathReason(const swarm::PeerInfo& peer, bool punched) {
    switch (peer.reason) {
    case swarm::PathReason::OnlyWay:
        break;
    case swarm::PathReason::DirectOverRelay:
        return PathReason::DirectOverRelay;
    case swarm::PathReason::SimultaneousDial:
        return PathReason::BothDialled;
    case swarm::PathReason::DialledAnew:
        return PathReason::DialledAnew;
    case swarm::PathReason::RelayStandsIn:
        return PathReason::DirectLost;
    case swarm::PathReason::AnotherStandsIn:
        return PathReason::OtherLost;
    case swarm::PathReason::AddressChanged:
        return PathReason::AddressChanged;
    }
    const PathKind kind = pathKind(peer.remote, punched);
    if (kind == PathKind::Relayed) return PathReason::OnlyWay;
    if (kind == PathKind::Punched) return PathReason::Punched;
    return kind == PathKind::Lan ? PathReason::SameNetwork : PathReason::Direct;
}

std::optional<crypto::PeerId> relayOf(const codec::Multiaddr& remote) {
    auto circuit = relay::circuitAddress(remote);
    return circuit ? std::optional(std::move(circuit->relay)) : std::nullopt;
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

std::string_view pathReasonName(PathReason reason) {
    switch (reason) {
    case PathReason::SameNetwork:
        return "lan";
    case PathReason::Direct:
        return "direct";
    case PathReason::Punched:
        return "punched";
    case PathReason::OnlyWay:
        return "only-way";
    case PathReason::DirectOverRelay:
        return "direct-over-relay";
    case PathReason::DirectLost:
        return "direct-lost";
    case PathReason::BothDialled:
        return "both-dialled";
    case PathReason::DialledAnew:
        return "dialled-anew";
    case PathReason::OtherLost:
        return "other-lost";
    case PathReason::AddressChanged:
        return "moved";
    }
    return "direct";
}

std::string_view pathReasonText(PathReason reason) {
    switch (reason) {
    case PathReason::SameNetwork:
        return "both are on the same network";
    case PathReason::Direct:
        return "the other side can be reached";
    case PathReason::Punched:
        return "both routers let the other side through";
    case PathReason::OnlyWay:
        return "no direct way has been found";
    case PathReason::DirectOverRelay:
        return "a direct way has been found, the relay is not needed any more";
    case PathReason::DirectLost:
        return "the direct connection has ended";
    case PathReason::BothDialled:
        return "both sides dialled, this one is kept";
    case PathReason::DialledAnew:
        return "the other side has connected anew";
    case PathReason::OtherLost:
        return "the connection before has ended";
    case PathReason::AddressChanged:
        return "one side has changed its address";
    }
    return "";
}

} // namespace wherry::node

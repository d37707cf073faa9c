#include "protocols/relay/circuit_address.h"

#include "crypto/named_peer.h"
#include "link/free_port.h"
#include "protocols/relay/relay_limits.h"

#include <algorithm>

namespace wherry::relay {

using codec::Multiaddr;

std::optional<CircuitAddress> circuitAddress(const Multiaddr& address) {
    auto relayAddress = address.circuitRelay();
    if (!relayAddress) return std::nullopt;
    auto relay = crypto::namedPeer(*relayAddress);
    if (!relay) return std::nullopt;
    return CircuitAddress{std::move(*relayAddress), std::move(*relay)};
}

static bool mayBeTold(const Multiaddr& address, const crypto::PeerId& relay, const codec::IpAddress& seenAt) {
    const auto at = address.transportAddress();
    if (!at || at->socket.scope != 0 || at->socket.port == 0) return false;
    if (const auto named = address.peerMultihash(); named && !equal(*named, relay.multihash())) return false;
    if (at->socket.ip == seenAt) return true;
    return at->socket.ip.isPublic() && link::isFreePort(at->socket.port);
}

std::vector<Multiaddr> circuitsThrough(const crypto::PeerId& relay, const Multiaddr& remote, link::Side side,
                                       const std::vector<Multiaddr>& told, const std::vector<Multiaddr>& configured) {
    std::vector<Multiaddr> out;
    const auto add = [&](const Multiaddr& address) {
        Multiaddr circuit = address.withPeer(relay.multihash()).withCircuit();
        if (out.size() < kToldPerRelay && std::ranges::find(out, circuit) == out.end())
            out.push_back(std::move(circuit));
    };
    for (const Multiaddr& address : configured) add(address);
    const auto seen = remote.transportAddress();
    // A peer that has dialled us over a pipe came from a port where nobody listens.
    if (seen && (side == link::Side::Dialer || seen->transport == codec::Transport::Quic)) add(remote);
    for (const Multiaddr& address : told)
        if (seen && mayBeTold(address, relay, seen->socket.ip)) add(address);
    return out;
}

} // namespace wherry::relay

#include "node/node_limits.h"
#include "node/node_parts.h"

#include <algorithm>

/// What becomes of connections when this device loses an address: quic moves those that it dialled; the others, and
/// those whose peer is not to be reached from anywhere else, are given up soon, so that whoever needs the peer dials
/// the addresses that are left.
namespace wherry::node {

/// No error: it went with the network, and whoever had work to do goes on over the next connection.
static constexpr uint64_t kNetworkGone = 0;

void Node::Parts::onAddressesChanged(const std::vector<quic::LocalAddress>& addresses, Now now) {
    std::vector<codec::IpAddress> fresh;
    for (const quic::LocalAddress& local : addresses)
        if (!local.address.ip.isLoopback()) fresh.push_back(local.address.ip);
    if (fresh == stranded.addresses) return;
    stranded.addresses = std::move(fresh);
    stranded.listening = false;
    // Without any other network the same one may as well come back.
    stranded.judgeAt = stranded.addresses.empty() ? kNever : now.mono + kStrandedListens;
}

void Node::Parts::judgeStranded(Now now) {
    const auto isStranded = [&](const swarm::PeerInfo& info) {
        const auto local = info.local.quicAddress();
        // Link-local addresses are not among the known ones as long as there are better ones.
        if (!local || local->ip.isUnspecified() || local->ip.isLoopback() || local->ip.isLinkLocal()) return false;
        return std::ranges::find(stranded.addresses, local->ip) == stranded.addresses.end();
    };
    const bool ends = std::exchange(stranded.listening, true);
    const auto before = std::exchange(stranded.received, {});
    for (const swarm::PeerInfo& info : swarm.peers()) {
        const auto stats = swarm.stats(info.peer);
        if (!stats || !isStranded(info)) continue;
        const auto heard = before.find(info.peer);
        if (!ends)
            stranded.received[info.peer] = stats->bytesReceived;
        else if (heard != before.end() && heard->second == stats->bytesReceived)
            swarm.disconnect(info.peer, kNetworkGone, "the network that it went through is gone", now);
    }
    stranded.judgeAt = ends || stranded.received.empty() ? kNever : now.mono + (kStrandedEnds - kStrandedListens);
    unsettled = true;
}

} // namespace wherry::node

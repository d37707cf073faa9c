#include "node/node_limits.h"
#include "node/node_parts.h"

/// What becomes of connections when this device loses an address: quic moves those that it dialled; the others, and
/// those whose peer is not to be reached from anywhere else, are given up soon and begun anew over what is left.
namespace wherry::node {

/// No error: it went with the network, and whoever had work to do goes on over the next connection.
static constexpr uint64_t kNetworkGone = 0;

void Node::Parts::onListening(const std::vector<quic::LocalAddress>& addresses, Now now) {
    std::set<codec::IpAddress> fresh;
    for (const quic::LocalAddress& local : addresses)
        if (!local.address.ip.isLoopback()) fresh.insert(local.address.ip);
    std::swap(stranded.listening, fresh);
    onAddressesLost(fresh, now);
}

void Node::Parts::onLinks(const std::vector<discovery::LocalLink>& links, Now now) {
    std::set<codec::IpAddress> fresh;
    for (const discovery::LocalLink& local : links)
        for (const discovery::OwnAddress& own : local.addresses) fresh.insert(own.ip);
    std::swap(stranded.onLinks, fresh);
    onAddressesLost(fresh, now);
}

/// `before`: of one of the two lists, whose new form is in place. A link-local address leaves the first one when a
/// better one comes, and is still there.
void Node::Parts::onAddressesLost(const std::set<codec::IpAddress>& before, Now now) {
    stranded.gone.insert(before.begin(), before.end());
    std::erase_if(stranded.gone, [&](const codec::IpAddress& ip) {
        return stranded.listening.contains(ip) || stranded.onLinks.contains(ip);
    });
    if (stranded.gone.empty() || stranded.judgeAt != kNever) return;
    stranded.judgeAt = now.mono + kStrandedListens;
}

void Node::Parts::judgeStranded(Now now) {
    const auto before = std::exchange(stranded.received, {});
    stranded.judgeAt = kNever;
    if (stranded.listening.empty()) return; // the same network may as well come back; any that comes begins this anew
    for (const swarm::PeerInfo& info : swarm.peers()) {
        const auto stats = swarm.stats(info.peer);
        const auto local = info.local.quicAddress();
        if (!stats || !local || !stranded.gone.contains(local->ip)) continue;
        const auto heard = before.find(info.peer);
        if (heard == before.end()) {
            stranded.received[info.peer] = stats->bytesReceived;
        } else if (heard->second == stats->bytesReceived) {
            stranded.ended.insert(info.peer);
            swarm.disconnect(info.peer, kNetworkGone, "the network that it went through is gone", now);
        }
    }
    const bool more = !stranded.received.empty();
    if (more) stranded.judgeAt = now.mono + (kStrandedEnds - kStrandedListens);
    if (!more) stranded.gone.clear();
    unsettled = true;
}

/// The peer may see nothing but silence for as long as its idle timeout; a new connection tells it.
void Node::Parts::redialStranded(const crypto::PeerId& peer) {
    if (stranded.ended.erase(peer) == 0 || life != Life::Running || !people.nearby.contains(peer)) return;
    dialer.attempt(peer);
}

} // namespace wherry::node

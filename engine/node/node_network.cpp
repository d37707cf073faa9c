#include "node/node_limits.h"
#include "node/node_parts.h"

/// The carriers of links; and what becomes of connections when this device loses an address: quic moves those that it dialled; the others (pipes
/// cannot move), and those whose peer is not to be reached from anywhere else, are given up soon and begun anew over what is left.
namespace wherry::node {

/// No error: it went with the network, and whoever had work to do goes on over the next connection.
static constexpr uint64_t kNetworkGone = 0;

Result<Carriers> makeCarriers(const NodeConfig& config, const crypto::Identity& identity, Random& random,
                              const std::shared_ptr<BlockPool>& pool, const Log& log) {
    Carriers carriers{std::make_unique<link::Bandwidth>(), nullptr, nullptr, nullptr, nullptr};
    quic::EndpointConfig quic = config.quic;
    quic.bandwidth = carriers.bandwidth.get();
    TRY(carriers.endpoint, quic::Endpoint::create(quic, identity, random, pool, log));
    bytepipe::EndpointConfig pipes = config.pipes;
    pipes.bandwidth = carriers.bandwidth.get();
    TRY(carriers.pipes, bytepipe::Endpoint::create(pipes, identity, random, pool, log));
    TRY(carriers.circuits, Circuits::create(pipes, identity, random, pool, log));
    if (config.dialBackPort != 0) {
        TRY(carriers.dialBack, DialBackSide::create(config.quic, config.pipes, config.dialBackPort, random, pool, log));
    }
    return carriers;
}

void Node::Parts::onLimitsChanged() {
    endpoint->onLimitsChanged();
    pipes->onLimitsChanged();
}

void Node::Parts::onListening(const std::vector<codec::Multiaddr>& addresses, Now now) {
    std::set<codec::IpAddress> fresh;
    for (const codec::Multiaddr& address : addresses)
        if (const auto at = address.transportAddress(); at && !at->socket.ip.isLoopback()) fresh.insert(at->socket.ip);
    std::swap(stranded.listening, fresh);
    onAddressesLost(fresh, now);
}

void Node::Parts::onLinks(const std::vector<discovery::LocalLink>& links, Now now) {
    std::set<codec::IpAddress> fresh;
    std::vector<discovery::OwnAddress> own;
    for (const discovery::LocalLink& local : links)
        own.insert(own.end(), local.addresses.begin(), local.addresses.end());
    for (const discovery::OwnAddress& one : own) fresh.insert(one.ip);
    std::swap(stranded.onLinks, fresh);
    networkFacts.setInterfaces(std::move(own));
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
        const auto local = info.local.transportAddress();
        if (!stats || !local || !stranded.gone.contains(local->socket.ip)) continue;
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

void Node::Parts::lookAtQuiet(Now now) {
    std::vector<QuietPeers::AtWork> peers;
    for (const auto& [peer, moves] : ledger.peersAtWork())
        if (const auto stats = swarm.stats(peer)) peers.push_back({peer, moves, stats->bytesReceived});
    for (const QuietPeers::Advice& advice : quiet.look(peers, now.mono)) {
        if (advice.what == QuietPeers::Advice::What::Probe)
            pingProtocol.ping(advice.peer, 1, kPingInterval, now); // any byte that comes back is the answer
        else
            swarm.disconnect(advice.peer, kNetworkGone, "nothing is heard of it", now);
    }
    unsettled = true;
}

/// The peer may see nothing but silence for as long as its idle timeout; a new connection tells it.
void Node::Parts::redialStranded(const crypto::PeerId& peer) {
    if (stranded.ended.erase(peer) == 0 || life != Life::Running || !people.nearby.contains(peer)) return;
    dialer.attempt(peer);
}

} // namespace wherry::node

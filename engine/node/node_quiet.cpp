#include "node/node_limits.h"
#include "node/node_parts.h"

/// Quiet mode: what this node does of its own accord, for itself or for others, stops; what somebody here wants goes
/// on, and so do connections, transfers and texts. Who looks for this node nearby is answered.
namespace wherry::node {

void Node::Parts::carryOut(RequestId id, SetQuiet command, Now now) {
    setQuiet(command.quiet, now);
    emit(RequestDone{id});
}

/// Who has asked for a service should know that there is none while the node is quiet.
void Node::Parts::noteServices(const NodeConfig& config) {
    const auto add = [this](bool wanted, const char* what) {
        if (wanted) restsInQuiet += (restsInQuiet.empty() ? "" : ", ") + std::string(what);
    };
    add(config.relay.serve.has_value(), "no relay for others");
    add(config.dht.server, "no server of hash tables");
    add(config.dialBackPort != 0, "nobody who dials back");
}

void Node::Parts::setQuiet(bool quietNow, Now now) {
    if (std::exchange(quietMode, quietNow) == quietNow) return;
    if (discovery) discovery->setQuiet(quietMode, now);
    for (const auto& network : dht.networks) {
        network->setQuiet(quietMode);
        swarm.setServing(network->protocol(), !quietMode);
    }
    if (relaying.server) {
        swarm.setServing(*relaying.server, !quietMode);
        if (quietMode) relaying.server->endAll(swarm.streams());
    }
    if (dialBack) swarm.setServing(dialBack->server(), !quietMode);
    if (quietMode) relaying.keeper.giveUpUnnamed(now);
    identifyProtocol.setProtocols(swarm.servedProtocols(), now); // tells everybody
    applyPresence(now);
    dht.bootstrapAt = quietMode || dht.bootstrap.empty() ? kNever : now.mono;
    dht.bootstrapPause = kFirstBootstrapPause;
    leaveAt = quietMode ? now.mono + kLastWords : kNever;
    if (!quietMode && !dht.networks.empty()) scanServers();
    unsettled = true;
    if (!quietMode || restsInQuiet.empty()) return;
    warn(makeError(Errc::InvalidArgument, "quiet mode is on: until it is off, this node is " + restsInQuiet));
}

/// Connections that background work has led to: with somebody who says nothing of itself, in whom nobody here has an
/// interest. A relay that nobody has named stays while something goes through it.
void Node::Parts::leaveServers(Now now) {
    leaveAt = kNever;
    std::set<crypto::PeerId> busy = busyPeers();
    for (const auto& [relay, reservation] : relaying.reservations)
        if (!relaying.configured.contains(relay)) busy.erase(relay);
    for (const TransferInfo& transfer : ledger.list()) busy.insert(transfer.peer);
    for (const swarm::PeerInfo& info : swarm.peers()) {
        const auto* known = people.book.find(info.peer);
        const bool isSomebody = known && (known->isKept() || known->claims != peers::Claims());
        const bool isUsed = busy.contains(info.peer) || relaying.configured.contains(info.peer) ||
                            pubsub.protocol.router().isUsed(info.peer) || swarm.hasStreams(info.peer);
        if (info.side == link::Side::Dialer && !isSomebody && !isUsed)
            swarm.disconnect(info.peer, link::kNoError, "no longer needed", now);
    }
}

/// Somebody is wanted, and may have to be found: what else is kept ready all the time is asked for now.
void Node::Parts::seek(Now now) {
    if (!quietMode) return;
    if (discovery) discovery->ask(now);
    if (!people.deferred.empty())
        for (const crypto::PeerId& peer : std::set<crypto::PeerId>(people.nearby)) greet(peer, now);
    if (dht.bootstrap.empty() || dht.knowsServers()) return;
    meetBootstrap(now);
    dht.bootstrapAt = kNever;
}

std::vector<DhtFigures> Node::Parts::dhtFigures() const {
    std::vector<DhtFigures> figures;
    for (const auto& network : dht.networks)
        figures.push_back({network->config().protocolId, dht.server && !quietMode, network->table().size(),
                           network->lookups(), network->responder().records().size(),
                           network->responder().providers().size()});
    return figures;
}

} // namespace wherry::node

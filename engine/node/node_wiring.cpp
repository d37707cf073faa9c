#include "base/take_front.h"
#include "node/node_limits.h"
#include "node/node_parts.h"
#include "node/path_kind.h"

namespace wherry::node {

using crypto::PeerId;

Node::Parts::Parts(const NodeConfig& config, crypto::Identity identity, Random& random, std::shared_ptr<BlockPool> pool,
                   const Log& log, Carriers carriers, Now now)
    : self(identity.peerId()),
      bandwidth(std::move(carriers.bandwidth)),
      endpoint(std::move(carriers.endpoint)),
      pipes(std::move(carriers.pipes)),
      dialBack(std::move(carriers.dialBack)),
      swarm({.self = self,
             .connectTimeout = config.connectTimeout,
             .maxLinks = config.quic.maxConnections,
             .maxInboundLinksPerPrefix = config.quic.maxConnectionsPerPrefix},
            log),
      pingProtocol(random, log),
      identifyProtocol(identity.clone(), {}, log),
      perfProtocol({.serve = config.servePerf}, log),
      autonatClient(self, random, log),
      punching(makePunching(log)),
      dht(config.dht, identity, random, log),
      pubsub(gossipConfig(*this), identity, random, log, now),
      presence(random),
      tellsPresence(config.presence),
      transfers({config.workers, std::move(pool), config.spills}, random, log),
      people(random, log),
      sharing(self, random, log),
      queue(config.parallelSends),
      history(config.historyKeep),
      maxConnections(config.quic.maxConnections),
      maxPerPrefix(config.quic.maxConnectionsPerPrefix),
      started(now.mono),
      relaying(std::move(carriers.circuits), config.relay, random) {
    swarm.addCarrier(*endpoint);
    swarm.addCarrier(*pipes);
    swarm.addProtocol(pingProtocol);
    swarm.addProtocol(identifyProtocol);
    swarm.addProtocol(perfProtocol);
    swarm.addProtocol(autonatClient);
    swarm.addProtocol(punching.protocol);
    swarm.addProtocol(pubsub.protocol);
    if (dialBack) swarm.addProtocol(dialBack->server());
    limits = config.limits;
    bandwidth->setLimits(limits);
    swarm.addProtocol(transfers);
    swarm.addProtocol(people.profile);
    swarm.addProtocol(people.text);
    swarm.addProtocol(sharing.protocol);
    startDht(now);
    startRelaying(config.relay, identity, log, now);
    identifyProtocol.setProtocols(swarm.servedProtocols(), now);
    transfers.setParallelReceives(config.parallelReceives, swarm.streams(), now);
    actions.push_back(StoreWork{MessageNumbers::load()});
    startPeople(config.profile, now);
    startSharing();
    applyPresence(now);
}

std::optional<NodeAction> Node::Parts::takeAction() {
    return takeFront(actions);
}

/// Every part is drained until nobody has anything left to say; past kMaxSettleRounds the rest waits for the next turn.
void Node::Parts::settle(Now now) {
    if (ledger.size() > 0 && life == Life::Running) quiet.arm(now.mono);
    for (int round = 0; round < kMaxSettleRounds; ++round) {
        unsettled = false;
        if (!settleOnce(now)) return;
    }
    unsettled = true;
}

bool Node::Parts::settleOnce(Now now) {
    settlingAt = now;
    bool more = swarm.settle(now);
    const auto drain = [&](auto&& poll) {
        while (auto said = poll()) {
            std::visit([&](auto& what) { on(std::move(what), now); }, *said);
            more = true;
        }
    };
    drain([&] { return swarm.poll(); });
    drain([&] { return pingProtocol.poll(); });
    drain([&] { return perfProtocol.poll(); });
    drain([&] { return identifyProtocol.poll(); });
    more = settleReachability(now) || more;
    more = settleRelaying(now) || more;
    more = settlePunching(now) || more;
    while (endpoint->pollDatagram()) {
    } // no protocol of ours speaks in datagrams; the endpoint bounds the queue
    while (auto wanted = transfers.pollWant()) {
        reach(wanted->peer, now);
        more = true;
    }
    if (discovery) drain([&] { return discovery->poll(); });
    more = settleDht(now) || more;
    more = settlePresence(now) || more;
    more = settlePubsub(now) || more;
    more = settlePeople(now) || more;
    more = settleSharing(now) || more;
    more = settleHistory(now) || more;
    more = settleTurns(now) || more;
    drain([&] { return waiting.poll(); });
    drain([&] { return dialer.poll(); });
    return more;
}

// --- what the swarm says ---

void Node::Parts::on(const swarm::Connected& event, Now) {
    takePunchDial(event.id, event.peer.peer);
    relaying.dials.erase(event.id);
    relaying.meetings.erase(event.id);
    relaying.last.erase(event.peer.peer);
    dht.dials.erase(event.id);
    dialer.finished(event.peer.peer);
    waiting.onConnected(event.peer.peer);
}

void Node::Parts::on(const swarm::ConnectFailed& event, Now now) {
    if (takePunchDial(event.id, event.peer)) return onPunchDialFailed(event, now);
    if (relaying.dials.erase(event.id) > 0) return failRelayDial(event.peer, event.error);
    if (relaying.meetings.erase(event.id) > 0) {
        tellRelayTrouble(event.peer, event.error);
        return relaying.keeper.onUnreachable(event.peer, now);
    }
    networkFacts.onDialFailed(event.peer);
    if (onDhtDialFailed(event, now) || dialFailedRelays(event.peer, now)) return;
    tellUnreachable(event.peer, event.error, now);
}

void Node::Parts::on(const swarm::PeerConnected& event, Now now) {
    networkFacts.onOpened(event.peer.peer, event.peer.remote, now.mono);
    makeRoom(event.peer, now);
    meetRelay(event.peer, now);
    meet(event.peer, now);
    onDhtConnected(event.peer, now);
    waiting.onConnected(event.peer.peer);
    sharing.fetches.onPeerConnected(event.peer.peer);
    tellPath(event.peer);
}

void Node::Parts::on(const swarm::PeerMoved& event, Now now) {
    if (event.peer.reason == swarm::PathReason::DirectOverRelay)
        networkFacts.onOpened(event.peer.peer, event.peer.remote, now.mono);
    meetRelay(event.peer, now);
    for (const auto& network : dht.networks) network->onPeerMoved(event.peer);
    onPunchMoved(event.peer, now);
    if (const auto said = identifyProtocol.known(event.peer.peer)) {
        tellReachability(*said, now);
        tellPubsub(*said, now);
    }
    tellPath(event.peer);
}

void Node::Parts::on(const swarm::PeerGone& event, Now now) {
    people.book.onGone(event.peer, now);
    reachability.onServerGone(event.peer);
    networkFacts.onGone(event.peer);
    relaying.keeper.onGone(event.peer, now);
    if (relaying.circuits->wasSpent(event.peer) && transfers.onCircuitSpent(event.peer, event.error, now))
        relaying.circuits->blame(event.peer); // another relay may let more through
    onCircuitGone(event.peer, event.error);
    onPunchGone(event.peer);
    redialStranded(event.peer);
    onDhtGone(event.peer, event.error, now);
    sharing.fetches.onPeerGone(event.peer, event.error, now);
}

void Node::Parts::tellPath(const swarm::PeerInfo& peer) {
    const bool punched = isPunched(peer);
    history.onPath(peer.peer, pathKind(peer.remote, punched));
    emit(PathChanged{peer.peer, pathKind(peer.remote, punched), peer.remote, pathReason(peer, punched),
                     relayOf(peer.remote)});
}

/// Whatever direct link it has since both sides have sent at once: several may come of that.
bool Node::Parts::isPunched(const swarm::PeerInfo& peer) const {
    const auto remote = peer.remote.transportAddress();
    return remote && remote->socket.ip.isPublic() && punching.punched.contains(peer.peer);
}

ConnectionInfo Node::Parts::connectionTo(const swarm::PeerInfo& peer) const {
    const auto stats = swarm.stats(peer.peer).value_or(link::LinkStats{});
    const bool punched = isPunched(peer);
    const auto* failure = punching.failures.find(peer.peer);
    ConnectionInfo info{peer.peer, pathKind(peer.remote, punched), peer.remote};
    info.roundTrip = stats.smoothedRtt;
    info.bytesSent = stats.bytesSent;
    info.bytesReceived = stats.bytesReceived;
    info.reason = pathReason(peer, punched);
    info.relay = relayOf(peer.remote);
    if (info.relay && failure) info.whyRelayed = *failure;
    return info;
}

/// For whoever has just begun something with a peer that was connected before.
void Node::Parts::tellPathInUse(const PeerId& peer) {
    if (const auto info = swarm.peer(peer)) tellPath(*info);
}

void Node::Parts::tellUnreachable(const PeerId& peer, const Error& error, Now now) {
    dialer.finished(peer);
    relaying.failed.erase(peer);
    relaying.keeper.onUnreachable(peer, now);
    tellRelayTrouble(peer, error);
    onBootstrapUnreachable(peer, error);
    searchSoon(peer, now);
    waiting.onUnreachable(peer, error, now);
    transfers.onPeerUnreachable(peer, error, now);
    queue.onUnreachable(peer, now);
    people.text.onPeerUnreachable(peer, error, now);
    sharing.fetches.onPeerUnreachable(peer, error, now);
}

// --- dialling ---

void Node::Parts::on(ResolveNames action, Now) {
    actions.push_back(std::move(action));
}

void Node::Parts::on(DialPeer action, Now now) {
    const auto info = swarm.peer(action.peer);
    if (info && info->relayed()) return meetDirectly(std::move(action), now);
    if (!info) networkFacts.onDialling(action.peer, action.addresses);
    preferOtherRelays(action);
    swarm.connect(action.peer, std::move(action.addresses), now);
}

void Node::Parts::on(const DialImpossible& action, Now now) {
    tellUnreachable(action.peer, action.error, now);
}

// --- requests: ping and perf ---

void Node::Parts::on(const PeerWanted& action, Now now) {
    reach(action.peer, now);
}

void Node::Parts::on(const RequestGaveUp& action, Now) {
    emit(RequestFailed{action.id, action.error});
}

void Node::Parts::on(const RequestCanStart& action, Now now) {
    std::visit([&](const auto& work) { begin(action.id, work, now); }, action.work);
}

void Node::Parts::begin(RequestId id, const Ping& command, Now now) {
    const auto begun = pingProtocol.ping(command.target.peer, command.count, kPingInterval, now);
    pings.insert_or_assign(begun, Begun<Ping>{id, command, now.mono + command.wait, linkTo(command.target.peer)});
}

void Node::Parts::begin(RequestId id, const Perf& command, Now now) {
    const perf::PerfRequest request{command.target.peer, command.uploadBytes, command.downloadBytes, kPerfStreams};
    measurements.insert_or_assign(perfProtocol.perf(request, now),
                                  Begun<Perf>{id, command, now.mono + command.wait, linkTo(command.target.peer)});
}

std::optional<link::LinkId> Node::Parts::linkTo(const PeerId& peer) const {
    const auto info = swarm.peer(peer);
    return info ? std::optional(info->link) : std::nullopt;
}

/// A peer that went away and came back leaves a link that nobody has buried yet: what was asked over it and never
/// answered is asked again over the next one, while its wait lasts. A peer that refuses it on a link that lives has
/// said no.
template <typename Work> void Node::Parts::retryOrFail(Begun<Work> begun, const Error& error, Now now) {
    const auto current = linkTo(begun.work.target.peer);
    const bool refused = error.code == Errc::ConnectionLost && current && current == begun.link;
    const bool linkWasDead = !refused && (error.code == Errc::ConnectionLost || error.code == Errc::Timeout);
    const bool again = linkWasDead && !begun.answered && now.mono < begun.giveUp && life == Life::Running;
    if (!again) return emit(RequestFailed{begun.id, error});
    begun.work.wait = begun.giveUp - now.mono;
    waiting.add(begun.id, std::move(begun.work), current.has_value(), now);
}

void Node::Parts::on(const ping::PingReply& event, Now) {
    const auto found = pings.find(event.id);
    if (found == pings.end()) return;
    found->second.answered = true;
    emit(PingReply{found->second.id, event.index, event.roundTrip, event.last});
    if (event.last) pings.erase(found);
}

void Node::Parts::on(const ping::PingFailed& event, Now now) {
    auto failed = pings.extract(event.id);
    if (failed) retryOrFail(std::move(failed.mapped()), event.error, now);
}

void Node::Parts::on(const perf::PerfDone& event, Now) {
    const auto found = measurements.find(event.id);
    if (found == measurements.end()) return;
    emit(PerfDone{found->second.id, event.uploadBytes, event.downloadBytes, event.uploadTime, event.downloadTime});
    measurements.erase(found);
}

void Node::Parts::on(const perf::PerfFailed& event, Now now) {
    auto failed = measurements.extract(event.id);
    if (failed) retryOrFail(std::move(failed.mapped()), event.error, now);
}

void Node::Parts::cancelMeasurements(Now now) {
    for (const auto& [id, request] : pings) pingProtocol.cancel(id, swarm.streams(), now);
    for (const auto& [id, request] : measurements) perfProtocol.cancel(id, swarm.streams(), now);
}

// --- commands ---

void Node::Parts::carryOut(RequestId id, SendFiles command, Now now) {
    startSend(id, std::move(command), now);
}

void Node::Parts::carryOut(RequestId id, SetReceive command, Now now) {
    if (command.policy.enabled && people.book.isReadOnly())
        return emit(RequestFailed{id, makeError(Errc::Io, "the peer book cannot be read, so it is not known whom you "
                                                          "have blocked: nothing is received")});
    receivePolicy = std::move(command.policy);
    applyReceivePolicy(now);
    emit(RequestDone{id});
}

void Node::Parts::carryOut(RequestId id, AnswerOffer command, Now now) {
    if (command.accept && command.place)
        return lookAtOffer(id, command.transfer, std::move(*command.place), std::move(command.selection), now);
    if (!command.accept && command.unasked) history.onUnasked(command.transfer);
    const auto answered = transfers.answer(command.transfer, command.accept, std::move(command.reason),
                                           std::move(command.selection), swarm.streams(), now);
    answered ? emit(RequestDone{id}) : emit(RequestFailed{id, answered.error()});
}

void Node::Parts::carryOut(RequestId id, LookAtOffer command, Now now) {
    lookAtOffer(id, command.transfer, std::move(command.place), std::nullopt, now);
}

/// The number of the request is that of the question; on(OfferPlaced) answers.
void Node::Parts::lookAtOffer(RequestId id, TransferId transfer, transfer::OfferPlace place,
                              std::optional<std::vector<uint32_t>> selection, Now now) {
    const bool accepts = selection.has_value();
    const auto begun =
        transfers.lookAt(transfer, id.value, std::move(place), std::move(selection), swarm.streams(), now);
    if (!begun) return emit(RequestFailed{id, begun.error()});
    if (accepts) accepting.insert(id);
}

void Node::Parts::on(transfer::OfferPlaced placed) {
    const RequestId id{placed.look};
    const bool accepts = accepting.erase(id) > 0;
    if (placed.error) return emit(RequestFailed{id, *placed.error});
    if (accepts) return emit(RequestDone{id});
    emit(OfferLooked{id, placed.transfer, std::move(placed.place), placed.freeBytes, std::move(placed.renames),
                     placed.renamesTotal, std::move(placed.taken), placed.takenTotal, placed.takenMayBeMore});
}

void Node::Parts::carryOut(RequestId id, SetLimits command, Now) {
    limits = command.limits;
    bandwidth->setLimits(limits);
    onLimitsChanged();
    emit(RequestDone{id});
}

void Node::Parts::carryOut(RequestId id, Ping command, Now now) {
    dialer.learn(command.target.peer, command.target.addresses);
    const bool connected = swarm.peer(command.target.peer).has_value();
    waiting.add(id, std::move(command), connected, now);
}

void Node::Parts::carryOut(RequestId id, Perf command, Now now) {
    dialer.learn(command.target.peer, command.target.addresses);
    const bool connected = swarm.peer(command.target.peer).has_value();
    waiting.add(id, std::move(command), connected, now);
}

} // namespace wherry::node

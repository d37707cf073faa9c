#include "crypto/named_peer.h"
#include "node/dialable_address.h"
#include "node/node_limits.h"
#include "node/node_parts.h"
#include "node/path_kind.h"
#include "protocols/autonat/dial_policy.h"
#include "protocols/relay/circuit_address.h"

#include <algorithm>
#include <iterator>
#include <utility>

/// Relays meet the node: whose help is wanted when, what is told of the addresses through them, and what this node
/// grants where it is a relay itself.
namespace wherry::node {

using crypto::PeerId;

void Node::Parts::startRelaying(const RelayConfig& config, const crypto::Identity& identity, const Log& log, Now now) {
    swarm.addCarrier(relaying.circuits->endpoint());
    swarm.addProtocol(relaying.circuits->client());
    relaying.circuits->setNames([this](const PeerId& relay) {
        const auto* known = people.book.find(relay);
        return known && !known->alias.empty() ? "'" + known->alias + "'" : relay.shortText();
    });
    if (config.serve) {
        relaying.server = std::make_unique<relay::RelayServer>(
            identity.clone(), *config.serve,
            [this](const PeerId& peer) {
                const auto* known = people.book.find(peer);
                return known && known->trust == peers::Trust::Trusted;
            },
            log);
        swarm.addProtocol(*relaying.server);
    }
    std::vector<PeerId> relays;
    for (const codec::Multiaddr& address : config.servers) {
        const auto relay = crypto::namedPeer(address);
        if (!relay || *relay == self || address.isCircuit()) continue;
        relaying.configured[*relay].push_back(address);
        dialer.learn(*relay, {address});
        relays.push_back(*relay);
    }
    relaying.keeper.setConfigured(relays, now);
}

/// Where this node is reached: where it listens, and through which relays. Everybody who is told it hears of changes.
void Node::Parts::tellAddresses(Now now) {
    std::vector<codec::Multiaddr> all = listeningAt;
    for (const auto& [relay, reservation] : relaying.reservations)
        all.insert(all.end(), reservation.addresses.begin(), reservation.addresses.end());
    identifyProtocol.setListenAddresses(all, now);
    for (codec::Multiaddr& address : all) address = address.withPeer(self.multihash());
    const bool changed = std::exchange(listen, std::move(all)) != listen;
    if (changed && announced) emit(AddressesChanged{listen});
    tellDhtOwnAddresses();
    tellRelayed();
}

/// What is told to those who reserve here: what is known to be reachable first.
void Node::Parts::tellRelayed() {
    if (!relaying.server) return;
    std::vector<codec::Multiaddr> own;
    for (const autonat::AddressFact& fact : reachability.facts())
        if (fact.verdict == autonat::Verdict::Reachable) own.push_back(fact.address);
    const auto isPublic = [](const codec::Multiaddr& address) {
        const auto at = address.transportAddress();
        return at && at->socket.ip.isPublic();
    };
    for (const bool wanted : {true, false})
        for (const codec::Multiaddr& address : listeningAt)
            if (isPublic(address) == wanted && std::ranges::find(own, address) == own.end()) own.push_back(address);
    relaying.server->setAddresses(std::move(own));
}

bool Node::Parts::settleRelaying(Now now) {
    bool more = relaying.circuits->settle(swarm.streams(), now);
    while (auto event = relaying.circuits->poll()) {
        std::visit(
            [&](const auto& what) {
                if constexpr (requires { onRelay(what, now); }) onRelay(what, now);
            },
            *event);
        more = true;
    }
    if (life != Life::Running) return more;
    // A relay is there for others, and is of no use to them where it needs one itself.
    relaying.keeper.setWanted(relaying.discover && !relaying.server && !quietMode &&
                              toldVerdict != autonat::Verdict::Reachable);
    while (const auto action = relaying.keeper.poll(now)) {
        if (const auto* ask = std::get_if<relay::AskRelay>(&*action))
            relaying.circuits->client().reserve(ask->relay, now);
        else
            dialer.attempt(std::get<relay::MeetRelay>(*action).relay);
        more = true;
    }
    // What its keeper has given up, because its time is over, is not told any longer.
    const auto isOver = [&](const auto& one) {
        const bool over = !relaying.keeper.isHeld(one.first);
        if (over) relaying.circuits->client().setAccepting(one.first, false);
        return over;
    };
    if (std::erase_if(relaying.reservations, isOver) == 0) return more;
    tellAddresses(now);
    return true;
}

void Node::Parts::onRelay(const relay::Reserved& event, Now now) {
    const PeerId& relay = event.relay;
    const auto connected = swarm.peer(relay);
    // What it was given for has ended; whatever has come instead may be asked anew.
    if (!connected || connected->link != event.link.link) return relaying.keeper.onFailed(relay, now);
    relaying.keeper.onReserved(relay, event.until, now);
    if (!relaying.keeper.isHeld(relay)) return;
    const auto configured = relaying.configured.find(relay);
    auto addresses = relay::circuitsThrough(relay, event.link.remote, event.link.side, event.told,
                                            configured == relaying.configured.end() ? std::vector<codec::Multiaddr>()
                                                                                    : configured->second);
    relaying.circuits->client().setAccepting(relay, true);
    // Where it is to be met again.
    if (event.link.side == link::Side::Dialer) dialer.learn(relay, {event.link.remote});
    Relaying::Reservation& held = relaying.reservations[relay];
    relaying.troubled.erase(relay);
    const bool changed = held.addresses != addresses;
    held = {std::move(addresses), event.until, event.limit};
    if (changed) tellAddresses(now);
}

void Node::Parts::onRelay(const relay::ReserveFailed& event, Now now) {
    relaying.keeper.onFailed(event.relay, now);
    tellRelayTrouble(event.relay, event.error);
}

/// Once, until it is well again: whoever has named a relay counts on being reached through it.
void Node::Parts::tellRelayTrouble(const PeerId& relay, const Error& error) {
    if (!relaying.configured.contains(relay) || life != Life::Running || !relaying.troubled.insert(relay).second)
        return;
    warn(error.within("not reached through a relay, which is tried again"));
}

void Node::Parts::onRelay(const relay::RelayWanted& event, Now now) {
    const auto ofIt = [&](const auto& one) { return one.second == event.relay; };
    const auto underWay = std::ranges::count_if(relaying.dials, ofIt) + std::ranges::count_if(relaying.resolving, ofIt);
    if (static_cast<size_t>(underWay) >= relay::kToldPerRelay) return; // their outcome is its outcome
    if (const auto id = dialer.lookUp(event.relay, event.address))
        relaying.resolving[*id] = event.relay;
    else
        dialRelay(event.relay, {event.address}, now);
}

/// Joins a race that is under way.
void Node::Parts::dialRelay(const PeerId& relay, std::vector<codec::Multiaddr> addresses, Now now) {
    std::erase_if(addresses, [](const codec::Multiaddr& address) {
        const auto known = address.transportAddress();
        return known && !checkDialable(known->socket);
    });
    relaying.dials[swarm.connectDirectly(relay, std::move(addresses), swarm::DialPace::Staggered, now)] = relay;
}

void Node::Parts::onNamesResolved(ResolveId id, const Result<std::vector<codec::Multiaddr>>& addresses, Now now) {
    const auto resolving = relaying.resolving.extract(id);
    if (!resolving) return dialer.onNamesResolved(id, addresses);
    if (addresses && life == Life::Running) return dialRelay(resolving.mapped(), *addresses, now);
    if (!addresses) failRelayDial(resolving.mapped(), addresses.error());
}

void Node::Parts::failRelayDial(const PeerId& relay, const Error& error) {
    const auto ofIt = [&](const auto& one) { return one.second == relay; };
    if (std::ranges::none_of(relaying.dials, ofIt)) relaying.circuits->client().onUnreachable(relay, error);
}

void Node::Parts::reportRelaying(StatusReport& report, Now now) const {
    for (const auto& [relay, held] : relaying.reservations) {
        HeldReservation one{relay, held.addresses, std::max<Duration>(held.until - now.mono, Duration::zero()),
                            held.limit.bytes};
        for (codec::Multiaddr& address : one.addresses) address = address.withPeer(self.multihash());
        report.relays.push_back(std::move(one));
    }
    if (!relaying.server) return;
    const auto figures = relaying.server->figures();
    report.relayService = {!quietMode, figures.reservations, figures.circuits, figures.circuitsServed, figures.bytes};
}

/// `peer` is connected, or over another link than before.
void Node::Parts::meetRelay(const swarm::PeerInfo& peer, Now now) {
    if (peer.remote.isCircuit())
        relaying.keeper.onGone(peer.peer, now);
    else
        relaying.keeper.onConnected(peer.peer);
    if (const auto relay = relayOf(peer.remote); relay && peer.side == link::Side::Dialer)
        relaying.through.insert_or_assign(peer.peer, *relay);
    else
        relaying.through.erase(peer.peer);
}

/// Who is reached already is dialled because a relay in between is not enough; for everybody but the keeper it is.
void Node::Parts::meetDirectly(DialPeer dial, Now now) {
    dialer.finished(dial.peer);
    relaying.meetings.insert(
        swarm.connectDirectly(dial.peer, std::move(dial.addresses), swarm::DialPace::Staggered, now));
}

/// Who is reached through a relay says which others it has: one of them may fail, or do wrong.
void Node::Parts::learnCircuits(const identify::Identified& said) {
    const auto info = swarm.peer(said.peer);
    if (!info || !info->relayed() || info->side != link::Side::Dialer) return;
    std::vector<codec::Multiaddr> circuits;
    for (const codec::Multiaddr& address : said.listenAddresses) {
        const auto through = relay::circuitAddress(address);
        const bool mayBe = through && through->relay != self && through->relay != said.peer &&
                           autonat::dialTarget(through->relayAddress, through->relay);
        if (mayBe && circuits.size() < relay::kWantedRelays * relay::kToldPerRelay) circuits.push_back(address);
    }
    if (!circuits.empty()) dialer.learn(said.peer, circuits);
}

/// A relay that loses a circuit may only have lost it, or spoil what it carries. Whoever has opened it chooses another.
void Node::Parts::onCircuitGone(const PeerId& peer, const Error& error) {
    const bool cut = relaying.circuits->wasCut(peer);
    const auto through = relaying.through.extract(peer);
    if (!through || error.code == Errc::Cancelled) return;
    if (error.code == Errc::ConnectionLost && !cut) return; // its limit, or the peer has said good-bye
    auto& relays = relaying.failed.at(peer);
    if (relays.size() >= kMaxAddressesPerPeer) relays.clear();
    relays.insert(through.mapped());
}

/// Those whose circuit to this peer has failed have their turn when the others do not lead there.
void Node::Parts::preferOtherRelays(DialPeer& dial) {
    const auto* failed = relaying.failed.find(dial.peer);
    if (!failed) return;
    const auto hasFailed = [&](const codec::Multiaddr& address) {
        const auto relay = relayOf(address);
        return relay && failed->contains(*relay);
    };
    const auto isOther = [&](const codec::Multiaddr& address) { return address.isCircuit() && !hasFailed(address); };
    if (std::ranges::none_of(dial.addresses, isOther)) return relaying.failed.erase(dial.peer);
    std::vector<codec::Multiaddr>& last = relaying.last[dial.peer];
    last.clear();
    std::ranges::copy_if(dial.addresses, std::back_inserter(last), hasFailed);
    std::erase_if(dial.addresses, hasFailed);
}

/// Whether there was anything left to try.
bool Node::Parts::dialFailedRelays(const PeerId& peer, Now now) {
    const auto last = relaying.last.extract(peer);
    if (!last || last.mapped().empty() || life != Life::Running) return false;
    relaying.failed.erase(peer);
    swarm.connect(peer, last.mapped(), now);
    return true;
}

} // namespace wherry::node

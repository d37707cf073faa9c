#include "crypto/named_peer.h"
#include "kad/ipns_record.h"
#include "kad/stored_row.h"
#include "node/dht_part.h"
#include "node/dialable_address.h"
#include "node/node_limits.h"
#include "node/node_parts.h"

#include <algorithm>
#include <set>
#include <tuple>

/// The distributed hash tables meet the swarm, identify, the dialer, and whoever asks them.
namespace wherry::node {

using crypto::PeerId;

/// Before the id of the network, among the small facts of this node.
static constexpr std::string_view kServersKey = "dht ";

DhtPart::DhtPart(const DhtConfig& config, const crypto::Identity& identity, Random& random, const Log& log)
    : links(config.links),
      server(config.server),
      persist(config.persist) {
    for (const codec::Multiaddr& address : config.bootstrap)
        if (auto peer = crypto::namedPeer(address)) bootstrap.push_back({std::move(*peer), address});
    for (const std::string& protocol : config.protocols) {
        if (networks.size() == kMaxDhtNetworks || network(protocol)) continue;
        kad::DhtConfig one;
        one.protocolId = protocol;
        one.mode = config.server ? kad::Mode::Server : kad::Mode::Client;
        one.persists = config.persist;
        networks.push_back(std::make_unique<kad::Dht>(std::move(one), identity.clone(), links, random, log));
    }
}

bool DhtPart::isFirstServer(const PeerId& peer) const {
    return std::ranges::find(bootstrap, peer, &FirstServer::peer) != bootstrap.end();
}

kad::Dht* DhtPart::network(std::string_view protocolId) {
    for (const auto& one : networks)
        if (one->config().protocolId == protocolId) return one.get();
    return nullptr;
}

bool DhtPart::knowsServers() const {
    return std::ranges::any_of(networks, [](const auto& one) { return one->table().size() > 0; });
}

std::optional<DhtJob> DhtPart::pollWork() {
    for (size_t i = 0; i < networks.size(); ++i)
        if (auto work = networks[i]->pollWork()) return DhtJob{i, std::move(*work)};
    return std::nullopt;
}

void DhtPart::onWorked(const DhtJobDone& done, Now now) {
    networks.at(done.network)->onWorked(done.done, now);
}

Instant DhtPart::deadline() const {
    Instant next = std::min({bootstrapAt, rememberAt, links.deadline()});
    for (const auto& one : networks) next = std::min(next, one->deadline());
    for (const auto& [peer, want] : wanted)
        if (want.searching == 0) next = std::min(next, want.searchAt);
    return next;
}

// --- the first servers --------------------------------------------------------------------------------------------

void Node::Parts::startDht(Now now) {
    for (const auto& network : dht.networks) swarm.addProtocol(network->protocol());
    if (dht.networks.empty()) return;
    scanServers();
    for (size_t i = 0; dht.server && dht.persist && i < dht.networks.size(); ++i) dht.scanKept(i, {});
    if (!dht.persist) dht.storeOps.push_back(StoreErase{Space::Dht, {}});
    dht.rememberAt = now.mono + kRememberSoon;
    dht.rememberPause = kRememberSoon;
    if (dht.bootstrap.empty()) return;
    dht.bootstrapAt = now.mono;
    dht.bootstrapPause = kFirstBootstrapPause;
}

/// What this node says of itself where it provides something: first what peers see of it, as the only ones that are any
/// good behind a NAT, then where it listens. Who hears which of them is codec/reach.h's affair.
void Node::Parts::tellDhtOwnAddresses() {
    std::vector<codec::Multiaddr> own;
    for (const autonat::AddressFact& fact : reachability.facts())
        if (fact.verdict != autonat::Verdict::Unreachable) own.push_back(fact.address);
    for (const codec::Multiaddr& address : listen)
        if (std::ranges::find(own, address.withoutPeer()) == own.end()) own.push_back(address.withoutPeer());
    for (const auto& network : dht.networks) network->setOwnAddresses(own);
}

/// Servers of the list are met at the start, and again with growing pauses while one of them is not connected: it may
/// come back knowing nobody, and whom would it ask?
void Node::Parts::meetBootstrap(Now now) {
    for (const auto& [peer, address] : dht.bootstrap) {
        if (peer == self || swarm.peer(peer)) continue;
        dialer.learn(peer, {address});
        dialer.attempt(peer);
    }
    dht.bootstrapAt = now.mono + dht.bootstrapPause;
    dht.bootstrapPause = std::min<Duration>(2 * dht.bootstrapPause, kad::kRefreshInterval);
}

void Node::Parts::onBootstrapUnreachable(const PeerId& peer, const Error& error) {
    if (dht.isFirstServer(peer)) dht.bootstrapErrors.insert_or_assign(peer, error);
}

/// What has become of the servers of the list that are not connected, the first few of them.
std::string Node::Parts::bootstrapTrouble() const {
    std::string text;
    size_t told = 0;
    for (const auto& [peer, address] : dht.bootstrap) {
        if (peer == self || swarm.peer(peer) || told++ == kBootstrapsTold) continue;
        const auto failed = dht.bootstrapErrors.find(peer);
        text += "; first server " + address.text() + ": " +
                (failed == dht.bootstrapErrors.end() ? "no answer yet" : failed->second.context);
    }
    return text;
}

/// The pauses begin anew, at most once within the longest, so that a server that has no room for us is left in peace.
void Node::Parts::onBootstrapGone(const PeerId& peer, Now now) {
    if (life != Life::Running || quietMode || now.mono < dht.bootstrapAnew) return;
    if (!dht.isFirstServer(peer)) return;
    dht.bootstrapAnew = now.mono + kad::kRefreshInterval;
    dht.bootstrapPause = kFirstBootstrapPause;
    dht.bootstrapAt = now.mono + kFirstBootstrapPause;
}

/// Soon after the first: this run may end at any time, without a word.
void Node::Parts::rememberSoon(Now now) {
    const bool known = dht.knowsServers();
    if (known == std::exchange(dht.knewServers, known) || !known) return;
    dht.rememberPause = kRememberSoon;
    dht.rememberAt = now.mono + kRememberSoon;
}

void Node::Parts::scanServers() {
    dht.storeOps.push_back(StoreScan{DhtPart::kServersScan, Space::Settings, toBytes(asBytes(kServersKey))});
}

/// The servers next to us, so that the next run need not be told of a first one: a message of the network itself, whose
/// reader trusts nothing. Where none is left, those of before are met again.
void Node::Parts::rememberServers(Now now) {
    dht.rememberAt = now.mono + dht.rememberPause;
    dht.rememberPause = std::min<Duration>(2 * dht.rememberPause, kad::kRefreshInterval);
    if (!dht.networks.empty() && !dht.knowsServers()) return scanServers();
    for (const auto& network : dht.networks) {
        kad::Message known;
        known.type = kad::MessageType::FindNode;
        for (kad::Contact& one : network->table().closest(network->table().self(), kad::kReplication))
            known.closerPeers.push_back({one.peer, std::move(one.addresses), kad::Connection::CanConnect});
        if (known.closerPeers.empty()) continue;
        Bytes key = toBytes(asBytes(kServersKey));
        append(key, asBytes(network->config().protocolId));
        dht.storeOps.push_back(StorePut{
            Space::Settings, std::move(key), kad::encodeMessage(known), {now.wall.nanoseconds + kServersKeep.count()}});
    }
}

void Node::Parts::onServersScanned(const StoreScanned& scanned, Now now) {
    if (!scanned.rows || life != Life::Running || quietMode) return;
    for (const auto& [key, value] : *scanned.rows) {
        const auto known = kad::decodeMessage(value);
        if (!known) continue;
        size_t met = 0;
        for (const kad::PeerEntry& one : known->closerPeers) {
            if (one.peer == self || swarm.peer(one.peer)) continue;
            if (met++ < kServersMetAgain) dht.links.want(one.peer, one.addresses, now);
        }
    }
}

void DhtPart::scanKept(size_t index, Bytes after) {
    storeOps.push_back(StoreScan{storeRequest(StoreUser::Dht, index), Space::Dht,
                                 kad::rowPrefix(networks[index]->config().protocolId), std::move(after),
                                 kKeptRowsAtOnce});
}

/// A few rows at a time: each is a signature to verify.
void Node::Parts::onKeptScanned(const StoreScanned& scanned, Now now) {
    const auto index = static_cast<size_t>(scanned.id.value & 0xff);
    if (!scanned.rows || life != Life::Running || index >= dht.networks.size()) return;
    for (const auto& [key, value] : *scanned.rows) dht.networks[index]->restore(key, value, now);
    if (scanned.rows->size() == kKeptRowsAtOnce) dht.scanKept(index, scanned.rows->back().first);
}

void Node::Parts::onDhtDeadline(Now now) {
    if (life != Life::Running) return;
    if (now.mono >= dht.rememberAt) rememberServers(now);
    if (now.mono >= dht.bootstrapAt) meetBootstrap(now);
    if (now.mono >= dht.links.deadline()) dht.links.onDeadline(now);
    for (const auto& network : dht.networks)
        if (now.mono >= network->deadline()) network->onDeadline(now);
    std::vector<PeerId> due;
    for (const auto& [peer, want] : dht.wanted)
        if (want.searching == 0 && now.mono >= want.searchAt) due.push_back(peer);
    for (const PeerId& peer : due) dht.wanted.at(peer).still ? search(peer, now) : void(dht.wanted.erase(peer));
}

// --- connections --------------------------------------------------------------------------------------------------

void Node::Parts::onDhtConnected(const swarm::PeerInfo& peer, Now now) {
    dht.links.onConnected(peer.peer, now);
    if (dht.wanted.erase(peer.peer) > 0) dht.links.release(peer.peer);
    for (const auto& network : dht.networks) network->onPeerConnected(peer, now);
}

void Node::Parts::onDhtGone(const PeerId& peer, const Error& error, Now now) {
    onBootstrapGone(peer, now);
    dht.links.onGone(peer);
    for (const auto& network : dht.networks) network->onPeerGone(peer, error, now);
}

/// Whether the dial was one of look-ups.
bool Node::Parts::onDhtDialFailed(const swarm::ConnectFailed& event, Now now) {
    if (dht.dials.erase(event.id) == 0) return false;
    dht.links.onFailed(event.peer, now);
    for (const auto& network : dht.networks) network->onPeerUnreachable(event.peer, event.error, now);
    return true;
}

void Node::Parts::tellDht(const identify::Identified& said, Now now) {
    for (const auto& network : dht.networks)
        network->onIdentified(said.peer, said.protocols, said.listenAddresses, now);
}

void Node::Parts::on(kad::Dial action, Now now) {
    std::erase_if(action.addresses, [](const codec::Multiaddr& address) {
        const auto known = address.transportAddress();
        return address.isCircuit() || (known && !checkDialable(known->socket)); // no hash table runs over a relay
    });
    dht.dials[swarm.connect(action.peer, std::move(action.addresses), now)] = action.peer;
}

void Node::Parts::on(const kad::GiveUpDial& action, Now now) {
    for (const auto& [id, peer] : dht.dials)
        if (peer == action.peer) swarm.cancelConnect(id, now);
}

/// Whoever else uses the connection, be it the peer, keeps it; where there is no more room, only a transfer does.
void Node::Parts::on(const kad::CloseLink& action, Now now) {
    const bool busy = busyPeers().contains(action.peer);
    const bool gossips = pubsub.protocol.router().isUsed(action.peer);
    if (action.when == kad::CloseWhen::Unused && (busy || gossips || swarm.hasStreams(action.peer)))
        return dht.links.touch(action.peer, now);
    if (action.when == kad::CloseWhen::Now && busy) return;
    swarm.disconnect(action.peer, link::kNoError, "no longer needed", now);
}

// --- peers that somebody wants ------------------------------------------------------------------------------------

/// Dials what is known of a peer, and looks it up when that does not help.
void Node::Parts::reach(const PeerId& peer, Now now) {
    dht.links.release(peer);
    if (!swarm.peer(peer)) seek(now);
    if (!swarm.peer(peer) && (dht.wanted.contains(peer) || dht.wanted.size() < kMaxSearches))
        dht.wanted.try_emplace(peer, DhtPart::Wanted{now.mono + kSearchAfter}).first->second.still = true;
    dialer.attempt(peer);
}

/// What a dial has failed with; it may not have known where to.
void Node::Parts::searchSoon(const PeerId& peer, Now now) {
    const auto found = dht.wanted.find(peer);
    if (found != dht.wanted.end() && !found->second.searched)
        found->second.searchAt = std::min(found->second.searchAt, now.mono);
}

/// In every network that knows a server. What they find goes to the dialer, or has proved itself already.
void Node::Parts::search(const PeerId& peer, Now now) {
    DhtPart::Wanted& want = dht.wanted.at(peer);
    for (size_t i = 0; i < dht.networks.size(); ++i) {
        if (dht.networks[i]->table().size() == 0) continue;
        ++want.searching;
        dht.asked[{i, dht.networks[i]->start(kad::FindPeer{peer}, Duration(0), now)}] = {std::nullopt, DhtAction::Peer,
                                                                                         peer};
    }
    want.searchAt = now.mono + kSearchAgain;
    want.searched = true;
    want.still = false;
    if (want.searching == 0) dht.wanted.erase(peer); // nobody to ask; whoever wants it says so with each attempt
}

static Error unansweredAt(const PeerId& peer, const std::vector<codec::Multiaddr>& addresses) {
    std::string text = peer.text() + " does not answer where others know it:";
    for (size_t i = 0; i < std::min(addresses.size(), kBootstrapsTold); ++i) text += " " + addresses[i].text();
    return makeError(Errc::Unreachable, std::move(text));
}

void Node::Parts::onSearched(const DhtPart::Asked& asked, const kad::Outcome& outcome) {
    if (!outcome.found.empty() && !outcome.proved) {
        dialer.learn(asked.peer, outcome.found);
        waiting.note(asked.peer, unansweredAt(asked.peer, outcome.found));
    }
    const auto want = dht.wanted.find(asked.peer);
    if (want == dht.wanted.end()) return;
    if (want->second.searching > 0 && --want->second.searching > 0) return;
    if (!outcome.found.empty()) dialer.attempt(asked.peer);
}

// --- commands -----------------------------------------------------------------------------------------------------

static kad::Wish wishOf(const AskDht& command, const PeerId& peer, bool own) {
    switch (command.action) {
    case DhtAction::Get:
        return kad::GetValue{command.key, kad::kQuorum, command.by};
    case DhtAction::Put:
        return kad::PutValue{command.key, command.value, command.ttl, own};
    case DhtAction::Provide:
        return kad::Provide{command.key};
    case DhtAction::Providers:
        return kad::FindProviders{command.key};
    case DhtAction::Peer:
        return kad::FindPeer{peer};
    case DhtAction::Closest:
        break;
    }
    return kad::FindClosest{command.key};
}

void Node::Parts::carryOut(RequestId id, AskDht command, Now now) {
    const auto at = std::ranges::find(dht.networks, command.protocol,
                                      [](const auto& network) { return network->config().protocolId; });
    if (at == dht.networks.end())
        return emit(RequestFailed{id, makeError(Errc::Unsupported, "this node is not part of '" + command.protocol +
                                                                       "'; it was started with other --kad-protocol")});
    PeerId peer;
    if (command.action == DhtAction::Peer) {
        auto named = PeerId::fromMultihash(command.key);
        if (!named) return emit(RequestFailed{id, named.error().within("the peer that is looked for")});
        peer = std::move(*named);
    }
    seek(now);
    const size_t index = static_cast<size_t>(at - dht.networks.begin());
    const auto start = [&](bool own) {
        const kad::LookupId lookup = (*at)->start(wishOf(command, peer, own), command.wait, now);
        dht.asked[{index, lookup}] = {id, command.action, peer, own};
    };
    start(false);
    // Under the open key anybody may be newer; under the own one nobody else counts.
    if (command.action == DhtAction::Put && (*at)->config().isOurs()) start(true);
}

bool Node::Parts::cancelDht(RequestId request, Now now) {
    bool any = false;
    for (const auto& [where, asked] : dht.asked)
        if (asked.request == request) any = dht.networks[where.first]->cancel(where.second, now) || any;
    return any;
}

void Node::Parts::shutdownDht(Now now) {
    rememberServers(now);
    std::set<RequestId> requests;
    for (const auto& [where, asked] : std::exchange(dht.asked, {})) {
        dht.networks[where.first]->cancel(where.second, now);
        if (asked.request) requests.insert(*asked.request);
    }
    for (const RequestId request : requests)
        emit(RequestFailed{request, makeError(Errc::Cancelled, "the node is shutting down")});
    dht.halves.clear();
    dht.wanted.clear();
    dht.bootstrapAt = dht.rememberAt = kNever;
}

// --- outcomes -----------------------------------------------------------------------------------------------------

static DhtAnswered answerOf(RequestId request, DhtAction action, kad::Outcome outcome, Now now) {
    DhtAnswered answer;
    answer.request = request;
    answer.action = action;
    for (kad::Contact& contact : outcome.closest)
        answer.closest.push_back({contact.peer, std::move(contact.addresses)});
    for (kad::PeerEntry& provider : outcome.providers)
        answer.providers.push_back({provider.peer, std::move(provider.addresses)});
    answer.addresses = std::move(outcome.found);
    answer.proved = outcome.proved;
    answer.value = std::move(outcome.content);
    if (outcome.record) answer.publisher = outcome.record->publisher;
    const bool isName = outcome.record && outcome.record->validity != UnixTime{};
    if (auto name =
            isName ? kad::openIpnsRecord(answer.value, answer.publisher, now) : Result<kad::IpnsRecord>(Error{})) {
        answer.pointsTo = std::move(name->value);
        answer.validUntil = name->validity;
    }
    answer.version = outcome.version;
    answer.stored = outcome.stored;
    answer.requests = outcome.figures.requests;
    answer.took = outcome.took;
    return answer;
}

/// A put has ended under both of its keys. It has failed where neither holds the value, or nobody wants it any more.
static std::pair<kad::Outcome, bool> joined(kad::Outcome open, kad::Outcome own) {
    const bool onlyOwn = open.error && open.error->code != Errc::Cancelled && !own.error;
    kad::Outcome& chosen = onlyOwn ? own : open;
    const kad::Outcome& other = onlyOwn ? open : own;
    if (!chosen.error && other.error && other.error->code == Errc::Cancelled) chosen.error = other.error;
    chosen.figures.requests += other.figures.requests;
    chosen.took = std::max(chosen.took, other.took);
    return {std::move(chosen), onlyOwn};
}

void Node::Parts::onOutcome(size_t network, kad::Outcome outcome, Now now) {
    auto asked = dht.asked.extract({network, outcome.id});
    if (!asked) return;
    const DhtPart::Asked& what = asked.mapped();
    if (!what.request) return onSearched(what, outcome);
    const auto same = [&](const auto& one) { return one.second.request == what.request; };
    if (std::ranges::any_of(dht.asked, same)) {
        dht.halves.try_emplace(*what.request, what.own, std::move(outcome));
        return;
    }
    bool onlyOwn = false;
    if (auto half = dht.halves.extract(*what.request)) {
        kad::Outcome& before = half.mapped().second;
        std::tie(outcome, onlyOwn) = half.mapped().first ? joined(std::move(outcome), std::move(before))
                                                         : joined(std::move(before), std::move(outcome));
    }
    if (outcome.error && outcome.error->code == Errc::Unreachable && dht.networks[network]->table().size() == 0)
        outcome.error->context += bootstrapTrouble();
    if (outcome.error) return emit(RequestFailed{*what.request, *outcome.error});
    DhtAnswered answer = answerOf(*what.request, what.action, std::move(outcome), now);
    answer.onlyOwn = onlyOwn;
    emit(std::move(answer));
}

bool Node::Parts::settleDht(Now now) {
    if (life != Life::Running) return false;
    bool more = false;
    for (size_t i = 0; i < dht.networks.size(); ++i)
        while (auto outcome = dht.networks[i]->poll(now)) {
            onOutcome(i, std::move(*outcome), now);
            more = true;
        }
    for (const auto& network : dht.networks)
        while (auto op = network->pollStore()) dht.storeOps.push_back(std::move(*op));
    rememberSoon(now);
    while (auto action = dht.links.poll()) {
        std::visit([&](auto& what) { on(std::move(what), now); }, *action);
        more = true;
    }
    return more;
}

} // namespace wherry::node

#include "swarm/swarm.h"

#include "base/take_front.h"
#include "swarm/error_codes.h"
#include "swarm/swarm_impl.h"

#include <algorithm>

namespace wherry::swarm {

Swarm::Swarm(SwarmConfig config, const Log& log) : m(std::make_unique<Impl>(std::move(config), log)) {}

Swarm::~Swarm() = default;

void Swarm::addCarrier(link::Carrier& carrier) {
    m->carriers.push_back(&carrier);
    m->innerLinks.emplace_back();
}

void Swarm::addProtocol(Protocol& protocol) {
    m->protocols.push_back(&protocol);
    for (const std::string& id : protocol.protocolIds()) {
        const bool isNew = m->served.emplace(id, &protocol).second;
        ASSERT(isNew);
    }
}

void Swarm::setServing(const Protocol& protocol, bool serves) {
    if (serves)
        m->withdrawn.erase(&protocol);
    else
        m->withdrawn.insert(&protocol);
}

ConnectId Swarm::connect(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, Now now) {
    return m->connect(peer, addresses, {}, now);
}

ConnectId Swarm::connectDirectly(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, DialPace pace,
                                 Now now) {
    std::erase_if(addresses, [](const codec::Multiaddr& address) { return address.isCircuit(); });
    return m->connect(peer, addresses, {.direct = true, .pace = pace}, now);
}

void Swarm::cancelConnect(ConnectId id, Now now) {
    m->cancelConnect(id, now);
}

/// The links' own LinkClosed events do the rest.
void Swarm::disconnect(const crypto::PeerId& peer, uint64_t code, std::string_view reason, Now now) {
    const auto found = m->peers.find(peer);
    if (found == m->peers.end()) return;
    for (const link::LinkId id : found->second.links) {
        const Impl::LinkState& link = m->links.at(id);
        link.carrier->close(link.inner, code, reason, now);
    }
}

void Swarm::deny(const crypto::PeerId& peer, Now now) {
    m->denied.insert(peer);
    if (m->races.contains(peer)) m->failRace(peer, Impl::denial(peer), now);
    const auto found = m->peers.find(peer);
    if (found == m->peers.end()) return;
    for (const link::LinkId id : std::vector<link::LinkId>(found->second.links))
        if (m->links.contains(id)) m->closeLink(id, kConnectionGated, "not wanted here", now);
}

void Swarm::allow(const crypto::PeerId& peer) {
    m->denied.erase(peer);
}

void Swarm::allowSecondLink(const crypto::PeerId& peer, Instant until) {
    m->allowSecondLink(peer, until);
}

bool Swarm::settle(Now now) {
    size_t steps = 0;
    bool moved = true;
    while (moved) {
        moved = m->startDials(now);
        for (size_t i = 0; i < m->carriers.size(); ++i) {
            while (auto event = m->carriers[i]->poll()) {
                m->handle(i, std::move(*event), now);
                moved = true;
                if (++steps == kMaxSettleSteps) return true;
            }
        }
        for (Protocol* protocol : m->protocols) {
            while (auto request = protocol->pollRequest()) {
                if (const auto* open = std::get_if<OpenStream>(&*request))
                    m->onRequest(*protocol, *open, now);
                else if (const auto* leave = std::get_if<Disconnect>(&*request))
                    disconnect(leave->peer, leave->code, leave->reason, now);
                moved = true;
                if (++steps == kMaxSettleSteps) return true;
            }
        }
    }
    return false;
}

std::optional<SwarmEvent> Swarm::poll() {
    return takeFront(m->events);
}

Instant Swarm::deadline() const {
    Instant next = m->dialDeadline();
    if (!m->linkTimers.empty()) next = std::min(next, m->linkTimers.begin()->first);
    if (!m->negotiationTimers.empty()) next = std::min(next, m->negotiationTimers.begin()->first);
    for (const Protocol* protocol : m->protocols) next = std::min(next, protocol->deadline());
    return next;
}

void Swarm::onDeadline(Now now) {
    m->onNegotiationTimers(now);
    m->onDialTimers(now);
    while (!m->linkTimers.empty() && m->linkTimers.begin()->first <= now.mono)
        m->onLinkTimer(m->linkTimers.begin()->second, now);
    for (Protocol* protocol : m->protocols)
        if (protocol->deadline() <= now.mono) protocol->onDeadline(m->streams, now);
}

std::optional<PeerInfo> Swarm::peer(const crypto::PeerId& id) const {
    const Impl::LinkState* link = m->currentLink(id);
    return link ? std::optional(link->info) : std::nullopt;
}

std::vector<PeerInfo> Swarm::peers() const {
    std::vector<PeerInfo> all;
    all.reserve(m->peers.size());
    for (const auto& [id, state] : m->peers) all.push_back(m->links.at(state.current).info);
    return all;
}

std::optional<link::LinkStats> Swarm::stats(const crypto::PeerId& id) const {
    const Impl::LinkState* link = m->currentLink(id);
    return link ? link->carrier->stats(link->inner) : std::nullopt;
}

bool Swarm::hasStreams(const crypto::PeerId& id) const {
    const auto found = m->peers.find(id);
    if (found == m->peers.end()) return false;
    const auto counts = [&](link::LinkId link, uint64_t stream) {
        const StreamRecord* record = m->streams.find({link, stream});
        return !record || !record->owner || !record->owner->idlesOnStreams();
    };
    return std::ranges::any_of(found->second.links, [&](link::LinkId link) {
        return std::ranges::any_of(m->links.at(link).streams, [&](uint64_t stream) { return counts(link, stream); });
    });
}

SwarmFigures Swarm::figures() const {
    return {m->links.size(), m->streams.size(), m->dials.size(), m->connects.size()};
}

std::vector<std::string> Swarm::servedProtocols() const {
    std::vector<std::string> ids;
    ids.reserve(m->served.size());
    for (const auto& [id, protocol] : m->served)
        if (!m->withdrawn.contains(protocol)) ids.push_back(id);
    return ids;
}

link::StreamIo& Swarm::streams() {
    return m->streams;
}

} // namespace wherry::swarm

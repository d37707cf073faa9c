#include "base/overloaded.h"
#include "node/node_parts.h"
#include "protocols/autonat/dial_policy.h"

#include <utility>

/// From a relayed link to a direct one (protocols/dcutr): who is told what, and what is done about it.
namespace wherry::node {

/// Where a peer may have us send when nobody but a relay stands between us: as where a stranger may have us dial.
static bool mayPunch(const codec::Multiaddr& address, const crypto::PeerId& peer) {
    return autonat::dialTarget(address, peer).has_value();
}

Punching makePunching(const Log& log) {
    return Punching(mayPunch, log);
}

void Node::Parts::tellPunching(const identify::Identified& said, Now now) {
    const auto info = swarm.peer(said.peer);
    if (!info) return;
    if (const auto from = autonat::socketAddressOf(info->remote); from && !said.observed.empty())
        punching.seen.onSeen({said.peer, from->ip, said.observed, info->local, info->side});
    punch(*info, now);
}

/// Once per relayed link that was made to us, when it is known where the peer listens.
void Node::Parts::punch(const swarm::PeerInfo& info, Now now) {
    if (!info.relayed()) return;
    punching.punched.erase(info.peer);
    if (info.side != link::Side::Listener || life != Life::Running) return;
    const auto said = identifyProtocol.known(info.peer);
    if (!said || std::exchange(punching.begunOver[info.peer], info.link) == info.link) return;
    punching.protocol.begin(info.peer, said->listenAddresses, now);
}

bool Node::Parts::settlePunching(Now now) {
    if (std::exchange(punching.toldSeen, punching.seen.version()) != punching.seen.version())
        punching.protocol.setOwnAddresses(punching.seen.candidates(dcutr::kMaxCandidates), now);
    bool more = false;
    while (const auto action = punching.protocol.poll()) {
        std::visit([&](const auto& what) { on(what, now); }, *action);
        more = true;
    }
    return more;
}

void Node::Parts::dialForPunch(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, Now now) {
    endPunchDial(peer, now);
    punching.dials[peer] = swarm.connectDirectly(peer, std::move(addresses), swarm::DialPace::AllAtOnce, now);
}

/// Its end is still told, and is then nobody's failure.
void Node::Parts::endPunchDial(const crypto::PeerId& peer, Now now) {
    const auto dial = punching.dials.extract(peer);
    if (!dial) return;
    punching.ended.insert(dial.mapped());
    swarm.cancelConnect(dial.mapped(), now);
}

/// Whether the outcome of a dial is that of one of ours.
bool Node::Parts::takePunchDial(swarm::ConnectId id, const crypto::PeerId& peer) {
    if (punching.ended.erase(id) > 0) return true;
    const auto dial = punching.dials.find(peer);
    if (dial == punching.dials.end() || dial->second != id) return false;
    punching.dials.erase(dial);
    return true;
}

void Node::Parts::onPunchDialFailed(const swarm::ConnectFailed& event, Now now) {
    punching.protocol.onDialFailed(event.peer, now);
}

void Node::Parts::on(const dcutr::DialNow& action, Now now) {
    if (life == Life::Running) dialForPunch(action.peer, action.addresses, now);
}

void Node::Parts::on(const dcutr::PunchNow& action, Now now) {
    if (life != Life::Running) return;
    endPunchDial(action.peer, now); // two diallers that meet in the middle could not agree on who is which
    std::vector<codec::Multiaddr> quic;
    bool unknowable = false;
    for (const codec::Multiaddr& address : action.addresses) {
        if (const auto udp = address.quicAddress()) {
            unknowable |= networkFacts.mapping(udp->ip.family) == autonat::Finding::EndpointDependent;
            if (endpoint->punch(*udp, action.until, now)) punching.sending[action.peer].push_back(*udp);
            quic.push_back(address);
        } else if (const auto tcp = address.tcpAddress()) {
            (void)pipes->meet(*tcp, action.peer, now); // or the other addresses will do
        }
    }
    // Through a NAT that gives each flow a port of its own the peer cannot know ours, but we may get to where it is.
    if (!quic.empty() && (action.tryNumber > 1 || unknowable)) dialForPunch(action.peer, std::move(quic), now);
}

void Node::Parts::on(const dcutr::StopNow& action, Now now) {
    endPunchDial(action.peer, now);
    const auto sending = punching.sending.extract(action.peer);
    if (!sending) return;
    for (const codec::SocketAddress& address : sending.mapped()) endpoint->stopPunching(address);
}

void Node::Parts::on(const dcutr::Ended& action, Now) {
    punching.failures.erase(action.peer);
    if (action.why.empty()) {
        if (action.tries > 0) punching.punched.insert(action.peer);
        return tellPathInUse(action.peer);
    }
    if (punching.failures.size() >= kMaxPunchFailures) punching.failures.erase(punching.failures.begin());
    punching.failures[action.peer] = action.why;
}

void Node::Parts::onPunchGone(const crypto::PeerId& peer) {
    punching.punched.erase(peer);
    punching.begunOver.erase(peer);
    punching.failures.erase(peer);
}

} // namespace wherry::node

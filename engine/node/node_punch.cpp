#include "base/overloaded.h"
#include "node/node_parts.h"
#include "protocols/autonat/dial_policy.h"

#include <algorithm>
#include <utility>

/// From a relayed link to a direct one (protocols/dcutr): who is told what, and what is done about it.
namespace wherry::node {

/// After which one more stranger is within the rate.
static constexpr Duration kStrangersPunchPause =
    std::chrono::seconds(1) / static_cast<int64_t>(kStrangersPunchedPerSecond);

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

/// Once per relayed link that was made to us, when it is known where the peer listens; again when a direct one has come
/// and gone.
void Node::Parts::punch(const swarm::PeerInfo& info, Now now) {
    if (!info.relayed()) return;
    punching.punched.erase(info.peer);
    if (info.side != link::Side::Listener || life != Life::Running) return;
    const auto said = identifyProtocol.known(info.peer);
    const auto begun = punching.begunOver.find(info.peer);
    if (!said || (begun != punching.begunOver.end() && begun->second == info.link)) return;
    const bool stranger = opinionOf(info.peer) <= 0;
    if (stranger && punching.protocol.load().attempts >= kMaxStrangersPunched) return;
    const RateLimit before = punching.strangers;
    if (stranger && !punching.strangers.allow(now.mono)) {
        punching.tryOthersAt = std::min(punching.tryOthersAt, now.mono + kStrangersPunchPause);
        return;
    }
    if (punching.protocol.begin(info.peer, said->listenAddresses, now))
        punching.begunOver[info.peer] = info.link;
    else
        punching.strangers = before; // whoever is tried too often takes nobody's place
}

/// What has moved may have moved again meanwhile.
void Node::Parts::onPunchMoved(const swarm::PeerInfo& moved, Now now) {
    if (!moved.relayed()) punching.begunOver.erase(moved.peer);
    if (const auto info = swarm.peer(moved.peer)) punch(*info, now);
    punching.moving = moved.peer;
    settlePunching(now); // it may know why the new path is there
    punching.moving.reset();
}

bool Node::Parts::settlePunching(Now now) {
    if (std::exchange(punching.toldSeen, punching.seen.version()) != punching.seen.version())
        punching.protocol.setOwnAddresses(punching.seen.candidates(dcutr::kMaxCandidates), now);
    if (punching.tryOthersAt <= now.mono) {
        punching.tryOthersAt = kNever;
        for (const swarm::PeerInfo& peer : swarm.peers()) punch(peer, now);
    }
    bool more = false;
    while (const auto action = punching.protocol.poll()) {
        std::visit([&](const auto& what) { on(what, now); }, *action);
        more = true;
    }
    return more;
}

/// Whether there is room for it beside others of its kind.
bool Node::Parts::dialForPunch(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, bool agreed,
                               Now now) {
    endPunchDial(peer, now);
    const size_t count = addresses.size();
    size_t underWay = 0;
    for (const auto& [other, dial] : punching.dials)
        if (dial.agreed == agreed) underWay += dial.addresses;
    if (underWay + count > (agreed ? kMaxAgreedPunchDials : kMaxOtherPunchDials)) return false;
    const auto id = swarm.connectDirectly(peer, std::move(addresses), swarm::DialPace::AllAtOnce, now);
    punching.dials[peer] = {id, count, agreed};
    return true;
}

/// Its end is still told, and is then nobody's failure.
void Node::Parts::endPunchDial(const crypto::PeerId& peer, Now now) {
    const auto dial = punching.dials.extract(peer);
    if (!dial) return;
    punching.ended.insert(dial.mapped().id);
    swarm.cancelConnect(dial.mapped().id, now);
}

/// Whether the outcome of a dial is that of one of ours.
bool Node::Parts::takePunchDial(swarm::ConnectId id, const crypto::PeerId& peer) {
    if (punching.ended.erase(id) > 0) return true;
    const auto dial = punching.dials.find(peer);
    if (dial == punching.dials.end() || dial->second.id != id) return false;
    punching.dials.erase(dial);
    return true;
}

void Node::Parts::onPunchDialFailed(const swarm::ConnectFailed& event, Now now) {
    punching.protocol.onDialFailed(event.peer, now);
}

void Node::Parts::on(const dcutr::DialNow& action, Now now) {
    if (life != Life::Running) return;
    if (!dialForPunch(action.peer, action.addresses, action.agreed, now) && !action.agreed)
        punching.protocol.onDialFailed(action.peer, now); // the exchange finds it, too
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
    if (!quic.empty() && (action.tryNumber > 1 || unknowable)) dialForPunch(action.peer, std::move(quic), false, now);
}

void Node::Parts::on(const dcutr::StopNow& action, Now now) {
    endPunchDial(action.peer, now);
    const auto sending = punching.sending.extract(action.peer);
    if (!sending) return;
    const auto isForOthers = [&](const codec::SocketAddress& address) {
        return std::ranges::any_of(punching.sending, [&](const auto& other) {
            return std::ranges::find(other.second, address) != other.second.end();
        });
    };
    for (const codec::SocketAddress& address : sending.mapped())
        if (!isForOthers(address)) endpoint->stopPunching(address);
}

void Node::Parts::on(const dcutr::Ended& action, Now now) {
    if (!action.why.empty()) {
        punching.failures.at(action.peer) = action.why;
    } else {
        punching.failures.erase(action.peer);
        const bool fresh = action.tries > 0 && punching.punched.insert(action.peer).second;
        if (fresh && punching.moving != action.peer) tellPathInUse(action.peer);
    }
    for (const swarm::PeerInfo& peer : swarm.peers()) punch(peer, now); // there was no room for all
}

void Node::Parts::onPunchGone(const crypto::PeerId& peer) {
    punching.seen.onGone(peer);
    punching.punched.erase(peer);
    punching.begunOver.erase(peer);
    punching.failures.erase(peer);
}

} // namespace wherry::node

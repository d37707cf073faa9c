#include "base/overloaded.h"
#include "crypto/named_peer.h"
#include "swarm/error_codes.h"
#include "swarm/swarm_impl.h"

#include <algorithm>

namespace wherry::swarm {

using link::LinkId;
using link::Side;

Swarm::Impl::LinkState* Swarm::Impl::find(LinkId id) {
    const auto found = links.find(id);
    return found == links.end() ? nullptr : &found->second;
}

const Swarm::Impl::LinkState* Swarm::Impl::currentLink(const crypto::PeerId& peer) const {
    const auto found = peers.find(peer);
    return found == peers.end() ? nullptr : &links.at(found->second.current);
}

void Swarm::Impl::handle(size_t carrierIndex, link::LinkEvent event, Now now) {
    const auto& names = innerLinks[carrierIndex];
    // Events of links that we have given up already are void.
    const auto ours = [&](link::StreamKey inner) -> std::optional<link::StreamKey> {
        const auto found = names.find(inner.link);
        if (found == names.end()) return std::nullopt;
        return link::StreamKey{found->second, inner.stream};
    };
    std::visit(Overloaded{
                   [&](const link::LinkOpened& e) { onLinkOpened(carrierIndex, e, now); },
                   [&](const link::LinkClosed& e) { onLinkClosed(carrierIndex, e, now); },
                   [&](const link::LinkMoved& e) { onLinkMoved(carrierIndex, e, now); },
                   [&](const link::StreamOpened& e) {
                       if (const auto key = ours(e.key)) onStreamOpened(key->link, e.key, now);
                   },
                   [&](const link::StreamReadable& e) {
                       if (const auto key = ours(e.key)) onReadable(*key, now);
                   },
                   [&](const link::StreamWritable& e) {
                       if (const auto key = ours(e.key)) onWritable(*key, now);
                   },
                   [&](const link::StreamReset& e) {
                       if (const auto key = ours(e.key)) onReset(*key, e.code, now);
                   },
                   [&](const link::StreamStopped& e) {
                       if (const auto key = ours(e.key)) onStopped(*key, e.code, now);
                   },
                   [&](const link::StreamClosed& e) {
                       if (const auto key = ours(e.key))
                           onClosed(*key, makeError(Errc::ConnectionLost, "the stream ended before it was answered"),
                                    now);
                   },
               },
               event);
}

// --- opening ------------------------------------------------------------------------------------------------------

bool Swarm::Impl::admit(size_t carrierIndex, const link::LinkOpened& event, Now now) {
    link::Carrier& carrier = *carriers[carrierIndex];
    if (event.peer == config.self) {
        carrier.close(event.link, kConnectionProtocolViolation, "this is the same key", now);
        return false;
    }
    if (denied.contains(event.peer)) {
        LOG(log, Info, "swarm", "refused " << event.peer.shortText() << ": it is blocked");
        carrier.close(event.link, kConnectionGated, "not wanted here", now);
        return false;
    }
    if (event.side == Side::Listener && !budget.admitsInbound(leadingIp(event.remote))) {
        LOG(log, Info, "swarm", "refused a connection from " << event.peer.shortText() << ": too many connections");
        carrier.close(event.link, kConnectionResourceLimit, "too many connections", now);
        return false;
    }
    const LinkState* current = currentLink(event.peer);
    if (!current) return true;
    const PathLink opened{event.remote.isCircuit(), event.side, now.mono};
    if (choose(*current, opened, now).verdict == Verdict::Refuse) {
        carrier.close(event.link, kConnectionSupplanted, "another address answered first", now);
        return false;
    }
    return true;
}

void Swarm::Impl::onLinkOpened(size_t carrierIndex, const link::LinkOpened& event, Now now) {
    if (event.side == Side::Dialer) {
        const auto dial = dials.find({carrierIndex, event.link});
        if (dial == dials.end()) return; // cancelled; its end is on the way
        const auto race = races.find(dial->second.peer);
        if (race != races.end()) race->second.dials.erase(dial->first);
        dials.erase(dial);
    }
    if (!admit(carrierIndex, event, now)) return;

    const LinkId id = linkIds.take();
    LinkState& link = links[id];
    link.carrierIndex = carrierIndex;
    link.carrier = carriers[carrierIndex];
    link.inner = event.link;
    link.info = {event.peer, id, event.side, event.local, event.remote, PathReason::OnlyWay};
    if (event.side == Side::Listener) link.countedAs = leadingIp(event.remote);
    link.openedAt = link.roleSince = now.mono;
    budget.add(link.countedAs);
    innerLinks[carrierIndex][event.link] = id;
    streams.addLink(id, *link.carrier, event.link);
    PeerState& peer = peers[event.peer];
    peer.links.push_back(id);
    judge(id, now);
}

void Swarm::Impl::allowSecondLink(const crypto::PeerId& peer, Instant until) {
    secondLinks[peer] = until;
    if (secondLinks.size() <= kMaxSecondLinks) return;
    secondLinks.erase(std::min_element(secondLinks.begin(), secondLinks.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; }));
}

/// Finds the new link its role beside the links that the peer already has.
void Swarm::Impl::judge(LinkId id, Now now) {
    LinkState& link = links.at(id);
    PeerState& peer = peers.at(link.info.peer);
    if (peer.links.size() == 1) {
        peer.current = id;
        tellConnected(link.info, now);
        return;
    }
    const PathChoice choice = choose(links.at(peer.current), pathLink(link), now);
    switch (choice.verdict) {
    case Verdict::Refuse: // admit() has
    case Verdict::Keep:
        lose(id, now);
        break;
    case Verdict::Wait:
        setRole(id, LinkRole::Candidate, now.mono + kUnusedLinkGrace, now);
        break;
    case Verdict::Use:
        moveTo(peer, id, choice.reason, now);
        break;
    case Verdict::Replace:
        replaceCurrent(id, now);
        break;
    }
    if (choice.reason == PathReason::SimultaneousDial || choice.verdict == Verdict::Use)
        raceConnected(links.at(peer.current).info, now);
    const auto known = peers.find(links.contains(id) ? links.at(id).info.peer : crypto::PeerId());
    if (known == peers.end() || known->second.links.size() <= kMaxLinksPerPeer) return;
    const auto& all = known->second.links;
    const auto oldest = std::find_if(all.begin(), all.end(),
                                     [&](LinkId other) { return other != known->second.current && other != id; });
    ASSERT(oldest != all.end());
    closeLink(*oldest, kConnectionSupplanted, "too many connections of one peer", now);
}

PathLink Swarm::Impl::pathLink(const LinkState& link) {
    return {link.info.relayed(), link.info.side, link.openedAt, !link.streams.empty()};
}

PathChoice Swarm::Impl::choose(const LinkState& current, const PathLink& opened, Now now) const {
    const auto second = secondLinks.find(current.info.peer);
    const bool expected = second != secondLinks.end() && now.mono < second->second;
    return choosePath(pathLink(current), opened, config.self < current.info.peer, expected);
}

void Swarm::Impl::lose(LinkId id, Now now) {
    const Duration grace = links.at(id).info.relayed() ? kRelayedLinkGrace : kLosingLinkGrace;
    setRole(id, LinkRole::Losing, now.mono + grace, now);
}

void Swarm::Impl::makeCurrent(PeerState& state, LinkId id, PathReason reason, Now now) {
    state.current = id;
    setRole(id, LinkRole::Current, kNever, now);
    links.at(id).info.reason = reason;
    tellMoved(links.at(id).info, now);
}

/// From the link in use to another; what goes on over the former may come to its end there.
void Swarm::Impl::moveTo(PeerState& state, LinkId id, PathReason reason, Now now) {
    lose(state.current, now);
    const bool direct = !links.at(id).info.relayed();
    for (const LinkId other : state.links)
        if (direct && links.at(other).role == LinkRole::Candidate && links.at(other).info.relayed()) lose(other, now);
    makeCurrent(state, id, reason, now);
}

void Swarm::Impl::setRole(LinkId id, LinkRole role, Instant check, Now now) {
    LinkState& link = links.at(id);
    if (link.check != kNever) linkTimers.erase({link.check, id});
    link.check = check;
    if (check != kNever) linkTimers.insert({check, id});
    if (link.role != role) link.roleSince = now.mono;
    link.role = role;
}

/// The peer has opened a stream on a link that was not the current one.
void Swarm::Impl::noteUse(LinkId id, Now now) {
    const LinkState& link = links.at(id);
    const bool replaces = link.role == LinkRole::Candidate ||
                          (link.role == LinkRole::Losing && now.mono - link.roleSince > kSimultaneousDialSpan);
    if (!replaces) return;
    PeerState& peer = peers.at(link.info.peer);
    const bool relayed = link.info.relayed();
    // The peer has kept a link of the other kind for this: the one in use has ended for it.
    const bool kept = relayed != links.at(peer.current).info.relayed() && (!relayed || id < peer.current);
    if (!kept) return replaceCurrent(id, now);
    moveTo(peer, id, relayed ? PathReason::RelayStandsIn : PathReason::DirectOverRelay, now);
}

void Swarm::Impl::onLinkTimer(LinkId id, Now now) {
    LinkState& link = links.at(id);
    if (link.role == LinkRole::Candidate) return replaceCurrent(id, now);
    if (!link.streams.empty()) return lose(id, now);
    closeLink(id, kConnectionSupplanted, "another connection is in use", now);
}

/// The link in use is dead without our having heard of it; protocols see the peer go and come back.
void Swarm::Impl::replaceCurrent(LinkId by, Now now) {
    const PeerInfo info = links.at(by).info;
    PeerState& peer = peers.at(info.peer);
    const LinkId old = std::exchange(peer.current, by);
    setRole(by, LinkRole::Current, kNever, now);
    links.at(by).info.reason = PathReason::DialledAnew;
    // Links that came before this one belong to the same past.
    std::vector<LinkId> past;
    for (const LinkId other : peer.links)
        if (other != by && (other == old || other < by)) past.push_back(other);
    for (const LinkId other : past) closeLink(other, kConnectionSupplanted, "replaced by a newer connection", now);
    tellGone(info.peer, makeError(Errc::ConnectionLost, "the peer has connected anew"), now);
    tellConnected(links.at(by).info, now);
}

// --- ending -------------------------------------------------------------------------------------------------------

void Swarm::Impl::closeLink(LinkId id, uint64_t code, std::string_view reason, Now now) {
    LinkState& link = links.at(id);
    link.carrier->close(link.inner, code, reason, now);
    dropLink(id, makeError(Errc::Cancelled, std::string(reason)), now);
}

static std::string silenceText(const PeerInfo& info) {
    const auto way = info.remote.circuitRelay();
    const auto relay = way ? crypto::namedPeer(*way) : std::nullopt;
    return "nothing comes " + (relay ? "through relay " + relay->shortText() : "from " + info.peer.shortText()) +
           " any more";
}

/// It is lost, though it is us who end it.
void Swarm::Impl::closeSilent(LinkId id, Now now) {
    const PeerInfo& info = links.at(id).info;
    const std::string text = silenceText(info);
    for (Protocol* protocol : protocols) protocol->onLinkLost(info, makeError(Errc::ConnectionLost, text));
    closeLink(id, link::kNoError, text, now);
}

void Swarm::Impl::onLinkClosed(size_t carrierIndex, const link::LinkClosed& event, Now now) {
    const auto& names = innerLinks[carrierIndex];
    const auto found = names.find(event.link);
    if (found == names.end()) return onDialFailed({carrierIndex, event.link}, event.error, now);
    const LinkId id = found->second;
    if (!event.byPeer)
        for (Protocol* protocol : protocols) protocol->onLinkLost(links.at(id).info, event.error);
    dropLink(id, event.error, now);
}

/// The streams of a link end with it (link::LinkClosed). Where another link takes its place at once, protocols hear of
/// that first.
void Swarm::Impl::dropLink(LinkId id, const Error& error, Now now) {
    LinkState& link = links.at(id);
    const crypto::PeerId peerId = link.info.peer;
    PeerState& peer = peers.at(peerId);
    std::erase(peer.links, id);
    std::optional<Successor> next;
    if (peer.current == id && !peer.links.empty()) next = successor(peer, link);
    if (next && next->movesOn) makeCurrent(peer, peer.links[next->index], next->reason, now);
    // Whoever speaks on a stream has not cancelled anything when we close the link beneath: it is lost to him, too.
    const Error lost = error.code == Errc::Cancelled ? makeError(Errc::ConnectionLost, error.context) : error;
    for (const uint64_t stream : std::set<uint64_t>(link.streams)) onClosed({id, stream}, lost, now);
    setRole(id, link.role, kNever, now);
    budget.remove(link.countedAs);
    innerLinks[link.carrierIndex].erase(link.inner);
    streams.removeLink(id);
    links.erase(id);
    if (peer.links.empty()) {
        peers.erase(peerId);
        tellGone(peerId, error, now);
    } else if (next && !next->movesOn) {
        beginAnew(peer, *next, error, now);
    }
}

Successor Swarm::Impl::successor(const PeerState& state, const LinkState& ended) const {
    std::vector<PathLink> left;
    for (const LinkId id : state.links) left.push_back(pathLink(links.at(id)));
    return chooseSuccessor(pathLink(ended), left);
}

/// The current link has ended, and the peer has not known the other one as long: protocols see a new connection.
void Swarm::Impl::beginAnew(PeerState& state, const Successor& next, const Error& error, Now now) {
    state.current = state.links[next.index];
    setRole(state.current, LinkRole::Current, kNever, now);
    PeerInfo& info = links.at(state.current).info;
    info.reason = next.reason;
    tellGone(info.peer, error, now);
    tellConnected(info, now);
}

void Swarm::Impl::onLinkMoved(size_t carrierIndex, const link::LinkMoved& event, Now now) {
    const auto found = innerLinks[carrierIndex].find(event.link);
    if (found == innerLinks[carrierIndex].end()) return;
    LinkState& link = links.at(found->second);
    link.info.local = event.local;
    link.info.remote = event.remote;
    link.info.reason = PathReason::AddressChanged;
    if (peers.at(link.info.peer).current == found->second) tellMoved(link.info, now);
}

// --- telling ------------------------------------------------------------------------------------------------------

void Swarm::Impl::tellConnected(const PeerInfo& info, Now now) {
    LOG(log, Debug, "swarm", "connected to " << info.peer.shortText() << " at " << info.remote.text());
    for (Protocol* protocol : protocols) protocol->onPeerConnected(info, streams, now);
    events.push_back(PeerConnected{info});
    raceConnected(info, now);
}

void Swarm::Impl::tellGone(const crypto::PeerId& peer, const Error& error, Now now) {
    LOG(log, Debug, "swarm", "lost " << peer.shortText() << ": " << error.text());
    for (Protocol* protocol : protocols) protocol->onPeerGone(peer, error, now);
    events.push_back(PeerGone{peer, error});
}

void Swarm::Impl::tellMoved(const PeerInfo& info, Now now) {
    for (Protocol* protocol : protocols) protocol->onPeerMoved(info, now);
    events.push_back(PeerMoved{info});
}

} // namespace wherry::swarm

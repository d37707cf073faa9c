#include "codec/reach.h"
#include "node/node_limits.h"
#include "node/node_parts.h"

#include <algorithm>

/// Gossip meets the swarm, identify, the dialer, and whoever has something to say or to hear.
namespace wherry::node {

using crypto::PeerId;

Instant PubsubPart::deadline() const {
    Instant next = kNever;
    if (!numbers.isReady()) return next;
    for (const auto& [request, message] : outgoing) {
        next = std::min(next, message.giveUp);
        if (protocol.router().hasPeers(message.topic)) next = std::min(next, message.notBefore);
    }
    return next;
}

void PubsubPart::offer(Outgoing& message, std::optional<std::set<gossipsub::MessageId>>& carried, Now now) {
    message.notBefore = now.mono + kPublishAgain;
    if (!message.made) {
        auto made = protocol.router().make(message.topic, message.data, now);
        if (!made) return;
        message.made = std::move(*made);
        message.data.clear();
    } else {
        if (!carried) carried = protocol.carried();
        if (carried->contains(message.made->id)) return;
    }
    if (const size_t peers = protocol.router().offer(*message.made, now); peers > 0) message.peers = peers;
}

gossipsub::GossipsubConfig Node::Parts::gossipConfig(const Parts& parts) {
    gossipsub::GossipsubConfig config;
    config.score.application = [&parts](const PeerId& peer) { return parts.opinionOf(peer); };
    return config;
}

double Node::Parts::opinionOf(const PeerId& peer) const {
    const auto* known = people.book.find(peer);
    if (known && known->isKept()) return kGoodOpinion;
    return dht.isFirstServer(peer) ? kGoodOpinion : 0;
}

/// What blocked people say goes no further through this device.
gossipsub::Verdict Node::Parts::judge(const gossipsub::Message& message) {
    const PeerId author = gossipsub::authorOf(message);
    if (people.book.trustOf(author) == peers::Trust::Blocked) return gossipsub::Verdict::Ignore;
    return message.topic == presence::kTopic ? judgePresence(author, message) : gossipsub::Verdict::Accept;
}

// --- peers --------------------------------------------------------------------------------------------------------

void Node::Parts::tellPubsub(const identify::Identified& said, Now now) {
    pubsub.protocol.onIdentified(said.peer, said.protocols, swarm.streams(), now);
    gossipsub::Router& router = pubsub.protocol.router();
    if (said.recordFarthest)
        router.setRecord(said.peer, said.record, *said.recordFarthest);
    else
        router.forgetRecord(said.peer);
}

/// Whom another peer has named: with the connections of look-ups, whose number is bounded and which end when nobody
/// uses them. Nobody sends us into our own network.
void Node::Parts::on(gossipsub::ConnectWanted event, Now now) {
    if (swarm.peer(event.peer) || people.book.trustOf(event.peer) == peers::Trust::Blocked) return;
    if (event.via.empty()) return reach(event.peer, now);
    const auto teller = swarm.peer(event.via);
    if (!teller) return;
    const auto addresses = codec::mayPass(codec::placeOf(teller->remote), event.addresses);
    if (!addresses.empty() && pubsub.named.allow(now.mono)) dht.links.want(event.peer, addresses, now);
}

/// A topic has too few peers: those of the list and those nearby, as far as they are not here. Whoever comes in meets
/// those whom the person has named or trusts, once: nobody in between may be listening.
void Node::Parts::on(const gossipsub::PeersWanted& event, Now now) {
    const auto meet = [&](const PeerId& peer) {
        if (peer == self || swarm.peer(peer) || people.book.trustOf(peer) == peers::Trust::Blocked) return;
        if (pubsub.dials.allow(now.mono)) dialer.attempt(peer);
    };
    for (const auto& [peer, address] : dht.bootstrap) {
        dialer.learn(peer, {address});
        meet(peer);
    }
    for (const PeerId& peer : people.nearby) meet(peer);
    if (event.topic != presence::kTopic || !people.book.isLoaded() || !std::exchange(meetsFriends, false)) return;
    for (const peers::KnownPeer* known : people.book.all())
        if (known->isKept() && !known->addresses.empty()) meet(known->peer);
}

// --- what is heard ------------------------------------------------------------------------------------------------

/// Shells and presence may be in a topic side by side.
Result<void> Node::Parts::join(const std::string& topic, Now now) {
    if (pubsub.protocol.router().isSubscribed(topic)) return {};
    const auto judged = [this](const PeerId&, const gossipsub::Message& message) { return judge(message); };
    return pubsub.protocol.router().subscribe(topic, judged, now);
}

void Node::Parts::leave(const std::string& topic, Now now) {
    const bool tells = presence.isOn() && topic == presence::kTopic;
    if (!pubsub.wanted.contains(topic) && !tells) pubsub.protocol.router().unsubscribe(topic, now);
}

void Node::Parts::carryOut(RequestId id, JoinTopic command, Now now) {
    const auto known = pubsub.wanted.find(command.topic);
    if (known == pubsub.wanted.end()) {
        if (const auto joined = join(command.topic, now); !joined) return emit(RequestFailed{id, joined.error()});
    } else if (known->second.size() >= kMaxPendingRequests) {
        return emit(RequestFailed{id, makeError(Errc::LimitReached, "too many requests at once")});
    }
    pubsub.wanted[command.topic].insert(id);
    emit(TopicJoined{id, std::move(command.topic)});
}

void Node::Parts::on(gossipsub::Received event, Now now) {
    const PeerId author = gossipsub::authorOf(event.message);
    if (event.message.topic == presence::kTopic) hearPresence(author, event.message, now);
    const auto wanted = pubsub.wanted.find(event.message.topic);
    if (wanted == pubsub.wanted.end()) return;
    const bool told = pubsub.told.allow(event.message.topic, event.message.content().size(), now.mono);
    if (const auto count = pubsub.told.takeLeftOut(event.message.topic, now.mono))
        emit(Warning{makeError(Errc::LimitReached, "too much is said in the topic '" + event.message.topic +
                                                       "': messages left out: " + std::to_string(*count))});
    if (!told) return;
    for (const RequestId request : wanted->second)
        emit(GossipMessage{request, event.message.topic, author, toBytes(event.message.content())});
}

// --- what is said -------------------------------------------------------------------------------------------------

void Node::Parts::carryOut(RequestId id, PublishMessage command, Now now) {
    if (pubsub.outgoing.size() >= kMaxWaitingMessages)
        return emit(RequestFailed{id, makeError(Errc::LimitReached, "too many messages wait to be published")});
    const auto good = pubsub.protocol.router().checkMessage(command.topic, command.data.size());
    if (!good) return emit(RequestFailed{id, good.error()});
    pubsub.outgoing[id] = {std::move(command.topic), std::move(command.data), now.mono + command.wait};
    on(gossipsub::PeersWanted{}, now);
}

void Node::Parts::onNumbersScanned(const StoreScanned& scanned) {
    pubsub.protocol.router().numberAbove(pubsub.numbers.onScanned(scanned));
}

void Node::Parts::publishWhatWaits(Now now) {
    if (!pubsub.numbers.isReady()) return;
    std::optional<std::set<gossipsub::MessageId>> carried;
    for (auto each = pubsub.outgoing.begin(); each != pubsub.outgoing.end();) {
        auto& [request, message] = *each;
        if (now.mono >= message.giveUp) {
            emit(RequestFailed{request,
                               makeError(Errc::Unreachable, "no peer that takes messages of '" + message.topic +
                                                                "' was reached; who does not listen passes nothing on" +
                                                                bootstrapTrouble())});
            each = pubsub.outgoing.erase(each);
            continue;
        }
        if (now.mono >= message.notBefore && pubsub.protocol.router().hasPeers(message.topic))
            pubsub.offer(message, carried, now);
        ++each;
    }
}

GossipFigures Node::Parts::gossipFigures() const {
    const gossipsub::Router& router = pubsub.protocol.router();
    const gossipsub::RouterFigures& figures = router.figures();
    return {pubsub.wanted.size(), router.peers(),  figures.received, figures.delivered,
            figures.forwarded,    figures.dropped, figures.rejected};
}

bool Node::Parts::cancelPubsub(RequestId request, Now now) {
    if (pubsub.outgoing.erase(request) > 0) {
        emit(RequestFailed{request, makeError(Errc::Cancelled, "no longer wanted")});
        return true;
    }
    for (auto& [topic, requests] : pubsub.wanted) {
        if (requests.erase(request) == 0) continue;
        emit(RequestFailed{request, makeError(Errc::Cancelled, "no longer wanted")});
        if (requests.empty()) {
            const std::string left = topic;
            pubsub.told.forget(left);
            pubsub.wanted.erase(left);
            leave(left, now);
        }
        return true;
    }
    return false;
}

void Node::Parts::shutdownPubsub() {
    const auto over = [&](RequestId request) {
        emit(RequestFailed{request, makeError(Errc::Cancelled, "the node is shutting down")});
    };
    for (const auto& [topic, requests] : std::exchange(pubsub.wanted, {})) std::ranges::for_each(requests, over);
    for (const auto& [request, message] : std::exchange(pubsub.outgoing, {})) over(request);
    if (auto op = pubsub.numbers.close(pubsub.protocol.router().lastNumber())) actions.push_back(StoreWork{*op});
}

bool Node::Parts::settlePubsub(Now now) {
    if (life == Life::Running) {
        publishWhatWaits(now);
        if (auto op = pubsub.numbers.reserve(pubsub.protocol.router().lastNumber()))
            actions.push_back(StoreWork{std::move(*op)});
    }
    pubsub.protocol.pump(swarm.streams(), now);
    bool more = false;
    while (const auto left = pubsub.protocol.pollLeft()) {
        const auto said = std::ranges::find_if(
            pubsub.outgoing, [&](const auto& one) { return one.second.made && one.second.made->id == left->id; });
        if (said == pubsub.outgoing.end()) continue;
        emit(MessagePublished{said->first, said->second.topic, said->second.peers});
        pubsub.outgoing.erase(said);
    }
    while (auto event = pubsub.protocol.router().poll()) {
        more = true;
        if (life == Life::Running) std::visit([&](auto& what) { on(std::move(what), now); }, *event);
    }
    return more;
}

} // namespace wherry::node

#include "node/node_parts.h"

/// Presence meets gossip, the book of peers, and the person's wish.
namespace wherry::node {

using crypto::PeerId;

static const std::string kTopic(presence::kTopic);

void Node::Parts::carryOut(RequestId id, SetPresence command, Now now) {
    tellsPresence = command.tells;
    applyPresence(now);
    emit(RequestDone{id});
}

/// Quiet mode is silent about it too. Who goes says so while it is still in the topic.
void Node::Parts::applyPresence(Now now) {
    const bool on = tellsPresence && !quietMode && life == Life::Running;
    if (presence.isOn() == on) return;
    presence.setOn(on);
    meetsFriends = on;
    if (on) {
        if (const auto joined = join(kTopic, now); !joined) warn(joined.error().within("presence"));
    } else {
        settlePresence(now);
        leave(kTopic, now);
    }
}

bool Node::Parts::settlePresence(Now now) {
    gossipsub::Router& router = pubsub.protocol.router();
    if (presence.isOn() && pubsub.numbers.isReady()) presence.setAudience(router.peersOf(kTopic), now);
    bool more = false;
    while (auto said = presence.poll(now)) {
        (void)router.publish(kTopic, std::move(*said), now); // the next one follows
        more = true;
    }
    while (const auto peer = presence.pollChanged()) {
        const peers::KnownPeer* known = people.book.find(*peer);
        if (known && life == Life::Running) emit(PeerChanged{viewOf(*known)});
    }
    return more;
}

gossipsub::Verdict Node::Parts::judgePresence(const PeerId& author, const gossipsub::Message& message) {
    switch (presence.judge(author, message.content(), settlingAt)) {
    case presence::Verdict::Good:
        return gossipsub::Verdict::Accept;
    case presence::Verdict::Ignored:
        return gossipsub::Verdict::Ignore;
    case presence::Verdict::Malformed:
        break;
    }
    return gossipsub::Verdict::Reject;
}

void Node::Parts::hearPresence(const PeerId& author, const gossipsub::Message& message, Now now) {
    const bool known = people.book.find(author) != nullptr;
    presence.onHeard(author, known ? presence::Author::Known : presence::Author::Stranger, message.content(), now);
}

} // namespace wherry::node

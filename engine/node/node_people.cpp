#include "node/node_limits.h"
#include "node/node_parts.h"
#include "node/path_kind.h"
#include "protocols/profile/profile_message.h"

#include <algorithm>

/// The peer book meets the swarm, the dialer, transfers, profiles and texts.
namespace wherry::node {

using crypto::PeerId;
using peers::FoundBy;
using peers::Trust;

namespace {

template <typename T>
concept HasTarget = requires(T& command) {
    { command.target } -> std::same_as<Target&>;
};
template <typename T>
concept HasWait = requires(T& command) {
    { command.wait } -> std::same_as<Duration&>;
};
/// Commands that are only about the book, and those that need it whole.
template <typename T>
constexpr bool kNeedsBook = HasTarget<T> || std::is_same_v<T, SetReceive> || std::is_same_v<T, ListPeers>;
/// Those that need the conversations: who lists peers is told how many messages of each are unread.
template <typename T>
constexpr bool kNeedsMessages =
    std::is_same_v<T, ListPeers> || std::is_same_v<T, SendText> || std::is_same_v<T, RetryText> ||
    std::is_same_v<T, ListMessages> || std::is_same_v<T, MarkRead> || std::is_same_v<T, ClearMessages> ||
    std::is_same_v<T, BlockPeer>;
/// Those that need the book of what is shared.
template <typename T>
constexpr bool kNeedsShares =
    std::is_same_v<T, ShareFiles> || std::is_same_v<T, ListShares> || std::is_same_v<T, RevokeShare>;
/// Answered when it is stored.
template <typename T>
constexpr bool
    kIsConfirmed = (HasTarget<T> && !HasWait<T>) || std::is_same_v<T, ShareFiles> || std::is_same_v<T, RevokeShare>;
/// Decisions about a peer: never on the strength of what it calls itself.
template <typename T> constexpr bool kIsDecision = HasTarget<T> && !HasWait<T>;

text::InboxPolicy inboxPolicy(const transfer::ReceivePolicy& policy) {
    if (!policy.enabled) return text::InboxPolicy::Closed;
    switch (policy.accept) {
    case transfer::Accept::All:
        return text::InboxPolicy::Open;
    case transfer::Accept::Trusted:
        return text::InboxPolicy::Trusted;
    case transfer::Accept::Ask:
        break;
    }
    return text::InboxPolicy::Guarded;
}

} // namespace

// --- the book -----------------------------------------------------------------------------------------------------

void Node::Parts::startPeople(const peers::Claims& profile, Now now) {
    people.book.start(storeRequest(StoreUser::Peers, 1));
    people.messages.start();
    people.text.start(); // takes texts when it has been read: the conversations have been by then
    if (profile != peers::Claims()) people.profile.setProfile(profile, now);
}

void Node::Parts::onPeopleScanned(const StoreScanned& scanned, Now now) {
    if (storeUserOf(scanned.id) == StoreUser::Messages) {
        const bool wasReady = people.messages.isReady();
        people.messages.onStoreScanned(scanned);
        if (!wasReady) retryDeferred(now);
        return;
    }
    if (storeUserOf(scanned.id) == StoreUser::Texts) return people.text.onStoreScanned(scanned, swarm.streams(), now);
    people.book.onLoaded(scanned.rows, now);
    if (people.book.isReadOnly())
        warn(makeError(Errc::Io, "the peer book cannot be read, so it is not known whom you have blocked: nothing is "
                                 "received until that is mended and the program starts again"));
    if (people.book.damagedRows() > 0)
        warn(makeError(Errc::Malformed, "damaged entries in the peer book: " +
                                            std::to_string(people.book.damagedRows()) +
                                            ". Where the key can still be read the device counts as blocked now; "
                                            "`wherry peers` shows it, `wherry peers unblock` takes it back"));
    for (const peers::KnownPeer* known : people.book.all()) {
        if (known->trust == Trust::Blocked) {
            swarm.deny(known->peer, now);
            const auto blocked = makeError(Errc::PermissionDenied, known->peer.text() + " is blocked on this device");
            people.text.onPeerUnreachable(known->peer, blocked, now); // what was asked for before the book was here
        }
        learnVerified(*known);
        presence.know(known->peer);
    }
    while (people.book.pollChange()) {
    } // whoever shows peers asks for all of them at the start
    retryDeferred(now);
}

/// The newest goes first, as it was there last.
void Node::Parts::learnVerified(const peers::KnownPeer& known) {
    if (known.addresses.empty()) return;
    dialer.learn(known.peer, {known.addresses.rbegin(), known.addresses.rend()});
}

std::optional<StoreOp> Node::Parts::pollPeopleStore() {
    if (auto op = people.book.pollStore()) return op;
    // Before the inbox notes that a text has been shown: who is killed between both hears of it again.
    if (auto op = people.messages.pollStore()) return op;
    return people.text.pollStore();
}

bool Node::Parts::settlePeople(Now now) {
    bool more = false;
    while (auto heard = people.profile.poll()) {
        people.book.onClaims(heard->peer, std::move(heard->claims), now);
        more = true;
    }
    while (auto event = people.text.poll()) {
        std::visit([&](auto& what) { on(std::move(what), now); }, *event);
        more = true;
    }
    more = settleMessages(now) || more;
    while (auto wanted = people.text.pollWant()) {
        reach(*wanted, now);
        more = true;
    }
    bool changed = false;
    while (auto peer = people.book.pollChange()) {
        presence.know(*peer);
        if (const peers::KnownPeer* known = people.book.find(*peer)) emit(PeerChanged{viewOf(*known)});
        changed = true;
    }
    if (changed) retryDeferred(now);
    return more || changed;
}

PeerView Node::Parts::viewOf(const peers::KnownPeer& known) const {
    PeerView view;
    view.known = known;
    view.claimsAnothersName = people.book.claimsAnothersName(known.peer);
    view.nearby = people.nearby.contains(known.peer);
    view.unread = people.messages.unread(known.peer);
    if (const auto info = swarm.peer(known.peer)) view.connection = connectionTo(*info);
    if (const auto heard = presence.of(known.peer)) view.presence = HeardPresence{heard->here, heard->at};
    return view;
}

// --- commands that wait -------------------------------------------------------------------------------------------

/// Carries a command out once the book is here and its target is a key; answers it when that cannot be.
void Node::Parts::take(RequestId id, Command command, Now now) {
    Instant giveUp = kNever;
    const auto readiness = std::visit([&](auto& what) { return prepare(id, what, now, giveUp); }, command);
    if (readiness == Readiness::Ready)
        std::visit([&](auto& what) { carryOut(id, std::move(what), now); }, command);
    else if (readiness == Readiness::NotYet)
        defer({id, std::move(command), giveUp}, now);
}

template <typename What> Readiness Node::Parts::prepare(RequestId id, What& what, Now now, Instant& giveUp) {
    if constexpr (kIsConfirmed<What>) {
        if (confirming.size() >= kMaxPendingRequests) {
            emit(RequestFailed{id, makeError(Errc::LimitReached, "too many requests at once")});
            return Readiness::Failed;
        }
    }
    if constexpr (HasWait<What>) giveUp = now.mono + what.wait;
    if constexpr (kNeedsMessages<What>)
        if (!people.messages.isReady()) return Readiness::NotYet;
    if constexpr (kNeedsShares<What>) return sharing.book.loaded() ? Readiness::Ready : Readiness::NotYet;
    if constexpr (!kNeedsBook<What>) return Readiness::Ready;
    // Whoever is known by key can be gone to at once; a blocked peer is refused by the swarm as soon as the book is
    // here.
    bool needsNoBook = false;
    if constexpr (HasTarget<What>) needsNoBook = !kIsDecision<What> && what.target.name.empty();
    if (!people.book.isLoaded() && !needsNoBook) return Readiness::NotYet;
    if constexpr (HasTarget<What>) {
        const auto found = settleTarget(id, what.target, kIsDecision<What>);
        if (found && HasWait<What>) tellPathInUse(what.target.peer);
        if (found) return Readiness::Ready;
        if (HasWait<What> && found.error().code == Errc::NotFound && now.mono < giveUp) return Readiness::NotYet;
        Error why = found.error();
        if (HasWait<What> && why.code == Errc::NotFound)
            why = makeError(Errc::Unreachable, "'" + what.target.name + "': " + why.context);
        emit(RequestFailed{id, std::move(why)});
        return Readiness::Failed;
    }
    return Readiness::Ready;
}

/// Puts a key in the place of a name.
Result<void> Node::Parts::settleTarget(RequestId id, Target& target, bool isDecision) {
    if (!target.name.empty()) {
        TRY(const peers::Found found, people.book.resolve(target.name));
        if (isDecision && found.by == FoundBy::Claim)
            return makeError(Errc::InvalidArgument,
                             "'" + target.name +
                                 "' is only what that device calls itself. Use its id: " + found.peer.text());
        target.peer = found.peer;
        target.name.clear();
        emit(TargetFound{id, found.peer, found.by});
    }
    if (target.peer.empty()) return makeError(Errc::InvalidArgument, "nobody is meant: neither a key nor a name");
    if (!isDecision && people.book.trustOf(target.peer) == Trust::Blocked)
        return makeError(Errc::PermissionDenied, target.peer.text() + " is blocked on this device");
    return {};
}

void Node::Parts::defer(Deferred what, Now now) {
    if (people.deferred.size() >= kMaxPendingRequests)
        return emit(RequestFailed{what.id, makeError(Errc::LimitReached, "too many requests at once")});
    people.deferred.push_back(std::move(what));
    seek(now);
}

/// Something about peers has changed: commands that waited for it go on, in their order.
void Node::Parts::retryDeferred(Now now) {
    for (Deferred& held : std::exchange(people.deferred, {})) {
        const auto shorten = [&](auto& what) {
            if constexpr (HasWait<std::decay_t<decltype(what)>>)
                what.wait = std::max(Duration(0), held.giveUp - now.mono);
        };
        std::visit(shorten, held.command);
        take(held.id, std::move(held.command), now);
    }
}

Instant Node::Parts::peopleDeadline() const {
    Instant next = kNever;
    if (!people.book.isLoaded() || !people.messages.isReady()) return next; // nothing can be said before
    for (const Deferred& held : people.deferred) next = std::min(next, held.giveUp);
    return next;
}

bool Node::Parts::cancelPeople(RequestId request) {
    const auto deferred = std::ranges::find(people.deferred, request, &Deferred::id);
    if (deferred != people.deferred.end()) {
        people.deferred.erase(deferred);
        emit(RequestFailed{request, makeError(Errc::Cancelled, "no longer wanted")});
        return true;
    }
    if (people.messages.cancel(request)) return true;
    const auto text = std::ranges::find(people.texts, request, [](const auto& one) { return one.second.request; });
    return text != people.texts.end() && people.text.cancel(text->first, swarm.streams());
}

void Node::Parts::shutdownPeople() {
    for (const Deferred& held : std::exchange(people.deferred, {}))
        emit(RequestFailed{held.id, makeError(Errc::Cancelled, "the node is shutting down")});
    for (const auto& [scan, decision] : std::exchange(confirming, {}))
        if (decision.request)
            emit(RequestFailed{*decision.request, makeError(Errc::Cancelled, "the node is shutting down")});
    people.text.shutdown(swarm.streams());
}

// --- decisions ----------------------------------------------------------------------------------------------------

void Node::Parts::answerDecision(RequestId id, const Result<void>& decided, Now now) {
    if (!decided) return emit(RequestFailed{id, decided.error()});
    applyReceivePolicy(now);
    confirm({.request = id});
}

void Node::Parts::refuseOwnKey(RequestId id) {
    emit(RequestFailed{id, makeError(Errc::InvalidArgument, "this is the key of this device")});
}

void Node::Parts::carryOut(RequestId id, TrustPeer command, Now now) {
    if (command.target.peer == self) return refuseOwnKey(id);
    answerDecision(id, people.book.trust(command.target.peer, now), now);
}

void Node::Parts::carryOut(RequestId id, UntrustPeer command, Now now) {
    answerDecision(id, people.book.untrust(command.target.peer, now), now);
}

void Node::Parts::carryOut(RequestId id, BlockPeer command, Now now) {
    const PeerId& peer = command.target.peer;
    if (peer == self) return refuseOwnKey(id);
    const auto decided = people.book.block(peer, now);
    if (decided) {
        swarm.deny(peer, now);
        forgetMessages(peer);
    }
    answerDecision(id, decided, now);
}

void Node::Parts::carryOut(RequestId id, UnblockPeer command, Now now) {
    const auto decided = people.book.unblock(command.target.peer, now);
    if (decided) swarm.allow(command.target.peer);
    answerDecision(id, decided, now);
}

void Node::Parts::carryOut(RequestId id, SetAlias command, Now now) {
    answerDecision(id, people.book.setAlias(command.target.peer, std::move(command.alias), now), now);
}

void Node::Parts::carryOut(RequestId id, ListPeers command, Now) {
    PeersListed listed{id, {}};
    for (const peers::KnownPeer* known : people.book.all()) {
        if (known->peer == self || !(command.after < known->peer)) continue;
        listed.more = listed.peers.size() == kMaxListedPeers;
        if (listed.more) break;
        listed.peers.push_back(viewOf(*known));
    }
    emit(std::move(listed));
}

void Node::Parts::carryOut(RequestId id, SetProfile command, Now now) {
    if (const auto good = profile::checkOwnProfile(command.claims); !good) return emit(RequestFailed{id, good.error()});
    people.profile.setProfile(command.claims, now);
    emit(RequestDone{id});
}

/// What the person asked for, with the keys that the book trusts.
void Node::Parts::applyReceivePolicy(Now now) {
    transfer::ReceivePolicy policy = receivePolicy;
    for (const peers::KnownPeer* known : people.book.all())
        if (known->trust == Trust::Trusted) policy.trusted.push_back(known->peer);
    people.text.setInbox(inboxPolicy(policy));
    transfers.setReceivePolicy(std::move(policy), now);
}

// --- connections --------------------------------------------------------------------------------------------------

void Node::Parts::meet(const swarm::PeerInfo& peer, Now now) {
    people.book.onConnected(peer.peer, now);
    if (peer.side == link::Side::Dialer) people.book.onDialled(peer.peer, peer.remote, now);
}

/// A device nearby is asked who it says it is: by connecting to it, as many as the rate allows.
void Node::Parts::greet(const PeerId& peer, Now now) {
    people.nearby.insert(peer);
    if (quietMode && people.deferred.empty()) return; // nobody is sought
    if (peer == self || swarm.peer(peer) || people.book.trustOf(peer) == Trust::Blocked) return;
    if (people.greetings.allow(now.mono)) dialer.attempt(peer);
}

} // namespace wherry::node

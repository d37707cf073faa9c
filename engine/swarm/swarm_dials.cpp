#include "swarm/error_codes.h"
#include "swarm/swarm_impl.h"

#include <algorithm>

namespace wherry::swarm {

using link::LinkId;
using link::Side;

void Swarm::Impl::failConnect(ConnectId id, const crypto::PeerId& peer, Error error) {
    events.push_back(ConnectFailed{id, peer, std::move(error)});
}

Error Swarm::Impl::denial(const crypto::PeerId& peer) {
    return makeError(Errc::PermissionDenied, peer.text() + " is blocked on this device");
}

ConnectId Swarm::Impl::connect(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses, Wish wish,
                               Now now) {
    const ConnectId id = connectIds.take();
    if (peer.empty() || peer == config.self) {
        failConnect(id, peer, makeError(Errc::InvalidArgument, "connecting to this node itself"));
        return id;
    }
    if (denied.contains(peer)) {
        failConnect(id, peer, denial(peer));
        return id;
    }
    if (const LinkState* link = currentLink(peer); link && !(wish.direct && link->info.relayed())) {
        events.push_back(Connected{id, link->info});
        return id;
    }
    if (connects.size() >= kMaxConnects) {
        failConnect(id, peer, makeError(Errc::LimitReached, "too many connections are being made"));
        return id;
    }
    const auto old = races.find(peer);
    if (old != races.end() && old->second.lingerUntil != kNever) endRace(peer, now);
    RaceState& state = races.try_emplace(peer, RaceState{DialRace(peer, wish.pace), {}, {}, kNever}).first->second;
    if (auto added = state.race.add(addresses, now); !added) {
        failConnect(id, peer, added.error());
        if (state.waiters.empty()) endRace(peer, now);
        return id;
    }
    const Instant deadline = now.mono + config.connectTimeout;
    state.waiters[id] = {deadline, wish.direct, addresses};
    connects[id] = peer;
    connectTimers.insert({deadline, id});
    return id;
}

void Swarm::Impl::cancelConnect(ConnectId id, Now now) {
    const auto found = connects.find(id);
    if (found == connects.end()) return;
    const crypto::PeerId peer = found->second;
    connects.erase(found);
    RaceState& state = races.at(peer);
    connectTimers.erase({state.waiters.at(id).until, id});
    state.waiters.erase(id);
    failConnect(id, peer, makeError(Errc::Cancelled, "connecting to " + peer.text()));
    if (state.waiters.empty()) endRace(peer, now);
}

/// Starts every dial that is due and for which there is room. Returns whether anything has changed.
bool Swarm::Impl::startDials(Now now) {
    bool changed = false;
    std::vector<crypto::PeerId> lost;
    for (auto& [peer, state] : races) {
        while (dials.size() < kMaxPendingDials) {
            const auto address = state.race.next(now);
            if (!address) break;
            changed = true;
            startDial(peer, state, *address, now);
        }
        if (state.race.exhausted() && state.dials.empty()) lost.push_back(peer);
    }
    for (const crypto::PeerId& peer : lost) failRace(peer, std::nullopt, now);
    return changed || !lost.empty();
}

void Swarm::Impl::startDial(const crypto::PeerId& peer, RaceState& state, const codec::Multiaddr& address, Now now) {
    if (budget.links() + dials.size() >= config.maxLinks) {
        state.race.onFailed(address, makeError(Errc::LimitReached, "too many connections"), now);
        return;
    }
    for (size_t i = 0; i < carriers.size(); ++i) {
        if (!carriers[i]->canDial(address)) continue;
        auto dialled = carriers[i]->dial(address, peer, now);
        if (!dialled) {
            state.race.onFailed(address, dialled.error(), now);
            return;
        }
        LOG(log, Debug, "swarm", "dialling " << peer.shortText() << " at " << address.text());
        const DialKey key{i, *dialled};
        dials[key] = {peer, address};
        state.dials.insert(key);
        return;
    }
    state.race.onFailed(address, makeError(Errc::Unsupported, "no transport for this kind of address"), now);
}

void Swarm::Impl::onDialFailed(DialKey key, const Error& error, Now now) {
    const auto found = dials.find(key);
    if (found == dials.end()) return;
    const DialState dial = std::move(found->second);
    dials.erase(found);
    const auto race = races.find(dial.peer);
    if (race == races.end()) return;
    race->second.dials.erase(key);
    race->second.race.onFailed(dial.address, error, now);
}

/// The peer is connected: every waiting connect() for which this link will do has its answer. Our own dials go on for a
/// while where they may still bring a better link: the direct ones beside a relayed link, and those of a peer that has
/// dialled us, too, for it may have judged one of them to be the better link already.
void Swarm::Impl::raceConnected(const PeerInfo& info, Now now) {
    const auto found = races.find(info.peer);
    if (found == races.end()) return;
    RaceState& state = found->second;
    for (auto it = state.waiters.begin(); it != state.waiters.end();) {
        const auto& [id, waiter] = *it;
        if (waiter.direct && info.relayed()) {
            ++it;
            continue;
        }
        events.push_back(Connected{id, info});
        connectTimers.erase({waiter.until, id});
        connects.erase(id);
        it = state.waiters.erase(it);
    }
    if (info.relayed()) return keepDirectDials(info.peer, state, now);
    state.race.stop();
    if (info.side == Side::Dialer || state.dials.empty()) return endRace(info.peer, now);
    if (state.lingerUntil == kNever) state.lingerUntil = now.mono + kSimultaneousDialSpan;
}

/// What is left of a race once a relay has led to the peer.
void Swarm::Impl::keepDirectDials(const crypto::PeerId& peer, RaceState& state, Now now) {
    state.race.stopRelayed();
    for (auto it = state.dials.begin(); it != state.dials.end();) {
        const DialKey key = *it;
        if (!dials.at(key).address.isCircuit()) {
            ++it;
            continue;
        }
        it = state.dials.erase(it);
        dials.erase(key);
        carriers[key.carrierIndex]->close(key.inner, kConnectionSupplanted, "another address answered first", now);
    }
    if (!state.waiters.empty()) return;
    if (state.race.exhausted() && state.dials.empty()) return endRace(peer, now);
    if (state.lingerUntil == kNever) state.lingerUntil = now.mono + kDirectDialsBesideRelay;
}

/// Ends what is left of a race that nobody waits for.
void Swarm::Impl::endRace(const crypto::PeerId& peer, Now now) {
    const auto found = races.find(peer);
    if (found == races.end()) return;
    ASSERT(found->second.waiters.empty());
    const std::set<DialKey> left = std::move(found->second.dials);
    races.erase(found);
    for (const DialKey& key : left) {
        dials.erase(key);
        carriers[key.carrierIndex]->close(key.inner, kConnectionSupplanted, "another address answered first", now);
    }
}

/// Without an error: because all its dials have failed.
void Swarm::Impl::failRace(const crypto::PeerId& peer, const std::optional<Error>& error, Now now) {
    RaceState& state = races.at(peer);
    for (const auto& [id, waiter] : state.waiters) {
        failConnect(id, peer, error ? *error : state.race.failure({}, waiter.given));
        connectTimers.erase({waiter.until, id});
        connects.erase(id);
    }
    state.waiters.clear();
    endRace(peer, now);
}

void Swarm::Impl::onDialTimers(Now now) {
    while (!connectTimers.empty() && connectTimers.begin()->first <= now.mono) {
        const ConnectId id = connectTimers.begin()->second;
        connectTimers.erase(connectTimers.begin());
        const crypto::PeerId peer = connects.at(id);
        connects.erase(id);
        RaceState& state = races.at(peer);
        std::string unanswered;
        for (const DialKey& key : state.dials)
            unanswered += (unanswered.empty() ? "no answer from " : ", ") + dials.at(key).address.text();
        failConnect(id, peer,
                    state.race.failure(unanswered.empty() ? "there was no room to dial in time" : unanswered,
                                       state.waiters.at(id).given));
        state.waiters.erase(id);
        if (state.waiters.empty()) endRace(peer, now);
    }
    std::vector<crypto::PeerId> over;
    for (const auto& [peer, state] : races)
        if (state.lingerUntil <= now.mono) over.push_back(peer);
    for (const crypto::PeerId& peer : over) endRace(peer, now);
}

Instant Swarm::Impl::dialDeadline() const {
    Instant next = connectTimers.empty() ? kNever : connectTimers.begin()->first;
    const bool room = dials.size() < kMaxPendingDials;
    for (const auto& [peer, state] : races) {
        next = std::min(next, state.lingerUntil);
        if (room) next = std::min(next, state.race.due());
    }
    return next;
}

} // namespace wherry::swarm

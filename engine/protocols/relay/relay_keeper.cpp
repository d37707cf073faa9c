#include "protocols/relay/relay_keeper.h"

#include <algorithm>
#include <utility>

namespace wherry::relay {

using crypto::PeerId;

RelayKeeper::Relay* RelayKeeper::known(const PeerId& relay) {
    const auto found = m_relays.find(relay);
    return found == m_relays.end() ? nullptr : &found->second;
}

void RelayKeeper::setConfigured(const std::vector<PeerId>& relays, Now now) {
    for (auto& [id, relay] : m_relays) relay.configured = false;
    for (const PeerId& id : relays) {
        const bool isNew = !m_relays.contains(id);
        Relay& relay = m_relays[id];
        relay.configured = true;
        if (isNew) relay.nextTry = now.mono;
    }
}

void RelayKeeper::giveUpUnnamed(Now now) {
    m_wanted = false;
    for (auto& [id, relay] : m_relays)
        if (!relay.configured && std::exchange(relay.until, std::nullopt)) relay.nextTry = now.mono + kRegainPause;
}

void RelayKeeper::onConnected(const PeerId& id) {
    Relay* relay = known(id);
    if (!relay || relay->connected) return;
    relay->connected = true;
    relay->busy = false;
}

/// A reservation is gone with its connection.
void RelayKeeper::onGone(const PeerId& id, Now now) {
    Relay* relay = known(id);
    if (!relay) return;
    const bool wasMet = std::exchange(relay->connected, false);
    const bool wasBusy = std::exchange(relay->busy, false);
    if (!wasMet) { // a dial has led to it through another relay
        if (wasBusy) fail(*relay, now);
        return;
    }
    if (relay->until) {
        relay->until.reset();
        relay->pause = kFirstPause;
        relay->nextTry = now.mono + kRegainPause;
    }
    relay->nextTry = std::max(relay->nextTry, now.mono + kRegainPause);
}

void RelayKeeper::onServes(const PeerId& id, bool serves, Now now) {
    if (Relay* relay = known(id)) {
        const bool anew = serves && !std::exchange(relay->serves, serves);
        relay->worthMeeting = serves;
        if (!serves && std::exchange(relay->until, std::nullopt)) // what it held for us went with it
            relay->nextTry = now.mono + relay->pause;
        if (anew) relay->nextTry = std::min(relay->nextTry, now.mono + kRegainPause);
        return;
    }
    if (!serves || !makeRoom()) return;
    Relay& fresh = m_relays[id];
    fresh.connected = true;
    fresh.serves = true;
    fresh.worthMeeting = true;
    fresh.nextTry = now.mono;
}

/// One that is of no use at present gives way.
bool RelayKeeper::makeRoom() {
    if (m_relays.size() < kMaxCandidates) return true;
    const auto idle = [](const auto& one) { return !one.second.configured && !one.second.until && !one.second.busy; };
    const auto useless =
        std::ranges::find_if(m_relays, [&](const auto& one) { return idle(one) && !one.second.connected; });
    if (useless == m_relays.end()) return false;
    m_relays.erase(useless);
    return true;
}

void RelayKeeper::onReserved(const PeerId& id, Instant until, Now now) {
    Relay* relay = known(id);
    if (!relay || !relay->connected) return;
    relay->busy = false;
    relay->worthMeeting = true;
    if (!relay->configured && !m_wanted) return; // any longer
    relay->until = until;
    relay->pause = kFirstPause;
    relay->nextTry = now.mono + std::max<Duration>((until - now.mono) / kRefreshDenominator * kRefreshNumerator,
                                                   kMinRefreshInterval);
}

void RelayKeeper::fail(Relay& relay, Now now) {
    relay.busy = false;
    relay.nextTry = now.mono + relay.pause;
    relay.pause = std::min<Duration>(2 * relay.pause, kMaxPause);
}

void RelayKeeper::onFailed(const PeerId& id, Now now) {
    if (Relay* relay = known(id)) fail(*relay, now);
}

void RelayKeeper::onUnreachable(const PeerId& id, Now now) {
    Relay* relay = known(id);
    if (!relay || relay->connected) return;
    relay->worthMeeting = relay->worthMeeting && relay->pause < kMaxPause;
    fail(*relay, now);
}

bool RelayKeeper::isHeld(const PeerId& id) const {
    const auto found = m_relays.find(id);
    return found != m_relays.end() && found->second.until.has_value();
}

std::vector<PeerId> RelayKeeper::held() const {
    std::vector<PeerId> out;
    for (const auto& [id, relay] : m_relays)
        if (relay.until) out.push_back(id);
    return out;
}

size_t RelayKeeper::heldOrAsked() const {
    return static_cast<size_t>(
        std::ranges::count_if(m_relays, [](const auto& one) { return one.second.until || one.second.busy; }));
}

Instant RelayKeeper::due(const Relay& relay) const {
    if (relay.busy) return kNever;
    if (relay.until) {
        const bool stays = relay.connected && (relay.configured || m_wanted);
        return stays ? std::min(relay.nextTry, *relay.until) : *relay.until;
    }
    if (!relay.configured && (!m_wanted || heldOrAsked() >= kWantedRelays)) return kNever;
    const bool promising = relay.connected ? relay.serves || relay.configured : relay.configured || relay.worthMeeting;
    return promising ? relay.nextTry : kNever;
}

std::optional<KeeperAction> RelayKeeper::poll(Now now) {
    for (auto& [id, relay] : m_relays)
        if (relay.until && *relay.until <= now.mono) relay.until.reset();
    std::vector<std::pair<const PeerId, Relay>*> due;
    for (auto& one : m_relays)
        if (this->due(one.second) <= now.mono) due.push_back(&one);
    if (due.empty()) return std::nullopt;
    const auto isGone = [](const auto* one) { return !one->second.connected && !one->second.configured; };
    if (!std::ranges::all_of(due, isGone)) std::erase_if(due, isGone);
    auto& [id, relay] = *due[m_random.below(due.size())];
    relay.busy = true;
    if (relay.connected) return AskRelay{id};
    return MeetRelay{id};
}

Instant RelayKeeper::deadline() const {
    Instant next = kNever;
    for (const auto& [id, relay] : m_relays) next = std::min(next, due(relay));
    return next;
}

} // namespace wherry::relay

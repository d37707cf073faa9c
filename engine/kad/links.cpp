#include "kad/links.h"

#include "base/take_front.h"

#include <algorithm>

namespace wherry::kad {

using crypto::PeerId;

bool Links::want(const PeerId& peer, const std::vector<codec::Multiaddr>& addresses, Now now) {
    if (m_dials.contains(peer)) {
        m_actions.push_back(Dial{peer, addresses}); // more addresses for the same race
        return true;
    }
    const auto queued = std::ranges::find(m_queue, peer, &Dial::peer);
    if (queued != m_queue.end()) {
        queued->addresses.insert(queued->addresses.end(), addresses.begin(), addresses.end());
        if (queued->addresses.size() > kMaxAddresses) queued->addresses.resize(kMaxAddresses);
        return true;
    }
    if (m_queue.size() >= m_caps.queued) return false;
    m_queue.push_back({peer, addresses});
    next(now);
    return true;
}

void Links::next(Now now) {
    while (!m_queue.empty() && m_dials.size() < m_caps.dialling) {
        Dial dial = std::move(m_queue.front());
        m_queue.pop_front();
        m_dials[dial.peer] = {now.mono + kDialTimeout};
        m_actions.push_back(std::move(dial));
    }
}

void Links::touch(const PeerId& peer, Now now) {
    if (const auto held = m_held.find(peer); held != m_held.end()) held->second = now.mono;
}

void Links::release(const PeerId& peer) {
    m_held.erase(peer);
}

void Links::keep(const std::string& group, const std::vector<PeerId>& peers) {
    m_kept[group] = {peers.begin(), peers.end()};
}

bool Links::isKept(const PeerId& peer) const {
    return std::ranges::any_of(m_kept, [&](const auto& group) { return group.second.contains(peer); });
}

void Links::onConnected(const PeerId& peer, Now now) {
    std::erase_if(m_queue, [&](const Dial& dial) { return dial.peer == peer; });
    if (m_dials.erase(peer) == 0) return;
    while (!m_held.empty() && m_held.size() >= m_caps.held) closeOldest();
    m_held[peer] = now.mono;
    next(now);
}

/// Who is kept goes last.
void Links::closeOldest() {
    const auto oldest =
        std::ranges::min_element(m_held, {}, [&](const auto& one) { return std::pair(isKept(one.first), one.second); });
    m_actions.push_back(CloseLink{oldest->first, CloseWhen::Now});
    m_held.erase(oldest);
}

void Links::onFailed(const PeerId& peer, Now now) {
    m_dials.erase(peer);
    next(now);
}

void Links::onGone(const PeerId& peer) {
    m_held.erase(peer);
}

Instant Links::deadline() const {
    Instant next = kNever;
    for (const auto& [peer, under] : m_dials)
        if (!under.givenUp) next = std::min(next, under.giveUp);
    for (const auto& [peer, used] : m_held)
        if (!isKept(peer)) next = std::min(next, used + kIdleLink);
    return next;
}

void Links::onDeadline(Now now) {
    for (auto& [peer, under] : m_dials) {
        if (under.givenUp || now.mono < under.giveUp) continue;
        under.givenUp = true;
        m_actions.push_back(GiveUpDial{peer});
    }
    for (auto& [peer, used] : m_held) {
        if (isKept(peer) || now.mono < used + kIdleLink) continue;
        used = now.mono; // asked again should it not be closed
        m_actions.push_back(CloseLink{peer});
    }
}

std::optional<LinkAction> Links::poll() {
    return takeFront(m_actions);
}

} // namespace wherry::kad

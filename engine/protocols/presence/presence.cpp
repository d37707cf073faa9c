#include "protocols/presence/presence.h"

#include "base/take_front.h"

#include <algorithm>
#include <utility>

namespace wherry::presence {

using crypto::PeerId;

Duration Presence::between(Duration least, Duration most) {
    return least + Duration(static_cast<int64_t>(m_random.below(static_cast<uint64_t>((most - least).count()) + 1)));
}

void Presence::setOn(bool on, Now now) {
    if (std::exchange(m_on, on) == on) return;
    m_goes = !on && m_arrived && m_audience;
    m_arrived = false;
    m_due = on ? now.mono + between(kSoonAtLeast, kSoonAtMost) : kNever;
    if (on) return;
    for (const auto& [peer, device] : std::exchange(m_devices, {})) m_changed.push_back(peer);
    m_ends.clear();
}

/// Whoever was alone arrives when somebody listens.
void Presence::setAudience(bool there, Now now) {
    if (std::exchange(m_audience, there) == there || !m_on || !there) return;
    m_arrived = false;
    saySoon(now);
}

void Presence::saySoon(Now now) {
    if (m_extra.allow(now.mono)) m_due = std::min(m_due, now.mono + between(kSoonAtLeast, kSoonAtMost));
}

std::optional<Bytes> Presence::poll(Now now) {
    if (std::exchange(m_goes, false)) return encodeStatement({now.wall, false, kPromise, false});
    if (!m_on || !m_audience || now.mono < m_due) return std::nullopt;
    m_due = now.mono + between(kInterval - kJitter, kInterval + kJitter);
    return encodeStatement({now.wall, true, kPromise, !std::exchange(m_arrived, true)});
}

// --- others -------------------------------------------------------------------------------------------------------

Verdict Presence::judge(const PeerId& author, ByteView message, Now now) {
    const auto said = decodeStatement(message);
    if (!said) return Verdict::Malformed;
    // Neither difference overflows: the times of messages are not negative, nor is ours.
    const int64_t ours = std::max<int64_t>(now.wall.nanoseconds, 0);
    const Duration age(ours - said->sent.nanoseconds);
    if (age > kMaxAge || age < -kMaxAge) return Verdict::Ignored;
    return m_rates.allow(author, now.mono) ? Verdict::Good : Verdict::Ignored;
}

void Presence::onHeard(const PeerId& author, ByteView message, Now now) {
    const auto said = decodeStatement(message);
    if (!said || !m_on) return;
    const auto known = m_devices.find(author);
    if (known != m_devices.end() && said->sent <= known->second.sent) return; // overtaken on its way
    if (known == m_devices.end() && m_devices.size() >= kMaxHeard) makeRoom();
    Device& device = m_devices[author];
    device.sent = said->sent;
    device.heard = {said->here, now.wall};
    setUntil(author, device, said->here ? now.mono + said->promise + kGrace : kNever);
    m_changed.push_back(author);
    if (said->arrived && said->here) saySoon(now);
}

void Presence::setUntil(const PeerId& peer, Device& device, Instant until) {
    m_ends.erase({device.until, peer});
    device.until = until;
    if (until != kNever) m_ends.insert({until, peer});
}

/// Whom we have not heard for longest gives way.
void Presence::makeRoom() {
    const auto oldest = std::ranges::min_element(
        m_devices, [](const auto& one, const auto& other) { return one.second.heard.at < other.second.heard.at; });
    setUntil(oldest->first, oldest->second, kNever);
    m_changed.push_back(oldest->first);
    m_devices.erase(oldest);
}

std::optional<PeerId> Presence::pollChanged() {
    return takeFront(m_changed);
}

std::optional<Heard> Presence::of(const PeerId& peer) const {
    const auto known = m_devices.find(peer);
    return known == m_devices.end() ? std::nullopt : std::optional(known->second.heard);
}

Instant Presence::deadline() const {
    const Instant say = m_on && m_audience ? m_due : kNever;
    return m_ends.empty() ? say : std::min(say, m_ends.begin()->first);
}

void Presence::onDeadline(Now now) {
    while (!m_ends.empty() && m_ends.begin()->first <= now.mono) {
        const PeerId peer = m_ends.begin()->second;
        Device& device = m_devices.at(peer);
        device.heard.here = false;
        setUntil(peer, device, kNever);
        m_changed.push_back(peer);
    }
}

} // namespace wherry::presence

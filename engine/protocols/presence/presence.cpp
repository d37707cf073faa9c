#include "protocols/presence/presence.h"

#include "base/take_front.h"

#include <algorithm>
#include <utility>

namespace wherry::presence {

using crypto::PeerId;

Duration Presence::between(Duration least, Duration most) {
    return least + Duration(static_cast<int64_t>(m_random.below(static_cast<uint64_t>((most - least).count()) + 1)));
}

void Presence::setOn(bool on) {
    if (std::exchange(m_on, on) == on) return;
    m_goes = !on && m_arrived && m_audience > 0;
    m_arrived = false;
    m_audience = 0;
    m_due = m_again = kNever;
    if (on) return;
    for (const auto& [peer, device] : m_known.all()) m_changed.push_back(peer);
    m_known = HeardDevices(kMaxHeard);
    m_strangers = HeardDevices(kMaxStrangers);
}

/// Whoever was alone arrives when somebody listens. While it is new it may meet parts of the network that have not
/// heard it: there are those from whom it has not heard either.
void Presence::setAudience(const std::set<PeerId>& peers, Now now) {
    const size_t before = std::exchange(m_audience, peers.size());
    if (!m_on || peers.empty()) return;
    if (before == 0) {
        m_settled = now.mono + kSettling;
        m_due = m_again = kNever;
        return arrive(now);
    }
    if (peers.size() > before && now.mono < m_settled) m_again = std::min(m_again, now.mono + kHeardWithin);
    if (now.mono < m_again) return;
    m_again = kNever;
    const auto isUnheard = [&](const PeerId& peer) { return !m_known.find(peer) && !m_strangers.find(peer); };
    if (std::ranges::any_of(peers, isUnheard)) arrive(now);
}

void Presence::arrive(Now now) {
    m_arrived = false;
    saySoon(m_extra, kArriveAtLeast, kArriveAtMost, now);
}

/// Or as soon as the rate allows it. Whatever is said then answers all who have come in before.
void Presence::saySoon(RateLimit& rate, Duration least, Duration most, Now now) {
    if (m_due <= now.mono + most) return;
    const Instant at = std::max(now.mono + between(least, most), rate.allowsAt());
    if (at >= m_due) return;
    rate.spend(at);
    m_due = at;
}

Duration Presence::spread() const {
    const auto others = static_cast<int64_t>(m_known.present() + m_strangers.present());
    return std::clamp(others * kSpreadPerDevice, kSoonAtMost, kSpreadAtMost);
}

std::optional<Bytes> Presence::poll(Now now) {
    if (std::exchange(m_goes, false)) return encodeStatement({now.wall, false, kPromise, false});
    if (!m_on || m_audience == 0 || now.mono < m_due) return std::nullopt;
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

void Presence::onHeard(const PeerId& author, Author who, ByteView message, Now now) {
    const auto said = decodeStatement(message);
    if (!said || !m_on) return;
    if (who == Author::Known) know(author);
    const HeardDevices& those = who == Author::Known ? m_known : m_strangers;
    if (const auto* before = those.find(author); before && said->sent <= before->sent) return; // overtaken on its way
    const Instant until = said->here ? now.mono + said->promise + kGrace : kNever;
    const HeardDevices::Device device{{said->here, now.wall}, said->sent, until};
    if (who == Author::Known)
        keep(author, device);
    else
        m_strangers.put(author, device);
    if (!said->arrived || !said->here) return;
    if (who == Author::Known)
        saySoon(m_extra, kSoonAtLeast, kSoonAtMost, now);
    else
        saySoon(m_answers, kSoonAtLeast, spread(), now);
}

void Presence::know(const PeerId& peer) {
    if (const auto device = m_strangers.take(peer)) keep(peer, *device);
}

void Presence::keep(const PeerId& peer, const HeardDevices::Device& device) {
    if (const auto gaveWay = m_known.put(peer, device)) m_changed.push_back(*gaveWay);
    m_changed.push_back(peer);
}

std::optional<PeerId> Presence::pollChanged() {
    return takeFront(m_changed);
}

std::optional<Heard> Presence::of(const PeerId& peer) const {
    const auto* known = m_known.find(peer);
    return known ? std::optional(known->heard) : std::nullopt;
}

Instant Presence::deadline() const {
    const Instant say = m_on && m_audience > 0 ? std::min(m_due, m_again) : kNever;
    return std::min({say, m_known.end(), m_strangers.end()});
}

void Presence::onDeadline(Now now) {
    while (m_strangers.end() <= now.mono) m_strangers.take(PeerId(m_strangers.first()));
    while (m_known.end() <= now.mono) {
        m_changed.push_back(m_known.first());
        m_known.endFirst();
    }
}

} // namespace wherry::presence

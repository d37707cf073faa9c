#include "link/bandwidth_gate.h"

#include "link/link_limits.h"

#include <algorithm>

namespace wherry::link {

namespace {

uint64_t bytesIn(BitRate rate, Duration time) {
    return static_cast<uint64_t>(static_cast<double>(rate.perSecond) / 8e9 * static_cast<double>(time.count()));
}

bool exempt(const Bandwidth& all, bool privateNetwork) {
    return privateNetwork && !all.limits().limitLan;
}

} // namespace

bool BandwidthGate::limited(Direction direction) const {
    return m_all.rate(direction).limited() && !exempt(m_all, m_private);
}

uint64_t BandwidthGate::sendAllowance(Instant now) {
    return limited(Direction::Up) ? m_link.up.grant(0, now) : kUnlimited;
}

void BandwidthGate::onSent(uint64_t bytes) {
    if (!limited(Direction::Up)) return;
    m_link.up.spend(bytes);
    m_link.up.forgiveAbove(kMaxOwedUpload);
}

bool BandwidthGate::maySendSmall() const {
    return !limited(Direction::Up) || m_link.up.owed() < kMaxOwedSmall;
}

void BandwidthGate::onReceived(uint64_t bytes, Duration roundTrip, Instant now) {
    if (!limited(Direction::Down)) return;
    // Credit that lay unused for long counts as new: it would make a burst.
    if (now - m_lastUse > 3 * roundTrip + kPaidAhead) m_paidAhead = 0;
    m_lastUse = now;
    const uint64_t paid = std::min(bytes, m_paidAhead);
    m_link.down.spend(bytes - paid);
    m_link.down.forgiveAbove(bytesIn(m_link.down.rate(), kMaxOwedDownload));
    m_paidAhead -= paid;
}

uint64_t BandwidthGate::creditAllowance(uint64_t held, Instant now) {
    if (!delaysCredit()) return held;
    const uint64_t worthATurn = std::min(held, bytesIn(m_link.down.rate(), kCreditTurn));
    return std::min(held, m_link.down.grant(worthATurn, now));
}

void BandwidthGate::onCredit(uint64_t bytes, Instant now) {
    if (!delaysCredit()) return;
    m_lastUse = now;
    m_link.down.spend(bytes);
    m_paidAhead += bytes;
}

uint64_t BandwidthGate::firstStreamWindow(const Bandwidth& all, const codec::IpAddress& remote, uint64_t usual) {
    const BitRate rate = all.rate(Direction::Down);
    if (!rate.limited() || exempt(all, remote.isPrivate())) return usual;
    return std::min(usual, std::max(kMinFirstStreamWindow, bytesIn(rate, kFirstWindowTime)));
}

} // namespace wherry::link

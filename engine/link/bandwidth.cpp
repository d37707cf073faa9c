#include "link/bandwidth.h"

#include "base/assert.h"
#include "link/link_limits.h"

#include <algorithm>

namespace wherry::link {

namespace {

BitRate smaller(BitRate a, BitRate b) {
    if (!a.limited()) return b;
    if (!b.limited()) return a;
    return std::min(a, b);
}

/// How long `bytes` take. A day is longer than any debt lives, and keeps the sum in range.
Duration timeFor(uint64_t bytes, BitRate rate) {
    constexpr double kLongest = 86'400e9;
    const double nanoseconds = static_cast<double>(bytes) * 8e9 / static_cast<double>(rate.perSecond);
    return Duration(static_cast<int64_t>(std::min(nanoseconds, kLongest)));
}

} // namespace

// --- RateClock ----------------------------------------------------------------------------------------------------

void RateClock::setRate(BitRate rate) {
    if (rate == m_rate) return;
    m_rate = rate;
    m_usedUpTo = {};
}

Instant RateClock::takeTurn(uint64_t bytes, Instant now) {
    if (!m_rate.limited()) return now;
    const Instant earliest = now - std::min<Duration>(kBandwidthBurst, now.time_since_epoch());
    const Instant turn = std::max(m_usedUpTo, earliest);
    m_usedUpTo = turn + timeFor(bytes, m_rate);
    return turn;
}

void RateClock::giveBack(uint64_t bytes) {
    if (!m_rate.limited()) return;
    m_usedUpTo -= std::min<Duration>(timeFor(bytes, m_rate), m_usedUpTo.time_since_epoch());
}

// --- BandwidthShare -----------------------------------------------------------------------------------------------

BandwidthShare::BandwidthShare(Bandwidth& all, RateClock& peer, Direction direction)
    : m_all(all),
      m_peer(peer),
      m_direction(direction),
      m_generation(all.m_generation) {}

RateClock& BandwidthShare::common() const {
    return m_direction == Direction::Up ? m_all.m_up : m_all.m_down;
}

BitRate BandwidthShare::rate() const {
    return smaller(m_peer.rate(), common().rate());
}

uint64_t BandwidthShare::grant(uint64_t worthATurn, Instant now) {
    if (m_generation != m_all.m_generation) {
        m_generation = m_all.m_generation;
        m_credit = 0;
        m_turn = {};
    }
    if (m_credit <= 0) {
        const auto step = static_cast<uint64_t>(static_cast<double>(rate().perSecond) / 8e9 *
                                                static_cast<double>(kBandwidthTurn.count()));
        const uint64_t wanted = std::max(worthATurn, std::clamp(step, kMinBandwidthTurn, kMaxBandwidthTurn));
        const uint64_t turn = owed() + wanted;
        m_turn = std::max(common().takeTurn(turn, now), m_peer.takeTurn(turn, now));
        // What is owed is paid first: the turn begins when the debt is over.
        if (owed() > 0 && rate().limited()) m_turn += timeFor(owed(), rate());
        m_credit = static_cast<int64_t>(wanted);
    }
    return m_turn <= now ? static_cast<uint64_t>(m_credit) : 0;
}

void BandwidthShare::forgiveAbove(uint64_t bytes) {
    m_credit = std::max(m_credit, -static_cast<int64_t>(bytes));
}

void BandwidthShare::giveBack() {
    if (m_credit <= 0 || m_generation != m_all.m_generation) return;
    const auto unused = static_cast<uint64_t>(m_credit);
    common().giveBack(unused);
    m_peer.giveBack(unused);
    m_credit = 0;
}

// --- BandwidthLink ------------------------------------------------------------------------------------------------

BandwidthLink::BandwidthLink(Bandwidth& all, const crypto::PeerId& peer)
    : up(all, all.join(peer).up, Direction::Up),
      down(all, all.m_peers.at(peer).down, Direction::Down),
      m_all(all),
      m_peer(peer) {}

BandwidthLink::~BandwidthLink() {
    up.giveBack();
    down.giveBack();
    m_all.leave(m_peer);
}

// --- Bandwidth ----------------------------------------------------------------------------------------------------

void Bandwidth::setLimits(const BandwidthLimits& limits) {
    if (limits == m_limits) return;
    m_limits = limits;
    apply();
}

void Bandwidth::setMetered(Metered metered) {
    if (metered == m_metered) return;
    m_metered = metered;
    if (m_limits.metered.limited()) apply();
}

void Bandwidth::apply() {
    ++m_generation;
    m_up.setRate(common(Direction::Up));
    m_down.setRate(common(Direction::Down));
    for (auto& [peer, use] : m_peers) {
        use.up.setRate(m_limits.uploadPerPeer);
        use.down.setRate(m_limits.downloadPerPeer);
    }
}

BitRate Bandwidth::common(Direction direction) const {
    const BitRate always = direction == Direction::Up ? m_limits.upload : m_limits.download;
    return m_metered == Metered::Yes ? smaller(always, m_limits.metered) : always;
}

BitRate Bandwidth::rate(Direction direction) const {
    return smaller(common(direction),
                   direction == Direction::Up ? m_limits.uploadPerPeer : m_limits.downloadPerPeer);
}

Bandwidth::PeerUse& Bandwidth::join(const crypto::PeerId& peer) {
    PeerUse& use = m_peers[peer];
    if (use.links++ == 0) {
        use.up.setRate(m_limits.uploadPerPeer);
        use.down.setRate(m_limits.downloadPerPeer);
    }
    return use;
}

void Bandwidth::leave(const crypto::PeerId& peer) {
    const auto found = m_peers.find(peer);
    ASSERT(found != m_peers.end() && found->second.links > 0);
    if (--found->second.links == 0) m_peers.erase(found);
}

} // namespace wherry::link

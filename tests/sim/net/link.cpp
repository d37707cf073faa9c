#include "sim/net/link.h"

#include "base/assert.h"

#include <algorithm>

namespace wherry::sim {

void Device::forward(Datagram datagram, size_t port) {
    if (++datagram.hops > kHopLimit) return drop(datagram, Drop::HopLimit);
    if (port >= m_links.size()) return drop(datagram, Drop::NoRoute);
    m_links[port]->transmit(*this, std::move(datagram));
}

Link::Link(Medium& medium, Device& a, Device& b, const LinkConfig& aToB, const LinkConfig& bToA)
    : m_medium(medium),
      m_name(a.name() + "-" + b.name()),
      m_ends{&a, &b},
      m_ways{Way{aToB, &b, b.m_links.size(), SeededRandom(medium.seed, "link " + a.name() + ">" + b.name())},
             Way{bToA, &a, a.m_links.size(), SeededRandom(medium.seed, "link " + b.name() + ">" + a.name())}} {
    a.m_links.push_back(this);
    b.m_links.push_back(this);
}

size_t Link::endOf(const Device& device) const {
    ASSERT(&device == m_ends[0] || &device == m_ends[1]);
    return &device == m_ends[0] ? 0 : 1;
}

/// Bytes that wait for the wire: the time until it is free, at the link's rate.
size_t Link::queued(const Way& way, Instant now) const {
    if (way.busyUntil <= now) return 0;
    const auto wait = static_cast<double>((way.busyUntil - now).count());
    return static_cast<size_t>(wait * static_cast<double>(way.config.bitsPerSecond) / 8e9);
}

void Link::transmit(const Device& from, Datagram datagram) {
    const Instant now = m_medium.scheduler.now().mono;
    const auto drop = [&](Drop reason) { m_medium.trace.dropped(now, datagram, reason, m_name); };
    Way& way = m_ways[endOf(from)];
    if (!m_up) return drop(Drop::LinkDown);
    if (datagram.wireSize() > way.config.mtu) return drop(Drop::TooBig);

    Instant leaves = now;
    if (way.config.bitsPerSecond > 0) {
        const size_t waiting = queued(way, now);
        if (waiting + datagram.wireSize() > way.config.queueBytes) return drop(Drop::QueueFull);
        if (way.config.markAbove > 0 && waiting > way.config.markAbove && datagram.ecn != 0) datagram.ecn = 3;
        const double seconds =
            static_cast<double>(datagram.wireSize()) * 8 / static_cast<double>(way.config.bitsPerSecond);
        way.busyUntil = std::max(way.busyUntil, now) + Duration(static_cast<int64_t>(seconds * 1e9));
        leaves = way.busyUntil;
    }
    way.bytesCarried += datagram.wireSize();
    // Loss comes after the queue: a lost datagram has used the wire.
    if (way.random.chance(way.config.loss)) return drop(Drop::Loss);
    if (way.random.chance(way.config.corrupt) && !datagram.payload.empty())
        datagram.payload[way.random.below(datagram.payload.size())] ^= static_cast<uint8_t>(way.random.between(1, 255));
    if (way.random.chance(way.config.duplicate)) carry(way, datagram, leaves);
    carry(way, std::move(datagram), leaves);
}

void Link::carry(Way& way, Datagram datagram, Instant leaves) {
    Duration delay = way.config.delay;
    if (way.config.jitter.count() > 0)
        delay += Duration(static_cast<int64_t>(way.random.below(static_cast<uint64_t>(way.config.jitter.count()) + 1)));
    Instant arrives = std::max(leaves + delay, way.lastArrival);
    if (way.random.chance(way.config.reorder))
        arrives += way.config.reorderBy; // the next ones overtake it
    else
        way.lastArrival = arrives;
    m_medium.scheduler.at(arrives, [this, &way, datagram = std::move(datagram)]() mutable {
        if (!m_up) return m_medium.trace.dropped(m_medium.scheduler.now().mono, datagram, Drop::LinkDown, m_name);
        way.to->receive(std::move(datagram), way.toPort);
    });
}

} // namespace wherry::sim

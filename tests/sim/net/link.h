#pragma once

#include "sim/net/device.h"

#include <array>

namespace wherry::sim {

/// One direction of a link. Defaults: a clean path of 10 ms and unlimited rate with Ethernet's MTU.
struct LinkConfig {
    Duration delay = std::chrono::milliseconds(10);
    Duration jitter{};              ///< uniform extra delay; keeps the order
    uint64_t bitsPerSecond = 0;     ///< 0: no limit
    size_t queueBytes = 256 * 1024; ///< of the queue in front of a limited rate; a datagram beyond it is dropped
    size_t markAbove = 0;           ///< ECN: a capable datagram that finds more bytes queued is marked CE; 0: never
    double loss = 0;
    double duplicate = 0;
    double corrupt = 0; ///< one byte of the payload is changed (what UDP's checksum lets through)
    double reorder = 0; ///< probability that a datagram is held back by `reorderBy`
    Duration reorderBy = std::chrono::milliseconds(5);
    size_t mtu = 1500; ///< of IP; bigger datagrams are dropped without a word, as with DF set and ICMP filtered
};

/// A cable between two devices: delay, rate with a queue, loss, reordering, MTU; each direction on its own.
class Link {
  public:
    Link(Medium& medium, Device& a, Device& b, const LinkConfig& aToB, const LinkConfig& bToA);

    /// From now on; datagrams under way arrive as planned.
    void configure(const LinkConfig& both) { m_ways[0].config = m_ways[1].config = both; }
    LinkConfig& wayFrom(const Device& device) { return m_ways[endOf(device)].config; }
    const LinkConfig& wayFrom(const Device& device) const { return m_ways[endOf(device)].config; }
    /// A link that is down drops everything that is sent, and what is under way when it arrives.
    void setUp(bool up) { m_up = up; }
    bool isUp() const { return m_up; }
    uint64_t bytesFrom(const Device& device) const { return m_ways[endOf(device)].bytesCarried; }

    void transmit(const Device& from, Datagram datagram);

  private:
    struct Way {
        LinkConfig config;
        Device* to;
        size_t toPort;
        SeededRandom random;
        Instant busyUntil{};
        Instant lastArrival{};
        uint64_t bytesCarried = 0;
    };
    size_t endOf(const Device& device) const;
    void carry(Way& way, Datagram datagram, Instant leaves);
    size_t queued(const Way& way, Instant now) const;

    Medium& m_medium;
    std::string m_name;
    bool m_up = true;
    std::array<const Device*, 2> m_ends;
    std::array<Way, 2> m_ways; ///< [0]: a to b
};

} // namespace wherry::sim

#pragma once

#include "sim/net/datagram.h"
#include "sim/net/scheduler.h"
#include "sim/net/seeded_random.h"
#include "sim/net/trace.h"

#include <string>
#include <vector>

namespace wherry::sim {

class Link;

/// What all parts of one virtual network share.
struct Medium {
    Scheduler& scheduler;
    Trace& trace;
    uint64_t seed;
};

/// Anything that links can be plugged into: hosts, routers, NATs, firewalls.
class Device {
  public:
    Device(Medium& medium, std::string name) : m_medium(medium), m_name(std::move(name)) {}
    virtual ~Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    const std::string& name() const { return m_name; }
    /// A datagram has arrived through a port (the order in which links were plugged in).
    virtual void receive(Datagram datagram, size_t port) = 0;

  protected:
    Medium& medium() { return m_medium; }
    Now now() const { return m_medium.scheduler.now(); }
    /// Passes a datagram on to the link at `port`; counts the hop.
    void forward(Datagram datagram, size_t port);
    void drop(const Datagram& datagram, Drop reason) { m_medium.trace.dropped(now().mono, datagram, reason, m_name); }
    size_t portCount() const { return m_links.size(); }
    const Link& linkAt(size_t port) const { return *m_links.at(port); }

  private:
    friend class Link;
    Medium& m_medium;
    std::string m_name;
    std::vector<Link*> m_links;
};

} // namespace wherry::sim

#pragma once

#include "sim/net/device.h"

#include <map>
#include <set>

namespace wherry::sim {

struct FirewallConfig {
    Duration stateTimeout =
        std::chrono::seconds(30); ///< of a flow without traffic (Linux conntrack: 30 s, 120 s once it streams)
    std::set<uint16_t> openPorts{};///< inner ports that may be reached from outside
    bool blocksUdp = false;       ///< nothing passes in either direction
};

/// A stateful packet filter for both families. The link plugged in first is the inside, the second the outside: what
/// inside hosts began may be answered, everything else is dropped.
class Firewall final : public Device {
  public:
    Firewall(Medium& medium, std::string name, FirewallConfig config)
        : Device(medium, std::move(name)),
          m_config(std::move(config)) {}

    void setBlocksUdp(bool blocks) { m_config.blocksUdp = blocks; }
    void receive(Datagram datagram, size_t port) override;

  private:
    static constexpr size_t kInside = 0;
    static constexpr size_t kOutside = 1;
    using Flow = std::pair<codec::SocketAddress, codec::SocketAddress>; ///< inner end, outer end

    FirewallConfig m_config;
    std::map<Flow, Instant> m_flows;
};

} // namespace wherry::sim

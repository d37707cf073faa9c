#pragma once

#include "sim/net/firewall.h"
#include "sim/net/host.h"
#include "sim/net/hub.h"
#include "sim/net/link.h"
#include "sim/net/nat.h"
#include "sim/net/router.h"

#include <memory>
#include <string>
#include <vector>

namespace wherry::sim {

/// Owns the devices and links of one virtual network.
class Network {
  public:
    Network(Scheduler& scheduler, Trace& trace, uint64_t seed) : m_medium{scheduler, trace, seed} {}

    Host& host(const std::string& name, const std::vector<std::string>& addresses = {});
    Router& router(const std::string& name);
    Hub& hub(const std::string& name);
    Nat& nat(const std::string& name, const std::string& outer, NatConfig config = {});
    Firewall& firewall(const std::string& name, FirewallConfig config = {});
    Link& connect(Device& a, Device& b, const LinkConfig& both) { return connect(a, b, both, both); }
    Link& connect(Device& a, Device& b, const LinkConfig& aToB, const LinkConfig& bToA);

  private:
    template <typename T, typename... Arguments> T& add(Arguments&&... arguments);

    Medium m_medium;
    std::vector<std::unique_ptr<Device>> m_devices;
    std::vector<std::unique_ptr<Link>> m_links;
};

/// The address, or an abort: addresses in scenarios are literals.
codec::IpAddress ip(const std::string& text);

} // namespace wherry::sim

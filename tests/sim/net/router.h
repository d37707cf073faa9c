#pragma once

#include "sim/net/device.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace wherry::sim {

/// Forwards by the longest matching prefix.
class Router final : public Device {
  public:
    using Device::Device;

    /// `port`: the order in which links were plugged in. Length 0 of a family is its default route.
    void addRoute(const codec::IpAddress& prefix, unsigned length, size_t port);
    /// From now on nothing passes between these two, until join().
    void part(const codec::IpAddress& one, const codec::IpAddress& other) { m_parted.insert(std::minmax(one, other)); }
    void join(const codec::IpAddress& one, const codec::IpAddress& other) { m_parted.erase(std::minmax(one, other)); }
    void receive(Datagram datagram, size_t port) override;

  private:
    struct Route {
        codec::IpAddress prefix;
        unsigned length;
        size_t port;
    };
    std::vector<Route> m_routes;
    std::set<std::pair<codec::IpAddress, codec::IpAddress>> m_parted; ///< the smaller one first
};

} // namespace wherry::sim

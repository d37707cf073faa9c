#pragma once

#include "sim/net/device.h"

namespace wherry::sim {

/// Forwards by the longest matching prefix.
class Router final : public Device {
  public:
    using Device::Device;

    /// `port`: the order in which links were plugged in. Length 0 of a family is its default route.
    void addRoute(const codec::IpAddress& prefix, unsigned length, size_t port);
    void receive(Datagram datagram, size_t port) override;

  private:
    struct Route {
        codec::IpAddress prefix;
        unsigned length;
        size_t port;
    };
    std::vector<Route> m_routes;
};

} // namespace wherry::sim

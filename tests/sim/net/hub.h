#pragma once

#include "sim/net/device.h"

namespace wherry::sim {

/// Joins links into one: what comes in through one port goes out through all others. For links with more than two
/// hosts and for multicast; hosts drop what is not theirs.
class Hub final : public Device {
  public:
    using Device::Device;

    void receive(Datagram datagram, size_t port) override {
        for (size_t other = 0; other < portCount(); ++other)
            if (other != port) forward(datagram, other);
    }
};

} // namespace wherry::sim

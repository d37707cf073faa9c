#pragma once

#include "crypto/identity.h"
#include "quic/endpoint.h"
#include "sim/net/simulation.h"
#include "sim/net/timer.h"

#include <functional>
#include <memory>
#include <vector>

namespace wherry::sim {

/// A bare QUIC endpoint on a virtual host: for tests of QUIC itself, and for peers that do not keep to our protocols.
class SimEndpoint {
  public:
    SimEndpoint(Simulation& simulation, Host& host, std::string name, quic::EndpointConfig config = {},
                uint16_t port = 4001);
    ~SimEndpoint();
    SimEndpoint(const SimEndpoint&) = delete;
    SimEndpoint& operator=(const SimEndpoint&) = delete;

    quic::Endpoint& quic() { return *m_endpoint; }
    void setBandwidth(const link::BandwidthLimits& limits);
    const crypto::PeerId& peerId() const { return m_identity.peerId(); }
    Host& host() { return m_host; }
    codec::Multiaddr address() const;
    /// Call after using quic() from outside of onEvent: drains events, sends, arms the timer.
    void turn();
    /// The host's addresses have changed.
    void addressesChanged();

    /// Every event as it is drained; may use quic() freely.
    std::function<void(const link::LinkEvent&)> onEvent;
    const std::vector<link::LinkEvent>& events() const { return m_events; }
    template <typename T> const T* last() const {
        for (auto event = m_events.rbegin(); event != m_events.rend(); ++event)
            if (const T* match = std::get_if<T>(&*event)) return match;
        return nullptr;
    }
    template <typename T> size_t count() const {
        size_t found = 0;
        for (const auto& event : m_events) found += std::holds_alternative<T>(event);
        return found;
    }

  private:
    void announceAddresses();

    Simulation& m_simulation;
    Host& m_host;
    uint16_t m_port;
    SeededRandom m_random;
    crypto::Identity m_identity;
    Log m_log;
    link::Bandwidth m_bandwidth;
    std::unique_ptr<quic::Endpoint> m_endpoint;
    Timer m_timer;
    std::vector<link::LinkEvent> m_events;
};

} // namespace wherry::sim

#include "sim/sim_endpoint.h"

#include "sim/send_batches.h"

namespace wherry::sim {

SimEndpoint::SimEndpoint(Simulation& simulation, Host& host, std::string name, quic::EndpointConfig config,
                         uint16_t port)
    : m_simulation(simulation),
      m_host(host),
      m_port(port),
      m_random(simulation.random("endpoint " + name)),
      m_identity(crypto::Identity::generate(m_random)),
      m_log(simulation.log(name)),
      m_timer(simulation, [this] {
          m_endpoint->onDeadline(m_simulation.now());
          turn();
      }) {
    config.localPort = port;
    config.bandwidth = &m_bandwidth;
    auto created = quic::Endpoint::create(config, m_identity, m_random, std::make_shared<BlockPool>(), m_log);
    simulation.require(created.has_value(), name + " cannot start: " + (created ? "" : created.error().text()));
    m_endpoint = std::move(*created);
    announceAddresses();
    m_host.bind(port, [this](const Datagram& datagram) {
        m_endpoint->onDatagram({datagram.destination, datagram.source}, datagram.ecn, datagram.payload,
                               m_simulation.now());
        turn();
    });
}

SimEndpoint::~SimEndpoint() {
    m_host.unbind(m_port);
}

void SimEndpoint::setBandwidth(const link::BandwidthLimits& limits) {
    m_bandwidth.setLimits(limits);
    m_endpoint->onLimitsChanged();
}

codec::Multiaddr SimEndpoint::address() const {
    return codec::Multiaddr::quic({m_host.addresses().front(), m_port}).withPeer(m_identity.peerId().multihash());
}

void SimEndpoint::announceAddresses() {
    std::vector<quic::LocalAddress> addresses;
    for (const auto& address : m_host.addresses()) addresses.push_back({{address, m_port}, m_host.mtuFrom(address)});
    m_endpoint->setLocalAddresses(std::move(addresses), m_simulation.now());
}

void SimEndpoint::addressesChanged() {
    announceAddresses();
    turn();
}

void SimEndpoint::turn() {
    bool more = true;
    for (int rounds = 0; more; ++rounds) {
        m_simulation.require(rounds < 10'000, "an endpoint never runs out of actions");
        more = false;
        while (auto event = m_endpoint->poll()) {
            more = true;
            m_events.push_back(*event);
            if (onEvent) onEvent(*event);
        }
        more |= sendBatches(*m_endpoint, m_host, m_port, m_simulation.now());
    }
    m_timer.arm(m_endpoint->deadline());
}

} // namespace wherry::sim

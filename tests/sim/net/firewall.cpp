#include "sim/net/firewall.h"

namespace wherry::sim {

void Firewall::receive(Datagram datagram, size_t port) {
    if (m_config.blocksUdp) return drop(datagram, Drop::Filtered);
    const Instant time = now().mono;
    if (port == kInside) {
        m_flows[{datagram.source, datagram.destination}] = time;
        return forward(std::move(datagram), kOutside);
    }
    const auto flow = m_flows.find({datagram.destination, datagram.source});
    const bool known = flow != m_flows.end() && flow->second + m_config.stateTimeout > time;
    if (!known && !m_config.openPorts.contains(datagram.destination.port)) return drop(datagram, Drop::Filtered);
    m_flows[{datagram.destination, datagram.source}] = time;
    forward(std::move(datagram), kInside);
}

} // namespace wherry::sim

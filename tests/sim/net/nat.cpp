#include "sim/net/nat.h"

namespace wherry::sim {

Nat::Nat(Medium& medium, std::string name, const codec::IpAddress& outer, NatConfig config)
    : Device(medium, name),
      m_config(config),
      m_outer(outer),
      m_random(medium.seed, "nat " + name) {}

void Nat::reboot() {
    m_byInner.clear();
    m_byPort.clear();
    m_config.preservesPorts = false; // a mapping that came back on the same port would not be noticed
}

void Nat::setOuter(const codec::IpAddress& outer) {
    m_byInner.clear();
    m_byPort.clear();
    m_outer = outer;
}

codec::SocketAddress Nat::scoped(const codec::SocketAddress& remote, NatScope scope) {
    switch (scope) {
    case NatScope::EndpointIndependent:
        return {};
    case NatScope::AddressDependent:
        return {remote.ip, 0};
    case NatScope::AddressAndPortDependent:
        return {remote.ip, remote.port};
    }
    return {};
}

void Nat::expire() {
    const Instant now = this->now().mono;
    std::erase_if(m_byInner, [&](const auto& item) {
        if (item.second.lastUse + m_config.timeout > now) return false;
        m_byPort.erase(item.second.outerPort);
        return true;
    });
}

uint16_t Nat::freePort(uint16_t wanted) {
    if (m_config.preservesPorts && !m_byPort.contains(wanted)) return wanted;
    while (true) {
        const auto port = static_cast<uint16_t>(m_random.between(1024, 65535));
        if (!m_byPort.contains(port)) return port;
    }
}

void Nat::receive(Datagram datagram, size_t port) {
    expire();
    if (port == kInside)
        outbound(std::move(datagram));
    else
        inbound(std::move(datagram));
}

void Nat::outbound(Datagram datagram) {
    const Key key{datagram.source, scoped(datagram.destination, m_config.mapping)};
    auto found = m_byInner.find(key);
    if (found == m_byInner.end()) {
        const uint16_t outerPort = freePort(datagram.source.port);
        found = m_byInner.emplace(key, Mapping{outerPort, now().mono, {}}).first;
        m_byPort.emplace(outerPort, key);
    }
    Mapping& mapping = found->second;
    mapping.lastUse = now().mono;
    mapping.contacted[scoped(datagram.destination, m_config.filtering)] = now().mono;
    datagram.source = {m_outer, mapping.outerPort};
    if (datagram.destination.ip != m_outer) return forward(std::move(datagram), kOutside);
    if (!m_config.hairpins) return drop(datagram, Drop::NoRoute);
    inbound(std::move(datagram));
}

void Nat::inbound(Datagram datagram) {
    const auto port = m_byPort.find(datagram.destination.port);
    if (datagram.destination.ip != m_outer || port == m_byPort.end()) return drop(datagram, Drop::NoMapping);
    const Key& key = port->second;
    if (!m_byInner.at(key).contacted.contains(scoped(datagram.source, m_config.filtering)))
        return drop(datagram, Drop::Filtered);
    datagram.destination = key.inner;
    forward(std::move(datagram), kInside);
}

} // namespace wherry::sim

#include "sim/net/host.h"

#include "sim/net/link.h"

#include <algorithm>

namespace wherry::sim {

void Host::addAddress(const codec::IpAddress& address, size_t port) {
    if (m_addresses.emplace(address, port).second) m_order.push_back(address);
}

void Host::removeAddress(const codec::IpAddress& address) {
    m_addresses.erase(address);
    std::erase(m_order, address);
}

std::vector<codec::IpAddress> Host::addresses() const {
    return m_order;
}

codec::IpAddress Host::addressOf(codec::IpAddress::Family family) const {
    for (const auto& address : m_order)
        if (address.family == family) return address;
    return {family, {}};
}

uint16_t Host::bind(uint16_t port, Handler handler) {
    while (port == 0) {
        const uint16_t candidate = m_nextPort;
        m_nextPort = m_nextPort == 65535 ? 49152 : static_cast<uint16_t>(m_nextPort + 1);
        if (!m_sockets.contains(candidate)) port = candidate;
    }
    m_sockets[port] = std::move(handler);
    return port;
}

size_t Host::mtuFrom(const codec::IpAddress& source) const {
    const auto found = m_addresses.find(source);
    if (found == m_addresses.end() || found->second >= portCount()) return 65535;
    return linkAt(found->second).wayFrom(*this).mtu;
}

Host::Sent Host::send(codec::SocketAddress source, const codec::SocketAddress& destination, uint8_t ecn,
                      ByteView payload) {
    if (source.ip.isUnspecified()) source.ip = addressOf(destination.ip.family);
    const auto found = m_addresses.find(source.ip);
    if (found == m_addresses.end() || source.ip.family != destination.ip.family) return Sent::NoRoute;
    Datagram datagram{source, destination, ecn, toBytes(payload)};
    if (owns(destination.ip)) {
        medium().scheduler.after(Duration(0),
                                 [this, datagram = std::move(datagram)]() mutable { receive(std::move(datagram), 0); });
        return Sent::Yes;
    }
    if (found->second >= portCount()) return Sent::NoRoute;
    if (datagram.wireSize() > mtuFrom(source.ip)) return Sent::TooBig;
    forward(std::move(datagram), found->second);
    return Sent::Yes;
}

std::vector<codec::IpAddress> Host::addressesBehind(size_t link) const {
    std::vector<codec::IpAddress> out;
    for (const auto& address : m_order)
        if (m_addresses.at(address) == link) out.push_back(address);
    return out;
}

Host::Sent Host::multicast(size_t link, const codec::SocketAddress& group, ByteView payload) {
    if (link >= portCount()) return Sent::NoRoute;
    for (const auto& source : addressesBehind(link)) {
        if (source.family != group.ip.family) continue;
        Datagram datagram{{source, group.port}, group, 0, toBytes(payload)};
        if (datagram.wireSize() > mtuFrom(source)) return Sent::TooBig;
        medium().scheduler.after(Duration(0), [this, datagram, link]() mutable { receive(std::move(datagram), link); });
        forward(std::move(datagram), link);
        return Sent::Yes;
    }
    return Sent::NoRoute;
}

void Host::receive(Datagram datagram, size_t port) {
    if (datagram.destination.ip.isMulticast()) {
        const auto group = m_groups.find(datagram.destination);
        if (group == m_groups.end()) return drop(datagram, Drop::NoSocket);
        medium().trace.delivered(now().mono, datagram);
        const GroupHandler handler = group->second; // it may leave itself
        return handler(datagram, port);
    }
    if (!owns(datagram.destination.ip)) return drop(datagram, Drop::NoRoute);
    const auto socket = m_sockets.find(datagram.destination.port);
    if (socket == m_sockets.end()) return drop(datagram, Drop::NoSocket);
    medium().trace.delivered(now().mono, datagram);
    const Handler handler = socket->second; // it may unbind itself
    handler(datagram);
}

} // namespace wherry::sim

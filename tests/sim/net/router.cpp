#include "sim/net/router.h"

namespace wherry::sim {

namespace {

bool matches(const codec::IpAddress& prefix, unsigned length, const codec::IpAddress& address) {
    if (prefix.family != address.family) return false;
    for (unsigned bit = 0; bit < length; ++bit) {
        const uint8_t mask = static_cast<uint8_t>(0x80u >> (bit % 8));
        if ((prefix.octets[bit / 8] & mask) != (address.octets[bit / 8] & mask)) return false;
    }
    return true;
}

} // namespace

void Router::addRoute(const codec::IpAddress& prefix, unsigned length, size_t port) {
    m_routes.push_back({prefix, length, port});
}

void Router::receive(Datagram datagram, size_t) {
    if (m_parted.contains(std::minmax(datagram.source.ip, datagram.destination.ip)))
        return drop(datagram, Drop::Filtered);
    const Route* best = nullptr;
    for (const auto& route : m_routes)
        if (matches(route.prefix, route.length, datagram.destination.ip) && (!best || route.length >= best->length))
            best = &route;
    if (!best) return drop(datagram, Drop::NoRoute);
    forward(std::move(datagram), best->port);
}

} // namespace wherry::sim

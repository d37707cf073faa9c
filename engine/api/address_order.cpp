#include "api/address_order.h"

#include <algorithm>

namespace wherry::api {

namespace {

int rank(const Multiaddr& address) {
    const auto socket = address.quicAddress();
    if (!socket) return 6;
    if (socket->ip.isLinkLocal()) return 5;
    if (socket->ip.isLoopback()) return 4;
    if (socket->ip.isPrivate()) return socket->ip.isV4() ? 2 : 3;
    return socket->ip.isV4() ? 1 : 0;
}

} // namespace

std::vector<Multiaddr> bestFirst(std::vector<Multiaddr> addresses) {
    std::ranges::stable_sort(addresses, {}, rank);
    return addresses;
}

} // namespace wherry::api

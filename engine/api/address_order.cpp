#include "api/address_order.h"

#include <algorithm>

namespace wherry::api {

namespace {

constexpr int kReaches = 6;

int reach(const Multiaddr& address) {
    const auto known = address.transportAddress();
    if (!known) return kReaches;
    const auto& ip = known->socket.ip;
    if (ip.isLinkLocal()) return 5;
    if (ip.isLoopback()) return 4;
    if (ip.isPrivate()) return ip.isV4() ? 2 : 3;
    return ip.isV4() ? 1 : 0;
}

/// First how far it reaches; of two that reach alike QUIC before TCP before WebSocket.
int rank(const Multiaddr& address) {
    const auto known = address.transportAddress();
    return reach(address) * 5 + (known ? static_cast<int>(known->transport) : 4);
}

} // namespace

std::vector<Multiaddr> bestFirst(std::vector<Multiaddr> addresses) {
    std::ranges::stable_sort(addresses, {}, rank);
    return addresses;
}

} // namespace wherry::api

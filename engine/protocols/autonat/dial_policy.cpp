#include "protocols/autonat/dial_policy.h"

#include "link/free_port.h"

#include <algorithm>

namespace wherry::autonat {

std::optional<codec::SocketAddress> socketAddressOf(const codec::Multiaddr& address) {
    const auto at = address.transportAddress();
    return at ? std::optional(at->socket) : std::nullopt;
}

std::optional<codec::SocketAddress> dialTarget(const codec::Multiaddr& address, const crypto::PeerId& peer) {
    const auto target = socketAddressOf(address);
    if (!target || target->scope != 0 || !target->ip.isPublic()) return std::nullopt;
    if (!link::isFreePort(target->port)) return std::nullopt;
    if (const auto named = address.peerMultihash(); named && !std::ranges::equal(*named, peer.multihash()))
        return std::nullopt;
    return target;
}

codec::IpAddress siteOf(const codec::IpAddress& ip) {
    codec::IpAddress site = ip.budgetPrefix();
    std::fill(site.octets.begin() + (site.isV4() ? 3 : 6), site.octets.end(), uint8_t{0});
    return site;
}

} // namespace wherry::autonat

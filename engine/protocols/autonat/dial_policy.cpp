#include "protocols/autonat/dial_policy.h"

#include <algorithm>

namespace wherry::autonat {

static constexpr uint16_t kFirstFreePort = 1024;
static constexpr uint16_t kHttpsPort = 443; ///< where nodes hide behind, and services are made for strangers

std::optional<codec::SocketAddress> socketAddressOf(const codec::Multiaddr& address) {
    const auto at = address.transportAddress();
    return at ? std::optional(at->socket) : std::nullopt;
}

std::optional<codec::SocketAddress> dialTarget(const codec::Multiaddr& address, const crypto::PeerId& peer) {
    const auto target = socketAddressOf(address);
    if (!target || target->scope != 0 || !target->ip.isPublic()) return std::nullopt;
    if (target->port < kFirstFreePort && target->port != kHttpsPort) return std::nullopt;
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

#include "crypto/named_peer.h"

namespace wherry::crypto {

std::optional<PeerId> namedPeer(const codec::Multiaddr& address) {
    const auto multihash = address.peerMultihash();
    if (!multihash) return std::nullopt;
    auto peer = PeerId::fromMultihash(*multihash);
    return peer ? std::optional(std::move(*peer)) : std::nullopt;
}

} // namespace wherry::crypto

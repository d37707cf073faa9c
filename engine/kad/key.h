#pragma once

#include "base/bytes.h"
#include "crypto/peer_id.h"

#include <array>
#include <compare>

namespace wherry::kad {

/// A place in the key space: the SHA-256 of a peer id, a provider's multihash or a record's key (libp2p/specs kad-dht,
/// "Distance").
struct Key {
    std::array<uint8_t, 32> bits{};
    auto operator<=>(const Key&) const = default;

    static Key of(ByteView preimage);
    static Key ofPeer(const crypto::PeerId& peer) { return of(peer.multihash()); }
};

/// XOR of both; the smaller as a big-endian number, the closer (Kademlia section 2.1).
Key distance(const Key& a, const Key& b);
/// Leading bits that both share: 0 to 256. The number of the bucket.
unsigned commonPrefix(const Key& a, const Key& b);

/// Orders keys by their distance to `target`, the closest first.
struct CloserTo {
    Key target;
    bool operator()(const Key& a, const Key& b) const { return distance(a, target) < distance(b, target); }
};

} // namespace wherry::kad

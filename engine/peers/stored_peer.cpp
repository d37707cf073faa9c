#include "peers/stored_peer.h"

#include "base/utf8.h"
#include "peers/alias.h"
#include "peers/peers_limits.h"
#include "wire/decode.h"
#include "wire/peer_book.pb.h"

namespace wherry::peers {

Bytes storedKey(const crypto::PeerId& peer) {
    return toBytes(peer.multihash());
}

Bytes storedValue(const KnownPeer& peer) {
    wire::StoredPeer stored;
    stored.set_trust(static_cast<uint32_t>(peer.trust));
    stored.set_alias(peer.alias);
    stored.set_claimed_alias(peer.claims.alias);
    stored.set_device_kind(static_cast<uint32_t>(peer.claims.kind));
    stored.set_policy(peer.claims.policy);
    stored.set_last_seen_ns(peer.lastSeen.nanoseconds);
    for (const auto& address : peer.addresses) stored.add_addresses()->assign(asText(address.encode()));
    return wire::encode(stored);
}

Result<KnownPeer> readStored(ByteView key, ByteView value) {
    KnownPeer peer;
    TRY(peer.peer, crypto::PeerId::fromMultihash(key));
    TRY(const auto stored,
        wire::decode<wire::StoredPeer>(value, {"stored peer", kMaxStoredPeerBytes, kMaxStoredPeerFields}));
    if (stored.trust() > static_cast<uint32_t>(Trust::Blocked)) return makeError(Errc::Malformed, "stored peer: trust");
    peer.trust = static_cast<Trust>(stored.trust());
    TRY_OK(checkClaimedAlias(stored.alias()));
    TRY_OK(checkClaimedAlias(stored.claimed_alias()));
    if (stored.policy().size() > kMaxPolicyBytes || !isUtf8(stored.policy()))
        return makeError(Errc::Malformed, "stored peer: policy");
    peer.alias = stored.alias();
    peer.claims = {stored.claimed_alias(), deviceKindOf(stored.device_kind()), stored.policy()};
    peer.lastSeen = {stored.last_seen_ns()};
    for (const auto& raw : stored.addresses()) {
        auto address = codec::Multiaddr::decode(asBytes(raw));
        if (address && !address->empty() && peer.addresses.size() < kMaxVerifiedAddresses)
            peer.addresses.push_back(address->withoutPeer());
    }
    return peer;
}

} // namespace wherry::peers

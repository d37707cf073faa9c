#include "base/assert.h"
#include "base/utf8.h"
#include "peers/peers_limits.h"
#include "peers/stored_peer.h"

using namespace wherry;

/// Whatever a damaged database holds, what is read of it is bounded, and is written as it was read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Bytes key = [] {
        Bytes multihash(34);
        multihash[0] = 0x12;
        multihash[1] = 0x20;
        return multihash;
    }();
    const auto peer = peers::readStored(key, {data, size});
    if (!peer) return 0;
    ASSERT(peer->alias.size() <= peers::kMaxAliasBytes && isUtf8(peer->alias));
    ASSERT(peer->claims.alias.size() <= peers::kMaxAliasBytes && isUtf8(peer->claims.alias));
    ASSERT(peer->addresses.size() <= peers::kMaxVerifiedAddresses);
    ASSERT(peers::readStored(key, peers::storedValue(*peer)).value() == *peer);
    return 0;
}

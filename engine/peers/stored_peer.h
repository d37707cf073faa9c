#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "peers/known_peer.h"

namespace wherry::peers {

/// The row of a peer in Space::Peers: key is the peer id's multihash, value a wire::StoredPeer.
Bytes storedKey(const crypto::PeerId& peer);
Bytes storedValue(const KnownPeer& peer);
/// The database may be damaged or of another version: what is beyond the bounds makes the row Malformed or TooLarge, an
/// address that does not parse is left out.
Result<KnownPeer> readStored(ByteView key, ByteView value);

} // namespace wherry::peers

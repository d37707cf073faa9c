#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/identity.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <vector>

namespace wherry::crypto {

/// The addresses of a peer, signed by it (libp2p RFC 0003).
struct PeerRecord {
    PeerId peer;
    /// Grows with every change; whoever keeps a record refuses one with a smaller number.
    uint64_t seq = 0;
    std::vector<codec::Multiaddr> addresses;
    bool whole = true; ///< none of its addresses was dropped, being of a kind that we do not know
};

/// The record of the signer, as a serialised envelope of domain "libp2p-peer-record". At most kMaxRecordAddresses
/// addresses.
Bytes sealPeerRecord(const Identity& signer, uint64_t seq, std::span<const codec::Multiaddr> addresses);

/// Opens a record, in the present domain or in that of the RFC's text ("libp2p-routing-state"), which rust-libp2p still
/// emits. Addresses that do not parse are dropped, never the record. Errors as openEnvelope; VerificationFailed also
/// when the signer is not the peer that the record is about; TooLarge above kMaxRecordAddresses.
Result<PeerRecord> openPeerRecord(ByteView envelope);

} // namespace wherry::crypto

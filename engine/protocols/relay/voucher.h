#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/identity.h"
#include "crypto/peer_id.h"

#include <cstdint>

namespace wherry::relay {

/// A relay's signed word that a peer may be reached through it (libp2p/specs relay, circuit-v2, "Reservation
/// Vouchers").
struct Voucher {
    crypto::PeerId relay;
    crypto::PeerId peer;
    uint64_t expiration = 0; ///< seconds since 1970
    bool operator==(const Voucher&) const = default;
};

/// Of the signer for `peer`, as a serialised envelope.
Bytes sealVoucher(const crypto::Identity& relay, const crypto::PeerId& peer, uint64_t expiration);
/// Errors as crypto::openEnvelope; VerificationFailed also when the signer is not the relay that the voucher names.
Result<Voucher> openVoucher(ByteView envelope);

} // namespace wherry::relay

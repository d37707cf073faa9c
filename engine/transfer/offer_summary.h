#pragma once

#include "crypto/sha256.h"
#include "transfer/manifest.h"
#include "transfer/transfer_types.h"
#include "wire/transfer.pb.h"

#include <optional>

/// What both ends say of an offer as a whole.
namespace wherry::transfer {

/// The key under which a receiver finds an earlier attempt: SHA-256("wherry-offer" || each path behind its u32 length,
/// sorted).
crypto::Digest offerKeyOf(std::vector<std::string> canonicalPaths);

/// The root names; ", ..." stands for what makes it longer than kMaxReason.
std::string labelOf(const Manifest& manifest);

/// The first message of an attempt.
wire::Offer offerMessage(const Manifest& manifest, const crypto::Digest& key, const std::optional<FetchToken>& fetch);

/// Label and sums; entries and the rest are the machine's.
OfferMade offerMade(TransferId transfer, const crypto::PeerId& peer, const Manifest& manifest);

} // namespace wherry::transfer

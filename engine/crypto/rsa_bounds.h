#pragma once

#include "base/result.h"

#include <gnutls/abstract.h>

namespace wherry::crypto {

/// Whether verifying with this RSA key is safe and cheap: kMinRsaBits to kMaxRsaBits, exponent of at most
/// kMaxRsaExponentBytes. Unsupported otherwise, with the size in the context. The key must be an RSA key.
Result<void> checkRsaBounds(gnutls_pubkey_t key);

} // namespace wherry::crypto

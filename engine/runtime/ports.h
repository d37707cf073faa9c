#pragma once

#include "base/result.h"
#include "crypto/identity.h"

#include <optional>

/// Ports that a platform may fill in its own way.
namespace wherry::runtime {

/// Where the identity lives: a file everywhere today; a key ring, Keychain or Keystore where a platform has one.
class KeyStore {
  public:
    virtual ~KeyStore() = default;
    /// nullopt: there is none yet. PermissionDenied, Malformed: there is one and it must not be used; the context says
    /// why.
    virtual Result<std::optional<crypto::Identity>> load() = 0;
    /// Keeps a new identity. Exists: there is one already, and it is never overwritten.
    virtual Result<void> create(const crypto::Identity& identity) = 0;
};

/// The identity of this home, made at the first start.
Result<crypto::Identity> loadOrCreateIdentity(KeyStore& keys, Random& random);

} // namespace wherry::runtime

#pragma once

#include "runtime/ports.h"
#include "runtime/rooted_dir.h"

#include <string>

namespace wherry::runtime {

/// The identity as the file `identity.key` in the home: a libp2p PrivateKey message, readable by its owner alone. A
/// file that others may read or write, that is no plain file of ours, or that does not decode is refused by name;
/// nothing here ever overwrites or repairs one, because a person may still want it.
class FileKeyStore final : public KeyStore {
  public:
    FileKeyStore(const RootedDir& home, Random& random) : m_home(home), m_random(random) {}

    Result<std::optional<crypto::Identity>> load() override;
    /// Written beside it, synced, then renamed without replacing: after a crash there is a whole file or none.
    Result<void> create(const crypto::Identity& identity) override;

  private:
    const RootedDir& m_home;
    Random& m_random;
};

} // namespace wherry::runtime

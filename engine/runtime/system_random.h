#pragma once

#include "base/random.h"

namespace wherry::runtime {

/// The operating system's cryptographically secure generator. Thread-safe.
class SystemRandom final : public Random {
  public:
    void fill(MutableBytes out) override;
};

} // namespace wherry::runtime

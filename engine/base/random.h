#pragma once

#include "base/bytes.h"

#include <cstdint>

namespace wherry {

/// The only source of randomness below runtime. Runtime's is cryptographically secure; the simulator's is seeded.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(MutableBytes out) = 0;

    uint64_t next64() {
        uint8_t raw[8];
        fill(raw);
        return getBigEndian<uint64_t>(raw);
    }
    /// Uniform in [0, bound); bound > 0. The bias of the modulo is below 2^-32 for bounds below 2^32.
    uint64_t below(uint64_t bound) { return next64() % bound; }
    Bytes bytes(size_t count) {
        Bytes out(count);
        fill(out);
        return out;
    }
};

} // namespace wherry

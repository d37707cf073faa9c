#pragma once

#include "base/random.h"

#include <array>
#include <string_view>

namespace wherry::sim {

/// xoshiro256** (Blackman and Vigna, 2018): the same seed and label give the same bytes on every machine. Not for
/// secrets. Every user of randomness in a simulation has a stream of its own, named by a label, so that adding one user
/// does not change what the others see.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(uint64_t seed, std::string_view label = {});

    void fill(MutableBytes out) override;
    uint64_t next();
    /// Uniform in [0, 1).
    double unit();
    /// True with the given probability.
    bool chance(double probability) { return probability > 0 && unit() < probability; }
    /// Uniform in [low, high], both included.
    uint64_t between(uint64_t low, uint64_t high) { return low + next() % (high - low + 1); }

  private:
    std::array<uint64_t, 4> m_state;
};

} // namespace wherry::sim

#pragma once

#include "base/random.h"

namespace wherry::test {

/// splitmix64: the same seed gives the same bytes.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(uint64_t seed) : m_state(seed) {}
    void fill(MutableBytes out) override {
        for (uint8_t& byte : out) {
            m_state += 0x9e3779b97f4a7c15ull;
            uint64_t z = m_state;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
            byte = static_cast<uint8_t>(z ^ (z >> 31));
        }
    }

  private:
    uint64_t m_state;
};

} // namespace wherry::test

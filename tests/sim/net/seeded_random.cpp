#include "sim/net/seeded_random.h"

#include <bit>

namespace wherry::sim {

namespace {

/// splitmix64: spreads a small seed over the whole state, as the authors of xoshiro advise.
uint64_t splitMix(uint64_t& state) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

} // namespace

SeededRandom::SeededRandom(uint64_t seed, std::string_view label) {
    uint64_t state = seed;
    for (char c : label) {
        state ^= static_cast<uint8_t>(c);
        state = splitMix(state);
    }
    for (auto& word : m_state) word = splitMix(state);
}

uint64_t SeededRandom::next() {
    const uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const uint64_t shifted = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= shifted;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
}

void SeededRandom::fill(MutableBytes out) {
    size_t i = 0;
    while (i < out.size()) {
        uint64_t word = next();
        for (int k = 0; k < 8 && i < out.size(); ++k, word >>= 8) out[i++] = static_cast<uint8_t>(word);
    }
}

double SeededRandom::unit() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

} // namespace wherry::sim

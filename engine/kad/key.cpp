#include "kad/key.h"

#include "crypto/sha256.h"

#include <bit>

namespace wherry::kad {

Key Key::of(ByteView preimage) {
    return {crypto::sha256(preimage)};
}

Key distance(const Key& a, const Key& b) {
    Key out;
    for (size_t i = 0; i < out.bits.size(); ++i) out.bits[i] = a.bits[i] ^ b.bits[i];
    return out;
}

unsigned commonPrefix(const Key& a, const Key& b) {
    unsigned shared = 0;
    for (size_t i = 0; i < a.bits.size(); ++i, shared += 8)
        if (const uint8_t differing = a.bits[i] ^ b.bits[i]; differing != 0)
            return shared + static_cast<unsigned>(std::countl_zero(differing));
    return shared;
}

} // namespace wherry::kad

#include "discovery/discovery.h"

#include <algorithm>

namespace wherry::discovery {

bool onSameNetwork(const OwnAddress& own, const codec::IpAddress& other) {
    if (own.ip.family != other.family) return false;
    const size_t bits = std::min<size_t>(own.prefixBits, own.ip.bytes().size() * 8);
    for (size_t bit = 0; bit < bits; ++bit) {
        const unsigned mask = 0x80u >> (bit % 8);
        if ((own.ip.octets[bit / 8] & mask) != (other.octets[bit / 8] & mask)) return false;
    }
    return true;
}

} // namespace wherry::discovery

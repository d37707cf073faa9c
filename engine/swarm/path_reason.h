#pragma once

#include <cstdint>

namespace wherry::swarm {

/// Why the link to a peer that is in use is the one.
enum class PathReason : uint8_t {
    OnlyWay,          ///< there is no other
    DirectOverRelay,  ///< a direct link has taken the place of a relayed one
    SimultaneousDial, ///< both have dialled at the same time; both keep the one of the smaller peer id
    DialledAnew,      ///< the peer has connected anew
    RelayStandsIn,    ///< the direct link has ended; a relayed one was still there
    AnotherStandsIn,  ///< the link in use has ended; one of the same kind was still there
    AddressChanged,   ///< the same connection goes over other addresses
};

} // namespace wherry::swarm

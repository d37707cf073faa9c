#pragma once

#include "codec/ip.h"

#include <compare>

namespace wherry::quic {

/// The two ends of a UDP flow as this node sees them.
struct Path {
    codec::SocketAddress local;
    codec::SocketAddress remote;

    auto operator<=>(const Path&) const = default;
};

} // namespace wherry::quic

#pragma once

#include "base/result.h"
#include "codec/ip.h"

namespace wherry::node {

/// Whether anybody could ever answer there. InvalidArgument says why not: the unspecified address, multicast,
/// broadcast, port 0, or an IPv6 link-local address without its interface (RFC 4007 section 6).
Result<void> checkDialable(const codec::SocketAddress& address);

} // namespace wherry::node

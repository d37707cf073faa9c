#pragma once

#include "base/time.h"
#include "codec/ip.h"
#include "crypto/peer_id.h"

#include <map>
#include <vector>

namespace wherry::node {

/// Connections whose own address is gone while others are there: they may move, or they are dead without anybody
/// having heard of it.
struct Stranded {
    std::vector<codec::IpAddress> addresses; ///< of this device, without loopback
    /// What had come from each of these peers when it was looked at last, in bytes.
    std::map<crypto::PeerId, uint64_t> received;
    Instant judgeAt = kNever;
    bool listening = false; ///< the first look is over
};

} // namespace wherry::node

#pragma once

#include "base/time.h"
#include "codec/ip.h"
#include "crypto/peer_id.h"

#include <map>
#include <set>

namespace wherry::node {

/// Connections whose own address has gone: they may move, or they are dead without anybody having heard of it.
struct Stranded {
    std::set<codec::IpAddress> listening; ///< addresses of this device at present, without loopback
    std::set<codec::IpAddress> onLinks;   ///< of interfaces, link-local ones too
    std::set<codec::IpAddress> gone;      ///< that were there before, until the connections are judged
    /// What had come from each peer of such a connection at the first look at it, in bytes.
    std::map<crypto::PeerId, uint64_t> received;
    Instant judgeAt = kNever;
    /// Given up; whoever of them is nearby is dialled again, as only this side knows what has happened.
    std::set<crypto::PeerId> ended;
};

} // namespace wherry::node

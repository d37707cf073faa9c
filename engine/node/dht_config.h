#pragma once

#include "codec/multiaddr.h"
#include "kad/links.h"
#include "kad/protocol_ids.h"

#include <string>
#include <vector>

namespace wherry::node {

/// Which distributed hash tables a node is part of. As a client, which it is unless asked otherwise, it costs nothing
/// until it meets a server of one.
struct DhtConfig {
    /// Ours and the public libp2p network, side by side; any other id follows the public network's rules.
    std::vector<std::string> protocols = {std::string(kad::kOwnProtocolId), std::string(kad::kIpfsProtocolId)};
    bool server = false;                     ///< answer others, keep values and provider records for them
    bool persist = true;                     ///< a server's values and provider records outlive the process
    kad::LinkCaps links{};                   ///< connections that look-ups of all of them open
    std::vector<codec::Multiaddr> bootstrap; ///< whom to meet first, each with /p2p/ID; may hold /dns* names
};

} // namespace wherry::node

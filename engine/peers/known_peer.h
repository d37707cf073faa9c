#pragma once

#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::peers {

/// What the person has decided about a key. Only the person changes it (SECURITY promise 8).
enum class Trust : uint8_t { Unknown = 0, Trusted = 1, Blocked = 2 };
/// "unknown", "trusted", "blocked".
std::string_view trustName(Trust trust);

/// What a peer says it runs on. The numbers are on the wire and in the database.
enum class DeviceKind : uint8_t { Unknown = 0, Desktop = 1, Laptop = 2, Phone = 3, Tablet = 4, Server = 5 };
/// "unknown", "desktop", "laptop", "phone", "tablet", "server".
std::string_view deviceKindName(DeviceKind kind);
/// Numbers of later versions read as Unknown.
DeviceKind deviceKindOf(uint32_t number);

/// What a peer says about itself. The channel proves whose words they are, nothing proves that they are true: a name
/// here is shown beside the key, never instead of it, and grants nothing. Raw text: to be neutralised before it is
/// shown.
struct Claims {
    std::string alias; ///< valid UTF-8, at most kMaxAliasCharacters; empty: none
    DeviceKind kind = DeviceKind::Unknown;
    std::string policy; ///< the operator's words about who may use what; valid UTF-8; empty: none
    bool operator==(const Claims&) const = default;
};

struct KnownPeer {
    crypto::PeerId peer;
    Trust trust = Trust::Unknown;
    std::string alias; ///< given by the person here; empty: none
    Claims claims;
    UnixTime lastSeen{};                     ///< connected, and proved its key; zero: never
    std::vector<codec::Multiaddr> addresses; ///< dialled with success, without /p2p, the newest first
    bool operator==(const KnownPeer&) const = default;

    /// The person has decided something about it: it is not forgotten by itself.
    bool isKept() const { return trust != Trust::Unknown || !alias.empty(); }
};

} // namespace wherry::peers

#pragma once

#include <cstdint>

/// Application error codes of connections and streams (libp2p/specs error-codes, as go-libp2p sends them). They only
/// tell the other side's log why; nothing depends on them.
namespace wherry::swarm {

inline constexpr uint64_t kConnectionResourceLimit = 0x1001;
inline constexpr uint64_t kConnectionProtocolViolation = 0x1003;
inline constexpr uint64_t kConnectionSupplanted = 0x1004;
inline constexpr uint64_t kConnectionGated = 0x1007;

inline constexpr uint64_t kStreamNegotiationFailed = 0x1001;
inline constexpr uint64_t kStreamResourceLimit = 0x1002;
inline constexpr uint64_t kStreamProtocolViolation = 0x1004;

} // namespace wherry::swarm

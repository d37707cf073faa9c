#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/multiaddr.h"

#include <variant>
#include <vector>

namespace wherry::dcutr {

/// Addresses at which the peer is seen.
struct Connect {
    std::vector<codec::Multiaddr> addresses;
    bool operator==(const Connect&) const = default;
};
/// Now.
struct Sync {
    bool operator==(const Sync&) const = default;
};
using Message = std::variant<Connect, Sync>;

/// Addresses beyond kMaxCandidates are left out.
Bytes encode(const Message& message);
/// Malformed (also of a type that is neither), TooLarge. Addresses that do not parse, and those beyond kMaxSaid, are
/// dropped.
Result<Message> decode(ByteView in);

} // namespace wherry::dcutr

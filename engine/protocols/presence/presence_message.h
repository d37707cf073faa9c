#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace wherry::presence {

/// What is said in the topic (wire/presence.proto).
struct Statement {
    UnixTime sent{}; ///< to the millisecond
    bool here = true;
    Duration promise{}; ///< it is said again within this time; whole seconds, kLeastPromise to kMostPromise
    bool arrived = false;
    bool operator==(const Statement&) const = default;
};

Bytes encodeStatement(const Statement& statement);
/// Malformed: no protobuf, or a time that is none. TooLarge.
Result<Statement> decodeStatement(ByteView message);

} // namespace wherry::presence

#pragma once

#include "base/bytes.h"
#include "node/event.h"

#include <string>
#include <vector>

namespace wherry::node {

/// What it takes to send again.
struct RetryOrder {
    std::vector<std::string> paths; ///< empty: it cannot be sent again
    std::vector<codec::Multiaddr> addresses;
    Duration wait{};
};

/// One row of Space::History.
struct HistoryRecord {
    HistoryEntry entry; ///< but `number`, which is the row's key
    RetryOrder retry;
};

/// Texts are cut to kMaxHistoryText and paths beyond kMaxRetryPaths or kMaxRetryPathBytes are left out.
Bytes encodeHistoryRecord(const HistoryRecord& record);
/// Malformed: nothing that encodeHistoryRecord has made.
Result<HistoryRecord> decodeHistoryRecord(ByteView in);

} // namespace wherry::node

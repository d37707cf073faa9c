#include "node/message_numbers.h"

#include "node/node_limits.h"

#include <string_view>

namespace wherry::node {

static constexpr std::string_view kKey = "gossip-number";
/// A clock in nanoseconds gets there in 2262.
static constexpr uint64_t kMostLikely = INT64_MAX;

StoreOp MessageNumbers::load() {
    return StoreScan{storeRequest(StoreUser::Pubsub, 1), Space::Settings, toBytes(asBytes(kKey))};
}

/// What cannot be read is as if nothing were there: the clock may be right.
uint64_t MessageNumbers::onScanned(const StoreScanned& scanned) {
    m_ready = true;
    if (!scanned.rows || scanned.rows->empty()) return 0;
    const Bytes& value = scanned.rows->front().second;
    if (value.size() != sizeof m_stored) return 0;
    const uint64_t number = getBigEndian<uint64_t>(value);
    if (number <= kMostLikely) m_stored = number;
    return m_stored;
}

std::optional<StoreOp> MessageNumbers::reserve(uint64_t highest) {
    if (highest <= m_stored) return std::nullopt;
    return put(highest + kNumbersReserved);
}

std::optional<StoreOp> MessageNumbers::close(uint64_t highest) {
    if (highest == 0 || highest == m_stored) return std::nullopt;
    return put(highest);
}

StoreOp MessageNumbers::put(uint64_t number) {
    m_stored = number;
    Bytes value(sizeof number);
    putBigEndian(MutableBytes(value), number);
    return StorePut{Space::Settings, toBytes(asBytes(kKey)), std::move(value)};
}

} // namespace wherry::node

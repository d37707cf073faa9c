#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "base/time.h"

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

/// The durable key-value store as protocols see it: they emit operations, runtime (SQLite) or the simulator (a map)
/// carries them out in order, many to one transaction. An operation survives the process once the store has taken it;
/// runtime takes it at once.
namespace wherry {

/// One table each. Numbers are stored: never reuse one.
enum class Space : uint8_t {
    Transfers = 1, ///< incoming transfers: sender key and offer key -> where it lands
    Done = 2,      ///< transfer and entry key -> published
    Chunks = 3,    ///< transfer, entry key and group -> bitmap of verified chunks
    Settings = 4,  ///< small facts of this node (last port)
    Peers = 5,     ///< peer id -> what is known of the peer, and what the person has decided about it
    Texts = 6,     ///< received texts: 0x01 and peer and message id -> facts; 0x02 and the same -> the text
    Shares = 7,    ///< share id -> what is shared and its secret
    History = 8,   ///< 0x01 and number, newest first: a transfer that has ended; 0x02 and number: one under way;
                   ///< 0x03 and number: of the first, those of offers that nobody has answered
    Owners = 9,    ///< download folder and name of a folder in it -> the incoming transfer that has landed there last
    Paused = 10,   ///< record key of an incoming transfer (as Transfers): paused; 0x00 and the same: cancelled
    Choices = 11,  ///< the same -> what the person has chosen for this offer alone: folder, names
    Messages = 12, ///< what people have written: 0x01 and number -> facts; 0x02 and peer and ~number -> the text
    Dht = 13,      ///< what others have left with this server of a hash table: network, key and whose -> message
};

using StoreRequestId = StrongId<struct StoreRequestTag>;

/// Whose request an id is of: its top byte, so that each user counts on its own and the answer finds it.
enum class StoreUser : uint8_t {
    Transfers = 0,
    Peers = 1,
    Texts = 2,
    Shares = 3,
    History = 4,
    Decisions = 5,
    Messages = 6,
    Dht = 7,
    Pubsub = 8
};

inline StoreRequestId storeRequest(StoreUser user, uint64_t number) {
    return {static_cast<uint64_t>(user) << 56 | number};
}
inline StoreUser storeUserOf(StoreRequestId id) {
    return static_cast<StoreUser>(id.value >> 56);
}

/// Yes: when a scan after it is answered, it is on the disk, and so is everything before it; a power cut cannot take it
/// back. No: the death of the process cannot.
enum class Durable : uint8_t { No, Yes };

struct StorePut {
    Space space;
    Bytes key;
    Bytes value;
    UnixTime expires{}; ///< zero: never
    Durable durable = Durable::No;
    bool operator==(const StorePut&) const = default;
};
/// Erases every key that begins with `prefix` (a whole key erases that key).
struct StoreErase {
    Space space;
    Bytes prefix;
    Durable durable = Durable::No;
    bool operator==(const StoreErase&) const = default;
};
/// Reads every key that begins with `prefix`, or the first `limit` of those above `after`, in byte order. Sees all
/// operations emitted before it.
struct StoreScan {
    StoreRequestId id;
    Space space;
    Bytes prefix;
    Bytes after{};    ///< empty: from the first one on
    size_t limit = 0; ///< 0: all
    bool operator==(const StoreScan&) const = default;
};
using StoreOp = std::variant<StorePut, StoreErase, StoreScan>;

struct StoreScanned {
    StoreRequestId id;
    Result<std::vector<std::pair<Bytes, Bytes>>> rows;
};

} // namespace wherry

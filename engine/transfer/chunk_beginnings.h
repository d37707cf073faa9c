#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <cstdint>
#include <map>
#include <utility>

namespace wherry::transfer {

/// What has come of chunks that a relay has cut off in the middle: by entry and chunk, the first bytes of each payload
/// as it was on the wire.
using ChunkBeginnings = std::map<std::pair<uint32_t, uint32_t>, Bytes>;

/// The beginnings of chunks between two attempts, by the record key of their place. In memory only: what is lost comes
/// again. At most kMaxBeginningsHeld bytes, for kBeginningsLifetime; the oldest go first.
class KeptBeginnings {
  public:
    /// In place of what is there for this place.
    void keep(const Bytes& place, ChunkBeginnings beginnings, Now now);
    /// What is there for this place; forgets it.
    ChunkBeginnings take(const Bytes& place, Now now);
    size_t bytes() const { return m_bytes; }

  private:
    struct Kept {
        ChunkBeginnings beginnings;
        size_t bytes = 0;
        Instant since;
        uint64_t age = 0; ///< less is older
    };
    void remove(const Bytes& place);
    void removeOldest();
    void expire(Now now);

    std::map<Bytes, Kept> m_kept;
    std::map<uint64_t, Bytes> m_byAge;
    size_t m_bytes = 0;
    uint64_t m_lastAge = 0;
};

} // namespace wherry::transfer

#pragma once

#include "transfer/machine_limits.h"

#include <map>
#include <utility>

namespace wherry::transfer {

/// How often each chunk of a transfer has failed. Bounded: kMaxFailedChunks different chunks.
class ChunkFailures {
  public:
    /// One more failure. False: too many different chunks have failed, or this one more than `tolerated` times.
    bool add(uint32_t entry, uint32_t chunk, uint8_t tolerated) {
        if (m_failures.size() >= kMaxFailedChunks) return false;
        return ++m_failures[{entry, chunk}] <= tolerated;
    }
    bool full() const { return m_failures.size() >= kMaxFailedChunks; }

  private:
    std::map<std::pair<uint32_t, uint32_t>, uint8_t> m_failures;
};

} // namespace wherry::transfer

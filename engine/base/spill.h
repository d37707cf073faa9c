#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace wherry {

/// Room outside of memory for what is too large to be kept in it, gone with the object. Runtime implements it on a file
/// without a name. Not thread-safe; may be used by one thread after another.
class Spill {
  public:
    virtual ~Spill() = default;
    /// Io.
    virtual Result<void> write(uint64_t offset, ByteView bytes) = 0;
    /// Fills all of `out` with what was written there. Io.
    virtual Result<void> read(uint64_t offset, MutableBytes out) = 0;
};

/// Makes one, on any thread; nullptr: there is none to be had. Empty: everything stays in memory.
using SpillMaker = std::function<std::unique_ptr<Spill>()>;

} // namespace wherry

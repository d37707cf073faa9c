#pragma once

#include "link/link.h"

namespace wherry::link {

/// Both directions of a stream end with `code`: nothing more is written to it, nothing more is wanted from it.
inline void abandon(StreamIo& io, StreamKey key, uint64_t code) {
    io.reset(key, code);
    io.stop(key, code);
}

} // namespace wherry::link

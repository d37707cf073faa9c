#pragma once

#include "base/bytes.h"
#include "link/link.h"

#include <algorithm>

namespace wherry::link {

/// Writes as much of `unsent` as the stream takes and drops that from it; `last` goes with the last byte. Whether
/// nothing is left.
inline bool sendPart(StreamIo& io, StreamKey key, Bytes& unsent, Fin last) {
    while (!unsent.empty()) {
        const size_t count = std::min(unsent.size(), io.writable(key));
        if (count == 0) return false;
        const Slice bytes = Slice::copyOf(ByteView(unsent).first(count));
        unsent.erase(unsent.begin(), unsent.begin() + static_cast<ptrdiff_t>(count));
        io.write(key, bytes, unsent.empty() ? last : Fin::No);
    }
    return true;
}

} // namespace wherry::link

#pragma once

#include "link/link.h"

namespace wherry::link {

/// The received bytes of a stream as codec::FrameReader wants them (codec::FrameSource). Valid as long as `io`.
struct StreamSource {
    StreamIo& io;
    StreamKey key;
    ByteView front() { return io.front(key); }
    void consume(size_t count) { io.consume(key, count); }
};

} // namespace wherry::link

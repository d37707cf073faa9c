#pragma once

#include "base/result.h"
#include "link/link.h"
#include "transfer/frame.h"

namespace wherry::transfer {

/// A frame whose payload is here. `uncredited` bytes of it are to be credited to its stream when the work on it is
/// done.
struct ArrivedFrame {
    FrameHeader header;
    Slices payload;
    link::StreamKey stream;
    size_t uncredited = 0;
};

/// Cuts one data stream into frames. The header is checked before the first byte of payload is taken, and payload is
/// only taken when the owner has room for the work, so that the peer's window is the back-pressure. A frame is larger
/// than the window that a stream may begin with: what has been taken of a frame that is not whole yet is therefore
/// credited at once (at most one frame per stream), the rest of it when its job is done.
class FrameReader {
  public:
    explicit FrameReader(link::StreamKey key) : m_key(key) {}

    enum class Step {
        NeedBytes,  ///< nothing to do before the stream is readable again
        HeaderRead, ///< header() is new; check it, then payload may be read
        FrameRead,  ///< takeFrame()
    };
    /// Goes on up to the next event. Malformed, TooLarge: the stream is of no use any more.
    Result<Step> read(link::StreamIo& io);
    const FrameHeader& header() const { return m_header; }
    bool readsPayload() const { return m_state == State::Payload; }
    ArrivedFrame takeFrame();
    /// What has come of the payload of a frame that is not whole yet.
    const Slices& payload() const { return m_payload; }

  private:
    enum class State { Prefix, Header, Payload, Whole };
    bool fill(link::StreamIo& io, size_t size);
    bool takePayload(link::StreamIo& io);

    link::StreamKey m_key;
    State m_state = State::Prefix;
    Bytes m_bytes;
    size_t m_headerSize = 0;
    FrameHeader m_header;
    size_t m_payloadLeft = 0;
    Slices m_payload;
    size_t m_uncredited = 0;
};

} // namespace wherry::transfer

#pragma once

#include "transfer/frame_reader.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace wherry::transfer {

/// The data streams of one attempt to receive, opened by the sender, each cut into frames. Invariant: a paused stream
/// is one of them.
class ReceiveStreams {
  public:
    /// What is known of a stream from its beginning.
    struct Origin {
        uint32_t number = 0; ///< 0: the sender does not number them
        bool relayed = false;
    };
    struct Stream {
        FrameReader reader;
        bool relayed = false;
        bool discard = false; ///< the frame under way is not wanted any more
        bool used = false;
        uint32_t number = 0;
        uint32_t frames = 0;   ///< that have come as a whole
        bool midFrame = false; ///< a header has been taken, its frame has not
        bool asked = false;    ///< the sender waits to hear what has come of it
    };

    /// False: there are enough.
    bool add(link::StreamKey key, Origin origin, link::StreamIo& io);
    const std::map<link::StreamKey, Stream>& all() const { return m_streams; }
    bool owns(link::StreamKey key) const { return m_streams.contains(key); }
    /// nullptr: not (any more) one of them.
    Stream* find(link::StreamKey key);
    /// It has ended; what had come of it is remembered.
    void remove(link::StreamKey key);
    /// The one with that number, if it is open.
    std::optional<link::StreamKey> keyOf(uint32_t number) const;
    /// How many frames of a stream that has been removed have come; forgets it. 0: it never came.
    uint32_t takeFrames(uint32_t number);
    /// The sender need not send any more on any of them.
    void stopAll(link::StreamIo& io);

    /// It has payload for which there is no room.
    void pause(link::StreamKey key) { m_paused.insert(key); }
    std::set<link::StreamKey> takePaused() { return std::exchange(m_paused, {}); }

  private:
    std::map<link::StreamKey, Stream> m_streams;
    std::set<link::StreamKey> m_paused;
    std::map<uint32_t, uint32_t> m_ended; ///< frames of each number
};

} // namespace wherry::transfer

#pragma once

#include "transfer/frame_reader.h"

#include <map>
#include <set>
#include <vector>

namespace wherry::transfer {

/// The data streams of one attempt to receive, opened by the sender, each cut into frames. Invariant: a paused stream
/// is one of them.
class ReceiveStreams {
  public:
    struct Stream {
        FrameReader reader;
        bool discard = false; ///< the frame under way is not wanted any more
        bool used = false;
    };

    /// False: it has kDataStreams already.
    bool add(link::StreamKey key, link::StreamIo& io);
    bool owns(link::StreamKey key) const { return m_streams.contains(key); }
    /// nullptr: not (any more) one of them.
    Stream* find(link::StreamKey key);
    void remove(link::StreamKey key);
    /// The sender need not send any more on any of them.
    void stopAll(link::StreamIo& io);

    /// It has payload for which there is no room.
    void pause(link::StreamKey key) { m_paused.insert(key); }
    std::set<link::StreamKey> takePaused() { return std::exchange(m_paused, {}); }

  private:
    std::map<link::StreamKey, Stream> m_streams;
    std::set<link::StreamKey> m_paused;
};

} // namespace wherry::transfer

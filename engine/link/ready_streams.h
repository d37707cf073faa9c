#pragma once

#include "link/link_limits.h"

#include <algorithm>
#include <deque>

namespace wherry::link {

/// The streams of a connection that have something to send, in turn: the first may send kStreamTurn bytes, then it
/// is the last. They belong to the connection; each is in here at most once (Stream::ready, a bool that starts false).
template <typename Stream> class ReadyStreams {
  public:
    bool empty() const { return m_streams.empty(); }
    /// Not while empty.
    Stream* first() const { return m_streams.front(); }
    /// The first in turn for which `wanted` holds; null: none.
    template <typename Wanted> Stream* firstThat(Wanted wanted) const {
        const auto found = std::find_if(m_streams.begin(), m_streams.end(), wanted);
        return found == m_streams.end() ? nullptr : *found;
    }

    void add(Stream& stream) {
        if (stream.ready) return;
        stream.ready = true;
        m_streams.push_back(&stream);
    }
    void remove(Stream& stream) {
        if (!stream.ready) return;
        stream.ready = false;
        if (m_streams.front() == &stream) {
            m_streams.pop_front();
            m_turnLeft = kStreamTurn;
        } else {
            std::erase(m_streams, &stream);
        }
    }
    void clear() {
        for (Stream* stream : m_streams) stream->ready = false;
        m_streams.clear();
    }

    /// `count` bytes of a stream have been sent, and it has more.
    void onSent(Stream& stream, size_t count) {
        if (m_streams.front() != &stream) return;
        m_turnLeft -= std::min(m_turnLeft, count);
        if (m_turnLeft > 0) return;
        m_turnLeft = kStreamTurn;
        m_streams.pop_front();
        m_streams.push_back(&stream);
    }

  private:
    std::deque<Stream*> m_streams;
    size_t m_turnLeft = kStreamTurn;
};

} // namespace wherry::link

#pragma once

#include "base/block.h"

#include <ngtcp2/ngtcp2.h>

#include <deque>
#include <span>

namespace wherry::quic {

/// Bytes of one stream on their way out. Slices stay until the peer has acknowledged them, because ngtcp2 keeps
/// pointers into them for retransmission.
///
/// Offsets are stream offsets: acknowledged <= sent <= end.
class SendBuffer {
  public:
    void push(Slice bytes);
    void finish() { m_finQueued = true; }

    size_t unacknowledged() const { return static_cast<size_t>(m_end - m_acknowledged); }
    size_t unsent() const { return static_cast<size_t>(m_end - m_sent); }
    bool finQueued() const { return m_finQueued; }
    /// Something has to go out: bytes, or a FIN of its own.
    bool pending() const { return m_sent < m_end || (m_finQueued && !m_finSent); }

    struct Pieces {
        size_t count = 0;
        size_t bytes = 0;
        /// The pieces reach the end of what will ever be sent.
        bool last = false;
    };
    /// Fills `out` with the unsent bytes from the front, about `wanted` of them.
    Pieces pieces(std::span<ngtcp2_vec> out, size_t wanted) const;
    /// `count` bytes went into a packet, and the FIN when `fin`.
    void markSent(size_t count, bool fin);
    /// All bytes before stream offset `offset` are acknowledged. Returns how many that freed.
    size_t acknowledge(uint64_t offset);
    void clear();

  private:
    struct Held {
        Slice slice;
        uint64_t offset; // of its first byte
    };
    std::deque<Held> m_held;
    size_t m_cursor = 0; // index in m_held of the first Slice with unsent bytes
    uint64_t m_acknowledged = 0;
    uint64_t m_sent = 0;
    uint64_t m_end = 0;
    bool m_finQueued = false;
    bool m_finSent = false;
};

} // namespace wherry::quic

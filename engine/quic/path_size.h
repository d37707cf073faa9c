#pragma once

#include "base/time.h"
#include "quic/quic_limits.h"

#include <algorithm>

namespace wherry::quic {

/// Notices that a path has come to carry less than it did (black hole detection, RFC 8899 4.3), which ngtcp2 does not.
/// When large packets have been sent several times over several probe timeouts and nothing that needs a large packet
/// has been acknowledged, packets are kept at the size that every path carries. After a while the large size is tried
/// again: the silence may have been of another kind.
class PathSize {
  public:
    /// Bytes that a packet may have now, of the `found` that probing has found.
    size_t limit(size_t found, Instant now) const {
        return now < m_smallUntil ? std::min(found, kMinInitialDatagram) : found;
    }
    /// A packet (no path MTU probe) has been written.
    void onSent(size_t bytes, Instant now) {
        if (bytes <= kMinInitialDatagram) return;
        if (m_unheard++ == 0) m_since = now;
    }
    /// What one datagram of the peer has newly acknowledged, in bytes of streams.
    void onAcknowledged(size_t bytes, Instant now) {
        if (bytes < kLargeAcknowledgement) return;
        m_unheard = 0;
        if (now - m_smallUntil > m_pause) m_pause = kSmallPacketsFor; // large ones have worked for long
    }
    /// A timer of the connection has fired.
    void onDeadline(Duration probeTimeout, Instant now) {
        if (m_unheard < kUnheardPackets || now - m_since < kUnheardTimeouts * probeTimeout) return;
        m_unheard = 0;
        m_smallUntil = now + m_pause;
        m_pause = std::min(2 * m_pause, kSmallPacketsAtMost);
    }
    /// Another path: nothing is known about it.
    void onMoved() { *this = PathSize(); }

  private:
    size_t m_unheard = 0; // large packets since the last large acknowledgement
    Instant m_since{};    // the first of them
    Instant m_smallUntil{};
    Duration m_pause = kSmallPacketsFor;
};

} // namespace wherry::quic

#pragma once

#include "base/time.h"
#include "bytepipe/bytepipe_limits.h"
#include "link/recv_buffer.h"

#include <deque>

namespace wherry::bytepipe {

/// One stream of a Yamux session: the buffers, the windows, and what has happened to each half.
struct YamuxStream {
    YamuxStream(uint64_t number, bool isRemote, BlockPool& pool) : key(number), remote(isRemote), recv(pool) {}

    /// Number on the wire in the lower half; in the upper half a serial number, because peers may use one again.
    uint64_t key;
    bool remote; ///< the peer opened it
    uint32_t id() const { return static_cast<uint32_t>(key); }

    // Receiving half: open -> finReceived, or stopped, or gone.
    link::RecvBuffer recv;
    uint32_t window = kYamuxInitialWindow;  ///< what the peer may have under way and unread
    uint32_t granted = kYamuxInitialWindow; ///< what it may send now
    size_t taken = 0;                       ///< bytes handed out and not yet credited
    Instant lastUpdate{};
    bool finReceived = false;
    bool stopped = false;

    // Sending half: open -> finQueued -> finSent, or resetByUs, or gone.
    std::deque<Slice> out;
    size_t unsent = 0;
    uint64_t sendWindow = kYamuxInitialWindow;
    bool finQueued = false;
    bool finSent = false;
    bool resetByUs = false; ///< the peer is still to be told

    /// Reset, by whom ever: no frame is about it any more. What came before the peer's end can still be read.
    bool gone = false;

    bool synPending = false; ///< the first frame has to open the stream
    bool ackPending = false; ///< the first frame has to accept it
    bool updateQueued = false;
    bool readableQueued = false;
    bool closedQueued = false;
    bool lingers = false;
    bool waitsForRoom = false;
    size_t roomWhenAsked = 0;
    bool ready = false;

    bool sendingOpen() const { return !finQueued && !resetByUs && !gone; }
    /// The owner waits for more to come.
    bool receivingOpen() const { return !finReceived && !stopped && !gone; }
    /// Payload that comes is of no use to anybody.
    bool deaf() const { return gone || resetByUs || closedQueued; }
    bool done() const {
        if (gone) return recv.available() == 0;
        return finSent && finReceived && (stopped || recv.available() == 0);
    }
    /// Something has to go out.
    bool pending() const {
        if (gone) return false;
        if (resetByUs) return true;
        if (unsent > 0) return sendWindow > 0;
        return (finQueued && !finSent) || wantsToLinger();
    }
    /// Our half has ended and the other is no longer wanted: a peer that never ends it must not hold the stream for
    /// ever.
    bool wantsToLinger() const { return finSent && stopped && !finReceived && !lingers; }
};

} // namespace wherry::bytepipe

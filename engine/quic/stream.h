#pragma once

#include "link/recv_buffer.h"
#include "quic/send_buffer.h"

#include <cstdint>

namespace wherry::quic {

/// One bidirectional stream of a connection: the buffers, and what has happened to each half.
struct Stream {
    Stream(int64_t number, bool isRemote, BlockPool& pool) : id(number), remote(isRemote), recv(pool) {}

    int64_t id;
    /// The peer opened it; closing it gives the peer a new slot.
    bool remote;
    link::RecvBuffer recv;
    SendBuffer send;

    // Receiving half: open -> finReceived | resetByPeer | stopped.
    bool finReceived = false;
    bool resetByPeer = false;
    bool stopped = false;
    // Sending half: open -> send.finQueued() | resetByUs | stoppedByPeer.
    bool resetByUs = false;
    bool stoppedByPeer = false;

    /// ngtcp2 has forgotten it: both halves are acknowledged.
    bool transportClosed = false;
    /// StreamClosed has been queued.
    bool closedQueued = false;
    /// A StreamReadable is queued and not yet polled.
    bool readableQueued = false;
    /// The owner found no room to write and waits for StreamWritable.
    bool waitsForRoom = false;
    /// What it was told there was, then.
    size_t roomWhenAsked = 0;
    /// In the connection's list of streams that have something to send.
    bool ready = false;
    /// The peer's window is used up; extend_max_stream_data makes it ready again.
    bool windowBlocked = false;
    /// Credit for received bytes that waits for its turn under a bandwidth limit.
    size_t heldCredit = 0;
    /// ngtcp2 accepts an empty write only once something was sent.
    bool anySent = false;

    bool sendingOpen() const { return !send.finQueued() && !resetByUs && !stoppedByPeer && !transportClosed; }
    bool receivingOver() const { return resetByPeer || stopped || (finReceived && recv.available() == 0); }
};

} // namespace wherry::quic

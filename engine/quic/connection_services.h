#pragma once

#include "base/log.h"
#include "quic/config.h"
#include "quic/connection_ids.h"
#include "quic/datagram_queue.h"
#include "quic/send_batch.h"
#include "quic/stateless.h"
#include "quic/tls_session.h"

#include <deque>

namespace wherry::link {
class Bandwidth;
}

namespace wherry::quic {

/// What a connection needs of its endpoint.
struct ConnectionServices {
    const EndpointConfig& config;
    const crypto::TlsContext& tls;
    StatelessReplies& stateless;
    ConnectionIds& ids;
    std::deque<link::LinkEvent>& events;
    DatagramQueue<ReceivedDatagram>& datagrams;
    BlockPool& pool;
    Random& random;
    link::Bandwidth& bandwidth;
    const Log& log;
};

/// What an endpoint notes about one of its connections.
struct ConnectionMarks {
    /// In the list of connections that may have something to send.
    bool dirty = false;
    /// One of those whose socket is full.
    bool heldBack = false;
    /// Counted as a handshake in progress; its address is proven by a Retry token.
    bool countedHalfOpen = false;
    bool tokenProven = false;
    /// The address that it was counted for; it may have moved since.
    codec::IpAddress countedFrom;
    /// Its end has been dealt with.
    bool buried = false;
};

/// What is left of an ended connection: its ids, and the close packet to repeat (empty when draining).
struct Farewell {
    std::vector<ngtcp2_cid> ids;
    ReadyPacket packet;
    Duration period{};
};

} // namespace wherry::quic

#pragma once

#include "link/deadline_queue.h"
#include "quic/connection_services.h"

#include <deque>
#include <map>

namespace wherry::quic {

/// Connections in the closing and draining states (RFC 9000 10.2): for three PTOs their ids stay known, and a peer that
/// has missed our close is told again, ever less often. Bounded; the oldest goes first.
class ClosingTable {
  public:
    explicit ClosingTable(ConnectionIds& ids) : m_ids(ids) {}

    /// Takes over the ids of an ended connection until `until`.
    void add(link::LinkId link, Farewell farewell, Instant until);
    /// The close packet, when this datagram from the peer is due an answer.
    std::optional<ReadyPacket> onDatagram(link::LinkId link, const Path& path, size_t length);
    Instant deadline() const { return m_deadlines.earliest(); }
    void onDeadline(Instant now);
    size_t size() const { return m_entries.size(); }

  private:
    struct Entry {
        std::vector<ngtcp2_cid> ids;
        ReadyPacket packet;
        uint32_t heard = 0;
    };
    void remove(link::LinkId link);

    ConnectionIds& m_ids;
    std::map<link::LinkId, Entry> m_entries;
    link::DeadlineQueue m_deadlines;
};

} // namespace wherry::quic
